import { type MissingSegments, namesOfGap, type WalReset } from '../../cluster/chain.js';
import type { StopTarget } from '../../replay/recovery.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { compareXids, withoutEpoch } from '../../wal/xid.js';
import type { PlannedRecovery } from './ask.js';
import type { Obstacle } from './obstacle.js';

/** An obstacle in words, each a sentence or two without a full stop at the end of the last. */
export interface ObstacleText {
  /** What is in the way. */
  problem: string;
  /** What the server would do if it were tried all the same. */
  server: string;
  /** What to do about it. */
  advice: string;
}

/** What an obstacle was met by: a plan, and what it was made for. */
export type PlannedFor = Pick<PlannedRecovery, 'plan' | 'target' | 'backup' | 'format'>;

/**
 * Says why a target cannot be reached, in the server's words where it has some (`PerformWalRecovery`,
 * src/backend/access/transam/xlogrecovery.c; up to 14 `StartupXLOG`, xlog.c).
 * @param formatTime how times are written
 * @returns undefined where it can
 */
export function obstacleText(
  planned: PlannedFor,
  formatTime: (time: TimestampTz) => string,
): ObstacleText | undefined {
  const { obstacle } = planned.plan;
  return obstacle && textOf(obstacle, planned, formatTime);
}

function textOf(
  obstacle: Obstacle,
  planned: PlannedFor,
  formatTime: (time: TimestampTz) => string,
): ObstacleText {
  switch (obstacle.reason) {
    case 'target-before-consistency':
      return tooEarly(planned, formatTime);
    case 'target-not-found':
      return notFound(planned, formatTime);
    case 'missing-segment':
      if ('strayed' in obstacle) return strayed(obstacle, planned);
      return {
        problem: missingText(obstacle.missing, planned.plan.walEnd),
        server: atEndOfWal(planned),
        advice: `find ${obstacle.missing.map(namesOfGap).join(', ')} (the server's pg_wal, another archive, a standby), take a backup that was made after that for a target after that, or choose a target before ${formatLsn(obstacle.missing[0].from)}`,
      };
    case 'damaged-wal':
      if ('wrongSize' in obstacle) return wrongSize(obstacle);
      return {
        problem: `the WAL cannot be read from ${formatLsn(obstacle.lsn)} on: ${obstacle.detail}`,
        server: atEndOfWal(planned),
        advice: `get an undamaged copy of that segment (the server's pg_wal, another archive, a standby) or choose a target before ${formatLsn(obstacle.lsn)}`,
      };
    case 'wal-reset':
      return walReset(obstacle.reset, planned);
    case 'minimal-wal':
      return {
        problem: `from ${formatLsn(obstacle.lsn)} on the WAL was written with wal_level=minimal, which leaves changes out`,
        server: atMinimalWal(planned.format.version),
        advice: `take a backup that was made after that, or choose a target before ${formatLsn(obstacle.lsn)}`,
      };
    case 'backup-canceled':
      return {
        problem: `the server was stopped or crashed while the backup was taken (its checkpoint is at ${formatLsn(obstacle.lsn)}), so that the backup has no end from which it would be consistent`,
        server: 'it stops: PANIC "online backup was canceled, recovery cannot continue"',
        advice: 'take another backup; this one can be recovered to nowhere',
      };
    case 'timeline-not-descended':
      return {
        problem: obstacle.detail,
        server: `it refuses to start: FATAL "${obstacle.fatal ?? fatalOf(obstacle.detail)}"`,
        advice:
          'choose a timeline that goes through the backup (--timeline), or a backup that was taken on this timeline or before it branched off',
      };
    case 'wrong-system':
      return {
        problem: obstacle.detail,
        server:
          'it refuses to start: it takes no WAL of another cluster, and finds no checkpoint to begin with',
        advice: 'give the WAL archive of the cluster that the backup was taken from',
      };
  }
}

function walReset({ lsn, segmentName, before }: WalReset, planned: PlannedFor): ObstacleText {
  const { walEnd = lsn } = planned.plan;
  const lost =
    before.length === 0
      ? ''
      : `; it removed what there was of ${before.map(namesOfGap).join(', ')} and not archived`;
  return {
    problem: `pg_resetwal was run after this backup: the WAL from before it ends at ${formatLsn(walEnd)}, and begins anew at ${formatLsn(lsn)} in ${segmentName}${lost}`,
    server: atEndOfWal(planned),
    advice: `take a backup that was made after pg_resetwal, or choose a target before ${formatLsn(walEnd)}`,
  };
}

function strayed(
  { missing, strayed: { parent, switchLsn } }: Extract<Obstacle, { strayed: unknown }>,
  planned: PlannedFor,
): ObstacleText {
  const { timeline, stop } = planned.plan;
  const names = missing.map(namesOfGap).join(', ');
  const then =
    stop === undefined
      ? atEndOfWal(planned)
      : `it does not complain, and stops ${stop.position} ${formatLsn(stop.lsn)} there`;
  return {
    problem: `segment ${names} is missing, in which timeline ${timeline} goes on from timeline ${parent} at ${formatLsn(switchLsn)}`,
    server: `it goes on behind that with the WAL of timeline ${parent}: ${then}`,
    advice: `find ${names} (the pg_wal of the server that was promoted, another archive), or recover to timeline ${parent} if that is what you want (--timeline ${parent})`,
  };
}

