import { describe, expect, it } from 'vitest';
import { combined, type Increment, parseIncrement } from '../../src/repos/wal-g/increment.js';

const PAGE = 8192;
const page = (letter: string): Buffer => Buffer.alloc(PAGE, letter);

/** @param blocks by number, what is in it */
function increment(pages: number, blocks: Record<number, string>): Increment {
  return parseIncrement(increments(pages * PAGE, blocks), 'x');
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
    const older = increment(5, { 0: 'x', 3: 'x', 4: 'x' });
    const newer = increment(6, { 3: 'y', 5: 'y' });
    for (const size of [PAGE, 1000, 100_000]) {
      expect(await letters([newer, older], 'abcd', size)).toBe('xbcyxy');
    }
    expect(await letters([older], 'abcdefgh')).toBe('xbcxx');
    expect(await letters([increment(0, {})], 'abc')).toBe('');
  });

  it('leave zeroes where the file had ended in between', async () => {
    expect(await letters([increment(6, { 5: 'y' }), increment(2, {})], 'abcdef')).toBe('ab...y');
    expect(await letters([increment(3, {})], 'a')).toBe('a..');
  });

  const good = increments(2 * PAGE, { 1: 'x' });
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good);
    copy.set(bytes, at);
    return copy;
  };

  it.each([
    ['nothing', Buffer.alloc(0), 'does not begin'],
    ['another magic', changed(2, 0x32), 'does not begin'],
    ['another size than it says', good.subarray(0, -1), 'has another size'],
    ['more blocks than it has', changed(12, 0xff, 0xff, 0xff, 0xff), 'has another size'],
    ['half a page', changed(4, 1), 'which no file of a relation has'],
    ['more than a file has', changed(4, 0, 0, 0, 0, 1), 'which no file of a relation has'],
  ])('of %s are damaged', (_, bytes, why) => {
    expect(() => parseIncrement(bytes, 'x')).toThrow(
      expect.objectContaining({ code: 'damaged-backup', message: expect.stringContaining(why) }),
    );
  });
});
