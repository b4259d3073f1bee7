import type { RemovalKind } from '../../follow/removal.js';
import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import { backupText } from '../given.js';
import { problemText } from '../problem-text.js';
import { unloggedText } from '../unlogged.js';
import { recoveryTargetJson, undoOf } from './json.js';
import type { RecoveryTarget } from './recovery-target.js';
import type { FindCommitResult, RelationAnswer } from './run.js';
import type { CommitFound, RowCounts, TransactionFound } from './search.js';

const { bold, yellow, green, red } = colours;

/** The answer in the order a DBA asks: what was read, the last INSERT, what was lost, where to recover to. */
export function findCommitText(result: FindCommitResult, relation: string, zone: TimeZone): string {
  const lines = [...whatWasRead(result)];
  lines.push(...result.problems.map((problem) => yellow(problemText(problem))));
  if (result.relations.length === 0) {
    lines.push('', `No change to relation ${relation} in this WAL.`);
    for (const former of result.formerFiles ?? []) {
      lines.push(
        `It came in the place of ${former}, which tells what the table lost before: --rel ${former}`,
      );
    }
  }
  for (const answer of result.relations) {
    const name = answer.name === undefined ? '' : ` (${printable(formatRelationName(answer.name))})`;
    lines.push('', bold(`Relation ${answer.relation}${name} on timeline ${answer.timeline}`));
    lines.push(...relationLines(answer, result.postgres, zone), ...undoLines(answer, result));
  }
  return `${lines.join('\n')}\n`;
}

function whatWasRead({
  postgres,
  systemIdentifier,
  timelines,
  segments,
  startLsn,
  endLsn,
  storedBackup,
}: FindCommitResult): string[] {
  const range =
    startLsn === undefined || endLsn === undefined
      ? 'no record in them'
      : `${formatLsn(startLsn)} to ${formatLsn(endLsn)}`;
  return [
    `PostgreSQL ${postgres}, system identifier ${systemIdentifier}`,
    `Read ${count(segments, 'segment')} of timeline${timelines.length > 1 ? 's' : ''} ${timelines.join(', ')}: ${range}`,
    ...(storedBackup === undefined ? [] : [backupText(storedBackup)]),
  ];
}

function relationLines(answer: RelationAnswer, postgres: number, zone: TimeZone): string[] {
  const { lastInsert, lastDelete, removed, databaseDropped, recoveryTarget, otherTarget } = answer;
  const lines: string[] = [];
  const commit = ({ xid, lsn, time }: CommitFound): string =>
    `              committed ${bold(formatTimestampTz(time, zone))}, transaction ${xid}, at ${formatLsn(lsn)}`;

  if (lastInsert) {
    const { lsn, block, offset, rows } = lastInsert;
    lines.push(
      `  ${green('Last INSERT')} ${formatLsn(lsn)}, block ${block} offset ${offset}; ${count(rows, 'row')} by its transaction`,
      commit(lastInsert.commit),
    );
  } else lines.push('  Last INSERT none');
  if (lastDelete) {
    const { firstLsn, lsn, rows } = lastDelete;
    lines.push(
      `  ${red('Last DELETE')} ${count(rows, 'row')}, ${formatLsn(firstLsn)} to ${formatLsn(lsn)}`,
      commit(lastDelete.commit),
    );
  } else lines.push('  Last DELETE none');
  if (removed) {
    const { kind, newRelation } = removed;
    const successor = newRelation === undefined ? '' : `; the table goes on as ${newRelation}`;
    lines.push(`  ${kind === 'rewrite' ? 'Removed' : red('Removed')}     by ${REMOVALS[kind]}${successor}`);
    lines.push(commit(removed.commit));
  }
  if (databaseDropped) {
    const stop = formatLsn(databaseDropped.stopLsn);
    lines.push(
      `  ${red('Database')}    dropped; to have it, recover to before ${stop}: walscan plan --lsn ${stop} --exclusive`,
      commit(databaseDropped.commit),
    );
  }
  lines.push(...unendedLines(answer.unended), `  Transactions that changed rows: ${countsText(answer)}`);
  const warning = removed && unloggedText({ kind: removed.kind, unlogged: answer.unlogged });
  if (warning !== undefined) lines.push(yellow(`  ${warning}`));
  if (recoveryTarget) lines.push('', ...targetLines(recoveryTarget, answer.timeline, postgres));
  if (recoveryTarget && otherTarget) lines.push('', ...otherLines(otherTarget, recoveryTarget));
  return lines;
}

