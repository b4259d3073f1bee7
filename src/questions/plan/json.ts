import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import { lsnJson, timeJson } from '../../text/json.js';
import { formatTimestampTz, UTC } from '../../text/timezone.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { unloggedJson } from '../unlogged.js';
import type { PlannedRecovery } from './ask.js';
import { type ObstacleText, obstacleText } from './obstacle-text.js';
import type { Obstacle, RecoveryPlan } from './run.js';
import type { Settings } from './settings.js';

/** A transaction's commit in JSON. */
export interface CommitPointJson {
  xid: number;
  lsn: string;
  time: string;
}

/** What `walscan plan --json` prints. LSNs and times are text: `0/04000680`, UTC with microseconds. */
export interface PlanJson extends HeadJson {
  reachable: boolean;
  reason: Obstacle['reason'] | null;
  /** The one that recovery goes to. */
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
  /** Only where the target cannot be reached, else null: why, what the server would do, what to do about it. */
  obstacle: (ObstacleText & { earliest: { lsn: string; time: string } | null; missing: string[] }) | null;
  /** What could not be read: there may be more WAL, or with `--before-delete` a later commit that deleted rows. */
  problems: Problem[];
}

/** Makes JSON of what `planRecovery` gives. */
export function planJson(planned: PlannedRecovery): PlanJson {
  const { format, plan, backup, settings, removed, problems, unread } = planned;
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
    },
    consistentLsn: lsnJson(plan.consistentLsn),
    stopsAt: plan.stop ? stopJson(plan.stop) : null,
    lastKept: commitJson(plan.lastKept),
    firstLost: commitJson(plan.firstLost),
    committedAfter: plan.committedAfter,
    segments: plan.segments,
    misnamed: planned.misnamed.map(({ name, sources }) => ({ file: sources[0].name, name })),
    partial: planned.partial.map(({ name }) => name),
    ...(removed ? unloggedJson(removed) : {}),
    settings: obstacle === undefined ? settings : null,
    obstacle: obstacleJson(planned),
    problems: [...problems, ...unread].map((problem) => problem.toJSON()),
  };
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
