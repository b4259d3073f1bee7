import { transactionEnd } from '../follow/transaction-end.js';
import { WalReader } from '../reader/wal-reader.js';
import type { Lsn } from '../wal/lsn.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { type DumpPart, readFiles } from './dump/input.js';

interface WindowStart {
  /** Where the window begins; undefined: with the first record. */
  lsn: Lsn | undefined;
  /** Whether a transaction ended at or after the time. Where none did, `lsn` is after the last one that ended. */
  found: boolean;
}

/**
 * Finds where the WAL of a time begins. WAL tells time by the ends of transactions alone: it begins after the last
 * one that ended before the first one, in the order of the WAL, that ended at or after `since`.
 */
export async function startOfWindow(part: DumpPart, since: TimestampTz): Promise<WindowStart> {
  const { startLsn, endLsn } = part;
  const reader = new WalReader({ startLsn, endLsn, onFault: 'resume' });
  let lsn = startLsn;
  for await (const { segment } of readFiles(part, startLsn)) {
    reader.push(segment);
    for (let record = reader.next(); record; record = reader.next()) {
      const time = transactionEnd(record)?.time;
      if (time === undefined) continue;
      if (time >= since) return { lsn, found: true };
      lsn = record.endLsn;
    }
    if (reader.endReached) break;
  }
  return { lsn, found: false };
}
