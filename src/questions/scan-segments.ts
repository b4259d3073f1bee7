import type { ChainSegment } from '../cluster/chain.js';
import { ColumnRooms } from '../follow/columns.js';
import type { WalFormat } from '../reader/segment.js';
import type { SegmentScan } from '../reader/segment-scan.js';
import { readWindows, type SourceSegment } from '../sources/read-segments.js';
import { emptyRoom, type Reading } from '../sources/reading.js';
import { windowSizeOf } from '../sources/segment-bytes.js';
import type { SegmentFacts } from '../sources/segment-facts.js';
import { UTC } from '../text/timezone.js';
import type { WalError } from '../wal/error.js';
import type { Asking } from './asking.js';
import type { PartOf, QueryOf, ScanKind } from './registry.js';
import { isOfPaths, performTask, type ScanResult, type ScanTask, scanFor } from './scan-task.js';

/** A segment that a question wants scanned. */
export interface Wanted {
  segment: ChainSegment<SourceSegment & { facts?: SegmentFacts }>;
}

/** A question on the way to its answer: takes in what each segment says, in the order of its tasks. */
export interface QuestionRun<K extends ScanKind, T extends Wanted> {
  readonly tasks: readonly T[];
  /** What to scan the task's segment for. */
  queryOf(task: T): QueryOf<K>;
  /**
   * Of a large segment there are several parts, one after the other.
   * @param problem why the segment is not whole, where it is not
   */
  add(task: T, part: PartOf<K>, problem: WalError | undefined): void;
}

/** What comes of a scan is small, so workers need not wait for their turn. */
const AHEAD_PER_JOB = 3;

/**
 * Scans the segments that a question wants, and gives it what comes of them. No more than a few are in memory at a
 * time.
 * @throws WalError `worker-failed`, `source-failed`; the reason of an abort
 */
export async function scanInto<K extends ScanKind, T extends Wanted>(
  run: QuestionRun<K, T>,
  kind: K,
  format: WalFormat,
  asking: Asking,
): Promise<void> {
  for await (const _ of scanning(run, kind, format, asking));
}

/** As {@link scanInto}; comes back each time that the run has taken in a segment, or a piece of a large one. */
export async function* scanning<K extends ScanKind, T extends Wanted>(
  run: QuestionRun<K, T>,
  kind: K,
  format: WalFormat,
  asking: Asking,
): AsyncGenerator<void> {
  asking.enter('wal');
  const { tasks } = run;
  let done = 0;
  for await (const isLast of scanTasks(run, tasks, kind, format, asking)) {
    if (isLast) asking.onSegment(++done, tasks.length, format.segmentSize);
    yield;
  }
}

/** Scans some of the segments that a question wants, and gives it what comes of them. @returns whether that is all of one */
export async function* scanTasks<K extends ScanKind, T extends Wanted>(
  run: Pick<QuestionRun<K, T>, 'queryOf' | 'add'>,
  tasks: readonly T[],
  kind: K,
  format: WalFormat,
  asking: Surroundings,
): AsyncGenerator<boolean> {
  const windowSize = windowSizeOf(format.segmentSize, asking.reading);
  const scans = tasks.map((task): ScanTask<K> => {
    const { file, end } = task.segment;
    const { source, timeline, start, partial, placedByName } = file;
    const place = { source, facts: file.facts?.folder, timeline, start, partial, placedByName };
    return { ...place, end, format, windowSize, kind, query: run.queryOf(task) };
  });
  let done = 0;
  for await (const { part, problem, isLast } of scanAll(scans, format, asking)) {
    run.add(tasks[done], part, problem);
    if (isLast) done++;
    yield isLast;
  }
}

/** What reads segments, and on how many threads. */
type Surroundings = Pick<Asking, 'jobs' | 'threads' | 'reading'>;

async function* scanAll<K extends ScanKind>(
  tasks: readonly ScanTask<K>[],
  format: WalFormat,
  { jobs: wanted, threads, reading }: Surroundings,
): AsyncGenerator<ScanResult<K>> {
  // others cannot open what has no path: that is better read ahead here
  const jobs = threads?.useful(wanted, tasks.filter(isOfPaths).length) ?? 1;
  if (threads !== undefined && jobs > 1) {
    yield* threads.map(tasks, { jobs, ahead: jobs * AHEAD_PER_JOB, signal: reading.signal });
    return;
  }
  for (const stretch of stretchesOf(tasks)) {
    if (stretch[0].facts === undefined) yield* scanFiles(stretch, format, reading);
    else yield* readAllFacts(stretch, reading);
  }
}

/** Tasks that follow each other, those with facts apart from those without. */
function stretchesOf<K extends ScanKind>(tasks: readonly ScanTask<K>[]): ScanTask<K>[][] {
  const stretches: ScanTask<K>[][] = [];
  let hadFacts: boolean | undefined;
  for (const task of tasks) {
    const hasFacts = task.facts !== undefined;
    if (hasFacts === hadFacts) stretches[stretches.length - 1].push(task);
    else stretches.push([task]);
    hadFacts = hasFacts;
  }
  return stretches;
}

async function* readAllFacts<K extends ScanKind>(
  tasks: readonly ScanTask<K>[],
  reading: Reading,
): AsyncGenerator<ScanResult<K>> {
  const rooms = new ColumnRooms();
  const tools = { reading, room: emptyRoom(), zone: UTC, keep: rooms.keep };
  for (const task of tasks) {
    for await (const result of performTask(task, tools)) {
      yield result;
      rooms.again();
    }
  }
}

async function* scanFiles<K extends ScanKind>(
  tasks: readonly ScanTask<K>[],
  format: WalFormat,
  reading: Reading,
): AsyncGenerator<ScanResult<K>> {
  const segments = tasks.map(({ end, ...file }) => ({ file, end }));
  const rooms = new ColumnRooms();
  // questions make no text of records
  const context = { zone: UTC, keep: rooms.keep };
  let at = 0;
  let scan: SegmentScan<PartOf<K>> | undefined;
  for await (const { segment, problem, isLast } of readWindows(segments, format, reading)) {
    scan ??= await scanFor(tasks[at].kind, tasks[at].query, context);
    scan.take(segment);
    const part = isLast ? scan.finish() : scan.cut?.();
    if (part !== undefined) yield { part, problem, isLast };
    rooms.again();
    if (!isLast) continue;
    scan = undefined;
    at++;
  }
}
