import { Option } from 'commander';
import { parseRelation } from '../follow/relation.js';
import { formatTupleId } from '../heap/tuple.js';
import { NODE } from '../node/platform.js';
import { rowsSaid } from '../questions/amounts.js';
import { backupSaid } from '../questions/given.js';
import { pathArgument, quoteForShell } from '../questions/plan/shell.js';
import { type RowsQuestion, recoverRows } from '../questions/rows/ask.js';
import { formatRows, type RowFormat } from '../questions/rows/format.js';
import { rowsJson } from '../questions/rows/json.js';
import type { MissingRow } from '../questions/rows/missing-rows.js';
import type { RecoveredRows } from '../questions/rows/recovered-rows.js';
import { undoCommand } from '../questions/undo/command.js';
import type { StopTarget } from '../replay/recovery.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn, parseLsn } from '../wal/lsn.js';
import { type Message, message, several } from '../wal/message.js';
import { withoutEpoch } from '../wal/xid.js';
import { type Defined, defined, expandedOption, NO_PAGER_OPTION, newCommand } from './command.js';
import { type CommonOptions, zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL, exitCodeOf } from './exit-code.js';
import type { Io } from './io.js';
import { printPieces } from './print.js';
import { withProgress } from './progress.js';
import { PASSPHRASE_OPTION, passphraseOf, type RepositoryOptions } from './repository-options.js';
import { type TableOptions, tableChoice } from './table-choice.js';
import { printNote } from './telling.js';
import { TIME_EXAMPLES, timeIn } from './time/option.js';
import { countValue, parseXid, severalValues, xidValue } from './values.js';

interface RowsOptions extends TableOptions, RepositoryOptions, CommonOptions {
  rel?: string;
  deletedBy?: number | bigint | 'last';
  asOf?: string;
  history?: boolean;
  columns?: string;
  format: RowFormat;
  expanded?: true;
  json?: true;
  timeline?: number;
}

const HELP = `
--as-of takes an LSN (what starts there has not happened), a time, the id of a transaction, the name of a restore
point (whatever is nothing else), or "latest". It cannot lie before the backup. Of several timelines the newest one
counts that has the answer.

Exit codes: 0 done; 1 no row was found, or there is no such table; 2 wrong usage or unreadable input; 3 rows are
missing, or the WAL is missing, damaged or does not reach.`;

/** `walscan rows`: gives back rows of a table. */
export function define(io: Io): Defined {
  const command = newCommand('walscan rows', io)
    .description('Give back the rows of a table: those that a transaction deleted, or all as of some moment.')
    .argument(
      '[path...]',
      'where the WAL is: files, folders, tar files, repositories of backup tools; or s3://<bucket>/<prefix>',
    )
    .option('--table <[schema.]name>', 'the table by name; needs --database, and a backup')
    .option('-d, --database <name>', 'the database that the table is in')
    .option('--rel <relation>', 'the table by its relfilenode, or tablespace/database/relfilenode')
    .option(
      '-b, --backup <backup>',
      'a base backup: base.tar, compressed or not, its folder, or a data folder; of a repository the name of a backup, or "latest" (default: the newest of the repository that has the answer); for an incremental one give all that it builds on as well, each by --backup',
      severalValues,
    )
    .addOption(PASSPHRASE_OPTION)
    .option('--deleted-by <xid>', 'the rows that this transaction deleted, or "last"', deleterValue)
    .option('--as-of <moment>', 'the rows that a transaction would see that starts there')
    .option('--history', 'every version of every row, with the times of its birth and death')
    .option('--columns <list>', 'the columns where there is no backup, as in "id int4, name text"')
    .addOption(
      new Option('--format <format>', 'how to print the rows')
        .choices(['table', 'csv', 'copy', 'sql', 'json'])
        .default('table'),
    )
    .addOption(expandedOption().conflicts('json'))
    .addOption(NO_PAGER_OPTION)
    .addOption(
      new Option('--json', 'print one JSON object: the rows, and what is to be said of them').conflicts(
        'format',
      ),
    )
    .option('-t, --timeline <number>', 'the timeline whose WAL is meant', countValue)
    .addHelpText('after', HELP);
  return defined(command, io, rows, {
    hasThreads: false,
    takes: { archive: true, backup: true, database: true },
  });
}

function deleterValue(text: string): number | bigint | 'last' {
  return text === 'last' ? text : xidValue(text);
}

