import type { Inputs } from '../sources/input.js';
import {
  type ArchiveExamined,
  type ExamineOptions,
  examineArchive as examineArchiveOn,
} from './archive/ask.js';
import { Changes, type ChangesOptions } from './changes/ask.js';
import { type FactsMade, type MakeFactsOptions, makeFacts as makeFactsOn } from './facts/ask.js';
import type { FactsStore } from './facts/store.js';
import {
  type FindCommitOptions,
  findCommit as findCommitOn,
  type TransactionsOptions,
  transactionsOf as transactionsOn,
} from './find-commit/ask.js';
import type { FindCommitResult, RelationTransaction } from './find-commit/run.js';
import { findIncidents as findIncidentsOn, type IncidentsOptions } from './incidents/ask.js';
import type { IncidentsResult } from './incidents/run.js';
import { findMoment as findMomentOn, type MomentFound, type MomentOptions } from './moment/ask.js';
import { type PlannedRecovery, type PlanOptions, planRecovery as planRecoveryOn } from './plan/ask.js';
import { PORTABLE } from './platform.js';
import { type Report, type ReportOptions, readReport as readReportOn } from './report/ask.js';
import { type RecoverRowsOptions, recoverRows as recoverRowsOn } from './rows/ask.js';
import type { RecoveredRows } from './rows/recovered-rows.js';
import { Undo, type UndoOptions } from './undo/ask.js';
import { findInLogs as findInLogsOn, type InLogsOptions } from './who/ask.js';
import type { AskedTransaction, LogsRead } from './who/who.js';

/**
 * Finds the last INSERT into a table, what was deleted or removed last, and where recovery has to stop before that.
 * @param inputs segments, compressed or not, `.partial` files and history files, in any order; folders are searched
 *   recursively. No more than a few segments are in memory at a time.
 * @throws WalError `bad-relation`, `usage`, what `readRelationNames` and `filesOfTable` throw, `no-wal`,
 *   `unknown-timeline`, `unreadable` for an input that cannot be read, `source-failed`, and what makes it unclear which
 *   WAL is the right one: `foreign-cluster`, `mixed-formats`, `different-content`. What else is wrong with files is
 *   among the result's problems.
 */
export function findCommit(inputs: Inputs, options: FindCommitOptions): Promise<FindCommitResult> {
  return findCommitOn(inputs, options, PORTABLE);
}

/**
 * Finds the committed transactions that deleted or updated many rows, or removed relations or databases. No more
 * than a few segments are in memory at a time, and of what is found the newest.
 *
 * @throws WalError what `readRelationNames` and `filesOfTable` throw; `no-wal`, `unreadable` for an input that cannot
 *   be read, `source-failed`, and what makes it unclear which WAL is the right one: `foreign-cluster`, `mixed-formats`,
 *   `different-content`
 */
export function findIncidents(inputs: Inputs, options: IncidentsOptions): Promise<IncidentsResult> {
  return findIncidentsOn(inputs, options, PORTABLE);
}

/**
 * Goes through archives and `pg_wal` folders: which WAL there is, what is missing or damaged, which base backups it
 * serves. No more than a few segments are in memory at a time.
 *
 * @throws WalError `unreadable` for an input that cannot be read, `source-failed`; `no-wal` where there is no segment
 *   that could be read. What else is wrong is among the report's problems.
 */
export function examineArchive(inputs: Inputs, options: ExamineOptions = {}): Promise<ArchiveExamined> {
  return examineArchiveOn(inputs, options, PORTABLE);
}

/**
 * Says whether the WAL of a moment is there, and in which segment. Of all segments the headers are read, and by
 * bisection a few as a whole.
 * @throws WalError `unreadable`, `source-failed`, `no-wal`, and what makes it unclear which WAL is the right one
 */
export function findMoment(inputs: Inputs, options: MomentOptions): Promise<MomentFound> {
  return findMomentOn(inputs, options, PORTABLE);
}

