/** The parts of unbzip2-stream that need no streams of Node. */

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  interface BitReader {
    (count: number | null): number;
    bytesRead: number;
  }
  /** Reads bits out of buffers, which it asks for one by one. */
  export default function bitIterator(nextBuffer: () => Uint8Array): BitReader;
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  import type bitIterator from 'unbzip2-stream/lib/bit_iterator.js';

  type BitReader = ReturnType<typeof bitIterator>;
  const bzip2: {
    /** @returns the size of blocks in units of 100,000 bytes */
    header(bits: BitReader): number;
    /** @returns the checksum of the stream so far; null where it has ended */
    decompress(
      bits: BitReader,
      put: (byte: number) => void,
      room: Int32Array,
      size: number,
      checksum: number | null,
    ): number | null;
  };
  export default bzip2;
}
