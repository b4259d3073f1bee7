import type { BaseBackup } from '../../cluster/base-backup.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import { type ProblemJson, problemJson } from '../../follow/wal-problems.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import type { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { formatTimestampIso, type TimestampTz } from '../../wal/timestamp.js';
import type { ObstacleText } from './obstacle-text.js';
import type { Obstacle, RecoveryPlan } from './run.js';
import type { Settings } from './settings.js';

export interface CommitPointJson {
  xid: number;
  lsn: string;
  time: string;
}

/** What `walscan plan --json` prints. LSNs and times are text: `0/04000680`, UTC with microseconds. */
export interface RecoveryPlanJson {
  reachable: boolean;
  reason: Obstacle['reason'] | null;
  /** PostgreSQL's major version. */
  postgres: number;
  timeline: number;
  backup: { startLsn: string; endLsn: string | null; timeline: number; label: string | null };
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
  segments: string[];
  /** Null where the target cannot be reached. */
  settings: Settings | null;
  /** Only with `--before-delete`, and only where there are any: why a later commit may have deleted rows, too. */
  problems?: ProblemJson[];
  /** Only where the target cannot be reached: why, what the server would do, what to do about it. */
  obstacle?: ObstacleText & { earliest: { lsn: string; time: string } | null; missing: string[] };
}

/**
 * Makes JSON of a plan.
 * @param version PostgreSQL's major version
 * @param settings of the server, as `recoverySettings` makes them
 * @param text why the target cannot be reached, from `obstacleText`; undefined where it can
 */
export function recoveryPlanJson(
  plan: RecoveryPlan,
  backup: BaseBackup,
  version: number,
  settings: Settings,
  text: ObstacleText | undefined,
  problems: readonly WalError[] = [],
): RecoveryPlanJson {
  const { obstacle } = plan;
  const json: RecoveryPlanJson = {
    reachable: obstacle === undefined,
    reason: obstacle?.reason ?? null,
    postgres: version,
    timeline: plan.timeline,
    backup: {
      startLsn: formatLsn(backup.startLsn),
      endLsn: lsnOrNull(plan.backupEndLsn),
      timeline: backup.timeline,
      label: backup.label ?? null,
    },
    consistentLsn: lsnOrNull(plan.consistentLsn),
    stopsAt: plan.stop ? stopJson(plan.stop) : null,
    lastKept: commitJson(plan.lastKept),
    firstLost: commitJson(plan.firstLost),
    committedAfter: plan.committedAfter,
    segments: plan.segments,
    settings: obstacle === undefined ? settings : null,
    ...(problems.length > 0 ? { problems: problems.map(problemJson) } : {}),
  };
  return obstacle && text
    ? { ...json, obstacle: { ...text, earliest: earliestJson(plan), missing: missingNames(obstacle) } }
    : json;
}

function stopJson({ lsn, position, record, xid, time }: RecoveryStop): RecoveryPlanJson['stopsAt'] {
  return {
    lsn: formatLsn(lsn),
    position,
    record: record ?? null,
    xid: xid === 0 ? null : xid,
    time: timeOrNull(time),
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

const lsnOrNull = (lsn: Lsn | undefined): string | null => (lsn === undefined ? null : formatLsn(lsn));

const timeOrNull = (time: TimestampTz | undefined): string | null =>
  time === undefined ? null : formatTimestampIso(time);
