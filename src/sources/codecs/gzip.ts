import type { Codec } from './codec.js';

/** A byte may stand for a thousand. */
const BITE = 16 * 1024;

export const gzip = {
  name: 'gzip',
  magic: [0x1f, 0x8b],
  suffixes: ['gz'],
  command: 'gunzip',
  async *unpack({ input }) {
    const { GunzipStream } = await import('../../wal/gzip.js');
    let parts: Uint8Array[] = [];
    const stream = new GunzipStream((part) => parts.push(part));
    for await (const piece of input.pieces(BITE)) {
      try {
        stream.push(piece);
      } finally {
        yield* parts;
        parts = [];
      }
    }
    stream.end();
  },
} as const satisfies Codec;
