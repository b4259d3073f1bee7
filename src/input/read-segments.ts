import type { ChainSegment, PlacedSegment } from '../cluster/chain.js';
import { makeSegment, type Segment, type WalFormat } from '../reader/segment.js';
import type { WalError } from '../wal/error.js';
import { readSegmentBytes } from './read.js';
import type { ByteSource } from './source.js';

/** A segment to be read. */
export interface SourceSegment extends PlacedSegment {
  source: ByteSource;
}

/** A segment in memory, ready for a `WalReader`. */
export interface SegmentRead<S extends SourceSegment = SourceSegment> {
  segment: Segment;
  file: S;
  /** Why it is not whole: what could be read of it is in {@link segment} all the same. */
  problem: WalError | undefined;
}

/** Enough that unpacking the next ones goes on while one is decoded. */
const READ_AHEAD = 2;

/**
 * Reads segments one after the other. The next {@link READ_AHEAD} are read in the meantime, so that never more
 * than that many and the one given are in memory, whatever the number of segments.
 */
export async function* readSegments<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>>,
  format: WalFormat,
): AsyncGenerator<SegmentRead<S>> {
  const ahead: Promise<SegmentRead<S>>[] = [];
  for (const segment of segments) {
    ahead.push(readSegment(segment, format));
    if (ahead.length > READ_AHEAD) yield await ahead.shift()!;
  }
  for (const read of ahead) yield await read;
}

/** Reads one segment. Does not fail: see {@link SegmentRead.problem}. */
export async function readSegment<S extends SourceSegment>(
  { file, end }: ChainSegment<S>,
  format: WalFormat,
): Promise<SegmentRead<S>> {
  const { bytes, problem } = await readSegmentBytes(file.source, format.segmentSize);
  // what comes after a switch point is another timeline's: to a reader WAL ends there
  bytes.fill(0, Number(end - file.start));
  return { segment: makeSegment(bytes, format, file.start, file.timeline), file, problem };
}
