import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { XLP_PAGEADDR } from '../wal/page-header.js';
import { readSegmentBytes, type SegmentBytes } from './read.js';
import type { ByteSource } from './source.js';

/** What is known of the place that several files claim to be the segment of. */
export interface SegmentPlace {
  name: string;
  start: Lsn;
  segmentSize: number;
  blockSize: number;
}

export interface SegmentCopy {
  source: ByteSource;
  partial: boolean;
}

/** Which of several files of one segment to read, and what was found on the way. */
export interface Settled {
  chosen: SegmentCopy;
  /** Those that hold the same, or the beginning of it. */
  copies: ByteSource[];
  /** Files with other content: an error for each. */
  conflicts: WalError[];
}

/**
 * Compares all files of one segment. Identical content counts once; a file that holds the beginning of another
 * one, as a `.partial` file does, gives way to that; whole files come before `.partial` ones. At most two files
 * are in memory at a time.
 * @param uncompared take it for granted that all hold the same
 */
export async function settleCopies(
  files: SegmentCopy[],
  place: SegmentPlace,
  uncompared = false,
): Promise<Settled> {
  const [first, ...others] = [...files].sort((a, b) => Number(a.partial) - Number(b.partial));
  const settled: Settled = { chosen: first, copies: [], conflicts: [] };
  if (others.length === 0 || uncompared) {
    return { ...settled, copies: others.map(({ source }) => source) };
  }
  let best = await readSegmentBytes(first.source, place.segmentSize);
  for (const other of others) {
    const bytes = await readSegmentBytes(other.source, place.segmentSize);
    const verdict = compare(best, bytes, place);
    if (verdict === 'second') {
      settled.copies.push(settled.chosen.source);
      settled.chosen = other;
      best = bytes;
    } else if (verdict === 'first') {
      settled.copies.push(other.source);
    } else {
      settled.conflicts.push(differentContent(settled.chosen.source, other.source, place, verdict));
    }
  }
  return settled;
}

function differentContent(a: ByteSource, b: ByteSource, place: SegmentPlace, offset: number): WalError {
  const lsn = place.start + BigInt(offset);
  return new WalError(
    'different-content',
    `${a.name} and ${b.name} are both segment ${place.name} but differ from ${formatLsn(lsn)} on; give only the right one`,
    { file: b.name, lsn },
  );
}

/** Which of the two holds all that the other one does, or the offset from which neither does. */
function compare(
  first: SegmentBytes,
  second: SegmentBytes,
  place: SegmentPlace,
): 'first' | 'second' | number {
  const a = first.bytes;
  const b = second.bytes;
  const same = commonLength(a, b);
  if (same === Math.min(a.length, b.length)) return b.length > a.length ? 'second' : 'first';
  if (isUnwritten(b, same, place)) return 'first';
  if (isUnwritten(a, same, place)) return 'second';
  return same;
}

/** How many bytes both begin with. */
function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  const PART = 64 * 1024;
  for (let from = 0; from < length; from += PART) {
    const to = Math.min(from + PART, length);
    if (Buffer.compare(a.subarray(from, to), b.subarray(from, to)) === 0) continue;
    for (let at = from; ; at++) if (a[at] !== b[at]) return at;
  }
  return length;
}

/**
 * True where nothing has been written to a segment from `offset` on: zeroes to the end of the page, and pages
 * that are zeroes or, in a recycled segment, of another place.
 */
function isUnwritten(bytes: Uint8Array, offset: number, place: SegmentPlace): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isOwnPage = (at: number): boolean =>
    at + XLP_PAGEADDR + 8 <= bytes.length &&
    view.getBigUint64(at + XLP_PAGEADDR, true) === place.start + BigInt(at);

  const page = offset - (offset % place.blockSize);
  const nextPage = Math.min(page + place.blockSize, bytes.length);
  if (isOwnPage(page) && !bytes.subarray(offset, nextPage).every((byte) => byte === 0)) return false;
  for (let at = nextPage; at < bytes.length; at += place.blockSize) if (isOwnPage(at)) return false;
  return true;
}
