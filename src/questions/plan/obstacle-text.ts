import { type MissingSegments, namesOfGap, type WalReset } from '../../cluster/chain.js';
import type { RecoveryStop, StopTarget } from '../../replay/recovery.js';
import { ENGLISH, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
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
  tongue: Tongue = ENGLISH,
): ObstacleText | undefined {
  const { obstacle } = planned.plan;
  if (obstacle === undefined) return undefined;
  const { problem, server, advice } = textOf(obstacle, planned, formatTime);
  const say = sayIn(tongue);
  return { problem: say`${problem}`, server: say`${server}`, advice: say`${advice}` };
}

/** The same before it is in a language. */
type Said = Readonly<Record<keyof ObstacleText, Message>>;

function textOf(obstacle: Obstacle, planned: PlannedFor, formatTime: (time: TimestampTz) => string): Said {
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
        advice: message`find ${obstacle.missing.map(namesOfGap).join(', ')} (the server's pg_wal, another archive, a standby), take a backup that was made after that for a target after that, or choose a target before ${formatLsn(obstacle.missing[0].from)}`,
      };
    case 'damaged-wal':
      if ('wrongSize' in obstacle) return wrongSize(obstacle);
      return {
        problem: message`the WAL cannot be read from ${formatLsn(obstacle.lsn)} on: ${obstacle.detail}`,
        server: atEndOfWal(planned),
        advice: message`get an undamaged copy of that segment (the server's pg_wal, another archive, a standby) or choose a target before ${formatLsn(obstacle.lsn)}`,
      };
    case 'wal-reset':
      return walReset(obstacle.reset, planned);
    case 'minimal-wal':
      return {
        problem: message`from ${formatLsn(obstacle.lsn)} on the WAL was written with wal_level=minimal, which leaves changes out`,
        server: atMinimalWal(planned.format.version),
        advice: message`take a backup that was made after that, or choose a target before ${formatLsn(obstacle.lsn)}`,
      };
    case 'backup-canceled':
      return {
        problem: message`the server was stopped or crashed while the backup was taken (its checkpoint is at ${formatLsn(obstacle.lsn)}), so that the backup has no end from which it would be consistent`,
        server: message`it stops: PANIC "online backup was canceled, recovery cannot continue"`,
        advice: message`take another backup; this one can be recovered to nowhere`,
      };
    case 'timeline-not-descended':
      return {
        problem: obstacle.detail,
        server: message`it refuses to start: FATAL "${obstacle.fatal ?? fatalOf(obstacle.detail)}"`,
        advice: message`choose a timeline that goes through the backup (--timeline), or a backup that was taken on this timeline or before it branched off`,
      };
    case 'wrong-system':
      return {
        problem: obstacle.detail,
        server: message`it refuses to start: it takes no WAL of another cluster, and finds no checkpoint to begin with`,
        advice: message`give the WAL archive of the cluster that the backup was taken from`,
      };
  }
}

function walReset({ lsn, segmentName, before }: WalReset, planned: PlannedFor): Said {
  const { walEnd = lsn } = planned.plan;
  const anew = message`pg_resetwal was run after this backup: the WAL from before it ends at ${formatLsn(walEnd)}, and begins anew at ${formatLsn(lsn)} in ${segmentName}`;
  const lost = before.map(namesOfGap).join(', ');
  return {
    problem:
      before.length === 0 ? anew : message`${anew}; it removed what there was of ${lost} and not archived`,
    server: atEndOfWal(planned),
    advice: message`take a backup that was made after pg_resetwal, or choose a target before ${formatLsn(walEnd)}`,
  };
}

function strayed(
  { missing, strayed: { parent, switchLsn } }: Extract<Obstacle, { strayed: unknown }>,
  planned: PlannedFor,
): Said {
  const { timeline, stop } = planned.plan;
  const names = missing.map(namesOfGap).join(', ');
  const then =
    stop === undefined
      ? atEndOfWal(planned)
      : message`it does not complain, and stops ${POSITIONS[stop.position]} ${formatLsn(stop.lsn)} there`;
  return {
    problem: message`segment ${names} is missing, in which timeline ${timeline} goes on from timeline ${parent} at ${formatLsn(switchLsn)}`,
    server: message`it goes on behind that with the WAL of timeline ${parent}: ${then}`,
    advice: message`find ${names} (the pg_wal of the server that was promoted, another archive), or recover to timeline ${parent} if that is what you want (--timeline ${parent})`,
  };
}

function wrongSize({ lsn, detail, wrongSize: name }: Extract<Obstacle, { wrongSize: string }>): Said {
  return {
    problem: detail,
    server: message`it stops when it is to read the file, or shortly before: FATAL "archive file "${name}" has wrong size"`,
    advice: message`put an undamaged copy in its place (from the server's pg_wal, another archive, a standby), or take it away and choose a target before ${formatLsn(lsn)}`,
  };
}

