import { groupBy } from '../../cluster/group-by.js';
import type { MappedTablespace } from '../../cluster/tablespace-map.js';
import type { HeldLock } from '../../replay/held-locks.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import type { RaisedSettings, RequiredSettings } from '../../replay/server-needs.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { toCopy } from '../../text/to-copy.js';
import type { Say } from '../../text/tongue.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import type { PlannedRecovery } from './ask.js';
import type { ServerOutlook } from './run.js';

/** What is to be known before the server is started: where it writes, and that it does not pause. */
export function warningLines(
  { plan: { server }, mappedTablespaces, format }: PlannedRecovery,
  say: Say,
): string[] {
  return [
    ...mappedLines(mappedTablespaces, say),
    ...tablespaceLines(server, format.version, say),
    ...extensionLines(server, say),
    ...noPauseLines(server, say),
  ];
}

/** `RmgrNotFound` (src/backend/access/transam/rmgr.c, since 15) */
function extensionLines({ customRmgrs }: ServerOutlook, say: Say): string[] {
  if (customRmgrs.length === 0) return [];
  const ids = customRmgrs.join(', ');
  return [
    '',
    colours.yellow(say`Up to there an extension writes WAL of its own (resource manager ${ids}).`),
    say`Have its library in shared_preload_libraries, as production has, or recovery ends there: FATAL "resource manager\nwith ID ${customRmgrs[0]} not registered".`,
  ];
}

function mappedLines(tablespaces: readonly MappedTablespace[], say: Say): string[] {
  if (tablespaces.length === 0) return [];
  return [
    '',
    colours.yellow(
      say`The server has the tablespaces of the backup in these directories, to which they are linked:`,
    ),
    ...tablespaces.map(({ oid, path }) => `  ${printable(path)}  (${oid})`),
    say`Where production uses them, it writes into production's files. Before you start it, give each a directory of its\nown (in the backup's tablespace_map or, without one, by the link in pg_tblspc), and put the tablespace's files there.`,
  ];
}

/** `create_tablespace_directories` (src/backend/commands/tablespace.c): up to 14 it removes what it finds there. */
function tablespaceLines({ tablespaces }: ServerOutlook, version: number, say: Say): string[] {
  const [first] = tablespaces;
  if (first === undefined) return [];
  return [
    '',
    colours.yellow(
      say`Up to there tablespaces are created, and replay makes their files in these directories:`,
    ),
    ...tablespaces.map(
      ({ oid, path, lsn }) => `  ${printable(path)}  (${say`${oid}, at ${formatLsn(lsn)}`})`,
    ),
    version < 15
      ? say`Where production uses them, the restored server writes into production's files, and may empty them first. Restore it on another\nhost or in a container, with these directories there, empty and the server's own (without them: FATAL); or choose\na target before ${formatLsn(first.lsn)}.`
      : say`Where production uses them, the restored server writes into production's files. Restore it on another\nhost or in a container, with these directories there, empty and the server's own (without them: FATAL); or choose\na target before ${formatLsn(first.lsn)}.`,
  ];
}

function noPauseLines({ pauses, hotStandbyLsn }: ServerOutlook, say: Say): string[] {
  if (pauses !== false) return [];
  return [
    '',
    colours.yellow(say`The server would not pause there: told to, it would open for writing at once.`),
    hotStandbyLsn === undefined
      ? say`It answers no queries up to the end of this WAL, because its backup was taken while a transaction with more than 64\nsubtransactions was open. So it is told to shut down at the target.`
      : say`It answers no queries before ${formatLsn(hotStandbyLsn)}, because its backup was taken while a transaction with more than 64\nsubtransactions was open. So it is told to shut down at the target.`,
  ];
}

/** The settings without which it does not get to the target, to be added to those of recovery. */
export function requiredLines(
  { plan: { server }, format: { version } }: PlannedRecovery,
  say: Say,
): string[] {
  const { settings, isControlKnown, raised } = server;
  if (settings === undefined) return [];
  const atLeast = isControlKnown
    ? ''
    : ` (${say`the backup given has no pg_control, which may ask for more`})`;
  return [
    '',
    version < 12
      ? say`The server has to have these settings, too, or higher ones in postgresql.conf${atLeast}.`
      : say`The server has to have these settings, too, or higher ones${atLeast}.`,
    say`With lower ones ${withLess(raised, version, say)}.`,
    '',
    ...linesOf(settings).map((line) => `  ${toCopy(line)}`),
  ];
}

