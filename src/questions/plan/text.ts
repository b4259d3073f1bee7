import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { RecoveryStop } from '../../replay/recovery.js';
import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import { withoutEpoch } from '../../wal/xid.js';
import { problemText } from '../problem-text.js';
import { TOOL_NAMES } from '../tool-names.js';
import { unloggedText } from '../unlogged.js';
import type { PlannedRecovery } from './ask.js';
import { planFor } from './before-delete.js';
import { leftoverLines } from './leftover-text.js';
import { type ObstacleText, obstacleText } from './obstacle-text.js';
import type { RecoveryPlan } from './run.js';
import { checkLines, requiredLines, warningLines } from './server-text.js';
import { formatSettings } from './settings.js';
import { pathArgument } from './shell.js';

/** The answer in the order of the questions: can it be done, what comes of it, how. */
export function planText(planned: PlannedRecovery, zone: TimeZone): string {
  const obstacle = obstacleText(planned, (time) => formatTimestampTz(time, zone));
  const lines = [
    ...headLines(planned),
    ...clusterLines(planned),
    ...targetLines(planned),
    ...sparedLines(planned, zone),
    ...problemLines(planned),
    ...unloggedLines(planned),
    '',
    ...(obstacle ? obstacleLines(obstacle) : reachableLines(planned)),
  ];
  lines.push(...outcomeLines(planned.plan, zone), ...segmentLines(planned.plan));
  if (obstacle === undefined) {
    lines.push(...fileLines(planned), ...leftoverLines(planned), ...warningLines(planned));
    lines.push(
      ...toolLines(planned),
      ...combineLines(planned),
      ...settingLines(planned),
      ...requiredLines(planned),
      '',
      ...checkLines(planned),
    );
  }
  return `${lines.join('\n')}\n`;
}

const row = (label: string, value: string): string => `${`${label}:`.padEnd(18)}${value}`;

function headLines({ backup, storedBackup, plan, format }: PlannedRecovery): string[] {
  const { startLsn, timeline, label } = backup;
  const end = plan.backupEndLsn === undefined ? '' : ` to ${formatLsn(plan.backupEndLsn)}`;
  const name = label === undefined ? '' : `, "${printable(label)}"`;
  const branched = plan.timeline === timeline ? '' : `, recovery goes on to timeline ${plan.timeline}`;
  return [
    ...(storedBackup === undefined
      ? []
      : [row('Backup', `${printable(storedBackup.name)} of ${printable(storedBackup.repository)}`)]),
    row(
      storedBackup === undefined ? 'Backup' : 'Taken',
      `PostgreSQL ${format.version}, ${formatLsn(startLsn)}${end}, timeline ${timeline}${name}${branched}`,
    ),
  ];
}

function clusterLines({ otherClusters }: PlannedRecovery): string[] {
  return otherClusters.map(({ systemIdentifier, segments }) =>
    row(
      'Left out',
      `${count(segments, 'segment')} of another cluster, of system identifier ${systemIdentifier}`,
    ),
  );
}

/** What the server makes of a target that is not what was asked for, letter by letter. */
function targetLines({ target }: PlannedRecovery): string[] {
  if (target.kind !== 'xid') return [];
  const xid = withoutEpoch(target.xid);
  if (BigInt(xid) === BigInt(target.xid)) return [];
  return [row('Target', `transaction ${xid}: the server does not look at the epoch of ${target.xid}`)];
}

/** Of a plan before a delete: of which table it is, and what else there is on other timelines. */
function sparedLines({ spared }: PlannedRecovery, zone: TimeZone): string[] {
  if (spared === undefined) return [];
  const { name, relation, timeline, notOn, others } = spared;
  return [
    ...(name === undefined ? [] : [row('Table', `${printable(formatRelationName(name))} (${relation})`)]),
    ...(notOn === undefined
      ? []
      : [
          row(
            `Timeline ${notOn}`,
            `it is the server's default, and has no such commit: this plan is for timeline ${timeline}, as --timeline ${timeline} is`,
          ),
        ]),
    ...others.map((other) =>
      row(
        `Timeline ${other.timeline}`,
        `there the last such commit is another: ${commitText(other.commit, zone)}; ${planFor(other)} plans for that`,
      ),
    ),
  ];
}

function problemLines({ problems }: PlannedRecovery): string[] {
  if (problems.length === 0) return [];
  return [
    ...problems.map((problem) => colours.yellow(problemText(problem))),
    'There may be a later DELETE, DROP or TRUNCATE than the one that this plan spares.',
  ];
}