/** `CheckRequiredParameterValues`; up to 13 the default of `hot_standby` has it stop, too. */
function atMinimalWal(version: number): Message {
  return version >= 14
    ? message`it stops: FATAL "WAL was generated with wal_level=minimal, cannot continue recovering"`
    : message`it stops: FATAL "hot standby is not possible because wal_level was not set to "replica" or higher"; without hot_standby it goes on, and data are missing`;
}

/** Up to the first colon: what follows is the detail. */
const fatalOf = (detail: Message): string => String(detail).replace(/: .*/s, '');

function tooEarly({ plan, target }: PlannedFor, formatTime: (time: TimestampTz) => string): Said {
  const { stop, consistentLsn, earliestTime, checkpointTime } = plan;
  const earliest =
    consistentLsn === undefined || earliestTime === undefined
      ? message`take an older backup`
      : message`take an older backup; this one can be recovered to ${formatLsn(consistentLsn)} or ${formatTime(earliestTime)} at the earliest`;
  if (stop?.consistent !== true) {
    const at = consistentLsn === undefined ? '' : ` (${formatLsn(consistentLsn)})`;
    return {
      problem:
        target.kind === 'time'
          ? message`the target is too early for this backup: transactions ended after it before the data are consistent${at}`
          : message`the target is too early for this backup: it comes before the data are consistent${at}`,
      server: message`it stops: FATAL "requested recovery stop point is before consistent recovery point"`,
      advice: earliest,
    };
  }
  const started =
    target.kind === 'time' && checkpointTime !== undefined ? ` (${formatTime(checkpointTime)})` : '';
  return {
    problem: message`the target is before the backup was started${started}, so that the backup holds newer data already`,
    server: message`it does not complain, and stops ${POSITIONS[stop.position]} ${formatLsn(stop.lsn)}, the first possible place after the backup's end, with newer data than were asked for`,
    advice: earliest,
  };
}

function notFound(planned: PlannedFor, formatTime: (time: TimestampTz) => string): Said {
  const { plan, target } = planned;
  const { walEnd, lastKept } = plan;
  const last =
    lastKept === undefined
      ? message`no transaction committed after the backup began`
      : message`the last commit there is: transaction ${lastKept.xid} at ${formatTime(lastKept.time)} (${formatLsn(lastKept.lsn)})`;
  return {
    problem:
      walEnd === undefined
        ? message`the WAL of timeline ${plan.timeline} ends before the target; ${last}`
        : message`the WAL of timeline ${plan.timeline} ends at ${formatLsn(walEnd)} before the target; ${last}`,
    server: atEndOfWal(planned),
    advice: adviceNotFound(target, planned),
  };
}

function adviceNotFound(target: StopTarget, { plan }: PlannedFor): Message {
  const more = message`see whether later WAL is to be had (the pg_wal of the server, .partial files)`;
  switch (target.kind) {
    case 'time':
      return message`${more}; to recover all there is, use --latest: nothing was committed between the last commit and the end of the WAL`;
    case 'xid': {
      const xid = withoutEpoch(target.xid);
      return plan.nextXid !== undefined && compareXids(xid, plan.nextXid) < 0
        ? message`transaction ${xid} began before the backup: if it ended before it as well, take an older backup; else ${more}`
        : message`${more}; an xid counts where its transaction ends, and subtransactions do not count`;
    }
    case 'name': {
      const names = plan.restorePoints.join(', ');
      return names === ''
        ? message`see whether the restore point was made after the backup: there is none made since then in this WAL; or ${more}`
        : message`see whether the name is right and the restore point was made after the backup (those made since then, the most alike first: ${names}); or ${more}`;
    }
    default:
      return more;
  }
}

/** What happens where the WAL ends, or seems to, before the target. */
function atEndOfWal({ plan, target, format: { version } }: PlannedFor): Message {
  if (target.kind !== 'latest' && version >= 13) {
    return message`it stops: FATAL "recovery ended before configured recovery target was reached"`;
  }
  if (plan.walEnd === undefined) return message`it refuses to start: it finds no checkpoint to begin with`;
  if (plan.consistentLsn === undefined)
    return message`it stops: FATAL "WAL ends before end of online backup"`;
  const at = formatLsn(plan.walEnd);
  return target.kind === 'latest'
    ? message`it does not complain: it opens at ${at} on a new timeline, as if that were the end of the WAL`
    : message`it does not complain: it opens at ${at} on a new timeline, as up to 12 it does where the target is not found`;
}

function missingText(missing: MissingSegments[], walEnd: Lsn | undefined): Message {
  const count = missing.reduce((sum, one) => sum + one.count, 0);
  const names = missing.map(namesOfGap).join(', ');
  const what = several(count, 'segment {1} is missing', '{0} segments are missing: {1}', names);
  return walEnd === undefined ? what : message`${what}; the WAL can be read up to ${formatLsn(walEnd)}`;
}

/** Where recovery stops, seen from a record. */
export const POSITIONS: Readonly<Record<RecoveryStop['position'], Message>> = {
  before: message`before`,
  after: message`after`,
};
