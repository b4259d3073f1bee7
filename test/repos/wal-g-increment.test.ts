import { describe, expect, it } from 'vitest';
import { combined, type Increment, readIncrement } from '../../src/repos/wal-g/increment.js';

const PAGE = 8192;
const page = (letter: string): Buffer => Buffer.alloc(PAGE, letter);

/** @param blocks by number, what is in it */
const increment = (
  pages: number,
  blocks: Record<number, string>,
  newer: readonly Increment[] = [],
): Promise<Increment> => read(increments(pages * PAGE, blocks), newer);

function read(bytes: Uint8Array, newer: readonly Increment[] = []): Promise<Increment> {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3000) yield bytes.subarray(at, at + 3000);
  };
  return readIncrement(body(), bytes.length, 'x', newer);
}

function increments(size: number, blocks: Record<number, string>): Buffer {
  const numbers = Object.keys(blocks).map(Number);
  const header = Buffer.alloc(16 + 4 * numbers.length);
  header.write('wi1U');
  header.writeBigUInt64LE(BigInt(size), 4);
  header.writeUInt32LE(numbers.length, 12);
  for (const [i, number] of numbers.entries()) header.writeUInt32LE(number, 16 + 4 * i);
  return Buffer.concat([header, ...Object.values(blocks).map(page)]);
}

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.concat([...text].map(page));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A letter for each page. */
async function letters(changes: Increment[], base: string, size = 100_000): Promise<string> {
  let text = '';
  for await (const one of combined(changes, inPieces(base, size))) {
    expect(one.length).toBe(PAGE);
    expect(new Set(one).size).toBe(1);
    text += one[0] === 0 ? '.' : String.fromCharCode(one[0]);
  }
  return text;
}

describe('increments of WAL-G', () => {
  it('change blocks, the newest last', async () => {
    const newer = await increment(6, { 3: 'y', 5: 'y' });
    const older = await increment(5, { 0: 'x', 3: 'x', 4: 'x' }, [newer]);
    for (const size of [PAGE, 1000, 100_000]) {
      expect(await letters([newer, older], 'abcd', size)).toBe('xbcyxy');
    }
    expect([...older.blocks.keys()]).toEqual([0, 4]);
    expect(await letters([await increment(3, { 0: 'x' })], 'abcdefgh')).toBe('xbc');
    expect(await letters([await increment(0, {})], 'abc')).toBe('');
  });

  it('leave zeroes where the file had ended in between', async () => {
    const newer = await increment(6, { 5: 'y' });
    expect(await letters([newer, await increment(2, {}, [newer])], 'abcdef')).toBe('ab...y');
    expect(await letters([await increment(3, {})], 'a')).toBe('a..');
  });

  const good = increments(2 * PAGE, { 1: 'x' });
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good);
    copy.set(bytes, at);
    return copy;
  };

  it.each([
    ['nothing', Buffer.alloc(0), 'has another size'],
    ['another magic', changed(2, 0x32), 'does not begin'],
    ['another size than it says', good.subarray(0, -1), 'has another size'],
    ['more blocks than it has', changed(12, 0xff, 0xff, 0xff, 0xff), 'has another size'],
    ['half a page', changed(4, 1), 'which no file of a relation has'],
    ['more than a file has', changed(4, 0, 0, 0, 0, 1), 'which no file of a relation has'],
  ])('of %s are damaged', async (_, bytes, why) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'damaged-backup',
      message: expect.stringContaining(why),
    });
  });
});
