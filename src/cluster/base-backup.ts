import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import type { BackupHistory, BackupLabel } from './backup-label.js';
import type { BackupManifest } from './backup-manifest.js';
import type { ControlFile, WalLevel } from './control-file.js';

/**
 * What must be replayed before restored files are consistent (`CheckRecoveryConsistency`,
 * src/backend/access/transam/xlogrecovery.c; xlog.c before 15).
 */
export type ConsistencyRule =
  /** A backup taken from a primary: its end-of-backup record, which names where the backup started. */
  | { kind: 'backup-end'; startLsn: Lsn }
  /** All others: WAL up to here, as pg_control or the manifest says. */
  | { kind: 'min-recovery-point'; lsn: Lsn };

/** A base backup as recovery sees it, by whichever of its small files there is. */
export interface BaseBackup {
  /** The redo point, from which WAL is replayed. */
  startLsn: Lsn;
  /** The timeline of the WAL there. */
  timeline: number;
  /** The checkpoint's record; undefined where only the manifest is known. */
  checkpointLsn: Lsn | undefined;
  /** Where the backup's WAL ends; undefined where only the WAL can tell. */
  endLsn: Lsn | undefined;
  label: string | undefined;
  consistency: ConsistencyRule;
  /** Of a standby's files how far they have come, and on which timeline: recovery must go through there. */
  minRecoveryPoint?: { lsn: Lsn; timeline: number } | undefined;
  /** That of the server whose files these are, where they have no label: a backup with one is never of `minimal`. */
  walLevel?: WalLevel | undefined;
  /** Undefined where neither pg_control nor a manifest since 17 is known. */
  systemIdentifier: bigint | undefined;
}

/**
 * A backup by its `backup_label`.
 * @param control its pg_control, without which a backup from a standby does not say where it ends
 * @throws WalError `incremental-backup`, or `no-control-file` for a backup from a standby without one;
 *   `bad-backup-label` where its pg_control is no standby's
 */
export function backupOfLabel(label: BackupLabel, control: ControlFile | undefined): BaseBackup {
  if (label.incrementalFrom !== undefined) {
    throw new WalError(
      'incremental-backup',
      message`this is an incremental backup, from which no server starts: give all those that it builds on as well (each by --backup), or combine them (pg_combinebackup) and give the result`,
    );
  }
  const { startLsn, startTimeline, checkpointLsn } = label;
  const backup = {
    startLsn,
    timeline: startTimeline,
    checkpointLsn,
    label: label.label,
    systemIdentifier: control?.systemIdentifier,
  };
  if (label.from !== 'standby') {
    return { ...backup, endLsn: undefined, consistency: { kind: 'backup-end', startLsn } };
  }
  if (control === undefined) {
    throw new WalError(
      'no-control-file',
      message`this backup was taken from a standby, and only its pg_control says where it ends: give the backup itself (its folder or base.tar)`,
    );
  }
  const { state, minRecoveryPoint } = control;
  if (state !== 'in archive recovery' && state !== 'shut down in recovery') {
    throw new WalError(
      'bad-backup-label',
      message`backup_label contains data inconsistent with control file: it says that the backup was taken from a standby, and pg_control that the server was ${state}. The server refuses it; take another backup`,
    );
  }
  return {
    ...backup,
    endLsn: minRecoveryPoint,
    consistency: untilMinRecoveryPoint(control, startLsn),
    minRecoveryPoint: minRecoveryPointOf(control),
  };
}

/** A backup by the `.backup` file, which only primaries archive. */
export function backupOfHistory(history: BackupHistory): BaseBackup {
  return { ...backupOfLabel(history, undefined), endLsn: history.stopLsn };
}

/**
 * A backup by its `backup_manifest`.
 * @throws WalError `bad-manifest` where it names no WAL
 */
export function backupOfManifest({ walRanges, systemIdentifier }: BackupManifest): BaseBackup {
  const ranges = [...walRanges].sort((a, b) => (a.startLsn < b.startLsn ? -1 : 1));
  const first = ranges[0];
  const last = ranges.at(-1);
  if (first === undefined || last === undefined) {
    throw new WalError('bad-manifest', message`the backup manifest names no WAL`);
  }
  return {
    startLsn: first.startLsn,
    timeline: first.timeline,
    checkpointLsn: undefined,
    endLsn: last.endLsn,
    label: undefined,
    consistency: { kind: 'min-recovery-point', lsn: last.endLsn },
    systemIdentifier,
  };
}

/**
 * The files of a data folder that has no `backup_label`: those of a server that was shut down, or of a standby.
 * @throws WalError `no-backup-label` where the files are those of a running primary, which is no backup
 */
export function backupOfControl(control: ControlFile): BaseBackup {
  const { checkPointCopy, checkPoint, minRecoveryPoint, state } = control;
  if (minRecoveryPoint === 0n && state !== 'shut down') {
    throw new WalError(
      'no-backup-label',
      message`it has no backup_label, and its pg_control is that of a running server: without the label these files are no backup that could be made consistent`,
    );
  }
  const { redo, timeline } = checkPointCopy;
  return {
    startLsn: redo,
    timeline,
    checkpointLsn: checkPoint,
    endLsn: undefined,
    label: undefined,
    consistency: isRestoring(control)
      ? { kind: 'backup-end', startLsn: control.backupStartPoint }
      : untilMinRecoveryPoint(control, redo),
    minRecoveryPoint: minRecoveryPointOf(control),
    walLevel: control.walLevel,
    systemIdentifier: control.systemIdentifier,
  };
}

/** Whether the server was itself restored from a primary's backup, and had not come to that one's end yet. */
const isRestoring = ({ backupStartPoint, backupEndPoint }: ControlFile): boolean =>
  backupStartPoint !== 0n && backupEndPoint === 0n;

/**
 * Up to where a backup from a standby ended, of which the server may have been restored itself. A `minRecoveryPoint`
 * before the redo point counts as that (`InitWalRecovery`, xlogrecovery.c).
 */
function untilMinRecoveryPoint(
  { minRecoveryPoint, backupEndPoint }: ControlFile,
  redo: Lsn,
): ConsistencyRule {
  const lsn = [minRecoveryPoint, backupEndPoint].reduce((latest, one) => (one > latest ? one : latest), redo);
  return { kind: 'min-recovery-point', lsn };
}

/** What recovery counts as the current timeline: that of the newest of its files (`InitWalRecovery`, xlogrecovery.c). */
export const currentTimeline = ({ timeline, minRecoveryPoint }: BaseBackup): number =>
  Math.max(timeline, minRecoveryPoint?.timeline ?? 0);

const minRecoveryPointOf = (control: ControlFile): BaseBackup['minRecoveryPoint'] =>
  control.minRecoveryPoint === 0n
    ? undefined
    : { lsn: control.minRecoveryPoint, timeline: control.minRecoveryPointTimeline };
