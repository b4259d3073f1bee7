import type { ChunkReader } from '../chunk-reader.js';
import { type Codec, corruptBy } from './codec.js';

/** A byte may stand for a thousand. */
const BITE = 16 * 1024;

export const gzip = {
  name: 'gzip',
  magic: [0x1f, 0x8b],
  suffixes: ['gz'],
  command: 'gunzip',
  async *unpack({ input }) {
    const { Gunzip } = await import('fflate');
    let parts: Uint8Array[] = [];
    const stream = new Gunzip((part) => parts.push(part));
    for await (const { bytes, isLast } of bitesOf(input)) {
      let failure: unknown;
      try {
        stream.push(bytes, isLast);
      } catch (error) {
        failure = error;
      }
      yield* parts;
      parts = [];
      if (failure !== undefined) throw corruptBy(failure);
    }
  },
} as const satisfies Codec;

async function* bitesOf(input: ChunkReader): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  let before: Uint8Array | undefined;
  for await (const chunk of input.rest()) {
    for (let at = 0; at < chunk.length; at += BITE) {
      if (before) yield { bytes: before, isLast: false };
      before = chunk.subarray(at, at + BITE);
    }
  }
  if (before) yield { bytes: before, isLast: true };
}