/** What was lost can be had back without a recovery. */
function undoLines(answer: RelationAnswer, result: FindCommitResult): string[] {
  const command = undoOf(answer, result);
  if (command === undefined) return [];
  return [
    '',
    '  Or take back all that it changed, on the running server, with the SQL that this prints:',
    '',
    `    ${bold(printable(command))}`,
  ];
}

const REWRITE = 'a rewrite (VACUUM FULL, ALTER TABLE …)';
const REMOVALS: Record<RemovalKind, string> = {
  drop: 'DROP',
  truncate: 'TRUNCATE',
  'drop-or-truncate': 'DROP or TRUNCATE: its transaction did both to tables',
  rewrite: REWRITE,
  unknown: `DROP, TRUNCATE or ${REWRITE}: this WAL does not tell which`,
};

/** The second of two targets. */
function otherLines(other: RecoveryTarget, first: RecoveryTarget): string[] {
  const { lsn, xid, time } = recoveryTargetJson(other);
  const why =
    other.lsn < first.lsn
      ? `Where transaction ${first.xid} found the table empty, recover to right before the last DELETE, of transaction ${other.xid}:`
      : `Rows that came after that may be lost by transaction ${other.xid}. To recover to right before that one:`;
  const pairs = time ? [lsn, xid, time] : [lsn, xid];
  return [`  ${why}`, ...pairs.flatMap((pair) => ['', ...settingLines(pair)])];
}

function unendedLines(transactions: readonly TransactionFound[]): string[] {
  return transactions.map(({ xid, status, firstLsn, rows }) => {
    const state = status === 'prepared' ? 'is prepared' : 'has no end in this WAL';
    return yellow(
      `  Not ended   transaction ${xid} from ${formatLsn(firstLsn)} on ${state}: ${rowsText(rows)}`,
    );
  });
}

function rowsText(rows: RowCounts): string {
  return (['inserted', 'updated', 'deleted', 'moved'] as const)
    .filter((what) => rows[what] > 0)
    .map((what) => `${rows[what]} ${what}`)
    .join(', ');
}

function countsText({ transactionCounts: counts }: RelationAnswer): string {
  const parts = (['committed', 'aborted', 'prepared', 'in-progress'] as const)
    .filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Since 12 the settings are in postgresql.auto.conf beside recovery.signal, before that in recovery.conf. */
function targetLines(target: RecoveryTarget, timeline: number, postgres: number): string[] {
  const { lsn, xid, time, timeReason } = recoveryTargetJson(target);
  const place =
    postgres >= 12
      ? [
          '  postgresql.auto.conf, beside your restore_command, and an empty recovery.signal into the data folder:',
        ]
      : ['  recovery.conf in the data folder, beside your restore_command:'];
  const lines = [
    `  To recover to right before transaction ${target.xid}, put the timeline and one of these pairs into`,
    ...place,
    '',
    ...settingLines({ recovery_target_timeline: String(timeline) }),
    '',
    ...settingLines(lsn),
    '',
    ...settingLines(xid),
    '',
  ];
  return time
    ? [...lines, ...settingLines(time)]
    : [...lines, `    # no recovery_target_time: ${timeReason}`];
}

const settingLines = (settings: Record<string, string>): string[] =>
  Object.entries(settings).map(([name, value]) => `    ${bold(`${name} = '${value}'`)}`);
