import { Worker } from 'node:worker_threads';
import type { ScanKind } from '../questions/registry.js';
import {
  isLarge,
  isOfPaths,
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
import { message } from '../wal/message.js';
import { codeOf } from './files.js';
import { THREAD_READING } from './reading.js';
import { release, SharedMemory } from './shared-memory.js';
import { localTimeZone } from './timezone.js';
import { giveTurn, newTurn, type Turn } from './turn.js';
import { warnOfThreads, workerFile } from './worker-file.js';
import { writeAll } from './write-all.js';

/** Nothing lives long in a worker, but V8 takes all the memory that it may (docs/decisions/threads.md). */
const YOUNG_GENERATION_MB = 12;

/**
 * The number of threads to use for so many segments that are plain files. One, which is this thread, where starting others takes longer
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
  /**
   * Where the other threads are to write the text of a dump, each when its turn has come: then this thread does nothing
   * but give them their turns, and none of the text comes to it.
   */
  writeTo?: number | undefined;
}

/** A result, and how the rest of it is written; undefined where there is nothing that another thread keeps. */
export type MappedResult<K extends ScanKind> = ScanResult<K> & {
  /** Gives the thread its turn. @throws what its system said */
  write?: (() => Promise<void>) | undefined;
};

/**
 * Does the tasks in this thread and in worker threads, and yields their results in the order of the tasks, whatever
 * the order in which they are done. A segment that is not a plain file (a member of a tar file) is done in this
 * thread, and so is one whose thread was lost. The text of a dump is good until the next result is asked for.
 * @throws WalError `worker-failed`, which names the segment that takes more memory than a thread may have
 */
