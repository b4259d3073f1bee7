import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { HeldLock } from '../../replay/held-locks.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { RequiredSettings } from '../../replay/server-needs.js';
import type { ToolName } from '../../repos/index.js';
import type { ConfigSetting } from '../../sources/backup-config.js';
import { lsnJson, timeJson } from '../../text/json.js';
import { formatTimestampTz, UTC } from '../../text/timezone.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { unloggedJson } from '../unlogged.js';
import type { PlannedRecovery } from './ask.js';
import { type Loss, planFor, type SparedLoss } from './before-delete.js';
import type { Obstacle } from './obstacle.js';
import { type ObstacleText, obstacleText } from './obstacle-text.js';
import type { RecoveryPlan } from './run.js';
import { recommendedAction, type Settings, type TargetAction } from './settings.js';

/** A transaction's commit in JSON. */
export interface CommitPointJson {
  xid: number;
  lsn: string;
  time: string;
}

/** The last commit on a timeline that took rows of the table. */
export interface LossJson {
  timeline: number;
  /** `tablespace/database/relfilenode` */
  relation: string;
  /** What it is called; null where no base backup tells it. */
  name: RelationName | null;
  commit: CommitPointJson;
}

/** What a plan before a delete spares. */
export interface SparedLossJson extends LossJson {
  /** The timeline that the server takes by default, where that has none and so another was taken; else null. */
  notOn: number | null;
  /** The last ones on other timelines that are not part of this one; `option` is what plans for it. */
  others: (LossJson & { option: string })[];
}

/** What `walscan plan --json` prints. LSNs and times are text: `0/04000680`, UTC with microseconds. */
export interface PlanJson extends HeadJson {
  reachable: boolean;
  reason: Obstacle['reason'] | null;
  /** The one that recovery goes to. */
  timeline: number;
  backup: {
    startLsn: string;
    endLsn: string | null;
    timeline: number;
    label: string | null;
    /** As its tool names it; null where it is of no repository of a backup tool. */
    name: string | null;
  };
  consistentLsn: string | null;
  stopsAt: {
    lsn: string;
    position: 'before' | 'after';
    record: string | null;
    xid: number | null;
    time: string | null;
  } | null;
  lastKept: CommitPointJson | null;
  firstLost: CommitPointJson | null;
  committedAfter: number;
  /** The names of the segments that recovery reads. */
  segments: string[];
  /** Files that `restore_command` does not find until they are called `name`. */
  misnamed: { file: string; name: string }[];
  /** Segments of which there is a `.partial` file only, which will do. */
  partial: string[];
  /**
   * With `--before-delete`: `true` of an unlogged relation, of which no recovery brings the rows back; null of one that may
   * be unlogged.
   */
  unlogged?: true | null;
  /** Null where the target cannot be reached. */
  settings: Settings | null;
  /** The same by the tool whose repository the backup is of; null of any other backup, and as `settings`. */
  tool: ToolJson | null;
  /** Only where the target cannot be reached, else null: why, what the server would do, what to do about it. */
  obstacle: (ObstacleText & { earliest: { lsn: string; time: string } | null; missing: string[] }) | null;
  /** Whose WAL is there as well, and was left out; `segments`: how many files. */
  otherClusters: { systemIdentifier: string; segments: number }[];
  server: ServerJson;
  /** Only with `--before-delete`, else null: what the plan spares, and what it does not. */
  spared: SparedLossJson | null;
  /** What could not be read: there may be more WAL, or with `--before-delete` a later commit that deleted rows. */
  problems: Problem[];
}

/** How a backup tool is told to do the recovery; what its repository does not tell stands as `<what it is>`. */
export interface ToolJson {
  name: ToolName;
  /** As the tool names it. */
  backup: string;
  /** The command that puts the backup in place, ready to be started. */
  restore: string;
  /** By which the restored server gets its WAL. */
  restoreCommand: string;
}

/** What becomes of the server on its way to the target, and at it. */
export interface ServerJson {
  /**
   * Whether it stays paused at the target, with `recovery_target_action = 'pause'` and the settings that it needs. If
   * not, it would open there at once. Null where the target cannot be reached.
   */
  pauses: boolean | null;
  /** The recommended `recovery_target_action`; null where no target is set or it cannot be reached. */
  action: TargetAction | null;
  /** From where on it would pause, for it answers queries; null where it does not come so far. */
  hotStandbyLsn: string | null;
  /** What `pg_last_wal_replay_lsn()` says when it is at the target; null as `pauses`. */
  replayLsn: string | null;
  /**
   * The least that it must be set to, by pg_control and the WAL up to the target; null where neither tells.
   * `max_wal_senders` is null before 12.
   */
  requiredSettings: { [Name in keyof RequiredSettings]: number | null } | null;
  /** Created up to the target: replay makes their files there, on whatever host. */
  tablespaces: { oid: number; path: string; lsn: string }[];
  /** Those of the backup, by its `tablespace_map` or else its links in `pg_tblspc`: the server has them there. */
  mappedTablespaces: { oid: number; path: string }[];
  /** Tables that are locked where it stops, by their oids: a query of one of them waits there. */
  locks: { database: number; relation: number; xid: number; prepared: boolean }[];
  /** Ids of extensions' resource managers, whose libraries it needs in `shared_preload_libraries`. */
  customRmgrs: number[];
  /**
   * What the backup's configuration holds of an earlier recovery or a standby, and would decide about this one.
   * `settings` win over them where they come last; a file that must go has its own name. Empty, too, where the
   * backup given holds no configuration.
   */
  leftoverSettings: ConfigSetting[];
}

