import type { Pages } from '../replay/block-store.js';
import type { ReplayPort } from '../replay/replay-port.js';
import { type AbortSignalLike, throwIfAborted } from '../sources/abort.js';
import type { Input, Inputs } from '../sources/input.js';
import type { Reading } from '../sources/reading.js';
import type { Platform, Threads } from './platform.js';
import type { SoFar } from './so-far.js';

/** What a question is at: */
export type Phase =
  /** looking through what was given, for what it is */
  | 'inventory'
  /** replaying catalogs through the WAL, for the names of relations */
  | 'names'
  /** of a plan before a delete: looking for that */
  | 'search'
  /** replaying the relations whose rows are wanted */
  | 'replay'
  /** reading all files of base backups */
  | 'verify'
  /** going through the WAL */
  | 'wal'
  /** looking into the server's logs for who did it */
  | 'logs';

/** How far a question is. A phase that goes through the WAL several times begins anew each time. */
export interface Progress {
  phase: Phase;
  /**
   * Bytes: in `inventory` and `logs` those that were read as they are stored, in `verify` those of files unpacked, after that those
   * of the WAL gone through.
   */
  done: number;
  /** Undefined where it is not known. */
  total: number | undefined;
  /** The WAL gone through in segments. */
  segments: { done: number; total: number | undefined } | undefined;
  /** Of find-commit and incidents, what they have found by now: the newest; left out where there is nothing. */
  soFar?: SoFar;
}

/** Told while a question is worked on. */
export type OnProgress = (progress: Progress) => void;

/** What every question may be told. */
export interface QuestionOptions {
  /**
   * A base backup, in whatever form, from whose catalogs names are taken: all the WAL since then must be given. Where a
   * repository of a backup tool is among the inputs, it may be named as its tool names it, or `latest`; left out, one of
   * the repository is chosen. An incremental backup is given with all those that it builds on, in any order.
   */
  backup?: Inputs | undefined;
  /** Opens repositories that are encrypted. */
  passphrase?: string | undefined;
  /** When aborted, the question is rejected with the signal's reason. */
  signal?: AbortSignalLike | undefined;
  /** Told while the question is worked on. */
  onProgress?: OnProgress | undefined;
  /** Threads to share the segments between, this one among them; where there are threads. Default 1. */
  jobs?: number | undefined;
}

/** What a question may be told that facts answer as WAL does. */
export interface FactsOptions {
  /**
   * The folder that facts of WAL were made in. What they tell is not read out of WAL, so that the inputs need have no
   * more than what they do not tell: segments of which there are no facts, one that a bound lies in, and all from where a
   * backup began to have names.
   */
  facts?: Input | undefined;
}

/** A question that is being asked: its surroundings, and whom to tell how far it is. */
export class Asking implements ReplayPort {
  readonly reading: Reading;
  readonly jobs: number;
  readonly threads: Threads | undefined;
  /** What the question has found by now. */
  soFar: () => SoFar | undefined = () => undefined;
  private phase: Phase = 'inventory';
  private bytes = 0;
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(
    private readonly options: QuestionOptions,
    private readonly platform: Platform,
  ) {
    const { signal, passphrase, jobs = 1 } = options;
    throwIfAborted(signal);
    this.jobs = jobs;
    this.threads = platform.threads;
    this.reading = {
      ...platform.reading,
      signal,
      passphrase,
      onBytes: (count) => this.onBytes(count),
      closeLater: (close) => this.closers.push(close),
    };
  }

  /** Closes what stayed open between reads. */
  async close(): Promise<void> {
    await Promise.all(this.closers.map((close) => close()));
  }

  /** What an abbreviation of a time zone means wherever it is in use. */
  offsetAnywhere(abbreviation: string, localSeconds: number): number | undefined {
    return this.platform.offsetAnywhere?.(abbreviation, localSeconds);
  }

  newPages(): Pages {
    return this.platform.newPages();
  }

  /** @throws the reason of an abort */
  enter(phase: Phase): void {
    this.checkAbort();
    this.phase = phase;
    this.bytes = 0;
  }

  checkAbort(): void {
    throwIfAborted(this.options.signal);
  }

  /** @param total undefined where only the answer tells how many are needed */
  onSegment(done: number, total: number | undefined, segmentSize: number): void {
    this.checkAbort();
    const { onProgress } = this.options;
    if (onProgress === undefined) return;
    const soFar = this.soFar();
    onProgress({
      phase: this.phase,
      done: done * segmentSize,
      total: total === undefined ? undefined : total * segmentSize,
      segments: { done, total },
      ...(soFar && { soFar }),
    });
  }

  /** Of bytes that are gone through. @param total undefined where it is not known */
  onFileBytes(done: number, total: number | undefined): void {
    this.checkAbort();
    this.options.onProgress?.({ phase: this.phase, done, total, segments: undefined });
  }

  private onBytes(count: number): void {
    if (this.phase !== 'inventory' && this.phase !== 'logs') return;
    this.bytes += count;
    this.options.onProgress?.({
      phase: this.phase,
      done: this.bytes,
      total: undefined,
      segments: undefined,
    });
  }
}

/** Works on a question. What it opens is closed after that, whatever becomes of it. */
export async function ask<T>(
  options: QuestionOptions,
  platform: Platform,
  answer: (asking: Asking) => Promise<T>,
): Promise<T> {
  const asking = new Asking(options, platform);
  try {
    return await answer(asking);
  } finally {
    await asking.close();
  }
}
