import { type Endpoint, proxy, type Remote, wrap } from 'comlink';
import type { Answer, DroppedFile, Engine, EngineProgress, OnEngineProgress, Opened } from '../engine/api.js';

/** What of a call came: also that the worker ended, for want of memory say. */
export type Outcome<T> = Answer<T> | { kind: 'died' };

export type EngineCall<T> = (engine: Remote<Engine>, onProgress: OnEngineProgress) => Promise<Answer<T>>;

/** What to open. */
export interface Wanted {
  files: readonly DroppedFile[];
  /** Of a repository that is encrypted. */
  passphrase?: string | undefined;
}

export interface CallOptions {
  onProgress: OnEngineProgress;
  /** Cancels the call, or lets it not begin. */
  signal: AbortSignal;
}

/** How long a worker that was told to cancel may take before it is ended. */
const PATIENCE_MS = 4000;
/** Progress is drawn so often. */
const PROGRESS_MS = 80;

/** What of a worker it takes. */
export interface EndableWorker extends Endpoint {
  terminate(): void;
}

/** The worker, and another one in its place when it has ended. */
export class EngineClient {
  private worker: EndableWorker | undefined;
  private engine: Remote<Engine> | undefined;
  /** What the worker has opened, or is to open before the next call. */
  private wanted: Wanted = { files: [] };
  private isOpen = false;
  /** The long calls before. */
  private queue: Promise<unknown> = Promise.resolve();
  /** Ends the calls that run. */
  private readonly running = new Set<(outcome: { kind: 'died' } | { kind: 'cancelled' }) => void>();

  constructor(private readonly start: () => EndableWorker) {}

  open(wanted: Wanted, options: CallOptions): Promise<Outcome<Opened>> {
    return this.inTurn(options.signal, () => this.openNow(wanted, options));
  }

  /** One after the other: the engine does one thing at a time. */
  call<T>(call: EngineCall<T>, options: CallOptions): Promise<Outcome<T>> {
    return this.inTurn(options.signal, () => this.callNow(call, options));
  }

  /** What is short and does not wait for what runs: rows and records of the list. */
  async lookUp<T>(call: (engine: Remote<Engine>) => Promise<Answer<T>>): Promise<Outcome<T>> {
    if (!this.isOpen) return { kind: 'died' };
    return this.run(call);
  }

  private inTurn<T>(signal: AbortSignal, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const result = this.queue.then((): Outcome<T> | Promise<Outcome<T>> => {
      if (signal.aborted) return { kind: 'cancelled' };
      const cancel = (): void => this.cancel();
      signal.addEventListener('abort', cancel);
      return work().finally(() => signal.removeEventListener('abort', cancel));
    });
    this.queue = result;
    return orCancelled(result, signal);
  }

  private async openNow(wanted: Wanted, { onProgress }: CallOptions): Promise<Outcome<Opened>> {
    this.wanted = wanted;
    this.isOpen = false;
    const told = proxy(seldom(onProgress));
    const outcome = await this.run((engine) => engine.open([...wanted.files], told, wanted.passphrase));
    this.isOpen = outcome.kind === 'done';
    return outcome;
  }

  private async callNow<T>(call: EngineCall<T>, options: CallOptions): Promise<Outcome<T>> {
    if (!this.isOpen) {
      const opened = await this.openNow(this.wanted, options);
      if (opened.kind !== 'done') return opened;
      if (options.signal.aborted) return { kind: 'cancelled' };
    }
    const told = proxy(seldom(options.onProgress));
    return this.run((engine) => call(engine, told));
  }

  /** Ends the calls that run, and the worker with them where it does not listen. */
  private cancel(): void {
    void this.engine?.cancel();
    const running = [...this.running];
    setTimeout(() => {
      if (running.some((settle) => this.running.has(settle))) this.end({ kind: 'cancelled' });
    }, PATIENCE_MS);
  }

  private run<T>(call: (engine: Remote<Engine>) => Promise<Answer<T>>): Promise<Outcome<T>> {
    const engine = this.engine ?? this.started();
    return new Promise((resolve) => {
      const settle = (outcome: Outcome<T>): void => {
        this.running.delete(settle);
        resolve(outcome);
      };
      this.running.add(settle);
      call(engine).then(settle, (error: unknown) =>
        settle({ kind: 'failed', error: { code: 'worker-failed', message: String(error) } }),
      );
    });
  }

  private started(): Remote<Engine> {
    this.worker = this.start();
    this.worker.addEventListener('error', (event: { preventDefault(): void }) => {
      event.preventDefault();
      this.end({ kind: 'died' });
    });
    this.engine = wrap<Engine>(this.worker);
    return this.engine;
  }

  private end(outcome: { kind: 'died' } | { kind: 'cancelled' }): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.engine = undefined;
    this.isOpen = false;
    for (const settle of [...this.running]) settle(outcome);
  }
}

/** Whoever cancels need not wait for the worker to end what it does: the next call does. */
function orCancelled<T>(result: Promise<Outcome<T>>, signal: AbortSignal): Promise<Outcome<T>> {
  if (signal.aborted) return Promise.resolve({ kind: 'cancelled' });
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'cancelled' }), { once: true });
    void result.then(resolve);
  });
}

function seldom(onProgress: OnEngineProgress): OnEngineProgress {
  let last = 0;
  let phase: EngineProgress['phase'] | undefined;
  return (progress) => {
    const now = performance.now();
    if (progress.phase === phase && now - last < PROGRESS_MS) return;
    last = now;
    phase = progress.phase;
    onProgress(progress);
  };
}
