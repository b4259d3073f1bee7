import type { Codec } from './codec.js';

/** Four bytes may stand for 128 KiB. */
const BITE = 4096;

export const zstd = {
  name: 'zstd',
  magic: [0x28, 0xb5, 0x2f, 0xfd],
  suffixes: ['zst', 'zstd'],
  command: 'zstd -dc',
  async *unpack({ input }) {
    const { ZstdStream } = await import('../../wal/zstd.js');
    let parts: Uint8Array[] = [];
    const stream = new ZstdStream((part) => parts.push(part));
    for await (const chunk of input.rest()) {
      for (let at = 0; at < chunk.length; at += BITE) {
        stream.push(chunk.subarray(at, at + BITE));
        yield* parts;
        parts = [];
      }
    }
    stream.end();
    yield* parts;
  },
} as const satisfies Codec;
