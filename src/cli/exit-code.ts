import { WalError } from '../wal/error.js';

/** Done. */
export const EXIT_OK = 0;
/** Nothing was found; of `dump`: any error, as `pg_waldump`. */
export const EXIT_NOT_FOUND = 1;
/** Wrong usage, or input that cannot be read. */
export const EXIT_USAGE = 2;
/** The answer is partial or negative: damaged or missing WAL, an unreachable target. */
export const EXIT_PARTIAL = 3;

/** Codes of errors that say that WAL is missing or damaged, or does not reach, so that there is no answer. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'target-not-reached',
  'target-before-backup',
  'backup-not-consistent',
  'missing-segments',
  'damaged-wal',
  'incomplete-wal',
  'replay-failed',
]);

/** The exit code of a command that ended with an error. */
export const exitCodeOf = (error: unknown): number =>
  error instanceof WalError && NO_ANSWER.has(error.code) ? EXIT_PARTIAL : EXIT_USAGE;