function unloggedLines({ spared }: PlannedRecovery): string[] {
  const warning = spared?.removed && unloggedText(spared.removed);
  return warning === undefined ? [] : [colours.yellow(warning)];
}

function reachableLines({ target }: PlannedRecovery): string[] {
  const what = target.kind === 'latest' ? 'The end of the WAL' : 'The target';
  return [colours.green(`${what} can be reached.`)];
}

function obstacleLines({ problem, server, advice }: ObstacleText): string[] {
  return [
    colours.red('The target cannot be reached.'),
    row('Why', printable(problem)),
    row('The server', printable(server)),
    row('What to do', printable(advice)),
    '',
  ];
}

function outcomeLines(plan: RecoveryPlan, zone: TimeZone): string[] {
  const { stop, consistentLsn, lastKept, firstLost, committedAfter } = plan;
  const lines: string[] = [];
  if (stop) lines.push(row('Stops', stopText(stop, zone)));
  lines.push(row('Consistent from', consistentLsn === undefined ? 'never' : formatLsn(consistentLsn)));
  lines.push(row('Last commit kept', lastKept ? commitText(lastKept, zone) : 'none since the backup began'));
  lines.push(row('First one lost', firstLost ? commitText(firstLost, zone) : 'none in this WAL'));
  if (committedAfter > 0) {
    lines.push(
      row('Lost in all', `${committedAfter} committed transaction${committedAfter === 1 ? '' : 's'}`),
    );
  }
  return lines;
}

function stopText({ lsn, position, record, xid, time }: RecoveryStop, zone: TimeZone): string {
  const transaction = xid === 0 ? '' : ` of transaction ${xid}`;
  const at = time === undefined ? '' : `, ${formatTimestampTz(time, zone)}`;
  return `${position} ${formatLsn(lsn)}, ${record ?? 'a record'}${transaction}${at}`;
}

function commitText({ xid, lsn, time }: TransactionPoint, zone: TimeZone): string {
  return `transaction ${xid}, ${formatTimestampTz(time, zone)} (${formatLsn(lsn)})`;
}

/** More than these are told by the first and the last. */
const FEW_SEGMENTS = 6;

function segmentLines({ segments }: RecoveryPlan): string[] {
  if (segments.length === 0) return [];
  const listed =
    segments.length <= FEW_SEGMENTS
      ? segments.join(' ')
      : `${segments.length}, ${segments[0]} to ${segments[segments.length - 1]}`;
  return [row('Segments read', listed)];
}

function fileLines({ misnamed, partial }: PlannedRecovery): string[] {
  return [
    ...misnamed.map(({ name, sources }) => row('Rename', `${printable(sources[0].name)} to ${name}`)),
    ...partial.map(({ name }) => row('Partial', `of ${name} there is a .partial file only, which will do`)),
  ];
}

/** How the tool does it whose backup it is. */
function toolLines({ storedBackup, tool }: PlannedRecovery): string[] {
  if (storedBackup === undefined || tool === undefined) return [];
  const hasGaps = /<[\w-]+>/.test(`${tool.restore} ${tool.restoreCommand}`);
  return [
    '',
    `With ${TOOL_NAMES[storedBackup.tool]}${hasGaps ? ', where what is in angle brackets is for you to fill in' : ''}:`,
    '',
    `  ${colours.cyan(printable(tool.restore))}`,
    '',
    'The server that it makes gets its WAL by this restore_command:',
    '',
    `  ${colours.cyan(printable(tool.restoreCommand))}`,
    '',
    tool.leavesTarget
      ? 'It leaves the target to the settings of the server. There either restore_command will do:'
      : 'Without it, restore the backup in any other way, and then:',
  ];
}

function combineLines({ combines }: PlannedRecovery): string[] {
  if (combines.length === 0) return [];
  const command = `pg_combinebackup ${combines.map(pathArgument).join(' ')} -o <directory>`;
  return [
    '',
    'Put the incremental backup together with those that it builds on first (each tablespace also takes -T <old>=<new>):',
    '',
    `  ${colours.cyan(printable(command))}`,
  ];
}

function settingLines({ settings, format }: PlannedRecovery): string[] {
  const where =
    format.version < 12
      ? 'Put this into recovery.conf in the restored data folder, in place of what is there, if anything is:'
      : 'Append this to postgresql.auto.conf in the restored data folder, and make an empty file recovery.signal there:';
  return ['', where, '', ...formatSettings(settings).map((line) => `  ${colours.cyan(line)}`)];
}
