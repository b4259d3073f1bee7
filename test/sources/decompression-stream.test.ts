import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ChunkReader } from '../../src/sources/chunk-reader.js';
import type { Unpack } from '../../src/sources/codecs/codec.js';
import { gzip } from '../../src/sources/codecs/gzip.js';
import { gunzipByEngine } from '../../src/sources/decompression-stream.js';
import { concat } from '../../src/wal/concat.js';

/** What comes of it, and how it ends. */
async function unpacked(unpack: Unpack, stored: Uint8Array): Promise<{ bytes: Uint8Array; error: unknown }> {
  const pieces: Uint8Array[] = [];
  const again = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < stored.length; at += 10_000) yield stored.subarray(at, at + 10_000);
  };
  try {
    const packed = { input: new ChunkReader(again()), again, pieceSize: 65_536 };
    for await (const piece of unpack(packed)) pieces.push(piece.slice());
    return { bytes: concat(pieces), error: undefined };
  } catch (error) {
    return { bytes: concat(pieces), error };
  }
}

const words = new TextEncoder().encode(
  Array.from({ length: 40_000 }, (_, i) => `${(i * 2_654_435_761) % 4_294_967_296} word`).join(' '),
);
const packed = new Uint8Array(gzipSync(words));
const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x21);

describe('gzip by DecompressionStream', () => {
  it('unpacks what was packed', async () => {
    expect(await unpacked(gunzipByEngine, packed)).toEqual({ bytes: words, error: undefined });
  });

  it.each<[string, Uint8Array]>([
    ['several members', concat([packed, packed, packed])],
    ['garbage after the end', concat([packed, garbage(9)])],
    ['much garbage after the end', concat([packed, garbage(100_000)])],
    ['zeroes after the end', concat([packed, new Uint8Array(512)])],
    ['a second member that is cut off', concat([packed, packed.subarray(0, 5000)])],
    ...[1, 5, 9, 10, 11, 100, 30_000, packed.length - 9, packed.length - 8, packed.length - 1].map(
      (length): [string, Uint8Array] => [`the first ${length} bytes`, packed.subarray(0, length)],
    ),
    ...[3, 10, 20, 40_000, packed.length - 6, packed.length - 2].map((at): [string, Uint8Array] => [
      `byte ${at} changed`,
      packed.with(at, packed[at] ^ 0x55),
    ]),
  ])('gives and says the same as the portable way: %s', async (_, stored) => {
    expect(await unpacked(gunzipByEngine, stored)).toEqual(await unpacked(gzip.unpack, stored));
  });

  it('throws what its input throws, as it is', async () => {
    const failure = new Error('the store is gone');
    const stored = async function* (): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, 20_000);
      throw failure;
    };
    const input = new ChunkReader(stored());
    const all = async (): Promise<void> => {
      for await (const _ of gunzipByEngine({ input, again: stored, pieceSize: 65_536 }));
    };
    await expect(all()).rejects.toBe(failure);
  });

  it('ends when no more is wanted', async () => {
    const again = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) yield packed;
    };
    for await (const piece of gunzipByEngine({ input: new ChunkReader(again()), again, pieceSize: 1024 })) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });
});