async function rows(paths: string[], options: RowsOptions, io: Io): Promise<number> {
  const { rel, table, database, backup, columns, format, expanded, json, timeline } = options;
  const zone = zoneOf(options, io);
  let question: RowsQuestion | undefined;
  try {
    if ((rel === undefined) === (table === undefined)) throw usage(message`give either --rel or --table`);
    tableChoice(options);
    if (columns !== undefined && backup !== undefined) {
      throw usage(message`--columns goes without --backup, which tells the columns itself`);
    }
    if (expanded && format !== 'table') throw usage(message`--expanded goes with --format table only`);
    question = await questionOf(options, zone, io);
    if (question.kind === 'history' && format === 'sql')
      throw usage(message`a history cannot be printed as --format sql`);
    const relation = rel === undefined ? undefined : parseRelation(rel);
    const passphrase = await passphraseOf(options, io);
    const asked = {
      question,
      timezone: json || format === 'json' ? (options.tz ?? UTC) : zone,
      ...{ backup, passphrase, table, database, relation, columns, timeline },
    };
    const found = await withProgress(io, (onProgress) => recoverRows(paths, { ...asked, onProgress }, NODE));
    try {
      const layout = { expanded, width: io.screenWidth };
      const pieces = json ? rowsJson(found) : formatRows(found, format, question.kind === 'history', layout);
      await printPieces(pieces, io, format === 'table' && !json);
      tellXid(question, io);
      const code = tell(found, io);
      tellOfChanges(found, paths, options, io);
      tellOfUndo(found, paths, options, io);
      return code;
    } finally {
      found.close();
    }
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    printError(withHint(error, question), io);
    if (error.code === 'not-committed' && error.lsn !== undefined) {
      offer(message`the rows as they were then`, error.lsn, paths, options, io);
    }
    // that there is no such table at a moment is an answer
    return error.code === 'unknown-table' ? EXIT_NOT_FOUND : exitCodeOf(error);
  }
}

/** What is no other moment is taken for a restore point: a time that is not understood, too. */
function withHint(error: WalError, question: RowsQuestion | undefined): WalError {
  const isName = question?.kind === 'as-of' && question.target.kind === 'name';
  if (error.code !== 'target-not-reached' || !isName) return error;
  const hint = message`nor is that a time that walscan can read, ${TIME_EXAMPLES}`;
  return new WalError(error.code, message`${error.said}; ${hint}`, error);
}

const usage = (said: Message): WalError => new WalError('usage', said);

async function questionOf(
  { asOf, deletedBy, history }: RowsOptions,
  zone: TimeZone,
  io: Io,
): Promise<RowsQuestion> {
  const given = [asOf, deletedBy, history].filter((option) => option !== undefined);
  if (given.length !== 1) throw usage(message`give one of --deleted-by, --as-of and --history`);
  if (deletedBy !== undefined) return { kind: 'deleted-by', xid: deletedBy };
  if (asOf !== undefined) return { kind: 'as-of', target: await targetOf(asOf, zone, io) };
  return { kind: 'history' };
}

/** Of words alone, these are times and no names of restore points; `monday` may be one. */
const ONE_WORD_TIMES = /^(?:now|today|yesterday)$/i;

async function targetOf(text: string, zone: TimeZone, io: Io): Promise<StopTarget> {
  if (text === 'latest') return { kind: 'latest' };
  const lsn = parseLsn(text);
  if (lsn !== undefined) return { kind: 'lsn', lsn, inclusive: false };
  if (/^\d+$/.test(text)) {
    const xid = parseXid(text);
    if (xid === undefined) throw usage(message`--as-of: ${text} is no transaction id`);
    return { kind: 'xid', xid, inclusive: true };
  }
  const isName = /^[^\s\d]+$/.test(text) && !ONE_WORD_TIMES.test(text);
  const time = isName ? undefined : await timeIn('--as-of', text, zone, io);
  return time === undefined ? { kind: 'name', name: text } : { kind: 'time', time, inclusive: true };
}

/** Says which transaction is meant by an id that has an epoch, which the WAL has not. */
function tellXid(question: RowsQuestion, io: Io): void {
  const xid = xidOf(question);
  if (xid === undefined || xid === 'last' || BigInt(xid) === BigInt(withoutEpoch(xid))) return;
  printNote(message`${xid} is transaction ${withoutEpoch(xid)}: the WAL does not tell the epoch`, io);
}

function xidOf(question: RowsQuestion): number | bigint | 'last' | undefined {
  if (question.kind === 'deleted-by') return question.xid;
  return question.kind === 'as-of' && question.target.kind === 'xid' ? question.target.xid : undefined;
}

/** What a transaction did to the table besides deleting rows, and the question that gives the rows before that. */
function tellOfChanges(found: RecoveredRows, paths: readonly string[], options: RowsOptions, io: Io): void {
  const { before, updated, droppedColumns, deletedBy, head } = found;
  if (before === undefined) return;
  const rows = updated > 0 ? message`updated ${rowsSaid(updated)}` : undefined;
  const columns = droppedColumns.length > 0 ? droppedSaid(droppedColumns) : undefined;
  const changes = rows && columns ? message`${rows} and ${columns}` : (rows ?? columns);
  if (changes === undefined) return;
  const what = message`transaction ${deletedBy!} ${changes} of the table; the rows as they were before`;
  offer(what, before, paths, { ...options, timeline: head.timelines[0] }, io);
}

