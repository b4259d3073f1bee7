import { type DumpQuery, dumpSegment, type KeepText, type SegmentDump } from '../dump/segment-dump.js';
import { localTimeZone } from '../node/timezone.js';
import type { Segment, WalFormat } from '../reader/segment.js';
import { gunzipHere, type Room } from '../sources/read.js';
import { readSegment } from '../sources/read-segments.js';
import type { ByteSource } from '../sources/source.js';
import { type ErrorCode, WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { type ArchivePart, scanForArchive } from './archive/scan.js';
import { type FindCommitPart, type FindCommitQuery, scanSegment } from './find-commit/scan.js';
import { type IncidentPart, scanForIncidents } from './incidents/scan.js';

/** What can be done with one segment apart from all others. */
export type SegmentWork =
  | { kind: 'find-commit'; query: FindCommitQuery }
  | { kind: 'dump'; query: DumpQuery }
  | { kind: 'archive' }
  | { kind: 'incidents'; endLsn: Lsn };

/** What comes of it, by the kind of work: plain data. */
export interface SegmentResults {
  'find-commit': FindCommitPart;
  dump: SegmentDump;
  archive: ArchivePart;
  incidents: IncidentPart;
}

export type WorkOf<K extends SegmentWork['kind']> = Extract<SegmentWork, { kind: K }>;

/** A segment, and what to do with it. */
export interface SegmentTask<W extends SegmentWork = SegmentWork> {
  source: ByteSource;
  timeline: number;
  /** LSN of the segment's first byte. */
  start: Lsn;
  /** Where its WAL ends for this purpose: with the segment, or at a switch point. */
  end: Lsn;
  format: WalFormat;
  work: W;
}

export interface SegmentResult<K extends SegmentWork['kind'] = SegmentWork['kind']> {
  value: SegmentResults[K];
  /** Why the segment's bytes are not all that it has. */
  problem: WalError | undefined;
}

/** Memory that is used for one task after the other. */
export interface TaskMemory {
  /** See `readSegmentBytes`: nothing of the result lies in it. */
  room: Room;
  /** See `dumpSegment`. */
  keepText: KeepText;
}

/** Reads the segment and does the work, all in this thread. What cannot be read is told in {@link SegmentResult.problem}. */
export async function performTask(task: SegmentTask, { room, keepText }: TaskMemory): Promise<SegmentResult> {
  const { source, timeline, start, end, format, work } = task;
  const chained = { file: { source, timeline, start }, end };
  const { segment, problem } = await readSegment(chained, format, room, gunzipHere);
  return { value: perform(segment, work, keepText), problem };
}

/** Does the work on a segment in memory. */
export function perform(
  segment: Segment,
  work: SegmentWork,
  keepText?: KeepText,
): SegmentResults[SegmentWork['kind']] {
  switch (work.kind) {
    case 'find-commit':
      return scanSegment(segment, work.query);
    case 'dump':
      return dumpSegment(segment, work.query, localTimeZone(), keepText);
    case 'archive':
      return scanForArchive(segment);
    case 'incidents':
      return scanForIncidents(segment, work.endLsn);
  }
}

/** A task as a message to a worker: of the source only its name and its path. */
export type TaskMessage = Omit<SegmentTask, 'source'> & { name: string; path: string };

/** A result as a message from a worker: an error's class does not survive the way. */
export type ResultMessage = Pick<SegmentResult, 'value'> & {
  problem: { code: ErrorCode; message: string; file: string | undefined; lsn: Lsn | undefined } | undefined;
};

export function resultMessage({ value, problem }: SegmentResult): ResultMessage {
  if (problem === undefined) return { value, problem };
  const { code, message, file, lsn } = problem;
  return { value, problem: { code, message, file, lsn } };
}

export function resultOf({ value, problem }: ResultMessage): SegmentResult {
  return { value, problem: problem && new WalError(problem.code, problem.message, problem) };
}
