import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { civilTime, formatTimestampIso, type TimestampTz } from '../../wal/timestamp.js';
import type { CommitFound, RelationFound } from './search.js';

/**
 * Where recovery has to stop so that the last destructive commit has not happened. Each of the three does for
 * itself; only one may be set.
 */
export interface RecoveryTarget {
  /** What must not be replayed. */
  commit: CommitFound;
  /** `recovery_target_lsn`, exclusive: recovery stops before the first record at or after it. */
  lsn: Lsn;
  /** `recovery_target_xid`, exclusive. */
  xid: number;
  /** `recovery_target_time`, inclusive: undefined where none makes recovery stop exactly there. */
  time: TimestampTz | undefined;
  /** Why there is no time. */
  timeReason: Message | undefined;
}

/** Where a recovery that is to bring rows back has to stop. */
export interface RecoveryTargets {
  /** For the last commit that certainly deleted rows or removed the relation by DROP or TRUNCATE. */
  recoveryTarget: RecoveryTarget | undefined;
  /**
   * The other one where there are two: for the last DELETE where DROP or TRUNCATE came after it, which may have found
   * the table empty; or for the removal after it of which it is unknown whether it lost rows.
   */
  otherTarget: RecoveryTarget | undefined;
}

/** Recovery targets for what a relation lost last. */
export function recoveryTargetsOf({ lastDelete, removed }: RelationFound): RecoveryTargets {
  const removal = removed && removed.kind !== 'rewrite' ? removed.commit : undefined;
  const deletion = lastDelete?.commit;
  const commits = [removal, deletion].filter((commit) => commit !== undefined);
  commits.sort((a, b) => (a.lsn < b.lsn ? 1 : a.lsn > b.lsn ? -1 : 0));
  // what removed the file before its last DELETE was the end of another table, which had the same number
  const [last, before] = commits[0] === removal ? commits : commits.slice(0, 1);
  const isOpen = removed?.kind === 'unknown' && before !== undefined;
  const [first, other] = isOpen ? [before, last] : [last, before];
  return {
    recoveryTarget: first && recoveryTargetOf(first),
    otherTarget: other && other.lsn !== first.lsn ? recoveryTargetOf(other) : undefined,
  };
}

function recoveryTargetOf(commit: CommitFound): RecoveryTarget {
  const timeReason = whyNoTime(commit);
  // the smallest step that a timestamp has before the commit
  const time = timeReason === undefined ? commit.time - 1n : undefined;
  return { commit, lsn: commit.lsn, xid: commit.xid, time, timeReason };
}

/** `recovery_target_time` takes no years before 1 and none after these (src/include/datatype/timestamp.h). */
const LAST_YEAR = 294_276;

/**
 * Recovery by time stops before the first COMMIT or ABORT, in the order of the WAL, whose time is later than the
 * target (`recoveryStopsBefore`, xlogrecovery.c; up to 14 in xlog.c). Times may run backwards there: a
 * transaction takes its time before it gets its place in the WAL, and clocks are set.
 */
function whyNoTime({ xid, time, latestBefore }: CommitFound): Message | undefined {
  const year = civilTime(time - 1n).year;
  if (year < 1 || year > LAST_YEAR)
    return message`the commit's time, ${formatTimestampIso(time)}, is no date that can be set`;
  if (latestBefore === undefined || latestBefore.time < time) return undefined;
  const { xid: other, lsn } = latestBefore;
  const when = formatTimestampIso(latestBefore.time);
  return latestBefore.time === time
    ? message`transaction ${other} comes before ${xid} in the WAL (${formatLsn(lsn)}) with the same time, ${when}: recovery to any time that spares transaction ${xid} would stop there already`
    : message`transaction ${other} comes before ${xid} in the WAL (${formatLsn(lsn)}) with a later time, ${when}: recovery to any time that spares transaction ${xid} would stop there already`;
}

/** The time as `recovery_target_time` takes it: `2025-12-24 17:53:45.880037+00`. */
export function formatTargetTime(time: TimestampTz): string {
  const { year, month, day, hour, minute, second, microsecond } = civilTime(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date} ${two(hour)}:${two(minute)}:${two(second)}.${String(microsecond).padStart(6, '0')}+00`;
}
