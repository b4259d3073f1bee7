import { BLCKSZ } from '../wal/record.js';
import type { BlockStore } from './block-store.js';

/** Bytes one after the other, kept as the blocks of a store. */
export class ByteLog {
  /** How many bytes there are. */
  length = 0;

  constructor(private readonly store: BlockStore) {}

  /** @returns where they begin */
  append(bytes: Uint8Array): number {
    const at = this.length;
    this.length += bytes.length;
    this.write(at, bytes);
    return at;
  }

  /** Puts bytes in the place of others. */
  write(at: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const block = Math.floor((at + done) / BLCKSZ);
      const offset = (at + done) % BLCKSZ;
      const page = this.store.open(block) ?? new Uint8Array(BLCKSZ);
      const piece = bytes.subarray(done, done + BLCKSZ - offset);
      page.set(piece, offset);
      this.store.write(block, page);
      done += piece.length;
    }
  }

  /** Bytes that may be shared with a page: to be read, and not to be kept for long. */
  read(at: number, length: number): Uint8Array {
    const start = at % BLCKSZ;
    const first = this.store.read(Math.floor(at / BLCKSZ));
    if (first && start + length <= BLCKSZ) return first.subarray(start, start + length);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const offset = (at + done) % BLCKSZ;
      const page = this.store.read(Math.floor((at + done) / BLCKSZ));
      const piece = page!.subarray(offset, offset + length - done);
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }
}