/**
 * Says where recovery of a base backup with the WAL in these files and folders would stop, and whether it can.
 * WAL in a backup folder's own `pg_wal` is used as well.
 *
 * @throws WalError what `readBaseBackup` throws; `no-wal`; `unreadable`, `source-failed`; what makes it unclear which
 *   WAL is the right one (`foreign-cluster`, `mixed-formats`, `different-content`); for `before-delete` also
 *   `no-delete`, `ambiguous-relation`, what `findCommit` throws, and `incomplete-wal` where none is found in WAL that
 *   is not all there
 */
export function planRecovery(inputs: Inputs, options: PlanOptions): Promise<PlannedRecovery> {
  return planRecoveryOn(inputs, options, PORTABLE);
}

/**
 * Gives back rows of a table as they were at some moment, out of WAL and, where there is one, a base backup.
 * The result must be closed.
 * @throws WalError
 */
export function recoverRows(inputs: Inputs, options: RecoverRowsOptions): Promise<RecoveredRows> {
  return recoverRowsOn(inputs, options, PORTABLE);
}

/**
 * Tells all transactions that changed rows of a relation or a table, each as soon as its end is known, those without one last.
 * None is kept: memory does not grow with their number. Timelines share WAL, and transactions in it are told of each.
 *
 * @returns in the end, as the generator's value, what `findCommit` gives, without the transactions that ended
 * @throws WalError as `findCommit`
 */
export function transactionsOf(
  inputs: Inputs,
  options: TransactionsOptions,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  return transactionsOn(inputs, options, PORTABLE);
}

/**
 * All changes of rows that transactions committed, in the order of their commits, with old and new values; out of WAL and,
 * where there is one, a base backup of before, whose catalogs tell names and types. One reading of the WAL, whatever the
 * number of tables; memory does not grow with what is read.
 *
 * @returns changes to be gone through once; what is not as it should be is among its `problems` then
 * @throws WalError while they are gone through: what opening inputs and a backup throws
 */
export function readChanges(inputs: Inputs, options: ChangesOptions): Changes {
  return new Changes(inputs, options, PORTABLE);
}

/**
 * SQL that takes changes back. The result must be closed.
 * @throws WalError as {@link readChanges}; `usage` where nothing says what is to be undone, or tables of several databases
 *   were changed
 */
export function undoChanges(inputs: Inputs, options: UndoOptions): Promise<Undo> {
  return Undo.of(inputs, options, PORTABLE);
}

/**
 * All there is to see of WAL: what it consists of, by time, relation and transaction; the archive; incidents. `reportJson`
 * makes JSON of it, `renderReport` a page. What the WAL itself tells is read three times.
 * @throws WalError what `examineArchive` and `findIncidents` throw
 */
export function readReport(inputs: Inputs, options: ReportOptions): Promise<Report> {
  return readReportOn(inputs, options, PORTABLE);
}

/**
 * Makes facts of WAL: tables of each segment as Parquet files, for engines that ask them in SQL. Segments whose facts are
 * there are passed over. Many processes may make facts in one store at the same time.
 * @param store where the facts are kept
 * @throws WalError `no-wal`, `unreadable`, `source-failed`, `unwritable`, and what makes it unclear which WAL is the right
 *   one: `foreign-cluster`, `mixed-formats`, `different-content`. What else is wrong is among the problems, and in the facts.
 */
export function makeFacts(
  inputs: Inputs,
  store: FactsStore,
  options: MakeFactsOptions = {},
): Promise<FactsMade> {
  return makeFactsOn(inputs, store, options, PORTABLE);
}

/**
 * Finds in logs of the server who did transactions. As much of a log is in memory as comes of a file at once, and of what it
 * tells what lies around the commits asked for.
 * @throws WalError `unreadable` for an input that cannot be read, `source-failed`. What else is wrong is among the problems.
 */
export function findInLogs(
  logs: Inputs,
  transactions: readonly AskedTransaction[],
  options: InLogsOptions = {},
): Promise<LogsRead> {
  return findInLogsOn(logs, transactions, options, PORTABLE);
}
