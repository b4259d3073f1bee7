/** Done. */
export const EXIT_OK = 0;
/** Nothing was found; of `dump`: any error, as `pg_waldump`. */
export const EXIT_NOT_FOUND = 1;
/** Wrong usage, or input that cannot be read. */
export const EXIT_USAGE = 2;
/** The answer is partial or negative: damaged or missing WAL, an unreachable target. */
export const EXIT_PARTIAL = 3;
