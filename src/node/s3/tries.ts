import { type AbortSignalLike, onAbort, throwIfAborted, untilAborted } from '../../sources/abort.js';
import { isTransient, Stalled, storeError } from './failure.js';

/** One try of a request. */
export interface Try {
  /** Aborted when this try is over. */
  signal: AbortSignal;
  /** Something came: the time that it may take begins anew. */
  alive(): void;
}

/** How often something is asked for, and how long it is waited for. */
export interface Patience {
  tries: number;
  /** Milliseconds without a byte after which a try is given up. */
  silence: number;
  /** Milliseconds before the second try; twice as long before each one after that. */
  pause: number;
}

/** Some 12 seconds of a store that says no, four minutes of one that says nothing. */
export const PATIENCE: Patience = { tries: 8, silence: 30_000, pause: 100 };

/** What is asked for: as errors say it. */
export interface Asked {
  name: string;
  /** What the credentials must allow. */
  may: string;
  signal: AbortSignalLike | undefined;
}

/**
 * Asks until there is an answer, but no more often than {@link Patience.tries}, and not again for what another try
 * would not change.
 * @throws WalError as `storeError` says; the signal's reason
 */
export async function asking<T>(
  { name, may, signal }: Asked,
  { tries, silence, pause }: Patience,
  ask: (one: Try) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number++) {
    throwIfAborted(signal);
    try {
      return await askOnce(ask, silence, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (number === tries || !isTransient(error)) throw storeError(name, error, may, number);
    }
    // some chance in it, so that those who were turned away at once do not come again at once
    await sleep(pause * 2 ** (number - 1) * (0.5 + Math.random() / 2), signal);
  }
}

async function askOnce<T>(
  ask: (one: Try) => Promise<T>,
  silence: number,
  signal: AbortSignalLike | undefined,
): Promise<T> {
  const over = new AbortController();
  const forget = signal && onAbort(signal, (reason) => over.abort(reason));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => over.abort(new Stalled(silence)), silence);
  };
  alive();
  try {
    return await untilAborted(ask({ signal: over.signal, alive }), over.signal);
  } finally {
    clearTimeout(timer);
    forget?.();
    over.abort();
  }
}

async function sleep(milliseconds: number, signal: AbortSignalLike | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await untilAborted(slept, signal);
  } finally {
    clearTimeout(timer);
  }
}
