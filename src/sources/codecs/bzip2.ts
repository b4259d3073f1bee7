import { type Codec, corrupt, corruptBy } from './codec.js';

export const bzip2 = {
  name: 'bzip2',
  magic: [0x42, 0x5a, 0x68],
  suffixes: ['bz2'],
  command: 'bunzip2',
  async *unpack({ input }) {
    const [{ default: library }, { default: bitIterator }] = await Promise.all([
      import('unbzip2-stream/lib/bzip2.js'),
      import('unbzip2-stream/lib/bit_iterator.js'),
    ]);
    const waiting: Uint8Array[] = [];
    let arrived = 0;
    let bits: BitReader | undefined;
    /** Of the stream, in hundreds of kilobytes; 0 where a stream is to begin. */
    let blockSize = 0;
    /** Null where no stream has begun, and after the end of one. */
    let checksum: number | null = null;

    /** Takes the header of a stream, or one block. */
    function next(reader: BitReader): Uint8Array | undefined {
      if (blockSize === 0) {
        blockSize = library.header(reader);
        checksum = 0;
        return undefined;
      }
      const size = blockSize * BLOCK_UNIT;
      const bytes: number[] = [];
      checksum = library.decompress(reader, (byte) => bytes.push(byte), new Int32Array(size), size, checksum);
      if (checksum === null) blockSize = 0;
      return Uint8Array.from(bytes);
    }

    function* unpacked(least: (blockSize: number) => number): Generator<Uint8Array> {
      while (bits && arrived - bits.bytesRead > least(blockSize)) {
        let block: Uint8Array | undefined;
        try {
          block = next(bits);
        } catch (error) {
          throw corruptBy(error);
        }
        if (block) yield block;
      }
    }

    for await (const chunk of input.rest()) {
      waiting.push(chunk);
      arrived += chunk.length;
      bits ??= bitIterator(() => {
        const bytes = waiting.shift();
        if (bytes === undefined) throw corrupt('the file ends too early');
        return bytes;
      });
      yield* unpacked((blockSize) => SYMBOL_TABLES + blockSize * BLOCK_UNIT);
    }
    yield* unpacked(() => 0);
    if (checksum !== null) throw corrupt('the file ends too early');
  },
} as const satisfies Codec;

type BitReader = ReturnType<typeof import('unbzip2-stream/lib/bit_iterator.js').default>;

const BLOCK_UNIT = 100_000;
/** More than a block has beside its data. */
const SYMBOL_TABLES = 25_000;
