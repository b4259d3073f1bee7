import { WalError } from '../wal/error.js';

/** Done. */
export const EXIT_OK = 0;
/** Nothing was found; of `dump`: any error, as `pg_waldump`. */
export const EXIT_NOT_FOUND = 1;
/** Wrong usage, or input that cannot be read. */
export const EXIT_USAGE = 2;
/** The answer is partial or negative: damaged or missing WAL, an unreachable target. */
export const EXIT_PARTIAL = 3;

/** The exit code of a command that ended with an error. */
export function exitCodeOf(error: unknown): number {
  switch (error instanceof WalError && error.kind) {
    case 'not-found':
      return EXIT_NOT_FOUND;
    case 'not-reached':
    case 'incomplete':
      return EXIT_PARTIAL;
    default:
      return EXIT_USAGE;
  }
}
