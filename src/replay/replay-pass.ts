import type { ConsistencyRule } from '../cluster/base-backup.js';
import { endingXids, type TransactionEnd } from '../follow/transaction-end.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { type Message, type MessageValue, message } from '../wal/message.js';
import { RecordPosition, type WalRecord } from '../wal/record.js';
import { formatTimestampIso, type TimestampTz } from '../wal/timestamp.js';
import { withoutEpoch } from '../wal/xid.js';
import { AlikeRestorePoints } from './alike-restore-points.js';
import { BackupCheckpoint } from './backup-checkpoint.js';
import type { ClusterFiles } from './cluster-files.js';
import { ClusterReplay } from './cluster-replay.js';
import type { FollowedTables } from './followed-tables.js';
import { HeapReplay } from './heap-replay.js';
import {
  isTransactionEnd,
  Recovery,
  type RecoveryEvent,
  type RecoveryStop,
  type StopTarget,
} from './recovery.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** Without a backup nothing needs to become consistent. */
const NO_BACKUP: ConsistencyRule = { kind: 'min-recovery-point', lsn: 0n };

/** One reading of the WAL from the backup's start to the target, for some relations. */
export class ReplayPass {
  readonly cluster: ClusterReplay;
  readonly hasBackup: boolean;
  private readonly heap: HeapReplay;
  private readonly recovery: Recovery;
  /** Of the backup, where there is one. */
  private readonly checkpoint: BackupCheckpoint | undefined;
  /** Where the first record that was taken begins. */
  firstLsn: Lsn | undefined;
  private readonly last = new RecordPosition();
  /** When the last transaction ended that was taken. */
  lastEnded: TimestampTz | undefined;
  readonly restorePoints: AlikeRestorePoints;
  /** The end of a transaction before which the pass stopped. */
  stoppedAt: TransactionEnd | undefined;
  /** What else is replayed, as the catalogs among the relations tell. */
  followed: FollowedTables | undefined;
  readonly relations: ReplayedRelation[] = [];

  constructor(
    target: StopTarget,
    files: ClusterFiles | undefined,
    version: number,
    relations: readonly ReplayedRelation[],
    keepsTimes: boolean,
  ) {
    this.cluster = new ClusterReplay(files, version, keepsTimes);
    this.hasBackup = files !== undefined;
    this.restorePoints = new AlikeRestorePoints(target);
    this.heap = new HeapReplay({ hintsLogged: files?.logsHints });
    for (const relation of relations) this.add(relation);
    const start = files?.base;
    this.checkpoint = start && new BackupCheckpoint(start);
    this.recovery = new Recovery(target, start?.consistency ?? NO_BACKUP, start?.startLsn ?? 0n);
  }

  /** Replays one more relation from the next record on. */
  add(relation: ReplayedRelation): void {
    this.relations.push(relation);
    this.heap.track(relation);
  }

  /**
   * Takes the next record. @returns false when the target is reached: no more records are wanted
   * @throws WalError `other-timeline` where the WAL is not the one that the backup was made with
   */
  take(record: WalRecord): boolean {
    if (this.checkpoint?.take(record) === false) {
      throw new WalError(
        'other-timeline',
        message`the WAL has no checkpoint of the backup's at its start: it is not the WAL that the backup was made with`,
        { lsn: record.lsn },
      );
    }
    const event = this.recovery.next(record);
    const { stop } = this.recovery;
    if (stop?.position === 'before') {
      if (isTransactionEnd(event)) this.stopAt(event);
      return false;
    }
    this.firstLsn ??= record.lsn;
    this.last.set(record);
    if (event !== undefined) this.noteEvent(event);
    this.cluster.apply(record);
    this.heap.apply(record);
    this.followed?.take(record);
    return stop === undefined;
  }

  private noteEvent(event: RecoveryEvent): void {
    if (isTransactionEnd(event)) this.lastEnded = event.time;
    this.restorePoints.take(event);
  }

  /** What the transaction did is in the pages, and has not happened: no record need say that it still runs. */
  private stopAt(end: TransactionEnd): void {
    this.stoppedAt = end;
    for (const xid of endingXids(end)) this.cluster.transactions.log.run(xid);
  }

  /** Forgets what is known of all pages: WAL is missing, and what it changed is not known. */
  forgetPages(): void {
    for (const relation of this.relations) relation.forget();
  }

  /** Where the last record that was taken ends. */
  get endLsn(): Lsn | undefined {
    return this.last.endLsn;
  }

  get stop(): RecoveryStop | undefined {
    return this.recovery.stop;
  }

  /** Whether the target lies before the backup, which has newer data then. */
  isBeforeBackup(target: StopTarget): boolean {
    return this.checkpoint?.comesAfter(target) ?? false;
  }

  /** From here on the backup's files are as of one moment. */
  get consistentLsn(): Lsn | undefined {
    return this.recovery.consistentLsn;
  }
}

/**
 * Says why the target was not reached, or not in a state that can be answered from.
 * @param problems of the WAL, without which it may have been
 */
export function checkTarget(pass: ReplayPass, target: StopTarget, problems: readonly WalError[]): void {
  if (pass.isBeforeBackup(target)) {
    throw new WalError(
      'target-before-backup',
      message`${describeTarget(target)} lies before the backup, whose data are newer: take an older backup`,
    );
  }
  if (pass.hasBackup && pass.endLsn === undefined && !pass.stop) {
    throw notReached(message`the WAL has no record from the backup's start on`, problems);
  }
  if (
    target.kind !== 'latest' &&
    !pass.stop &&
    !(target.kind === 'lsn' && (pass.endLsn ?? 0n) >= target.lsn)
  ) {
    const wanted =
      target.kind === 'time'
        ? message`a transaction that ended after ${formatTimestampIso(target.time)}`
        : describeTarget(target);
    throw notReached(message`the WAL does not reach ${wanted}: ${reachOf(pass, target)}`, problems);
  }
  if (pass.consistentLsn === undefined) {
    const end = pass.stop ? formatLsn(pass.stop.lsn) : message`the end of the WAL`;
    throw new WalError(
      'backup-not-consistent',
      message`the backup was still being taken at ${end}: what it holds is of no single moment before its end`,
    );
  }
}

/** What of such targets there is. */
function reachOf({ endLsn, lastEnded, restorePoints }: ReplayPass, target: StopTarget): Message {
  if (endLsn === undefined) return message`there is none`;
  const end =
    lastEnded === undefined
      ? message`it ends at ${formatLsn(endLsn)}`
      : message`it ends at ${formatLsn(endLsn)}, and the last transaction in it at ${formatTimestampIso(lastEnded)}`;
  if (target.kind !== 'name') return message`${end}; give the WAL that follows`;
  const { names } = restorePoints;
  if (names.length === 0) return message`${end}; there is no restore point in it`;
  return message`${end}; the restore points in it, the most alike first: ${names.join(', ')}`;
}

function notReached(what: Message, [problem]: readonly WalError[]): WalError {
  if (problem === undefined) return new WalError('target-not-reached', what);
  const { said, file, lsn } = problem;
  return new WalError('target-not-reached', message`${what}; ${said}`, { file, lsn });
}

function describeTarget(target: StopTarget): MessageValue {
  switch (target.kind) {
    case 'lsn':
      return formatLsn(target.lsn);
    case 'xid':
      return message`the end of transaction ${withoutEpoch(target.xid)}`;
    case 'name':
      return message`the restore point "${target.name}"`;
    case 'time':
      return formatTimestampIso(target.time);
    default:
      return message`its target`;
  }
}
