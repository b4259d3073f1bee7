import type { Codec } from './codec.js';

const BITE = 64 * 1024;

/** LZMA alone, as `xz --format=lzma` and WAL-G write it: without a checksum, and without first bytes of its own. */
export const lzma = {
  name: 'lzma',
  suffixes: ['lzma'],
  command: 'xz --format=lzma -dc',
  async *unpack({ input }) {
    const { LzmaStream } = await import('./lzma-stream.js');
    const stream = new LzmaStream();
    for await (const piece of input.pieces(BITE)) yield* stream.push(piece);
    yield* stream.end();
  },
} as const satisfies Codec;
