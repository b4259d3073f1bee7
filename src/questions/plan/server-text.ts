import { groupBy } from '../../cluster/group-by.js';
import type { MappedTablespace } from '../../cluster/tablespace-map.js';
import type { HeldLock } from '../../replay/held-locks.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import type { RaisedSettings, RequiredSettings } from '../../replay/server-needs.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import type { PlannedRecovery } from './ask.js';
import type { ServerOutlook } from './run.js';

/** What is to be known before the server is started: where it writes, and that it does not pause. */
export function warningLines({ plan: { server }, mappedTablespaces, format }: PlannedRecovery): string[] {
  return [
    ...mappedLines(mappedTablespaces),
    ...tablespaceLines(server, format.version),
    ...extensionLines(server),
    ...noPauseLines(server),
  ];
}

/** `RmgrNotFound` (src/backend/access/transam/rmgr.c, since 15) */
function extensionLines({ customRmgrs }: ServerOutlook): string[] {
  if (customRmgrs.length === 0) return [];
  const ids = customRmgrs.join(', ');
  return [
    '',
    colours.yellow(`Up to there an extension writes WAL of its own (resource manager ${ids}).`),
    'Have its library in shared_preload_libraries, as production has, or recovery ends there: FATAL "resource manager',
    `with ID ${customRmgrs[0]} not registered".`,
  ];
}

function mappedLines(tablespaces: readonly MappedTablespace[]): string[] {
  if (tablespaces.length === 0) return [];
  return [
    '',
    colours.yellow(
      'The server has the tablespaces of the backup in these directories, to which they are linked:',
    ),
    ...tablespaces.map(({ oid, path }) => `  ${printable(path)}  (${oid})`),
    "Where production uses them, it writes into production's files. Before you start it, give each a directory of its",
    "own (in the backup's tablespace_map or, without one, by the link in pg_tblspc), and put the tablespace's files there.",
  ];
}

/** `create_tablespace_directories` (src/backend/commands/tablespace.c): up to 14 it removes what it finds there. */
function tablespaceLines({ tablespaces }: ServerOutlook, version: number): string[] {
  const [first] = tablespaces;
  if (first === undefined) return [];
  const emptied = version < 15 ? ', and may empty them first' : '';
  return [
    '',
    colours.yellow('Up to there tablespaces are created, and replay makes their files in these directories:'),
    ...tablespaces.map(({ oid, path, lsn }) => `  ${printable(path)}  (${oid}, at ${formatLsn(lsn)})`),
    `Where production uses them, the restored server writes into production's files${emptied}. Restore it on another`,
    `host or in a container, with these directories there, empty and the server's own (without them: FATAL); or choose`,
    `a target before ${formatLsn(first.lsn)}.`,
  ];
}

function noPauseLines({ pauses, hotStandbyLsn }: ServerOutlook): string[] {
  if (pauses !== false) return [];
  const from =
    hotStandbyLsn === undefined ? 'up to the end of this WAL' : `before ${formatLsn(hotStandbyLsn)}`;
  return [
    '',
    colours.yellow('The server would not pause there: told to, it would open for writing at once.'),
    `It answers no queries ${from}, because its backup was taken while a transaction with more than 64`,
    'subtransactions was open. So it is told to shut down at the target.',
  ];
}

/** The settings without which it does not get to the target, to be added to those of recovery. */
export function requiredLines({ plan: { server }, format: { version } }: PlannedRecovery): string[] {
  const { settings, isControlKnown, raised } = server;
  if (settings === undefined) return [];
  const where = version < 12 ? ' in postgresql.conf' : '';
  const atLeast = isControlKnown ? '' : ' (the backup given has no pg_control, which may ask for more)';
  return [
    '',
    `The server has to have these settings, too, or higher ones${where}${atLeast}.`,
    `With lower ones ${withLess(raised, version)}.`,
    '',
    ...linesOf(settings).map((line) => `  ${colours.cyan(line)}`),
  ];
}

