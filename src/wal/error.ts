import { formatLsn, type Lsn } from './lsn.js';

/** Where an error was found: the file as the user named it and the position in the WAL, each where known. */
export interface WalErrorPlace {
  file?: string;
  lsn?: Lsn;
  /** What made it fail, where that came from outside: a file system, a store. */
  cause?: unknown;
}

/**
 * Every error that walscan throws on purpose. `code` is stable and meant for programs (kebab-case, such as
 * `unknown-version`); `message` is one line for people: what, where and what to do next.
 */
export class WalError extends Error {
  readonly code: string;
  readonly file: string | undefined;
  readonly lsn: Lsn | undefined;

  constructor(code: string, message: string, place: WalErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = 'WalError';
    this.code = code;
    this.file = place.file;
    this.lsn = place.lsn;
  }

  /** A plain object for JSON output: LSN as text, absent places as null. */
  toJSON(): { code: string; message: string; file: string | null; lsn: string | null } {
    return {
      code: this.code,
      message: this.message,
      file: this.file ?? null,
      lsn: this.lsn === undefined ? null : formatLsn(this.lsn),
    };
  }
}
