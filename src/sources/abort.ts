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

/** Ends waiting for promises when a signal is aborted, whether or not what is waited for takes notice. */
export class AbortWatch {
  private stopListening = (): void => {};
  private readonly aborted: Promise<never> | undefined;

  constructor(signal: AbortSignalLike | undefined) {
    if (signal === undefined) return;
    this.aborted = new Promise((_, reject) => {
      const listener = (): void => reject(reasonOf(signal));
      signal.addEventListener('abort', listener);
      this.stopListening = () => signal.removeEventListener('abort', listener);
    });
    this.aborted.catch(() => {});
  }

  /** @returns as the promise does; rejects with the signal's reason where that comes first */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.aborted === undefined ? promise : Promise.race([promise, this.aborted]);
  }

  close(): void {
    this.stopListening();
  }
}
