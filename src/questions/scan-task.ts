import type { Segment, WalFormat } from '../reader/segment.js';
import type { ByteSource } from '../sources/byte-source.js';
import { readSegment } from '../sources/read-segments.js';
import type { Reading, Room } from '../sources/reading.js';
import { type ErrorCode, WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { type PartOf, type QueryOf, SCANS, type ScanContext, type ScanKind } from './registry.js';

/** A segment, and what to scan it for. */
export interface ScanTask<K extends ScanKind = ScanKind> {
  source: ByteSource;
  timeline: number;
  /** LSN of the segment's first byte. */
  start: Lsn;
  /** The file is a `.partial` one. */
  partial?: boolean | undefined;
  /** See `PlacedSegment`. */
  placedByName?: boolean | undefined;
  /** Where its WAL ends for this purpose: with the segment, or at a switch point. */
  end: Lsn;
  format: WalFormat;
  kind: K;
  query: QueryOf<K>;
}

export interface ScanResult<K extends ScanKind = ScanKind> {
  part: PartOf<K>;
  /** Why the segment's bytes are not all that it has. */
  problem: WalError | undefined;
}

/** What tasks are done with, one after the other. */
interface ScanTools extends ScanContext {
  reading: Reading;
  /** See `readSegmentBytes`: nothing of the result lies in it. */
  room: Room;
}

/** Reads the segment and scans it, all in this thread. What is wrong with it is told in {@link ScanResult.problem}. */
export async function performTask<K extends ScanKind>(
  { end, format, kind, query, ...file }: ScanTask<K>,
  tools: ScanTools,
): Promise<ScanResult<K>> {
  const { segment, problem } = await readSegment({ file, end }, format, tools.reading, tools.room);
  return { part: scan(kind, segment, query, tools), problem };
}

/** Scans a segment in memory. */
export function scan<K extends ScanKind>(
  kind: K,
  segment: Segment,
  query: QueryOf<K>,
  context: ScanContext,
): PartOf<K> {
  // of the table's functions TypeScript does not see that the one of this kind takes the query of this kind
  const scanOf = SCANS[kind] as (segment: Segment, query: QueryOf<K>, context: ScanContext) => PartOf<K>;
  return scanOf(segment, query, context);
}

/** A task as a message to a worker: of the source only its name and its path. */
export type TaskMessage = Omit<ScanTask, 'source'> & { name: string; path: string };

/** A result as a message from a worker: an error's class does not survive the way. */
export type ResultMessage = Pick<ScanResult, 'part'> & {
  problem: { code: ErrorCode; message: string; file: string | undefined; lsn: Lsn | undefined } | undefined;
};

export function resultMessage({ part, problem }: ScanResult): ResultMessage {
  if (problem === undefined) return { part, problem };
  const { code, message, file, lsn } = problem;
  return { part, problem: { code, message, file, lsn } };
}

export function resultOf({ part, problem }: ResultMessage): ScanResult {
  return { part, problem: problem && new WalError(problem.code, problem.message, problem) };
}
