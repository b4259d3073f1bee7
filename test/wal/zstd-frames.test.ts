import { describe, expect, it } from 'vitest';
import { concat } from '../../src/wal/concat.js';
import { ZstdStream } from '../../src/wal/zstd.js';
import { zstdFrames } from '../../src/wal/zstd-frames.js';
import { readTestdata } from '../support/testdata.js';

// made by zstd 1.5: `zstd words`, and of a pipe, which does not say how much it is
const words = new Uint8Array(readTestdata('testdata/codecs/words.zst'));
const segment = new Uint8Array(readTestdata('testdata/formats/000000010000000000000024.zst'));
const skippable = Uint8Array.from([0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 0xff, 0xff]);

function unpack(frame: Uint8Array): Uint8Array {
  const stream = new ZstdStream();
  const parts = [...stream.push(frame)];
  stream.end();
  return concat(parts);
}

describe('the frames of a file', () => {
  it.each([
    ['words', words],
    ['a segment', segment],
  ])('%s is one', (_, file) => {
    const [frame, ...others] = zstdFrames(file, 9) ?? [];
    expect(others).toEqual([]);
    expect(frame.bytes).toEqual(file);
    if (frame.contentSize !== undefined) expect(frame.contentSize).toBe(unpack(file).length);
  });

  it('are told apart, without those that hold no data', () => {
    const frames = zstdFrames(concat([skippable, words, skippable, segment, skippable]), 2);
    expect(frames?.map(({ bytes }) => bytes)).toEqual([words, segment]);
  });

  it('are not told where one is not whole, or something else is among them', () => {
    for (let size = 1; size < words.length; size++)
      expect(zstdFrames(words.subarray(0, size), 9)).toBeUndefined();
    expect(zstdFrames(concat([words, Uint8Array.of(1, 2, 3, 4, 5)]), 9)).toBeUndefined();
    expect(zstdFrames(concat([words, skippable.subarray(0, 9)]), 9)).toBeUndefined();
  });

  it('are not told where they are more than are wanted', () => {
    expect(zstdFrames(concat([words, skippable, words]), 1)).toBeUndefined();
  });
});
