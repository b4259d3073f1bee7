import { formatLsn, type Lsn } from '../wal/lsn.js';
import { formatTimestampIso, type TimestampTz } from '../wal/timestamp.js';

/** An LSN in JSON: `0/04000680`, null where there is none. */
export const lsnJson = (lsn: Lsn | undefined): string | null => (lsn === undefined ? null : formatLsn(lsn));

/** A time in JSON: `2025-12-24T17:53:45.123456Z`, null where there is none. */
export const timeJson = (time: TimestampTz | undefined): string | null =>
  time === undefined ? null : formatTimestampIso(time);
