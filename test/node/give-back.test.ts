import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { giveBack } from '../../src/node/give-back.js';
import { NODE_READING } from '../../src/node/reading.js';
import { isFolder } from '../../src/sources/byte-source.js';
import { readSegmentBytes } from '../../src/sources/read.js';
import { emptyRoom } from '../../src/sources/reading.js';

const folder = mkdtempSync(join(tmpdir(), 'walscan-give-back-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('memory that is given back is gone at once', () => {
  const memory = new ArrayBuffer(1024 * 1024);
  giveBack(memory);
  expect(memory.byteLength).toBe(0);
});

it('a segment that was unpacked is given back before the next one comes into the same room', async () => {
  const size = 1024 * 1024;
  const room = emptyRoom();
  const read: Uint8Array[] = [];
  for (const fill of [1, 2]) {
    const path = join(folder, `${fill}.gz`);
    writeFileSync(path, gzipSync(new Uint8Array(size).fill(fill)));
    const source = await NODE_READING.open(path);
    if (isFolder(source)) throw new Error('a file is expected');
    const { bytes, problem } = await readSegmentBytes(source, size, NODE_READING, room);
    expect(problem).toBeUndefined();
    expect(bytes.every((byte) => byte === fill)).toBe(true);
    read.push(bytes);
  }
  expect(read.map(({ length }) => length)).toEqual([0, size]);
});

it('one that cannot be unpacked leaves nothing to be given back twice', async () => {
  const size = 1024 * 1024;
  const room = emptyRoom();
  const whole = gzipSync(new Uint8Array(size).fill(3));
  for (const stored of [whole, whole.subarray(0, whole.length - 20), whole]) {
    const path = join(folder, 'some.gz');
    writeFileSync(path, stored);
    const source = await NODE_READING.open(path);
    if (isFolder(source)) throw new Error('a file is expected');
    const { problem } = await readSegmentBytes(source, size, NODE_READING, room);
    expect(problem?.code).toBe(stored === whole ? undefined : 'corrupt-compression');
  }
});
