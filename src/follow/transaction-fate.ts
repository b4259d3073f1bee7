import { decode } from '../rmgr/index.js';
import { XLOG_END_OF_RECOVERY } from '../rmgr/xlog.js';
import type { Lsn } from '../wal/lsn.js';
import { INVALID_XID, type WalRecord } from '../wal/record.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import { compareXids, nextXidAfter, withoutEpoch } from '../wal/xid.js';
import { endingXids, type TransactionEnd, transactionEnd } from './transaction-end.js';
import { isCut } from './transaction-events.js';

/** What WAL tells of a transaction id that has no COMMIT or ABORT of its own in it. */
export type TransactionFate =
  /** It is a subtransaction; `end` is that of the whole transaction, where the WAL has it. */
  | { kind: 'subtransaction'; topXid: number; end: TransactionEnd | undefined }
  /** A restart (as after a crash) or a promotion cut it off, which is how it was rolled back. */
  | { kind: 'cut'; lsn: Lsn; by: 'restart' | 'promotion' }
  /** It waits for COMMIT PREPARED or ROLLBACK PREPARED. */
  | { kind: 'prepared'; lsn: Lsn }
  | { kind: 'running'; firstLsn: Lsn }
  /** It wrote nothing: it is of before the WAL, or `nextXid` tells that it is still to come. */
  | { kind: 'unseen'; era: 'before' | 'within' | 'after' | 'unknown'; nextXid: number | undefined };

/** Takes in the WAL record by record, and finds out about one transaction id. */
export class TransactionFateScan {
  private firstLsn: Lsn | undefined;
  private topXid: number | undefined;
  private end: TransactionEnd | undefined;
  private preparedAt: Lsn | undefined;
  private cut: { lsn: Lsn; by: 'restart' | 'promotion' } | undefined;
  /** The next id to be given out, as the first record says that tells. */
  private firstNext: number | undefined;
  /** The same as the last one says, or one that has been given out since. */
  private lastNext: number | undefined;

  constructor(private readonly xid: number) {}

  take(record: WalRecord): void {
    const { rmid, xid, toplevelXid, lsn } = record;
    if (xid === this.xid || toplevelXid === this.xid) this.firstLsn ??= lsn;
    if (xid === this.xid && toplevelXid !== INVALID_XID) this.topXid = toplevelXid;
    if (xid !== INVALID_XID && this.lastNext !== undefined) this.moveNext(nextXidAfter(xid), this.lastNext);
    if (rmid === RM_XACT_ID) this.takeTransaction(record);
    else if (rmid === RM_XLOG_ID || rmid === RM_STANDBY_ID) this.takeHorizon(record);
  }

  private takeTransaction(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Transaction') return;
    if (data.type === 'assignment' && data.xsub.includes(this.xid)) this.belongsTo(data.xtop, record);
    if (data.type === 'prepare') {
      if (data.subxacts.includes(this.xid)) this.belongsTo(data.twophaseXid, record);
      if (data.twophaseXid === this.xid) this.preparedAt = record.lsn;
    }
    const end = transactionEnd(record, data);
    if (!end || !endingXids(end).includes(this.xid)) return;
    this.belongsTo(end.xid, record);
    this.end = end;
  }

  private belongsTo(topXid: number, { lsn }: WalRecord): void {
    this.firstLsn ??= lsn;
    if (topXid !== this.xid) this.topXid = topXid;
  }

  private takeHorizon(record: WalRecord): void {
    const isEnd = record.rmid === RM_XLOG_ID && isCut(record);
    if (isEnd && this.firstLsn !== undefined && this.preparedAt === undefined && this.end === undefined) {
      const by = record.rmgrInfo === XLOG_END_OF_RECOVERY ? 'promotion' : 'restart';
      this.cut ??= { lsn: record.lsn, by };
    }
    const data = decode(record);
    if (!('nextXid' in data)) return;
    const nextXid = withoutEpoch(data.nextXid);
    this.firstNext ??= nextXid;
    this.moveNext(nextXid, this.lastNext ?? nextXid);
  }

  private moveNext(nextXid: number, lastNext: number): void {
    this.lastNext = compareXids(nextXid, lastNext) > 0 ? nextXid : lastNext;
  }

  finish(): TransactionFate {
    const { firstLsn, topXid, end, cut, preparedAt } = this;
    if (topXid !== undefined) return { kind: 'subtransaction', topXid, end };
    if (cut) return { kind: 'cut', ...cut };
    if (preparedAt !== undefined) return { kind: 'prepared', lsn: preparedAt };
    if (firstLsn !== undefined) return { kind: 'running', firstLsn };
    return { kind: 'unseen', era: this.era(), nextXid: this.lastNext };
  }

  private era(): 'before' | 'within' | 'after' | 'unknown' {
    const { xid, firstNext, lastNext } = this;
    if (firstNext === undefined || lastNext === undefined) return 'unknown';
    if (compareXids(xid, firstNext) < 0) return 'before';
    return compareXids(xid, lastNext) < 0 ? 'within' : 'after';
  }
}
