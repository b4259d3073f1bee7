import type { ConsistencyRule } from '../cluster/base-backup.js';
import { type EndRecord, transactionEnd } from '../follow/transaction-end.js';
import { decode, identify, type RecordData } from '../rmgr/index.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { withoutEpoch } from '../wal/xid.js';

/** What recovery is told to stop at: the `recovery_target…` settings. */
export type StopTarget =
  | { kind: 'lsn'; lsn: Lsn; inclusive: boolean }
  | { kind: 'time'; time: TimestampTz; inclusive: boolean }
  /** The id with its epoch or without it. */
  | { kind: 'xid'; xid: number | bigint; inclusive: boolean }
  | { kind: 'name'; name: string }
  | { kind: 'immediate' }
  /** No target: to the end of the WAL. */
  | { kind: 'latest' };

/** A transaction's end, or a restore point: what targets are compared with. */
export type RecoveryEvent = EndRecord | RestorePoint;

/** What `pg_create_restore_point` writes. */
export interface RestorePoint {
  record: 'RESTORE_POINT';
  lsn: Lsn;
  endLsn: Lsn;
  /** No transaction's. */
  xid: 0;
  time: TimestampTz;
  name: string;
}

/** Where recovery stops. */
export interface RecoveryStop {
  /** The record at which it stops. */
  lsn: Lsn;
  endLsn: Lsn;
  position: 'before' | 'after';
  /** The record's kind as `pg_waldump` names it: `COMMIT`, `INSERT+INIT` …; undefined where it knows none. */
  record: string | undefined;
  /** The record's own xid or, where it ends a transaction, that one's; 0 where there is none. */
  xid: number;
  /** When the transaction ended or the restore point was made. */
  time: TimestampTz | undefined;
  /** The record as an event, where it is one. */
  event: RecoveryEvent | undefined;
  /** The data was consistent then; otherwise the server refuses to go on. */
  consistent: boolean;
}

/**
 * Recovery without the replay: takes record after record from where the backup's replay starts and says at which
 * one PostgreSQL would stop, by the rules of `PerformWalRecovery`, `recoveryStopsBefore`, `recoveryStopsAfter` and
 * `CheckRecoveryConsistency` (src/backend/access/transam/xlogrecovery.c; up to 14 in xlog.c, the same since 10), and
 * whether the backup was canceled by `xlog_redo` (xlog.c).
 */
export class Recovery {
  /** Where the data became consistent: the end of the record replayed then. */
  consistentLsn: Lsn | undefined;
  stop: RecoveryStop | undefined;
  /** The checkpoint of a shutdown or a crash before the backup's end: the backup was given up, and has none. */
  canceledLsn: Lsn | undefined;
  private backupEnded: boolean;
  private readonly targetXid: number | undefined;

  /** @param replayedTo where replay begins, as far as which everything counts as replayed */
  constructor(
    private readonly target: StopTarget,
    private readonly rule: ConsistencyRule,
    replayedTo: Lsn,
  ) {
    this.backupEnded = rule.kind !== 'backup-end';
    this.targetXid = target.kind === 'xid' ? withoutEpoch(target.xid) : undefined;
    this.checkConsistency(replayedTo);
  }

  /**
   * Takes the next record. None comes after {@link stop} is set.
   * @returns the record as an event where it is one
   */
  next(record: WalRecord): RecoveryEvent | undefined {
    const data = record.rmid === RM_XLOG_ID ? decode(record) : undefined;
    const event = data === undefined ? transactionEnd(record) : restorePointOf(record, data);
    if (this.stopsBefore(record, event)) {
      this.stop = this.stopAt(record, 'before', event);
      return event;
    }
    if (data !== undefined) this.noteBackupEnd(data, record.lsn);
    if (this.consistentLsn === undefined) this.checkConsistency(record.endLsn);
    if (this.stopsAfter(record, event)) this.stop = this.stopAt(record, 'after', event);
    return event;
  }

