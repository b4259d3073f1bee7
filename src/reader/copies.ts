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
export function compareCopies(a: Uint8Array, b: Uint8Array, place: CopiesOf): 'first' | 'second' | number {
  const same = commonLength(a, b);
  if (same === Math.min(a.length, b.length)) return b.length > a.length ? 'second' : 'first';
  if (isUnwritten(b, same, place)) return 'first';
  if (isUnwritten(a, same, place)) return 'second';
  return same;
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
