import { type ByteSource, PIECE_SIZE } from './byte-source.js';

/** Bytes that are in memory already. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async *open() {
      yield bytes;
    },
    async read(from, to) {
      return bytes.subarray(from, to);
    },
  };
}

/** What walscan needs of a `Blob` or a `File`. */
export interface BlobLike {
  readonly size: number;
  /** Of a `File`. */
  readonly name?: string;
  slice(start: number, end: number): BlobLike;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The bytes of a `Blob`, of which no more than a piece is in memory at a time. */
export function blobSource(name: string, blob: BlobLike): ByteSource {
  const read = async (from: number, to: number): Promise<Uint8Array> =>
    new Uint8Array(await blob.slice(from, to).arrayBuffer());
  return {
    name,
    size: blob.size,
    async *open() {
      for (let at = 0; at < blob.size; at += PIECE_SIZE) yield await read(at, at + PIECE_SIZE);
    },
    read,
  };
}
