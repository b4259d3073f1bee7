/** What walscan needs of an `AbortSignal`, so that its declarations need neither those of a browser nor Node's. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** @throws the signal's reason, where it has been aborted */
export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

function reasonOf({ reason }: AbortSignalLike): unknown {
  return reason ?? Object.assign(new Error('This operation was aborted'), { name: 'AbortError' });
}

/**
 * Ends waiting for a promise when a signal is aborted, whether or not what is waited for takes notice. To race it with
 * a promise that lives as long as the signal would keep all results for as long.
 * @returns as the promise does; rejects with the signal's reason where that comes first
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, reject);
    Promise.resolve(promise).then(resolve, reject).finally(forget);
  });
}

/**
 * Lets whatever else waits have its turn, among it who would abort: where all is in memory, nothing else does.
 * @throws the signal's reason, where it has been aborted
 */
export async function takeTurns(signal: AbortSignalLike | undefined): Promise<void> {
  if (signal === undefined) return;
  await new Promise<void>((resolve) => setTimeout(resolve));
  throwIfAborted(signal);
}

/** In milliseconds: often enough for whoever aborts, and seldom enough that a turn, which takes browsers 4, costs little. */
const TURN = 30;
let lastTurn = 0;

/** As {@link takeTurns}, for what is done many times a second: only now and then. */
export async function takeTurnsAtTimes(signal: AbortSignalLike | undefined): Promise<void> {
  if (signal === undefined) return;
  throwIfAborted(signal);
  const now = Date.now();
  // a clock may be set back
  if (Math.abs(now - lastTurn) < TURN) return;
  await takeTurns(signal);
  lastTurn = Date.now();
}

type OnAbort = (reason: unknown) => void;

/** Who waits for each signal: one listener serves them all, since Node warns of more than ten. */
const waiting = new WeakMap<AbortSignalLike, { callbacks: Set<OnAbort>; listener: () => void }>();

/** Calls back when the signal is aborted, or has been. @returns what ends that */
export function onAbort(signal: AbortSignalLike, callback: OnAbort): () => void {
  if (signal.aborted) {
    callback(reasonOf(signal));
    return () => {};
  }
  const { callbacks, listener } = waiting.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    waiting.delete(signal);
  };
}

function listen(signal: AbortSignalLike): { callbacks: Set<OnAbort>; listener: () => void } {
  const callbacks = new Set<OnAbort>();
  const listener = (): void => {
    for (const callback of callbacks) callback(reasonOf(signal));
  };
  signal.addEventListener('abort', listener);
  const entry = { callbacks, listener };
  waiting.set(signal, entry);
  return entry;
}