/** Makes JSON of what `planRecovery` gives. */
export function planJson(planned: PlannedRecovery): PlanJson {
  const { format, plan, backup, settings, problems, unread } = planned;
  const { timeline, startLsn, endLsn, obstacle } = plan;
  const { version: postgres, systemIdentifier } = format;
  return {
    ...headJson({ postgres, systemIdentifier, timelines: [timeline], startLsn, endLsn }),
    reachable: obstacle === undefined,
    reason: obstacle?.reason ?? null,
    timeline,
    backup: {
      startLsn: formatLsn(backup.startLsn),
      endLsn: lsnJson(plan.backupEndLsn),
      timeline: backup.timeline,
      label: backup.label ?? null,
      name: planned.storedBackup?.name ?? null,
    },
    consistentLsn: lsnJson(plan.consistentLsn),
    stopsAt: plan.stop ? stopJson(plan.stop) : null,
    lastKept: commitJson(plan.lastKept),
    firstLost: commitJson(plan.firstLost),
    committedAfter: plan.committedAfter,
    segments: plan.segments,
    misnamed: planned.misnamed.map(({ name, sources }) => ({ file: sources[0].name, name })),
    partial: planned.partial.map(({ name }) => name),
    ...(planned.spared?.removed ? unloggedJson(planned.spared.removed) : {}),
    settings: obstacle === undefined ? settings : null,
    tool: obstacle === undefined ? toolJson(planned) : null,
    obstacle: obstacleJson(planned),
    otherClusters: planned.otherClusters.map(({ systemIdentifier, segments }) => ({
      systemIdentifier: String(systemIdentifier),
      segments,
    })),
    server: serverJson(planned),
    spared: planned.spared ? sparedJson(planned.spared) : null,
    problems: [...problems, ...unread].map((problem) => problem.toJSON()),
  };
}

function serverJson({ plan, target, leftoverSettings, mappedTablespaces }: PlannedRecovery): ServerJson {
  const { pauses, hotStandbyLsn, replayedTo, settings, tablespaces, locks, customRmgrs } = plan.server;
  const isReached = plan.obstacle === undefined;
  return {
    pauses: isReached ? (pauses ?? false) : null,
    action: (isReached ? recommendedAction(target, plan.server) : undefined) ?? null,
    hotStandbyLsn: lsnJson(hotStandbyLsn),
    replayLsn: isReached ? lsnJson(replayedTo) : null,
    requiredSettings: settings ? { ...settings, max_wal_senders: settings.max_wal_senders ?? null } : null,
    tablespaces: tablespaces.map(({ oid, path, lsn }) => ({ oid, path, lsn: formatLsn(lsn) })),
    mappedTablespaces,
    locks: isReached ? locks.map(lockJson) : [],
    customRmgrs,
    leftoverSettings,
  };
}

const lockJson = ({ dbOid, relOid, xid, isPrepared }: HeldLock): ServerJson['locks'][number] => {
  return { database: dbOid, relation: relOid, xid, prepared: isPrepared };
};

function toolJson({ storedBackup, tool }: PlannedRecovery): ToolJson | null {
  if (storedBackup === undefined || tool === undefined) return null;
  const { restore, restoreCommand } = tool;
  return { name: storedBackup.tool, backup: storedBackup.name, restore, restoreCommand };
}

function sparedJson({ notOn, others, ...spared }: SparedLoss): SparedLossJson {
  return {
    ...lossJson(spared),
    notOn: notOn ?? null,
    others: others.map((loss) => ({ ...lossJson(loss), option: planFor(loss) })),
  };
}

function lossJson({ timeline, relation, name, commit: { xid, lsn, time } }: Loss): LossJson {
  const commit = { xid, lsn: formatLsn(lsn), time: formatTimestampIso(time) };
  return { timeline, relation, name: name ?? null, commit };
}

function obstacleJson(planned: PlannedRecovery): PlanJson['obstacle'] {
  const { obstacle } = planned.plan;
  const text = obstacleText(planned, (time) => formatTimestampTz(time, UTC));
  if (obstacle === undefined || text === undefined) return null;
  return { ...text, earliest: earliestJson(planned.plan), missing: missingNames(obstacle) };
}

function stopJson({ lsn, position, record, xid, time }: RecoveryStop): PlanJson['stopsAt'] {
  return {
    lsn: formatLsn(lsn),
    position,
    record: record ?? null,
    xid: xid === 0 ? null : xid,
    time: timeJson(time),
  };
}

function commitJson(commit: TransactionPoint | undefined): CommitPointJson | null {
  if (commit === undefined) return null;
  return { xid: commit.xid, lsn: formatLsn(commit.lsn), time: formatTimestampIso(commit.time) };
}

function earliestJson({ consistentLsn, earliestTime }: RecoveryPlan): { lsn: string; time: string } | null {
  if (consistentLsn === undefined || earliestTime === undefined) return null;
  return { lsn: formatLsn(consistentLsn), time: formatTimestampIso(earliestTime) };
}

/** First and last of each stretch. */
function missingNames(obstacle: Obstacle): string[] {
  if (obstacle.reason !== 'missing-segment') return [];
  return obstacle.missing.flatMap(({ firstName, lastName }) =>
    firstName === lastName ? [firstName] : [firstName, lastName],
  );
}
