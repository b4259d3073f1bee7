import type { RemovalKind } from '../../follow/removal.js';
import { formatRelationName } from '../../replay/relation-names.js';
import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { toCopy } from '../../text/to-copy.js';
import { ENGLISH, type Say, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
import { olderSaid, rowsSaid, segmentsReadSaid } from '../amounts.js';
import { backupSaid } from '../given.js';
import { newestOfOrdered } from '../newest.js';
import { problemText } from '../problem-text.js';
import { unloggedText } from '../unlogged.js';
import { reachText } from '../wal-reach.js';
import { prefixLines, whoLines } from '../who/text.js';
import type { WhoByTransaction } from '../who/who.js';
import { recoveryTargetJson, undoOf } from './json.js';
import type { RecoveryTarget } from './recovery-target.js';
import type { FindCommitResult, RelationAnswer } from './run.js';
import type { CommitFound, RowCounts } from './search.js';

const { bold, yellow, green, red } = colours;

/**
 * The answer in the order a DBA asks: what was read, the last INSERT, what was lost, where to recover to.
 * @param limit of each relation so many of the transactions that have no end, the newest
 */
export function findCommitText(
  result: FindCommitResult,
  relation: string,
  zone: TimeZone,
  tongue: Tongue = ENGLISH,
  limit?: number,
): string {
  const say = sayIn(tongue);
  const lines = [...whatWasRead(result, say), ...prefixLines(result.logs, say)];
  lines.push(...result.problems.map((problem) => yellow(problemText(problem, say))));
  if (result.relations.length === 0) {
    lines.push('', say`No change to relation ${relation} in this WAL.`);
    if (result.reach !== undefined) lines.push(say`What there is: ${reachText(result.reach, zone)}.`);
    for (const former of result.formerFiles ?? []) {
      lines.push(
        say`It came in the place of ${former}, which tells what the table lost before: --rel ${former}`,
      );
    }
  }
  for (const answer of result.relations) {
    const name = answer.name === undefined ? '' : ` (${printable(formatRelationName(answer.name))})`;
    lines.push('', bold(say`Relation ${answer.relation + name} on timeline ${answer.timeline}`));
    lines.push(...relationLines(answer, result, zone, say, limit), ...undoLines(answer, result, say));
  }
  return `${lines.join('\n')}\n`;
}

function whatWasRead(
  { postgres, systemIdentifier, timelines, segments, startLsn, endLsn, storedBackup }: FindCommitResult,
  say: Say,
): string[] {
  const range =
    startLsn === undefined || endLsn === undefined
      ? message`no record in them`
      : message`${formatLsn(startLsn)} to ${formatLsn(endLsn)}`;
  return [
    say`PostgreSQL ${postgres}, system identifier ${systemIdentifier}`,
    say`${segmentsReadSaid(segments, timelines)}: ${range}`,
    ...(storedBackup === undefined ? [] : [say`${backupSaid(storedBackup)}`]),
  ];
}

/** Before each line of what was found. */
const LABELS = {
  lastInsert: message`Last INSERT`,
  lastDelete: message`Last DELETE`,
  removed: message`Removed`,
  database: message`Database`,
  unended: message`Not ended`,
};
type Label = keyof typeof LABELS;

/** Lines with labels of one width before them. */
class LabelledLines {
  readonly lines: string[] = [];
  private readonly width: number;

  constructor(
    private readonly say: Say,
    private readonly who: WhoByTransaction | undefined,
  ) {
    this.width = Math.max(...Object.values(LABELS).map((label) => this.say`${label}`.length));
  }

  /** @param colour that of the label */
  add(label: Label, text: string, colour: (text: string) => string = String): void {
    const said = this.say`${LABELS[label]}`;
    this.lines.push(`  ${colour(said)}${' '.repeat(this.width - said.length)} ${text}`);
  }

  addCommit(commit: CommitFound, zone: TimeZone): void {
    const { xid, lsn, time } = commit;
    const at = bold(formatTimestampTz(time, zone));
    const indent = ' '.repeat(this.width + 3);
    this.lines.push(indent + this.say`committed ${at}, transaction ${xid}, at ${formatLsn(lsn)}`);
    for (const line of whoLines(this.who, commit, zone, this.say)) this.lines.push(indent + line);
  }
}

function relationLines(
  answer: RelationAnswer,
  { postgres, logs }: Pick<FindCommitResult, 'postgres' | 'logs'>,
  zone: TimeZone,
  say: Say,
  limit: number | undefined,
): string[] {
  const { recoveryTarget, otherTarget, removed, unlogged } = answer;
  const found = new LabelledLines(say, logs?.who);
  addFound(found, answer, zone, say);
  const { newest: unended, older } = newestOfOrdered(answer.unended, limit);
  for (const { xid, status, firstLsn, rows } of unended.reverse()) {
    const lsn = formatLsn(firstLsn);
    const text =
      status === 'prepared'
        ? say`transaction ${xid} from ${lsn} on is prepared: ${rowsText(rows, say)}`
        : say`transaction ${xid} from ${lsn} on has no end in this WAL: ${rowsText(rows, say)}`;
    found.add('unended', text);
  }
  if (older > 0) found.add('unended', say`${olderSaid(older)}`);
  const lines = [...found.lines];
  lines.push(`  ${say`Transactions that changed rows: ${countsText(answer, say)}`}`);
  const warning = removed && unloggedText({ kind: removed.kind, unlogged }, say);
  if (warning !== undefined) lines.push(yellow(`  ${warning}`));
  if (recoveryTarget) lines.push('', ...targetLines(recoveryTarget, answer.timeline, postgres, say));
  if (recoveryTarget && otherTarget) lines.push('', ...otherLines(otherTarget, recoveryTarget, say));
  return lines;
}

function addFound(
  found: LabelledLines,
  { lastInsert, lastDelete, removed, databaseDropped }: RelationAnswer,
  zone: TimeZone,
  say: Say,
): void {
  if (lastInsert) {
    const { lsn, block, offset, rows } = lastInsert;
    const text = say`${formatLsn(lsn)}, block ${block} offset ${offset}; ${rowsSaid(rows)} by its transaction`;
    found.add('lastInsert', text, green);
    found.addCommit(lastInsert.commit, zone);
  } else found.add('lastInsert', say`none`);
  if (lastDelete) {
    const { firstLsn, lsn, rows } = lastDelete;
    found.add('lastDelete', say`${rowsSaid(rows)}, ${formatLsn(firstLsn)} to ${formatLsn(lsn)}`, red);
    found.addCommit(lastDelete.commit, zone);
  } else found.add('lastDelete', say`none`);
  if (removed) {
    const { kind, newRelation } = removed;
    const text =
      newRelation === undefined
        ? say`by ${REMOVALS[kind]}`
        : say`by ${REMOVALS[kind]}; the table goes on as ${newRelation}`;
    found.add('removed', text, kind === 'rewrite' ? undefined : red);
    found.addCommit(removed.commit, zone);
  }
  if (databaseDropped) {
    const stop = formatLsn(databaseDropped.stopLsn);
    const text = say`dropped; to have it, recover to before ${stop}: walscan plan --lsn ${stop} --exclusive`;
    found.add('database', text, red);
    found.addCommit(databaseDropped.commit, zone);
  }
}

/** What was lost can be had back without a recovery. */
function undoLines(answer: RelationAnswer, result: FindCommitResult, say: Say): string[] {
  const command = undoOf(answer, result);
  if (command === undefined) return [];
  return [
    '',
    `  ${say`Or take back all that it changed, on the running server, with the SQL that this prints:`}`,
    '',
    `    ${toCopy(printable(command))}`,
  ];
}

const REMOVALS: Record<RemovalKind, string | Message> = {
  drop: 'DROP',
  truncate: 'TRUNCATE',
  'drop-or-truncate': message`DROP or TRUNCATE: its transaction did both to tables`,
  rewrite: message`a rewrite (VACUUM FULL, ALTER TABLE …)`,
  unknown: message`DROP, TRUNCATE or a rewrite (VACUUM FULL, ALTER TABLE …): this WAL does not tell which`,
};

/** The second of two targets. */
function otherLines(other: RecoveryTarget, first: RecoveryTarget, say: Say): string[] {
  const { lsn, xid, time } = recoveryTargetJson(other);
  const why =
    other.lsn < first.lsn
      ? say`Where transaction ${first.xid} found the table empty, recover to right before the last DELETE, of transaction ${other.xid}:`
      : say`Rows that came after that may be lost by transaction ${other.xid}. To recover to right before that one:`;
  const pairs = time ? [lsn, xid, time] : [lsn, xid];
  return [`  ${why}`, ...pairs.flatMap((pair) => ['', ...settingLines(pair)])];
}

function rowsText(rows: RowCounts, say: Say): string {
  const parts = [
    rows.inserted > 0 ? say`${several(rows.inserted, '{0} inserted', '{0} inserted')}` : '',
    rows.updated > 0 ? say`${several(rows.updated, '{0} updated', '{0} updated')}` : '',
    rows.deleted > 0 ? say`${several(rows.deleted, '{0} deleted', '{0} deleted')}` : '',
    rows.moved > 0 ? say`${several(rows.moved, '{0} moved', '{0} moved')}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function countsText({ transactionCounts: counts }: RelationAnswer, say: Say): string {
  const parts = [
    counts.committed > 0 ? say`${several(counts.committed, '{0} committed', '{0} committed')}` : '',
    counts.aborted > 0 ? say`${several(counts.aborted, '{0} aborted', '{0} aborted')}` : '',
    counts.prepared > 0 ? say`${several(counts.prepared, '{0} prepared', '{0} prepared')}` : '',
    counts['in-progress'] > 0
      ? say`${several(counts['in-progress'], '{0} in-progress', '{0} in-progress')}`
      : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? say`none` : parts.join(', ');
}

/** Since 12 the settings are in postgresql.auto.conf beside recovery.signal, before that in recovery.conf. */
function targetLines(target: RecoveryTarget, timeline: number, postgres: number, say: Say): string[] {
  const { lsn, xid, time } = recoveryTargetJson(target);
  const place =
    postgres >= 12
      ? say`To recover to right before transaction ${target.xid}, put the timeline and one of these pairs into\npostgresql.auto.conf, beside your restore_command, and an empty recovery.signal into the data folder:`
      : say`To recover to right before transaction ${target.xid}, put the timeline and one of these pairs into\nrecovery.conf in the data folder, beside your restore_command:`;
  const lines = [
    ...place.split('\n').map((line) => `  ${line}`),
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
    : [...lines, `    # ${say`no recovery_target_time: ${target.timeReason!}`}`];
}

const settingLines = (settings: Record<string, string>): string[] =>
  Object.entries(settings).map(([name, value]) => `    ${toCopy(`${name} = '${value}'`)}`);
