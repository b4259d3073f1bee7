import { decode, type RecordData } from '../rmgr/index.js';
import {
  XLOG_XACT_ABORT,
  XLOG_XACT_COMMIT,
  XLOG_XACT_HAS_INFO,
  XLOG_XACT_OPMASK,
} from '../rmgr/transaction.js';
import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { RM_XACT_ID } from '../wal/rmgr-id.js';
import type { TimestampTz } from '../wal/timestamp.js';

/** Where in the WAL a transaction ended, and when: the LSN of its COMMIT or ABORT record and the time in that. */
export interface TransactionPoint {
  /** Of the transaction: the prepared one's where COMMIT PREPARED or ROLLBACK PREPARED ends it. */
  xid: number;
  lsn: Lsn;
  time: TimestampTz;
}

/** The end of a transaction, and what shares its fate. */
export interface TransactionEnd extends TransactionPoint {
  status: 'committed' | 'aborted';
  /** Its subtransactions; of an ABORT those that were not rolled back before. */
  subxacts: readonly number[];
  /** Files that are gone from then on. */
  dropped: readonly RelFileLocator[];
}

/** The record that ends a transaction. */
export interface EndRecord extends TransactionEnd {
  /** As `pg_waldump` names it. */
  record: 'COMMIT' | 'COMMIT_PREPARED' | 'ABORT' | 'ABORT_PREPARED';
  endLsn: Lsn;
}

const NONE: readonly never[] = [];

const RECORDS: Readonly<Record<string, EndRecord['record'] | undefined>> = {
  commit: 'COMMIT',
  'commit-prepared': 'COMMIT_PREPARED',
  abort: 'ABORT',
  'abort-prepared': 'ABORT_PREPARED',
};

/**
 * Reads the COMMIT or ABORT of a transaction, or of a prepared one.
 * @param data of the record, where it is decoded already
 * @returns undefined for every other record, and for one that cannot be decoded
 */
export function transactionEnd(record: WalRecord, data?: RecordData): EndRecord | undefined {
  if (record.rmid !== RM_XACT_ID) return undefined;
  if (data === undefined && isBareEnd(record)) return bareEnd(record);
  const content = data ?? decode(record);
  if (content.rmgr !== 'Transaction' || !('twophaseXid' in content) || content.type === 'prepare') {
    return undefined;
  }
  const kind = RECORDS[content.type];
  if (kind === undefined) return undefined;
  return {
    record: kind,
    status: content.type === 'commit' || content.type === 'commit-prepared' ? 'committed' : 'aborted',
    xid: content.twophaseXid || record.xid,
    lsn: record.lsn,
    endLsn: record.endLsn,
    time: content.xactTime,
    subxacts: content.subxacts,
    dropped: content.xlocators,
  };
}

/** Whether a Transaction record ends one of every day: it holds its time, and nothing else. */
export function isBareEnd({ info, mainLength }: WalRecord): boolean {
  const operation = info & (XLOG_XACT_OPMASK | XLOG_XACT_HAS_INFO);
  return (operation === XLOG_XACT_COMMIT || operation === XLOG_XACT_ABORT) && mainLength >= 8;
}

/** Whether a record that {@link isBareEnd} is a COMMIT. */
export const isBareCommit = ({ info }: WalRecord): boolean => (info & XLOG_XACT_OPMASK) === XLOG_XACT_COMMIT;

function bareEnd(record: WalRecord): EndRecord {
  const isCommit = isBareCommit(record);
  return {
    record: isCommit ? 'COMMIT' : 'ABORT',
    status: isCommit ? 'committed' : 'aborted',
    xid: record.xid,
    lsn: record.lsn,
    endLsn: record.endLsn,
    time: record.main.i64(0),
    subxacts: NONE,
    dropped: NONE,
  };
}

/** When a transaction committed, by the record of its COMMIT; undefined of every other. Makes no object of it. */
export function commitTime(record: WalRecord): TimestampTz | undefined {
  if (record.rmid === RM_XACT_ID && isBareEnd(record)) {
    return isBareCommit(record) ? record.main.i64(0) : undefined;
  }
  const end = transactionEnd(record);
  return end?.status === 'committed' ? end.time : undefined;
}

/** All the transaction ids that end: the transaction's, then its subtransactions'. */
export const endingXids = ({ xid, subxacts }: TransactionEnd): readonly number[] =>
  subxacts.length === 0 ? [xid] : [xid, ...subxacts];