/** `CheckRequiredParameterValues` (src/backend/access/transam/xlog.c) asks at the start and at each change. */
function withLess(raised: readonly RaisedSettings[], version: number): string {
  const pausing = version >= 14 ? raised.filter(({ isHotStandby }) => isHotStandby) : [];
  const ends = raised.filter((one) => !pausing.includes(one));
  return [
    'it does not start',
    ...pausing.map(
      (one) => `pauses at ${formatLsn(one.replayedTo)} as if that were the target (${names(one)})`,
    ),
    ...ends.map((one) => `ends at ${formatLsn(one.lsn)} (${names(one)})`),
  ].join(', or ');
}

const names = ({ settings }: RaisedSettings): string => linesOf(settings).join(', ');

const linesOf = (settings: Partial<RequiredSettings>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${value}`]));

/** How to see that it has come to its target and nowhere else, and what to do then. */
export function checkLines({ plan, target, format: { version } }: PlannedRecovery): string[] {
  if (target.kind === 'latest') {
    return [
      'The server opens when it has read all WAL:',
      '',
      '  SELECT pg_is_in_recovery();  -- f: it is open',
    ];
  }
  const { pauses, replayedTo, locks } = plan.server;
  const at = replayedTo === undefined ? 'the target' : formatLsn(replayedTo);
  return pauses === false ? shutdownLines(replayedTo) : pauseLines(at, version, lockLines(locks, plan.stop));
}

function pauseLines(at: string, version: number, locks: readonly string[]): string[] {
  const paused = version >= 14 ? 'pg_get_wal_replay_pause_state()' : 'pg_is_wal_replay_paused()';
  return [
    'When the server has stopped there, it answers queries and changes nothing yet:',
    '',
    `  SELECT pg_last_wal_replay_lsn(), ${paused}, pg_last_xact_replay_timestamp();`,
    `  -- ${at} and ${version >= 14 ? 'paused' : 't'}: it is at its target. Paused at another LSN: it lacks a setting, and its log says which`,
    '  -- look whether the rows are there; if so, open it for good, on a new timeline:',
    '  SELECT pg_wal_replay_resume();',
    ...locks,
  ];
}

/** More tables than these are counted only: a transaction that drops a schema locks all that is in it. */
const FEW_TABLES = 10;

function lockLines(locks: readonly HeldLock[], stop: RecoveryStop | undefined): string[] {
  if (locks.length === 0) return [];
  const holders = groupBy(locks, ({ xid, dbOid }) => `${xid} ${dbOid}`);
  return [
    '',
    colours.yellow(
      'A SELECT of these tables waits there, for a transaction that has not ended has locked them',
    ),
    colours.yellow('(as DROP, TRUNCATE and ALTER do). To look at them, open the server, or a copy of it:'),
    ...[...holders.values()].map((one) => holderLine(one, stop)),
  ];
}

function holderLine(locks: readonly HeldLock[], stop: RecoveryStop | undefined): string {
  const [{ xid, dbOid, isPrepared }] = locks;
  const oids = locks.slice(0, FEW_TABLES).map(({ relOid }) => relOid);
  const more = locks.length > FEW_TABLES ? ` and ${locks.length - FEW_TABLES} more` : '';
  const until = isPrepared ? ', which is prepared: it keeps them until it is ended by ROLLBACK PREPARED' : '';
  const whose = isEndOf(xid, stop) ? ', whose end it stops before' : '';
  return `  oid ${oids.join(', ')}${more} of database ${dbOid}, by transaction ${xid}${whose}${until}`;
}

const isEndOf = (xid: number, stop: RecoveryStop | undefined): boolean =>
  stop?.position === 'before' && stop.xid === xid && /^(?:COMMIT|ABORT)/.test(stop.record ?? '');

function shutdownLines(replayedTo: Lsn | undefined): string[] {
  const at = replayedTo === undefined ? '' : ` after the record that ends at ${formatLsn(replayedTo)}`;
  return [
    `The server shuts down there${at}, with "shutdown at recovery target" in its log.`,
    'Keep a copy of the data folder if you may want another target. To open it, on a new timeline, set',
    '',
    "  recovery_target_action = 'promote'",
    '',
    'and start it again.',
  ];
}
