import type { Codec } from './codec.js';

const BITE = 64 * 1024;

export const bzip2 = {
  name: 'bzip2',
  magic: [0x42, 0x5a, 0x68],
  suffixes: ['bz2'],
  command: 'bunzip2',
  async *unpack({ input }) {
    const { Bzip2Stream } = await import('./bzip2-stream.js');
    const stream = new Bzip2Stream();
    for await (const piece of input.pieces(BITE)) yield* stream.push(piece);
    yield* stream.end();
  },
} as const satisfies Codec;
