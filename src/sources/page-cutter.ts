import { BLCKSZ } from '../wal/record.js';

/** Cuts a file of a relation into pages, while it comes in pieces of any size. */
export class PageCutter {
  private page = new Uint8Array(BLCKSZ);
  private filled = 0;

  /** The pages that a piece ends. Those that lie in it whole are views of it: none is to be written to. */
  *pagesOf(piece: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    if (this.filled > 0) {
      at = this.fill(piece);
      if (this.filled < BLCKSZ) return;
      yield this.page;
      this.page = new Uint8Array(BLCKSZ);
      this.filled = 0;
    }
    for (; at + BLCKSZ <= piece.length; at += BLCKSZ) yield piece.subarray(at, at + BLCKSZ);
    this.fill(piece.subarray(at));
  }

  /** The page that the last piece began, with zeroes after its end; undefined where the file ended with a whole one. */
  get begun(): Uint8Array | undefined {
    return this.filled > 0 ? this.page : undefined;
  }

  /** @returns how many bytes of the piece went into the page */
  private fill(piece: Uint8Array): number {
    const taken = piece.subarray(0, BLCKSZ - this.filled);
    this.page.set(taken, this.filled);
    this.filled += taken.length;
    return taken.length;
  }
}
