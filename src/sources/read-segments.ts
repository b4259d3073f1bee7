import type { ChainSegment } from '../cluster/chain.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { makeSegment, type Segment, type WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import { parseLongPageHeader, XLP_PAGEADDR } from '../wal/page-header.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import { takeTurns } from './abort.js';
import type { ByteSource } from './byte-source.js';
import { readSegmentBytes } from './read.js';
import { emptyRoom, type Reading, type Room } from './reading.js';
import { problemOf } from './stored-bytes.js';

/** A segment to be read. */
export interface SourceSegment extends PlacedSegment {
  source: ByteSource;
  /** Further files with the same content, or with the beginning of it: for when {@link source} cannot be read any more. */
  copies?: readonly ByteSource[];
}

/** A segment in memory, ready for a `WalReader`. */
export interface SegmentRead<S extends SourceSegment = SourceSegment> {
  segment: Segment;
  file: S;
  /** Why it is not whole: what could be read of it is in {@link segment} all the same. */
  problem: WalError | undefined;
  /**
   * It is a `.partial` file that ends before the segment does. That is no problem: zeroes stand for what is not written
   * yet, as in a file that `pg_receivewal` does not compress.
   */
  padded: boolean;
}

/** Enough that unpacking goes on while one is decoded. Large ones take memory enough by themselves. */
const READ_AHEAD = 2;
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

const aheadOf = ({ segmentSize }: WalFormat): number =>
  Math.min(READ_AHEAD, Math.floor(READ_AHEAD_BYTES / segmentSize));

/**
 * Reads segments one after the other. The next few ({@link READ_AHEAD}) are read in the meantime, so that never more
 * than that many and the one given are in memory, whatever the number of segments.
 */
export function readSegments<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>>,
  format: WalFormat,
  reading: Reading,
): AsyncGenerator<SegmentRead<S>> {
  return readAhead(segments, aheadOf(format), (segment) => readSegment(segment, format, reading));
}

/**
 * As {@link readSegments}, in the same memory again and again: a segment's bytes, and the records in it, are good
 * until the one after the next is asked for.
 */
export function readSegmentsInTurn<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>>,
  format: WalFormat,
  reading: Reading,
): AsyncGenerator<SegmentRead<S>> {
  // those being read, the one given, and the one before it
  const ahead = aheadOf(format);
  const rooms = Array.from({ length: ahead + 2 }, emptyRoom);
  let turn = 0;
  return readAhead(segments, ahead, (segment) =>
    readSegment(segment, format, reading, rooms[turn++ % rooms.length]),
  );
}

async function* readAhead<T, R>(
  items: Iterable<T>,
  most: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = [];
  for (const item of items) {
    const one = read(item);
    one.catch(() => {}); // it is looked at when its turn comes
    ahead.push(one);
    if (ahead.length > most) yield await ahead.shift()!;
  }
  for (const one of ahead) yield await one;
}

/**
 * Reads one segment. What is wrong with it is told in {@link SegmentRead.problem}. The rest as of `readSegmentBytes`.
 * Where a server has taken a file away meanwhile, a copy of it stands in that has WAL to the end of the segment.
 *
 * `pg_receivewal` compresses as it receives: what it writes to ends anywhere in the compressed data, or has no bytes
 * yet (src/bin/pg_basebackup/walmethods.c; gzip since 10, LZ4 since 15).
 */
export async function readSegment<S extends SourceSegment>(
  { file, end }: ChainSegment<S>,
  format: WalFormat,
  reading: Reading,
  room?: Room,
): Promise<SegmentRead<S>> {
  const read = await readFile({ file, end }, format, reading, room);
  if (read.problem?.kind !== 'system' || file.placedByName === true) return read;
  for (const source of file.copies ?? []) {
    const copy = await readFile({ file: { ...file, source }, end }, format, reading);
    if (copy.problem === undefined && hasLastPage(copy.segment)) return copy;
  }
  return read;
}

async function readFile<S extends SourceSegment>(
  { file, end }: ChainSegment<S>,
  format: WalFormat,
  reading: Reading,
  room?: Room,
): Promise<SegmentRead<S>> {
  await takeTurns(reading.signal);
  const { segmentSize } = format;
  const { bytes: written, problem } = await readSegmentBytes(file.source, segmentSize, reading, room);
  const padded = file.partial === true && isCut(problem);
  const bytes = padded ? withZeroes(written, segmentSize) : written;
  // what comes after a switch point is another timeline's: to a reader WAL ends there
  bytes.fill(0, Number(end - file.start));
  const segment = makeSegment(bytes, format, file.start, file.timeline);
  if (padded || problem === undefined) {
    return { segment, file, problem: padded ? undefined : replaced(file, segment), padded };
  }
  return { segment, file, problem: isCut(problem) ? placed(problem, segment, written) : problem, padded };
}

/**
 * A file that is another segment by now, or none: a server renames its old segments and uses them again, and whoever
 * copies files may put others in their place.
 */
function replaced({ source, placedByName }: SourceSegment, segment: Segment): WalError | undefined {
  if (placedByName === true || isFirstPageOf(segment)) return undefined;
  const { timeline, start, segmentSize } = segment;
  const name = segmentFileNameOf(timeline, start, segmentSize);
  const message = `${source.name} does not begin as segment ${name} does, and not as it did before: it was replaced while it was being read; ask again`;
  return new WalError('unreadable', message, { file: source.name, lsn: start });
}

/** WAL is written in order: with the last page all before it is there. What is cut before its end may not have it. */
function hasLastPage({ bytes, start, segmentSize, blockSize }: Segment): boolean {
  const at = segmentSize - blockSize;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(at + XLP_PAGEADDR, true) === start + BigInt(at);
}

function isFirstPageOf({ bytes, start, systemIdentifier }: Segment): boolean {
  try {
    const header = parseLongPageHeader(bytes);
    return header.pageAddress === start && header.systemIdentifier === systemIdentifier;
  } catch (error) {
    problemOf(error);
    return false;
  }
}

/** With the LSN of the first page that is not whole: from there on nothing can be read. */
function placed(problem: WalError, { start, blockSize }: Segment, { length }: Uint8Array): WalError {
  const { code, message, file, cause } = problem;
  return new WalError(code, message, { file, lsn: start + BigInt(length - (length % blockSize)), cause });
}

const isCut = (problem: WalError | undefined): boolean =>
  problem?.code === 'truncated-segment' || problem?.kind === 'broken-file';

function withZeroes(bytes: Uint8Array, size: number): Uint8Array {
  const padded = new Uint8Array(size);
  padded.set(bytes);
  return padded;
}
