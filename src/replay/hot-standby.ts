import { decode, type RecordData } from '../rmgr/index.js';
import type { RunningXacts } from '../rmgr/standby.js';
import type { WalRecord } from '../wal/record.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import { compareXids, FIRST_NORMAL_XID } from '../wal/xid.js';

/**
 * What a server knows of the transactions that ran when its backup was taken. Until that is complete it answers no
 * queries in recovery, even where its data are consistent: and then it does not pause either, but promotes.
 *
 * Follows `ProcArrayApplyRecoveryInfo` (src/backend/storage/ipc/procarray.c, the same rule in 10 to 19), with what
 * `RecordKnownAssignedTransactionIds` and `xlog_redo` do for it. A snapshot of more than 64 subtransactions of a
 * transaction lacks some of them (`subxid_overflow`). It is completed by a later one that lacks none or has no
 * transaction, by one in which all that run began after the first, or by a shutdown.
 */
export class StandbySnapshot {
  private state: 'none' | 'pending' | 'ready' = 'none';
  /** With an incomplete snapshot: the newest transaction id that it may lack (`standbySnapshotPendingXmin`). */
  private pendingXmin = 0;
  /** The newest transaction id seen; 0 before any (`latestObservedXid`). */
  private latestXid = 0;

  /** Whether hot standby is possible, as soon as the data are consistent. */
  get isReady(): boolean {
    return this.state === 'ready';
  }

  /** Recovery begins at a shutdown's checkpoint: nothing ran then, but prepared transactions, which it knows. */
  beginAtShutdown(): void {
    this.state = 'ready';
  }

  /** Takes the next record that is replayed. */
  replay(record: WalRecord): void {
    if (this.isReady) return;
    this.observe(record.xid);
    const { rmid } = record;
    if (rmid !== RM_STANDBY_ID && rmid !== RM_XLOG_ID && rmid !== RM_XACT_ID) return;
    const data = decode(record);
    for (const xid of subtransactions(data)) this.observe(xid);
    if (data.rmgr === 'XLOG') {
      if (data.type === 'checkpoint-shutdown') this.state = 'ready';
    } else if (data.rmgr === 'Standby' && data.type === 'running-xacts') this.apply(data);
  }

  private apply({ subxidOverflow, xids, oldestRunningXid, nextXid }: RunningXacts): void {
    if (this.state === 'pending' && subxidOverflow && xids.length > 0) {
      if (compareXids(this.pendingXmin, oldestRunningXid) < 0) this.state = 'ready';
      return;
    }
    this.observe(xidBefore(nextXid));
    this.state = subxidOverflow ? 'pending' : 'ready';
    this.pendingXmin = this.latestXid;
  }

  private observe(xid: number): void {
    if (xid !== 0 && (this.latestXid === 0 || compareXids(xid, this.latestXid) > 0)) this.latestXid = xid;
  }
}

const NONE: readonly number[] = [];

/** Those that a record tells, by their assignment to a transaction or with its end. */
function subtransactions(data: RecordData): readonly number[] {
  if (data.rmgr !== 'Transaction') return NONE;
  if (data.type === 'assignment') return data.xsub;
  return 'subxacts' in data && data.type !== 'prepare' ? data.subxacts : NONE;
}

/** The first id that is a transaction's comes after the last one (`TransactionIdRetreat`). */
const xidBefore = (xid: number): number => (xid <= FIRST_NORMAL_XID ? 0xffffffff : xid - 1);
