import type { BaseBackup } from '../cluster/base-backup.js';
import type { ChainSegment } from '../cluster/chain.js';
import {
  type ArchiveExamined,
  type ExamineOptions,
  examineArchive as examine,
} from '../questions/archive/ask.js';
import { Changes, type ChangesOptions } from '../questions/changes/ask.js';
import { type FactsMade, type MakeFactsOptions, makeFacts as make } from '../questions/facts/ask.js';
import type { FactsStore } from '../questions/facts/store.js';
import {
  type FindCommitOptions,
  findCommit as find,
  type TransactionsOptions,
  transactionsOf as transactions,
} from '../questions/find-commit/ask.js';
import type { FindCommitResult, RelationTransaction } from '../questions/find-commit/run.js';
import { findIncidents as findAll, type IncidentsOptions } from '../questions/incidents/ask.js';
import type { IncidentsResult } from '../questions/incidents/run.js';
import { type MomentFound, type MomentOptions, findMoment as moment } from '../questions/moment/ask.js';
import { type PlannedRecovery, type PlanOptions, planRecovery as plan } from '../questions/plan/ask.js';
import { type Report, type ReportOptions, readReport as report } from '../questions/report/ask.js';
import { type RecoverRowsOptions, recoverRows as recover } from '../questions/rows/ask.js';
import type { RecoveredRows } from '../questions/rows/recovered-rows.js';
import { Undo, type UndoOptions } from '../questions/undo/ask.js';
import { findInLogs as findLogged, type InLogsOptions } from '../questions/who/ask.js';
import type { AskedTransaction, LogsRead } from '../questions/who/who.js';
import type { WalFormat } from '../reader/segment.js';
import { type NamesFound, readRelationNames as readNames } from '../replay/names-of-backup.js';
import type { AbortSignalLike } from '../sources/abort.js';
import { openBackup } from '../sources/backup.js';
import type { Input, Inputs } from '../sources/input.js';
import {
  type Inventory,
  type InventoryOptions,
  takeInventory as take,
  takeUsableInventory as takeUsable,
  type UsableInventory,
} from '../sources/inventory.js';
import { readBaseBackup as readBase } from '../sources/read-base-backup.js';
import {
  readSegment as read,
  readSegments as readAll,
  type SegmentRead,
  type SourceSegment,
} from '../sources/read-segments.js';
import type { Reading } from '../sources/reading.js';
import { FactsFolder } from './facts-folder.js';
import { NODE } from './platform.js';

/** What can be ended before it is done. */
export interface Abortable {
  signal?: AbortSignalLike | undefined;
}

const readingWith = ({ signal }: Abortable): Reading => ({ ...NODE.reading, signal });

/** As in the portable entry, with paths, threads and temporary files. */
export function findCommit(inputs: Inputs, options: FindCommitOptions): Promise<FindCommitResult> {
  return find(inputs, options, NODE);
}

/** As in the portable entry, with paths and threads. */
export function transactionsOf(
  inputs: Inputs,
  options: TransactionsOptions,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  return transactions(inputs, options, NODE);
}

/** As in the portable entry, with paths, threads and temporary files. */
export function findIncidents(inputs: Inputs, options: IncidentsOptions): Promise<IncidentsResult> {
  return findAll(inputs, options, NODE);
}

/** As in the portable entry, with paths and threads. */
export function examineArchive(inputs: Inputs, options: ExamineOptions = {}): Promise<ArchiveExamined> {
  return examine(inputs, options, NODE);
}

/** As in the portable entry, with paths. */
export function findMoment(inputs: Inputs, options: MomentOptions): Promise<MomentFound> {
  return moment(inputs, options, NODE);
}

/** As in the portable entry, with paths and threads. */
export function planRecovery(inputs: Inputs, options: PlanOptions): Promise<PlannedRecovery> {
  return plan(inputs, options, NODE);
}

/** As in the portable entry, with paths and temporary files. */
export function recoverRows(inputs: Inputs, options: RecoverRowsOptions): Promise<RecoveredRows> {
  return recover(inputs, options, NODE);
}

/** As in the portable entry, with paths and temporary files. */
export function readChanges(inputs: Inputs, options: ChangesOptions): Changes {
  return new Changes(inputs, options, NODE);
}

/** As in the portable entry, with paths and temporary files. */
export function undoChanges(inputs: Inputs, options: UndoOptions): Promise<Undo> {
  return Undo.of(inputs, options, NODE);
}

/** As in the portable entry, with paths, threads and temporary files. */
export function readReport(inputs: Inputs, options: ReportOptions): Promise<Report> {
  return report(inputs, options, NODE);
}

/** As in the portable entry, with paths, and the zones of this machine. */
export function findInLogs(
  logs: Inputs,
  transactions: readonly AskedTransaction[],
  options: InLogsOptions = {},
): Promise<LogsRead> {
  return findLogged(logs, transactions, options, NODE);
}

/** As in the portable entry, with paths and threads. @param store a folder, which is made where it is not there, or a store */
export async function makeFacts(
  inputs: Inputs,
  store: string | FactsStore,
  options: MakeFactsOptions = {},
): Promise<FactsMade> {
  return make(inputs, typeof store === 'string' ? await FactsFolder.open(store) : store, options, NODE);
}

/** As in the portable entry, with paths. */
export function takeInventory(
  inputs: Inputs,
  options: InventoryOptions & Abortable = {},
): Promise<Inventory> {
  return take(inputs, readingWith(options), options);
}

/** As in the portable entry, with paths. */
export function takeUsableInventory(
  inputs: Inputs,
  options: InventoryOptions & Abortable = {},
): Promise<UsableInventory> {
  return takeUsable(inputs, readingWith(options), options);
}

/** As in the portable entry, with paths and temporary files. */
export function readRelationNames(
  backup: Input,
  inventory: UsableInventory,
  timeline?: number,
): Promise<NamesFound> {
  return readNames(backup, inventory, NODE, timeline);
}

/** Reads what recovery needs to know of a base backup, in whatever form. @throws WalError as `readBaseBackup` does */
export async function readBaseBackup(backup: Input, options: Abortable = {}): Promise<BaseBackup> {
  return readBase(await openBackup(backup, readingWith(options)));
}

/** Reads one segment. What is wrong with it is told in the `problem` of what comes. */
export function readSegment<S extends SourceSegment>(
  segment: ChainSegment<S>,
  format: WalFormat,
  options: Abortable = {},
): Promise<SegmentRead<S>> {
  return read(segment, format, readingWith(options));
}

/** Reads segments one after the other; no more than a few are in memory at a time. */
export function readSegments<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>>,
  format: WalFormat,
  options: Abortable = {},
): AsyncGenerator<SegmentRead<S>> {
  return readAll(segments, format, readingWith(options));
}