export async function* mapSegments<K extends ScanKind>(
  tasks: Iterable<ScanTask<K>>,
  { jobs, ahead, signal, writeTo }: MapOptions,
): AsyncGenerator<MappedResult<K>> {
  const waiting = new TaskQueue(tasks);
  // what comes of large ones is taken in bit by bit, which this thread has to be there for
  const areLarge = waiting.next !== undefined && isLarge(waiting.next);
  const isForOthers = (task: ScanTask | undefined): boolean =>
    (areLarge || writeTo !== undefined) && task !== undefined && isOfPaths(task);
  const most = areLarge ? jobs : ahead;
  const pool = new WorkerPool(areLarge || writeTo !== undefined ? jobs : jobs - 1, writeTo);
  const memory = new SharedMemory();
  const tools = {
    reading: { ...THREAD_READING, signal },
    room: emptyRoom(),
    zone: localTimeZone(),
    keep: memory.keep,
  };
  const pending: Pending[] = [];

  const performHere = async function* (task: ScanTask): AsyncGenerator<KeptResult> {
    for await (const result of performTask(task, tools)) yield { result, kept: memory.takeKept() };
  };
  const writeInTurn = async (task: ScanTask, write: NonNullable<KeptResult['write']>): Promise<void> => {
    if (await write()) return;
    for await (const { result, kept } of performHere(task)) {
      if ('text' in result.part) for (const piece of result.part.text) writeAll(writeTo!, piece);
      release(kept);
    }
  };
  const handOut = (): void => {
    while (waiting.next !== undefined && isOfPaths(waiting.next) && pool.hasRoom && pending.length < most) {
      const task = waiting.take()!;
      const { result, begin } = pool.perform(task);
      result.then(...addPending(pending, task, begin));
    }
  };
  /** What comes of the task whose turn it is. What a lost thread had not done is done here. */
  const resultsOf = async function* ({ result, task, begin }: Pending): AsyncGenerator<KeptResult> {
    begin?.();
    let given = 0;
    for (let next: Promise<PoolResult> | undefined = result; next !== undefined; given++) {
      const one: PoolResult = await untilAborted(next, signal);
      if (one === undefined) break;
      yield one;
      next = one.next;
      if (next === undefined) return;
    }
    for await (const one of performHere(task)) {
      if (given-- > 0) release(one.kept);
      else yield one;
    }
  };

  try {
    for (;;) {
      // the first task is for this thread, since workers take a while to start
      if (pending.length > 0 || isForOthers(waiting.next)) handOut();
      const { next } = waiting;
      const mustWait = next === undefined || areLarge || isForOthers(next) || pending.length >= most;
      if (pending.length > 0 && (pending[0].isDone || mustWait)) {
        const first = pending.shift()!;
        for await (const { result, kept, write } of resultsOf(first)) {
          yield { ...(result as ScanResult<K>), write: write && (() => writeInTurn(first.task, write)) };
          release(kept);
        }
        continue;
      }
      const own = waiting.take();
      if (own === undefined) return;
      if (areLarge) {
        for await (const { result, kept } of performHere(own)) {
          yield result as ScanResult<K>;
          release(kept);
        }
        continue;
      }
      const settle = addPending(pending, own);
      handOut();
      const only = performHere(own).next();
      await only.then(({ value }: IteratorResult<KeptResult>) => value).then(...settle);
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

interface KeptResult {
  result: ScanResult;
  /** Memory that lies in, to be released once it is no longer needed. */
  kept: SharedArrayBuffer[];
  /** See {@link MappedResult}. @returns whether it was: a thread that was lost before its turn has written nothing */
  write?: (() => Promise<boolean>) | undefined;
  /** What comes of the rest of a large segment. */
  next?: Promise<PoolResult> | undefined;
}

/** What a worker is told to do. */
export type WorkerTask = TaskMessage & {
  /** Given when all before it is taken in: before that it writes no text, and holds no more than some of a large segment. */
  turn: Turn | undefined;
  /** Where it writes its text itself. */
  writeTo: number | undefined;
};

/** What a worker answers: what comes of a task and, of one whose text it writes, how that went. */
export type WorkerAnswer =
  | (ResultMessage & Pick<KeptResult, 'kept'>)
  /** Undefined where all is written; else what the system said. */
  | { written: Pick<NodeJS.ErrnoException, 'code' | 'errno' | 'message'> | undefined };

/** Undefined where a thread was lost, so that the task is still to be done. */
type PoolResult = KeptResult | undefined;

/** A result that may not be there yet. */
interface Pending {
  task: ScanTask;
  /** Says that its turn has come. */
  begin: (() => void) | undefined;
  result: Promise<PoolResult>;
  isDone: boolean;
}

/** @returns what to call with the result, or with why there is none */
function addPending(
  list: Pending[],
  task: ScanTask,
  begin?: () => void,
): [resolve: (result: PoolResult) => void, reject: (error: unknown) => void] {
  let [resolve, reject]: [(result: PoolResult) => void, (error: unknown) => void] = [() => {}, () => {}];
  const result = new Promise<PoolResult>((...functions) => {
    [resolve, reject] = functions;
  });
  result.catch(() => {}); // it is looked at when its turn comes
  const pending: Pending = { task, begin, result, isDone: false };
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
  message: WorkerTask;
  resolve(result: PoolResult): void;
  reject(error: WalError): void;
}

/** Waits for what comes next of an assignment. */
function goOn(assignment: Assignment): Promise<PoolResult> {
  const next = new Promise<PoolResult>((resolve, reject) => Object.assign(assignment, { resolve, reject }));
  next.catch(() => {}); // it is looked at when its turn comes
  return next;
}

/** A worker's text that is being written. */
interface Writing {
  resolve(isWritten: boolean): void;
  reject(error: unknown): void;
}

/** What a worker is at, and some more, so that it need not wait until this thread has done its own. */
const TASKS_PER_WORKER = 3;

/** Code of the error of a thread that needed more memory than it may have. */
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/**
 * Threads that do one task after the other, in the order in which they are given them. One that is lost is not
 * replaced: what ended it may well end the next.
 */
class WorkerPool {
  private readonly workers = new Map<Worker, Assignment[]>();
  private readonly ending: Promise<unknown>[] = [];
  private readonly writing = new Map<Worker, Writing>();

  /**
   * @param size how many threads there may be
   * @param writeTo where they write their text themselves
   */
  constructor(
    private size: number,
    private readonly writeTo: number | undefined,
  ) {}

  /** Whether another task would be begun before long. */
  get hasRoom(): boolean {
    if (this.workers.size < this.size) return true;
    return [...this.workers.values()].some((assignments) => assignments.length < TASKS_PER_WORKER);
  }

  /**
   * @param scan of paths
   * @returns undefined where it has to be done elsewhere: no thread could be started, or the thread was lost. It fails
   *   with a WalError `worker-failed` where the thread ran out of memory with this task, as any other would
   */
  perform(scan: ScanTask): { result: Promise<PoolResult>; begin: (() => void) | undefined } {
    const { source, facts, ...task } = scan;
    const { name, path } = source;
    const { writeTo } = this;
    const turn = writeTo !== undefined || isLarge(scan) ? newTurn() : undefined;
    const message = { ...task, name, path, facts: facts?.path, turn, writeTo };
    const result = new Promise<PoolResult>((resolve, reject) => {
      const [worker, assignments] = this.leastBusy() ?? [];
      if (worker === undefined || assignments === undefined) {
        resolve(undefined);
        return;
      }
      worker.postMessage(message); // first, since it throws what cannot be cloned
      assignments.push({ message, resolve, reject });
    });
    return { result, begin: turn && writeTo === undefined ? () => giveTurn(turn) : undefined };
  }

  async close(): Promise<void> {
    await Promise.all([...this.ending, ...[...this.workers.keys()].map((worker) => worker.terminate())]);
  }

  private leastBusy(): [Worker, Assignment[]] | undefined {
    if (this.workers.size < this.size) this.start();
    const [first, ...others] = this.workers;
    return first && others.reduce((a, b) => (b[1].length < a[1].length ? b : a), first);
  }

  private start(): void {
    let worker: Worker;
    try {
      worker = new Worker(workerFile()!, {
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      });
    } catch (error) {
      this.size = this.workers.size;
      // with the one that asks
      warnOfThreads(this.size + 1, error);
      return;
    }
    this.workers.set(worker, []);
    worker.on('message', (answer: WorkerAnswer) => this.take(worker, answer));
    worker.on('error', (error) => this.lost(worker, error));
    worker.on('messageerror', (error) => this.lost(worker, error));
    worker.on('exit', () => this.lost(worker));
  }

  private take(worker: Worker, answer: WorkerAnswer): void {
    if ('written' in answer) {
      const writing = this.writing.get(worker);
      this.writing.delete(worker);
      if (answer.written === undefined) writing?.resolve(true);
      else writing?.reject(Object.assign(new Error(answer.written.message), answer.written));
      return;
    }
    const { kept, ...result } = answer;
    const [assignment] = this.workers.get(worker) ?? [];
    if (assignment === undefined) return;
    const { message, resolve } = assignment;
    const { turn, writeTo } = message;
    const write = turn && writeTo !== undefined ? () => this.write(worker, turn) : undefined;
    const next = answer.isLast ? undefined : goOn(assignment);
    if (answer.isLast) this.workers.get(worker)?.shift();
    resolve({ result: resultOf(result), kept, write, next });
  }

  /** Gives a worker its turn. @returns whether it is still there */
  private async write(worker: Worker, turn: Turn): Promise<boolean> {
    if (!this.workers.has(worker)) return false;
    return new Promise((resolve, reject) => {
      this.writing.set(worker, { resolve, reject });
      giveTurn(turn);
    });
  }

  /**
   * A worker is gone. What it was at, and what it was to do after that, is done elsewhere; a segment for which it ran
   * out of memory is not: this thread has no more, and would take the whole process with it.
   */
  private lost(worker: Worker, error?: Error): void {
    const assignments = this.workers.get(worker);
    if (assignments === undefined) return;
    this.workers.delete(worker);
    this.size--;
    this.ending.push(worker.terminate()); // one that only could not say something is still there
    const failed = codeOf(error) === OUT_OF_MEMORY ? assignments.shift() : undefined;
    if (failed !== undefined) {
      const { message: task, reject } = failed;
      const { name, start } = task;
      const text = message`the worker thread that read ${name} ran out of memory; give the program more: NODE_OPTIONS=--max-old-space-size=<MiB>`;
      reject(new WalError('worker-failed', text, { file: name, lsn: start, cause: error }));
    }
    for (const { resolve } of assignments) resolve(undefined);
    const text = message`a worker thread was lost while it wrote: the output is not whole; try again with --jobs 1`;
    this.writing.get(worker)?.reject(new WalError('worker-failed', text, { cause: error }));
  }
}
