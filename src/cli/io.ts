import type { Tongue } from '../text/tongue.js';
import type { Message } from '../wal/message.js';

/** The world around a command: all that it takes from its process but files, and where it prints. */
export interface Io {
  /**
   * Writes to standard output.
   * @throws OutputClosed, OutputFailed
   */
  write(data: Uint8Array | string): void;
  /** Writes to standard error; where that is closed or full, nobody reads it, and nothing else changes. */
  writeError(text: string): void;
  /** How other threads write to standard output themselves; undefined where they cannot. */
  readonly forThreads?: {
    /** @returns the descriptor that they write to. @throws OutputFailed */
    open(): number;
    /** What a thread's error of the system means: OutputClosed or OutputFailed. */
    failureOf(error: unknown): Error;
  };
  /** The variables of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The language of help and messages. */
  readonly tongue: Tongue;
  /** What standard error gets besides errors. */
  readonly telling: Telling;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** How many lines the terminal has that standard output is, where that is known. */
  readonly screenLines?: number | undefined;
  /** How many characters a line of it has. */
  readonly screenWidth?: number | undefined;
  /** Standard error, where that is a terminal. */
  readonly errorTerminal: NodeJS.WriteStream | undefined;
}

/** What standard error gets besides errors, and how an answer is shown. */
export interface Telling {
  /** What is to be said of an answer. */
  notes: boolean;
  /** What was taken for what, and how long it took. */
  details: boolean;
  /** How far the work is; `auto`: where standard error is a terminal. */
  progress: boolean | 'auto';
  /** Whether a long answer on a terminal goes through a pager. */
  pager: boolean;
}

/** Thrown when whoever read standard output has gone (`walscan … | head`): no error, but no use going on either. */
export class OutputClosed extends Error {}

/** Thrown where standard output takes nothing more: the disk is full, or it was closed from the start. */
export class OutputFailed extends Error {
  constructor(readonly said: Message) {
    super(String(said));
  }
}
