import { type EndRecord, type TransactionPoint, transactionEnd } from '../../follow/transaction-end.js';
import type { Segment } from '../../reader/segment.js';
import { readSpan, type WalSpan } from '../../reader/span.js';
import type { WalRecord } from '../../wal/record.js';

/** The end of a transaction, which is how WAL tells the time. */
export interface TransactionMoment extends TransactionPoint {
  record: EndRecord['record'];
}

/** What a segment tells of times. */
export interface SegmentTimes {
  span: WalSpan;
  /** In the order of the WAL. */
  ends: TransactionMoment[];
}

/**
 * Looks in one segment, on its own, for the ends of transactions and their times. Damage is no error: the
 * span tells it.
 */
export function scanForTimes(segment: Segment): SegmentTimes {
  const ends: TransactionMoment[] = [];
  const span = readSpan(segment, {}, (record) => {
    const moment = transactionMoment(record);
    if (moment !== undefined) ends.push(moment);
  });
  return { span, ends };
}

/** The record as the end of a transaction; undefined for all others. */
export function transactionMoment(record: WalRecord): TransactionMoment | undefined {
  const end = transactionEnd(record);
  return end && { record: end.record, xid: end.xid, lsn: end.lsn, time: end.time };
}