  private stopAt(
    record: WalRecord,
    position: RecoveryStop['position'],
    event: RecoveryEvent | undefined,
  ): RecoveryStop {
    return { ...placeOf(record, event), position, consistent: this.consistentLsn !== undefined };
  }

  private noteBackupEnd(data: RecordData, lsn: Lsn): void {
    const { rule } = this;
    if (rule.kind !== 'backup-end' || data.rmgr !== 'XLOG') return;
    if (data.type === 'backup-end' && data.startPoint === rule.startLsn) this.backupEnded = true;
    if (data.type === 'checkpoint-shutdown' && !this.backupEnded) this.canceledLsn ??= lsn;
  }

  private checkConsistency(replayedTo: Lsn): void {
    if (this.consistentLsn !== undefined || !this.backupEnded) return;
    if (this.rule.kind === 'backup-end' || this.rule.lsn <= replayedTo) this.consistentLsn = replayedTo;
  }

  private stopsBefore(record: WalRecord, event: RecoveryEvent | undefined): boolean {
    const { target } = this;
    switch (target.kind) {
      case 'immediate':
        return this.consistentLsn !== undefined;
      case 'lsn':
        return !target.inclusive && record.lsn >= target.lsn;
      case 'xid':
        return !target.inclusive && isTransactionEnd(event) && event.xid === this.targetXid;
      case 'time':
        return isTransactionEnd(event) && isBeyondTime(event, target);
      default:
        return false;
    }
  }

  private stopsAfter(record: WalRecord, event: RecoveryEvent | undefined): boolean {
    const { target } = this;
    switch (target.kind) {
      case 'immediate':
        // all other records have to wait for the next one's stopsBefore
        return this.consistentLsn !== undefined && record.rmid === RM_XACT_ID;
      case 'lsn':
        return target.inclusive && record.lsn >= target.lsn;
      case 'xid':
        return target.inclusive && isTransactionEnd(event) && event.xid === this.targetXid;
      case 'name':
        return event?.record === 'RESTORE_POINT' && event.name === target.name;
      default:
        return false;
    }
  }
}

/** A record as the place where recovery stops. */
export function placeOf(
  record: Pick<WalRecord, 'lsn' | 'endLsn' | 'rmid' | 'info' | 'version' | 'xid'>,
  event: RecoveryEvent | undefined,
): Omit<RecoveryStop, 'position' | 'consistent'> {
  const { lsn, endLsn, rmid, info, version } = record;
  const kind = identify(rmid, info, version);
  return { lsn, endLsn, record: kind, xid: event?.xid ?? record.xid, time: event?.time, event };
}

/**
 * Whether recovery to a time stops before this end of a transaction. Only its own time counts: the first such in the
 * order of the WAL ends recovery, also where others behind it are earlier again.
 */
export function isBeyondTime(
  { time }: Pick<EndRecord, 'time'>,
  target: Pick<Extract<StopTarget, { kind: 'time' }>, 'time' | 'inclusive'>,
): boolean {
  return target.inclusive ? time > target.time : time >= target.time;
}

export function isTransactionEnd(event: RecoveryEvent | undefined): event is EndRecord {
  return event !== undefined && event.record !== 'RESTORE_POINT';
}

export function isCommit(event: RecoveryEvent | undefined): event is EndRecord {
  return isTransactionEnd(event) && event.status === 'committed';
}

/** A record as an event, where it is one. */
export const recoveryEventOf = (record: WalRecord): RecoveryEvent | undefined =>
  record.rmid === RM_XLOG_ID ? restorePointOf(record, decode(record)) : transactionEnd(record);

function restorePointOf(record: WalRecord, data: RecordData): RestorePoint | undefined {
  if (data.rmgr !== 'XLOG' || data.type !== 'restore-point') return undefined;
  const { lsn, endLsn } = record;
  return { record: 'RESTORE_POINT', lsn, endLsn, xid: 0, time: data.rpTime, name: data.rpName };
}