function wrongSize({ lsn, detail, wrongSize: name }: Extract<Obstacle, { wrongSize: string }>): ObstacleText {
  return {
    problem: detail,
    server: `it stops when it is to read the file, or shortly before: FATAL "archive file "${name}" has wrong size"`,
    advice: `put an undamaged copy in its place (from the server's pg_wal, another archive, a standby), or take it away and choose a target before ${formatLsn(lsn)}`,
  };
}

/** `CheckRequiredParameterValues`; up to 13 the default of `hot_standby` has it stop, too. */
function atMinimalWal(version: number): string {
  return version >= 14
    ? 'it stops: FATAL "WAL was generated with wal_level=minimal, cannot continue recovering"'
    : 'it stops: FATAL "hot standby is not possible because wal_level was not set to "replica" or higher"; without hot_standby it goes on, and data are missing';
}

/** Up to the first colon: what follows is the detail. */
const fatalOf = (detail: string): string => detail.replace(/: .*/s, '');

function tooEarly({ plan, target }: PlannedFor, formatTime: (time: TimestampTz) => string): ObstacleText {
  const { stop, consistentLsn, earliestTime, checkpointTime } = plan;
  const earliest =
    consistentLsn === undefined || earliestTime === undefined
      ? 'take an older backup'
      : `take an older backup; this one can be recovered to ${formatLsn(consistentLsn)} or ${formatTime(earliestTime)} at the earliest`;
  if (stop?.consistent !== true) {
    const before = target.kind === 'time' ? 'transactions ended after it before' : 'it comes before';
    return {
      problem: `the target is too early for this backup: ${before} the data are consistent${consistentLsn === undefined ? '' : ` (${formatLsn(consistentLsn)})`}`,
      server: 'it stops: FATAL "requested recovery stop point is before consistent recovery point"',
      advice: earliest,
    };
  }
  const started =
    target.kind === 'time' && checkpointTime !== undefined ? ` (${formatTime(checkpointTime)})` : '';
  return {
    problem: `the target is before the backup was started${started}, so that the backup holds newer data already`,
    server: `it does not complain, and stops ${stop.position} ${formatLsn(stop.lsn)}, the first possible place after the backup's end, with newer data than were asked for`,
    advice: earliest,
  };
}

function notFound(planned: PlannedFor, formatTime: (time: TimestampTz) => string): ObstacleText {
  const { plan, target } = planned;
  const { walEnd, lastKept } = plan;
  const end = walEnd === undefined ? '' : ` at ${formatLsn(walEnd)}`;
  const last =
    lastKept === undefined
      ? 'no transaction committed after the backup began'
      : `the last commit there is: transaction ${lastKept.xid} at ${formatTime(lastKept.time)} (${formatLsn(lastKept.lsn)})`;
  return {
    problem: `the WAL of timeline ${plan.timeline} ends${end} before the target; ${last}`,
    server: atEndOfWal(planned),
    advice: adviceNotFound(target, planned),
  };
}

function adviceNotFound(target: StopTarget, { plan }: PlannedFor): string {
  const more = 'see whether later WAL is to be had (the pg_wal of the server, .partial files)';
  switch (target.kind) {
    case 'time':
      return `${more}; to recover all there is, use --latest: nothing was committed between the last commit and the end of the WAL`;
    case 'xid': {
      const xid = withoutEpoch(target.xid);
      return plan.nextXid !== undefined && compareXids(xid, plan.nextXid) < 0
        ? `transaction ${xid} began before the backup: if it ended before it as well, take an older backup; else ${more}`
        : `${more}; an xid counts where its transaction ends, and subtransactions do not count`;
    }
    case 'name':
      return `see whether the name is right and the restore point was made after the backup; or ${more}`;
    default:
      return more;
  }
}

/** What happens where the WAL ends, or seems to, before the target. */
function atEndOfWal({ plan, target, format: { version } }: PlannedFor): string {
  if (target.kind !== 'latest' && version >= 13) {
    return 'it stops: FATAL "recovery ended before configured recovery target was reached"';
  }
  if (plan.walEnd === undefined) return 'it refuses to start: it finds no checkpoint to begin with';
  if (plan.consistentLsn === undefined) return 'it stops: FATAL "WAL ends before end of online backup"';
  const silently =
    target.kind === 'latest'
      ? 'as if that were the end of the WAL'
      : 'as up to 12 it does where the target is not found';
  return `it does not complain: it opens at ${formatLsn(plan.walEnd)} on a new timeline, ${silently}`;
}

function missingText(missing: MissingSegments[], walEnd: Lsn | undefined): string {
  const count = missing.reduce((sum, one) => sum + one.count, 0);
  const what = `${count === 1 ? 'segment' : `${count} segments are missing:`} ${missing.map(namesOfGap).join(', ')}`;
  const end = walEnd === undefined ? '' : `; the WAL can be read up to ${formatLsn(walEnd)}`;
  return `${what}${count === 1 ? ' is missing' : ''}${end}`;
}