/** `CheckRequiredParameterValues` (src/backend/access/transam/xlog.c) asks at the start and at each change. */
function withLess(raised: readonly RaisedSettings[], version: number, say: Say): string {
  const pausing = version >= 14 ? raised.filter(({ isHotStandby }) => isHotStandby) : [];
  const ends = raised.filter((one) => !pausing.includes(one));
  return [
    say`it does not start`,
    ...pausing.map(
      (one) => say`pauses at ${formatLsn(one.replayedTo)} as if that were the target (${names(one)})`,
    ),
    ...ends.map((one) => say`ends at ${formatLsn(one.lsn)} (${names(one)})`),
  ].join(say`, or `);
}

const names = ({ settings }: RaisedSettings): string => linesOf(settings).join(', ');

const linesOf = (settings: Partial<RequiredSettings>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${value}`]));

/** How to see that it has come to its target and nowhere else, and what to do then. */
export function checkLines({ plan, target, format: { version } }: PlannedRecovery, say: Say): string[] {
  if (target.kind === 'latest') {
    return [
      say`The server opens when it has read all WAL:`,
      '',
      `  ${toCopy('SELECT pg_is_in_recovery();')}  -- ${say`f: it is open`}`,
    ];
  }
  const { pauses, replayedTo, locks } = plan.server;
  const at = replayedTo === undefined ? say`the target` : formatLsn(replayedTo);
  return pauses === false
    ? shutdownLines(replayedTo, say)
    : [...pauseLines(at, version, say), ...lockLines(locks, plan.stop, say)];
}

function pauseLines(at: string, version: number, say: Say): string[] {
  const paused = version >= 14 ? 'pg_get_wal_replay_pause_state()' : 'pg_is_wal_replay_paused()';
  return [
    say`When the server has stopped there, it answers queries and changes nothing yet:`,
    '',
    `  ${toCopy(`SELECT pg_last_wal_replay_lsn(), ${paused}, pg_last_xact_replay_timestamp();`)}`,
    `  -- ${say`${at} and ${version >= 14 ? 'paused' : 't'}: it is at its target. Paused at another LSN: it lacks a setting, and its log says which`}`,
    `  -- ${say`look whether the rows are there; if so, open it for good, on a new timeline:`}`,
    `  ${toCopy('SELECT pg_wal_replay_resume();')}`,
  ];
}

/** More tables than these are counted only: a transaction that drops a schema locks all that is in it. */
const FEW_TABLES = 10;

function lockLines(locks: readonly HeldLock[], stop: RecoveryStop | undefined, say: Say): string[] {
  if (locks.length === 0) return [];
  const holders = groupBy(locks, ({ xid, dbOid }) => `${xid} ${dbOid}`);
  return [
    '',
    ...say`A SELECT of these tables waits there, for a transaction that has not ended has locked them\n(as DROP, TRUNCATE and ALTER do). To look at them, open the server, or a copy of it:`
      .split('\n')
      .map(colours.yellow),
    ...[...holders.values()].map((one) => `  ${holderText(one, stop, say)}`),
  ];
}

function holderText(locks: readonly HeldLock[], stop: RecoveryStop | undefined, say: Say): string {
  const [{ xid, dbOid, isPrepared }] = locks;
  const oids = locks.slice(0, FEW_TABLES).map(({ relOid }) => relOid);
  const more = locks.length - FEW_TABLES;
  const tables = more > 0 ? say`${oids.join(', ')} and ${more} more` : oids.join(', ');
  const held = say`oid ${tables} of database ${dbOid}, by transaction ${xid}`;
  const whose = isEndOf(xid, stop) ? `, ${say`whose end it stops before`}` : '';
  const until = isPrepared
    ? `, ${say`which is prepared: it keeps them until it is ended by ROLLBACK PREPARED`}`
    : '';
  return held + whose + until;
}

const isEndOf = (xid: number, stop: RecoveryStop | undefined): boolean =>
  stop?.position === 'before' && stop.xid === xid && /^(?:COMMIT|ABORT)/.test(stop.record ?? '');

function shutdownLines(replayedTo: Lsn | undefined, say: Say): string[] {
  return [
    replayedTo === undefined
      ? say`The server shuts down there, with "shutdown at recovery target" in its log.`
      : say`The server shuts down there after the record that ends at ${formatLsn(replayedTo)}, with "shutdown at recovery target" in its log.`,
    say`Keep a copy of the data folder if you may want another target. To open it, on a new timeline, set`,
    '',
    "  recovery_target_action = 'promote'",
    '',
    say`and start it again.`,
  ];
}
