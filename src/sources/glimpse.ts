import { transactionEnd } from '../follow/transaction-end.js';
import type { Segment } from '../reader/segment.js';
import { WalReader } from '../reader/wal-reader.js';
import { decode } from '../rmgr/index.js';
import type { WalRecord } from '../wal/record.js';
import { RM_STANDBY_ID } from '../wal/rmgr-id.js';
import type { TimestampTz } from '../wal/timestamp.js';

/** Which transactions ran when a record of them was written. */
export interface Running {
  /** The oldest id of those that ran; {@link nextXid} where none did. */
  oldestXid: number;
  /** The next id to be given out. */
  nextXid: number;
}

/** A segment, window by window. */
export type Windows = AsyncIterable<{ segment: Segment }>;

/** When the first transaction ended that ended in a segment. */
export const firstEndIn = (windows: Windows): Promise<TimestampTz | undefined> =>
  firstIn(windows, (record) => transactionEnd(record)?.time);

/** The first record of running transactions in a segment. */
export const firstRunningIn = (windows: Windows): Promise<Running | undefined> => firstIn(windows, runningOf);

/** Reads a segment by itself, no further than to what is looked for. */
async function firstIn<T>(
  windows: Windows,
  look: (record: WalRecord) => T | undefined,
): Promise<T | undefined> {
  const reader = new WalReader({ onFault: 'resume', transient: true });
  for await (const { segment } of windows) {
    reader.push(segment);
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      const found = look(record);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/**
 * Such a record is written at checkpoints and every 15 seconds, with a `wal_level` of `replica` at least
 * (`LogStandbySnapshot`, src/backend/storage/ipc/standby.c). No id is given out meanwhile.
 */
function runningOf(record: WalRecord): Running | undefined {
  if (record.rmid !== RM_STANDBY_ID) return undefined;
  const data = decode(record);
  if (data.rmgr !== 'Standby' || data.type !== 'running-xacts') return undefined;
  return { oldestXid: data.oldestRunningXid, nextXid: data.nextXid };
}
