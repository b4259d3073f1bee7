import type { ChainSegment } from '../cluster/chain.js';
import { mapSegments, usefulJobs } from '../node/worker-pool.js';
import type { WalFormat } from '../reader/segment.js';
import { readSegmentsInTurn, type SourceSegment } from '../sources/read-segments.js';
import type { WalError } from '../wal/error.js';
import {
  perform,
  type SegmentResult,
  type SegmentResults,
  type SegmentTask,
  type SegmentWork,
  type WorkOf,
} from './segment-task.js';

/** A segment, and what to scan it for. */
export interface SegmentScan<K extends SegmentWork['kind']> {
  segment: ChainSegment<SourceSegment>;
  work: WorkOf<K>;
}

/** What comes of a scan is small, so workers need not wait for their turn. */
const AHEAD_PER_JOB = 3;

/** A search that takes in what each segment says, in the order of its tasks. */
export interface ScanRun<T, K extends SegmentWork['kind']> {
  readonly tasks: readonly T[];
  readonly problems: WalError[];
  add(task: T, value: SegmentResults[K]): void;
}

/** How segments are gone through. */
export interface ScanOptions {
  /** Threads to share the segments between, this one among them. Default 1. */
  jobs?: number;
  /** Told after each segment how many of how many have been read. */
  onProgress?: (done: number, total: number) => void;
}

/** Scans segments, one for each task of the run, and gives it what comes of them. @throws WalError `worker-failed` */
export async function scanInto<T, K extends SegmentWork['kind']>(
  run: ScanRun<T, K>,
  scans: readonly SegmentScan<K>[],
  format: WalFormat,
  { jobs = 1, onProgress }: ScanOptions,
): Promise<void> {
  let done = 0;
  for await (const { value, problem } of scanSegments(scans, format, jobs)) {
    // where a segment is cut off, the reader tells by LSN
    if (problem && problem.code !== 'truncated-segment') run.problems.push(problem);
    run.add(run.tasks[done++], value);
    onProgress?.(done, scans.length);
  }
}

/**
 * Scans segments, and yields what comes of it in their order. No more than a few are in memory at a time.
 * @param jobs threads, this one among them
 * @throws WalError `worker-failed`
 */
export async function* scanSegments<K extends SegmentWork['kind']>(
  scans: readonly SegmentScan<K>[],
  format: WalFormat,
  jobs: number,
): AsyncGenerator<SegmentResult<K>> {
  const threads = usefulJobs(jobs, scans.length);
  if (threads > 1) {
    const tasks = scans.map(({ segment: { file, end }, work }): SegmentTask<WorkOf<K>> => {
      const { source, timeline, start } = file;
      return { source, timeline, start, end, format, work };
    });
    yield* mapSegments<K>(tasks, { jobs: threads, ahead: threads * AHEAD_PER_JOB });
    return;
  }
  let at = 0;
  for await (const { segment, problem } of readSegmentsInTurn(
    scans.map((scan) => scan.segment),
    format,
  )) {
    const value = perform(segment, scans[at++].work) as SegmentResult<K>['value'];
    yield { value, problem };
  }
}
