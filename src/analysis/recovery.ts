import { decode, type RecordData } from '../rmgr/index.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import type { TimestampTz } from '../wal/timestamp.js';

/** What recovery is told to stop at: the `recovery_target…` settings. */
export type RecoveryTarget =
  | { kind: 'lsn'; lsn: Lsn; inclusive: boolean }
  | { kind: 'time'; time: TimestampTz; inclusive: boolean }
  | { kind: 'xid'; xid: number; inclusive: boolean }
  | { kind: 'name'; name: string }
  | { kind: 'immediate' }
  /** No target: to the end of the WAL. */
  | { kind: 'latest' };

/**
 * What must be replayed before the restored files are consistent, as the backup says
 * (`CheckRecoveryConsistency`, src/backend/access/transam/xlogrecovery.c; xlog.c before 15).
 */
export type ConsistencyRule =
  /** A backup taken from a primary: its end-of-backup record, which names where the backup started. */
  | { kind: 'backup-end'; startLsn: Lsn }
  /** A backup taken from a standby, or files without a label: `minRecoveryPoint` of pg_control. */
  | { kind: 'min-recovery-point'; lsn: Lsn };

/** A transaction's end, or a restore point: what targets are compared with. */
export interface RecoveryEvent {
  record: 'COMMIT' | 'COMMIT_PREPARED' | 'ABORT' | 'ABORT_PREPARED' | 'RESTORE_POINT';
  lsn: Lsn;
  endLsn: Lsn;
  /** The transaction that ended; for a prepared one its own xid, not the record's. 0 for a restore point. */
  xid: number;
  time: TimestampTz;
  /** Of a restore point. */
  name: string | undefined;
}

/** Where recovery stops. */
export interface RecoveryStop {
  /** The record at which it stops. */
  lsn: Lsn;
  endLsn: Lsn;
  position: 'before' | 'after';
  /** The record as an event, where it is one. */
  event: RecoveryEvent | undefined;
  /** The data was consistent then; otherwise the server refuses to go on. */
  consistent: boolean;
}

/**
 * Recovery without the replay: takes record after record from the backup's start on and says at which one
 * PostgreSQL would stop, by the rules of `recoveryStopsBefore` and `recoveryStopsAfter`
 * (src/backend/access/transam/xlogrecovery.c; the same from 10 to 19 for these targets).
 */
export class Recovery {
  /** Where the data became consistent: the end of the record replayed then. */
  consistentLsn: Lsn | undefined;
  stop: RecoveryStop | undefined;
  private backupEnded: boolean;

  constructor(
    private readonly target: RecoveryTarget,
    private readonly rule: ConsistencyRule,
  ) {
    this.backupEnded = rule.kind !== 'backup-end';
  }

  /**
   * Takes the next record.
   * @returns the record as an event where it is one, whether or not recovery is over
   */
  next(record: WalRecord): RecoveryEvent | undefined {
    const data = RELEVANT_RMGRS.has(record.rmid) ? decode(record) : undefined;
    const event = data && eventOf(record, data);
    if (this.stop !== undefined) return event;
    if (this.stopsBefore(record, event)) {
      this.stop = this.stopAt(record, 'before', event);
      return event;
    }
    this.replay(record, data);
    if (this.stopsAfter(record, event)) this.stop = this.stopAt(record, 'after', event);
    return event;
  }

  private stopAt(
    record: WalRecord,
    position: RecoveryStop['position'],
    event: RecoveryEvent | undefined,
  ): RecoveryStop {
    const consistent = this.consistentLsn !== undefined;
    return { lsn: record.lsn, endLsn: record.endLsn, position, event, consistent };
  }

  private replay(record: WalRecord, data: RecordData | undefined): void {
    if (this.consistentLsn !== undefined) return;
    const { rule } = this;
    if (rule.kind === 'backup-end') {
      if (data?.rmgr === 'XLOG' && data.type === 'backup-end' && data.startPoint === rule.startLsn) {
        this.backupEnded = true;
      }
      if (this.backupEnded) this.consistentLsn = record.endLsn;
    } else if (rule.lsn <= record.endLsn) {
      this.consistentLsn = record.endLsn;
    }
  }

  private stopsBefore(record: WalRecord, event: RecoveryEvent | undefined): boolean {
    const { target } = this;
    switch (target.kind) {
      case 'immediate':
        return this.consistentLsn !== undefined;
      case 'lsn':
        return !target.inclusive && record.lsn >= target.lsn;
      case 'xid':
        return !target.inclusive && isTransactionEnd(event) && event.xid === target.xid;
      case 'time':
        if (!isTransactionEnd(event)) return false;
        return target.inclusive ? event.time > target.time : event.time >= target.time;
      default:
        return false;
    }
  }

  private stopsAfter(record: WalRecord, event: RecoveryEvent | undefined): boolean {
    const { target } = this;
    switch (target.kind) {
      case 'immediate':
        return this.consistentLsn !== undefined && isTransactionEnd(event);
      case 'lsn':
        return target.inclusive && record.lsn >= target.lsn;
      case 'xid':
        return target.inclusive && isTransactionEnd(event) && event.xid === target.xid;
      case 'name':
        return event?.record === 'RESTORE_POINT' && event.name === target.name;
      default:
        return false;
    }
  }
}

function isTransactionEnd(event: RecoveryEvent | undefined): event is RecoveryEvent {
  return event !== undefined && event.record !== 'RESTORE_POINT';
}

export function isCommit(event: RecoveryEvent): boolean {
  return event.record === 'COMMIT' || event.record === 'COMMIT_PREPARED';
}

/** XLOG and Transaction. */
const RELEVANT_RMGRS: ReadonlySet<number> = new Set([0, 1]);

/** The record as something that a target is compared with; undefined for all others. */
export function eventOf(record: WalRecord, data: RecordData): RecoveryEvent | undefined {
  const { lsn, endLsn } = record;
  if (data.rmgr === 'XLOG' && data.type === 'restore-point') {
    return { record: 'RESTORE_POINT', lsn, endLsn, xid: 0, time: data.rpTime, name: data.rpName };
  }
  if (data.rmgr !== 'Transaction') return undefined;
  const name = EVENT_OF_TYPE[data.type];
  if (name === undefined || !('xactTime' in data) || data.type === 'prepare') return undefined;
  const xid = data.twophaseXid === 0 ? record.xid : data.twophaseXid;
  return { record: name, lsn, endLsn, xid, time: data.xactTime, name: undefined };
}

const EVENT_OF_TYPE: Readonly<Record<string, RecoveryEvent['record'] | undefined>> = {
  commit: 'COMMIT',
  'commit-prepared': 'COMMIT_PREPARED',
  abort: 'ABORT',
  'abort-prepared': 'ABORT_PREPARED',
};
