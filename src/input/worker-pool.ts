import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { WalError } from '../wal/error.js';
import {
  performTask,
  type ResultMessage,
  resultOf,
  type SegmentResult,
  type SegmentTask,
  type SegmentWork,
  type TaskMessage,
  type WorkOf,
} from './segment-task.js';
import { releaseText } from './shared-text.js';

/** Nothing lives long in a worker. V8's own limit is 48, of which it takes all, for no more speed. */
const YOUNG_GENERATION_MB = 12;

const WORKER_FILE = new URL('./worker.js', import.meta.url);

/**
 * The number of threads to use for so many segments. One, which is this thread, where starting others takes longer
 * than it saves (40 ms, against 100 ms for a segment), and where the workers' file is not beside this one:
 * walscan bundled into another program.
 */
export function usefulJobs(wanted: number, segments: number): number {
  return segments >= 3 && existsSync(WORKER_FILE) ? Math.min(wanted, segments) : 1;
}

export interface MapOptions {
  /** Worker threads. */
  jobs: number;
  /** How many segments may be worked on or done before the one whose turn it is. */
  ahead: number;
}

/**
 * Does the tasks in worker threads and yields their results in the order of the tasks, whatever the order in which
 * they are done. A segment that is not a plain file (a member of a tar file) is done in this thread. The text of a
 * dump is good until the next result is asked for.
 * @throws WalError `worker-failed`, which names the segment
 */
export async function* mapSegments<K extends SegmentWork['kind']>(
  tasks: AsyncIterable<SegmentTask<WorkOf<K>>> | Iterable<SegmentTask<WorkOf<K>>>,
  { jobs, ahead }: MapOptions,
): AsyncGenerator<SegmentResult<K>> {
  const pool = new WorkerPool(jobs);
  const pending: Promise<SegmentResult>[] = [];
  async function* first(): AsyncGenerator<SegmentResult<K>> {
    const result = (await pending.shift()) as SegmentResult<K>;
    yield result;
    if ('text' in result.value) releaseText(result.value.text);
  }
  try {
    for await (const task of tasks) {
      const result = pool.perform(task);
      result.catch(() => {}); // it is looked at when its turn comes
      pending.push(result);
      if (pending.length >= ahead) yield* first();
    }
    while (pending.length > 0) yield* first();
  } finally {
    await pool.close();
  }
}

interface Assignment {
  message: TaskMessage;
  resolve(result: SegmentResult): void;
  reject(error: WalError): void;
}

/** Threads that take the next task when they have done one. */
class WorkerPool {
  private readonly workers: Worker[] = [];
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Assignment>();
  private readonly waiting: Assignment[] = [];

  constructor(private readonly size: number) {}

  perform({ source, ...task }: SegmentTask): Promise<SegmentResult> {
    const { name, path } = source;
    if (path === undefined) return performTask({ source, ...task });
    return new Promise((resolve, reject) => {
      this.waiting.push({ message: { ...task, name, path }, resolve, reject });
      if (this.idle.length === 0 && this.workers.length < this.size) this.start();
      this.assign();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private start(): void {
    const worker = new Worker(WORKER_FILE, {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.workers.push(worker);
    this.idle.push(worker);
    worker.on('message', (result: ResultMessage) => {
      const done = this.busy.get(worker);
      this.busy.delete(worker);
      this.idle.push(worker);
      done?.resolve(resultOf(result));
      this.assign();
    });
    worker.on('error', (error) => this.lost(worker, error.message));
    worker.on('messageerror', (error) => this.lost(worker, error.message));
    worker.on('exit', () => this.lost(worker, 'it ended'));
  }

  private assign(): void {
    while (this.idle.length > 0 && this.waiting.length > 0) {
      const worker = this.idle.pop()!;
      const assignment = this.waiting.shift()!;
      this.busy.set(worker, assignment);
      worker.postMessage(assignment.message);
    }
  }

  /** A worker is gone: what it was at has failed, and so has what waits, since the result is of no use without it. */
  private lost(worker: Worker, reason: string): void {
    const failed = this.busy.get(worker);
    this.busy.delete(worker);
    for (const list of [this.workers, this.idle]) {
      const at = list.indexOf(worker);
      if (at >= 0) list.splice(at, 1);
    }
    if (failed === undefined) return;
    for (const { message, reject } of [failed, ...this.waiting.splice(0)]) {
      reject(
        new WalError('worker-failed', `the worker thread that read ${message.name} failed: ${reason}`, {
          file: message.name,
          lsn: message.start,
        }),
      );
    }
  }
}
