import type { Lsn } from '../wal/lsn.js';
import { XLP_PAGEADDR } from '../wal/page-header.js';

/** The segment that two files claim to be. */
interface CopiesOf {
  /** LSN of its first byte. */
  start: Lsn;
  blockSize: number;
}

/**
 * Which of two files of one segment holds all that the other one does: the same, or what was written to it up to
 * some place. Else the offset from which on neither does.
 */
export class CopyComparison {
  private at = 0;
  /** How many bytes the second file has more. */
  private more = 0;
  private differsAt: number | undefined;
  /** Nothing has been written from there on. */
  private isFirstUnwritten = true;
  private isSecondUnwritten = true;

  constructor(private readonly copies: CopiesOf) {}

  /** Takes in the files, or the next window of each: whole pages, and nothing of a file that has ended. */
  take(a: Uint8Array, b: Uint8Array): void {
    const { start, blockSize } = this.copies;
    const place = { start: start + BigInt(this.at), blockSize };
    const same = this.differsAt === undefined ? commonLength(a, b) : 0;
    if (same < Math.min(a.length, b.length)) this.differsAt ??= this.at + same;
    if (this.differsAt !== undefined) {
      this.isFirstUnwritten &&= isUnwritten(a, same, place);
      this.isSecondUnwritten &&= isUnwritten(b, same, place);
    }
    this.more += b.length - a.length;
    this.at += Math.max(a.length, b.length);
  }

  get verdict(): 'first' | 'second' | number {
    if (this.differsAt === undefined) return this.more > 0 ? 'second' : 'first';
    if (this.isSecondUnwritten) return 'first';
    return this.isFirstUnwritten ? 'second' : this.differsAt;
  }
}

/** How many bytes both begin with. */
function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

/**
 * True where nothing has been written to a segment from `offset` on: zeroes to the end of the page, and pages
 * that are zeroes or, in a recycled segment, of another place.
 */
function isUnwritten(bytes: Uint8Array, offset: number, { start, blockSize }: CopiesOf): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isOwnPage = (at: number): boolean =>
    at + XLP_PAGEADDR + 8 <= bytes.length &&
    view.getBigUint64(at + XLP_PAGEADDR, true) === start + BigInt(at);

  const page = offset - (offset % blockSize);
  const nextPage = Math.min(page + blockSize, bytes.length);
  if (isOwnPage(page) && !bytes.subarray(offset, nextPage).every((byte) => byte === 0)) return false;
  for (let at = nextPage; at < bytes.length; at += blockSize) if (isOwnPage(at)) return false;
  return true;
}
