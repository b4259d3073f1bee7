import { Worker } from 'node:worker_threads';
import type { ScanKind } from '../questions/registry.js';
import {
  performTask,
  type ResultMessage,
  resultOf,
  type ScanResult,
  type ScanTask,
  type TaskMessage,
} from '../questions/scan-task.js';
import { type AbortSignalLike, untilAborted } from '../sources/abort.js';
import { emptyRoom } from '../sources/reading.js';
import { WalError } from '../wal/error.js';
import { THREAD_READING } from './reading.js';
import { releaseText, SharedText } from './shared-text.js';
import { localTimeZone } from './timezone.js';
import { workerFile } from './worker-file.js';

/** Nothing lives long in a worker, but V8 takes all the memory that it may (docs/decisions/threads.md). */
const YOUNG_GENERATION_MB = 12;

/**
 * The number of threads to use for so many segments. One, which is this thread, where starting others takes longer
 * than it saves (docs/decisions/threads.md), and where no others can be had.
 */
export function usefulJobs(wanted: number, segments: number): number {
  return wanted > 1 && segments >= 3 && workerFile() !== undefined ? Math.min(wanted, segments) : 1;
}

interface MapOptions {
  /** Threads, this one among them: another instead would have code of its own to compile (docs/decisions/threads.md). */
  jobs: number;
  /** How many segments may be worked on or done before the one whose turn it is. */
  ahead: number;
  /** Ends what this thread reads itself, and waiting for the others, which are ended as well. */
  signal?: AbortSignalLike | undefined;
}

/**
 * Does the tasks in this thread and in worker threads, and yields their results in the order of the tasks, whatever
 * the order in which they are done. A segment that is not a plain file (a member of a tar file) is done in this
 * thread. The text of a dump is good until the next result is asked for.
 * @throws WalError `worker-failed`, which names the segment
 */
export async function* mapSegments<K extends ScanKind>(
  tasks: Iterable<ScanTask<K>>,
  { jobs, ahead, signal }: MapOptions,
): AsyncGenerator<ScanResult<K>> {
  const pool = new WorkerPool(jobs - 1);
  const sharedText = new SharedText();
  const tools = {
    reading: { ...THREAD_READING, signal },
    room: emptyRoom(),
    zone: localTimeZone(),
    keepText: (text: Uint8Array) => sharedText.copy(text),
  };
  const waiting = new TaskQueue(tasks);
  const pending: Pending[] = [];

  const handOut = (): void => {
    while (waiting.next?.source.path !== undefined && pool.hasRoom && pending.length < ahead) {
      pool.perform(waiting.take()!).then(...addPending(pending));
    }
  };

  try {
    for (;;) {
      // the first task is for this thread, since workers take a while to start
      if (pending.length > 0) handOut();
      const mustWait = waiting.next === undefined || pending.length >= ahead;
      if (pending.length > 0 && (pending[0].isDone || mustWait)) {
        const result = (await untilAborted(pending.shift()!.result, signal)) as ScanResult<K>;
        yield result;
        if ('text' in result.part) releaseText(result.part.text);
        continue;
      }
      const own = waiting.take();
      if (own === undefined) return;
      const settle = addPending(pending);
      handOut();
      await performTask(own, tools).then(...settle);
    }
  } finally {
    await pool.close();
  }
}

/** Tasks, of which one can be looked at before it is taken. */
class TaskQueue {
  private readonly tasks: Iterator<ScanTask>;
  next: ScanTask | undefined;

  constructor(tasks: Iterable<ScanTask>) {
    this.tasks = tasks[Symbol.iterator]();
    this.take();
  }

  take(): ScanTask | undefined {
    const { next } = this;
    const { done, value } = this.tasks.next();
    this.next = done ? undefined : value;
    return next;
  }
}

/** A result that may not be there yet. */
interface Pending {
  result: Promise<ScanResult>;
  isDone: boolean;
}

/** @returns what to call with the result, or with why there is none */
function addPending(
  list: Pending[],
): [resolve: (result: ScanResult) => void, reject: (error: unknown) => void] {
  let [resolve, reject]: [(result: ScanResult) => void, (error: unknown) => void] = [() => {}, () => {}];
  const result = new Promise<ScanResult>((...functions) => {
    [resolve, reject] = functions;
  });
  result.catch(() => {}); // it is looked at when its turn comes
  const pending: Pending = { result, isDone: false };
  list.push(pending);
  const done =
    <T>(settle: (value: T) => void) =>
    (value: T): void => {
      pending.isDone = true;
      settle(value);
    };
  return [done(resolve), done(reject)];
}

interface Assignment {
  message: TaskMessage;
  resolve(result: ScanResult): void;
  reject(error: WalError): void;
}

/** What a worker is at, and some more, so that it need not wait until this thread has done its own. */
const TASKS_PER_WORKER = 3;

/** Threads that do one task after the other, in the order in which they are given them. */
class WorkerPool {
  private readonly workers = new Map<Worker, Assignment[]>();

  constructor(private readonly size: number) {}

  /** Whether another task would be begun before long. */
  get hasRoom(): boolean {
    if (this.workers.size < this.size) return true;
    return [...this.workers.values()].some((assignments) => assignments.length < TASKS_PER_WORKER);
  }

  /** @param task of a plain file */
  perform({ source, ...task }: ScanTask): Promise<ScanResult> {
    const { name, path = name } = source;
    const message = { ...task, name, path };
    return new Promise((resolve, reject) => {
      const [worker, assignments] = this.leastBusy();
      worker.postMessage(message); // first, since it throws what cannot be cloned
      assignments.push({ message, resolve, reject });
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers.keys()].map((worker) => worker.terminate()));
  }

  private leastBusy(): [Worker, Assignment[]] {
    if (this.workers.size < this.size) this.start();
    return [...this.workers].reduce((a, b) => (b[1].length < a[1].length ? b : a));
  }

  private start(): void {
    const worker = new Worker(workerFile()!, {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.workers.set(worker, []);
    worker.on('message', (result: ResultMessage) => {
      this.workers.get(worker)?.shift()?.resolve(resultOf(result));
    });
    worker.on('error', (error) => this.lost(worker, error.message));
    worker.on('messageerror', (error) => this.lost(worker, error.message));
    worker.on('exit', () => this.lost(worker, 'it ended'));
  }

  /** A worker is gone: what it was at has failed, and so has what it was to do after that. */
  private lost(worker: Worker, reason: string): void {
    const failed = this.workers.get(worker) ?? [];
    this.workers.delete(worker);
    void worker.terminate(); // one that only could not say something is still there
    for (const { message, reject } of failed) {
      const { name, start } = message;
      const text = `the worker thread that read ${name} failed: ${reason}`;
      reject(new WalError('worker-failed', text, { file: name, lsn: start }));
    }
  }
}