const droppedSaid = (columns: readonly string[]): Message =>
  several(columns.length, 'dropped column {1}', 'dropped columns {1}', columns.join(', '));

/** The command that takes back all that a transaction did, where the rows are those that it deleted. */
function tellOfUndo(found: RecoveredRows, paths: readonly string[], options: RowsOptions, io: Io): void {
  const { deletedBy, head, hasBackup, count: rows } = found;
  if (deletedBy === undefined || !hasBackup || rows === 0) return;
  const { backup: backups = [], cipherPassFile } = options;
  const timeline = options.timeline ?? Math.max(...head.timelines);
  const command = undoCommand(
    { xid: deletedBy, timeline, postgres: head.postgres },
    { places: paths, backups, cipherPassFile },
  );
  if (command === undefined) return;
  printNote(message`to take back all that transaction ${deletedBy} changed: ${command}`, io);
}

function offer(what: Message, moment: Lsn, paths: readonly string[], options: RowsOptions, io: Io): void {
  const { rel, table, database, backup, columns, timeline } = options;
  const given = {
    ...{ rel, table, database, backup, columns, 'as-of': formatLsn(moment), timeline },
    'cipher-pass-file': options.cipherPassFile,
  };
  const words = Object.entries(given).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((one) => [`--${name}`, quoteForShell(String(one))]),
  );
  const command = ['walscan rows', ...words, ...paths.map(pathArgument)].join(' ');
  printNote(message`${what}: ${command}`, io);
}

/** Says on standard error what is to be said of the rows, once all were printed. @returns the exit code */
function tell(found: RecoveredRows, io: Io): number {
  const warn = (said: Message): void => printNote(said, io);
  if (found.storedBackup !== undefined) warn(backupSaid(found.storedBackup));
  for (const problem of found.problems) printError(problem, io);
  for (const xid of found.passedOver) {
    warn(
      message`no row is known that transaction ${xid} took: these are those that transaction ${found.deletedBy!} did`,
    );
  }
  for (const [column, count] of found.unknownValues) {
    warn(
      several(
        count,
        '{0} value of column {1} is given as bytes: walscan does not know its type',
        '{0} values of column {1} are given as bytes: walscan does not know their type',
        column,
      ),
    );
  }
  if (found.virtualColumns.length > 0) {
    warn(
      message`not given, for their values are computed and not stored: ${found.virtualColumns.join(', ')}`,
    );
  }
  if (found.ownColumns.length > 0) {
    warn(message`not given, for they are columns of tables that inherit: ${found.ownColumns.join(', ')}`);
  }
  for (const line of missingLines(found.missing)) warn(line);
  if (!found.isComplete && !found.hasBackup)
    warn(message`without a backup, only rows that the WAL given touches are known`);
  if (found.missing.length > 0 || found.problems.length > 0 || !found.isComplete) return EXIT_PARTIAL;
  if (found.count > 0) return EXIT_OK;
  warn(
    found.deletedBy === undefined
      ? message`no row was found`
      : message`transaction ${found.deletedBy} deleted no row of the table`,
  );
  return EXIT_NOT_FOUND;
}

/** More rows, and more reasons, than these are counted, and not named. */
const ROWS_NAMED = 20;
const REASONS_NAMED = 20;

/** Rows that cannot be given for one reason. */
interface MissingGroup {
  reason: Message;
  count: number;
  named: string[];
}

/** @param missing may be more than fit into memory */
function missingLines(missing: Iterable<MissingRow>): Message[] {
  const reasons = new Map<string, MissingGroup>();
  const others: MissingGroup = { reason: message`other reasons, which --json names`, count: 0, named: [] };
  for (const row of missing) {
    const said = String(row.reason);
    const known =
      reasons.get(said) ??
      (reasons.size < REASONS_NAMED ? { reason: row.reason, count: 0, named: [] } : others);
    if (known !== others) reasons.set(said, known);
    known.count++;
    if (known.named.length < ROWS_NAMED) known.named.push(placeOf(row));
  }
  return [...reasons.values(), ...(others.count === 0 ? [] : [others])].map(missingLine);
}

function missingLine({ reason, count: rows, named }: MissingGroup): Message {
  const more = rows - named.length;
  const places = more <= 0 ? named.join(' ') : message`${named.join(' ')} and ${more} more`;
  return message`${rowsSaid(rows)} cannot be given: ${reason}: ${places}`;
}

const placeOf = ({ tid, table }: MissingRow): string =>
  table === undefined ? formatTupleId(tid) : `${table.schema}.${table.name} ${formatTupleId(tid)}`;
