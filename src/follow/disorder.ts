/**
 * Times are in commits and aborts alone, and processes take them before they write their records: so much later may
 * the WAL have an earlier time.
 */
export const DISORDER_US = 10_000_000n;
