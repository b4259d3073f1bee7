import type { Codec } from './codec.js';

const BITE = 256 * 1024;

export const zstd = {
  name: 'zstd',
  magic: [0x28, 0xb5, 0x2f, 0xfd],
  suffixes: ['zst', 'zstd'],
  command: 'zstd -dc',
  async *unpack({ input }) {
    const { ZstdStream } = await import('../../wal/zstd.js');
    const stream = new ZstdStream();
    for await (const piece of input.pieces(BITE)) yield* stream.push(piece);
    stream.end();
  },
} as const satisfies Codec;
