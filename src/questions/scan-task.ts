import type { WalFormat } from '../reader/segment.js';
import type { SegmentScan } from '../reader/segment-scan.js';
import type { ByteSource, SourceFolder } from '../sources/byte-source.js';
import { SegmentWindows } from '../sources/read-segments.js';
import type { Reading, Room } from '../sources/reading.js';
import { NoWal } from '../sources/segment-facts.js';
import { problemOf } from '../sources/stored-bytes.js';
import { type ErrorCode, WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { type Message, received } from '../wal/message.js';
import { type PartOf, type QueryOf, SCANS, type ScanContext, type ScanKind } from './registry.js';

/** A segment, and what to scan it for. */
export interface ScanTask<K extends ScanKind = ScanKind> {
  source: ByteSource;
  /** Where facts of the segment are, to be read instead where they tell what is asked. */
  facts?: SourceFolder | undefined;
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
  /** How much of it is in memory at a time. */
  windowSize: number;
  kind: K;
  query: QueryOf<K>;
}

export interface ScanResult<K extends ScanKind = ScanKind> {
  part: PartOf<K>;
  /** Why the segment's bytes are not all that it has. */
  problem: WalError | undefined;
  /** Of a large segment several results come, one after the other: this is the last. */
  isLast: boolean;
}

/** What tasks are done with, one after the other. */
interface ScanTools extends ScanContext {
  reading: Reading;
  /** See `readSegmentBytes`: nothing of the result lies in it. */
  room: Room;
}

/**
 * Reads facts of the segment or, where there are none or they are too coarse, the segment, and scans it: all in this
 * thread. What is wrong with it is told in {@link ScanResult.problem}.
 */
export async function* performTask<K extends ScanKind>(
  task: ScanTask<K>,
  tools: ScanTools,
): AsyncGenerator<ScanResult<K>> {
  const told = task.facts && (await readFacts(task, task.facts, tools));
  if (told?.part === undefined) yield* scanFile(task, tools, told?.problem);
  else yield { part: told.part, problem: told.problem, isLast: true };
}

/** What facts say to the question; no part where they are too coarse or, which is then a problem, cannot be read. */
async function readFacts<K extends ScanKind>(
  task: ScanTask<K>,
  folder: SourceFolder,
  { reading, keep }: ScanTools,
): Promise<{ part: PartOf<K> | undefined; problem: WalError | undefined }> {
  // what a question without facts has no need of (docs/decisions/start.md)
  const { readPart } = await import('./facts/parts.js');
  try {
    return await readPart(task, folder, reading, keep);
  } catch (error) {
    return { part: undefined, problem: problemOf(error) };
  }
}

/** @param known what is wrong with the segment's facts */
async function* scanFile<K extends ScanKind>(
  { end, format, windowSize, kind, query, facts, ...file }: ScanTask<K>,
  tools: ScanTools,
  known: WalError | undefined,
): AsyncGenerator<ScanResult<K>> {
  const scan = await scanFor(kind, query, tools);
  const windows = new SegmentWindows({ file, end }, format, tools.reading, windowSize);
  try {
    for (;;) {
      const { segment, problem, isLast } = (await windows.next(tools.room))!;
      scan.take(segment);
      if (isLast) {
        yield { part: scan.finish(), problem: known ?? problem, isLast };
        return;
      }
      const part = scan.cut?.();
      if (part !== undefined) yield { part, problem, isLast };
    }
  } finally {
    await windows.close();
  }
}

/** Of a segment that does not fit into a window there may be several results. */
export const isLarge = ({ format, windowSize }: ScanTask): boolean => format.segmentSize > windowSize;

/** What scans a segment. */
export async function scanFor<K extends ScanKind>(
  kind: K,
  query: QueryOf<K>,
  context: ScanContext,
): Promise<SegmentScan<PartOf<K>>> {
  return SCANS[kind](query, context);
}

/** Whether another thread can open what a task takes: it opens paths alone. */
export const isOfPaths = ({ source, facts }: ScanTask): boolean =>
  (source.path !== undefined || source instanceof NoWal) && (facts === undefined || facts.path !== undefined);

/** A task as a message to a worker: of the source and the folder of facts only their names and paths. */
export type TaskMessage = Omit<ScanTask, 'source' | 'facts'> & {
  name: string;
  /** Undefined where there are only facts. */
  path: string | undefined;
  facts: string | undefined;
};

/** A result as a message from a worker: an error's class does not survive the way. */
export type ResultMessage = Pick<ScanResult, 'part' | 'isLast'> & {
  problem: { code: ErrorCode; said: Message; file: string | undefined; lsn: Lsn | undefined } | undefined;
};

export function resultMessage({ part, problem, isLast }: ScanResult): ResultMessage {
  if (problem === undefined) return { part, problem, isLast };
  const { code, said, file, lsn } = problem;
  return { part, problem: { code, said, file, lsn }, isLast };
}

export function resultOf({ part, problem, isLast }: ResultMessage): ScanResult {
  return { part, problem: problem && new WalError(problem.code, received(problem.said), problem), isLast };
}
