import { parseRelation, type RelationFilter } from '../../follow/relation.js';
import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import type { RelationNames } from '../../replay/relation-names.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Inputs } from '../../sources/input.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { Asking, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { scanInto, scanning } from '../scan-segments.js';
import {
  type FindCommitResult,
  FindCommitRun,
  type RelationAnswer,
  type RelationTransaction,
} from './run.js';

/** Which table to look for, by its file or by its name, and in which part of the WAL. */
export interface FindCommitOptions extends QuestionOptions {
  /** The table by its file: `16386`, `1663/16384/16386`, or as {@link RelationFilter} … */
  relation?: string | RelationFilter | undefined;
  /** … or by its name, which needs a backup: all the files are searched for that the table had since then. */
  table?: TableChoice | undefined;
  /** Search records from here on only. */
  startLsn?: Lsn | undefined;
  /** Search records that end here at the latest. */
  endLsn?: Lsn | undefined;
  /** Search this timeline only. */
  timeline?: number | undefined;
  /** How many transactions are listed of each relation: the newest ones. Default 100. */
  transactions?: number | 'all' | undefined;
}

/** See `questions/portable.ts`. */
export async function findCommit(
  inputs: Inputs,
  options: FindCommitOptions,
  platform: Platform,
): Promise<FindCommitResult> {
  const { relation, table, backup, timeline, startLsn, endLsn, transactions } = options;
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  if ((filter === undefined) === (table === undefined)) {
    throw new WalError('usage', 'give either a relation or a table');
  }
  if (!isCount(transactions)) {
    throw new WalError('usage', 'transactions has to be a number of them, or "all"');
  }
  const asking = new Asking(options, platform);
  const inventory = await takeUsableInventory(inputs, asking.reading);
  asking.enter('names');
  const found =
    backup === undefined ? undefined : await readRelationNames(backup, inventory, asking, timeline);
  const wanted = filter ?? filesOfTable(found, table!);
  const query = { startLsn, endLsn, transactions, relation: wanted };
  const run = new FindCommitRun(inventory, query, timeline);
  for (const problem of [...inventory.problems, ...(found?.problems ?? [])]) run.problems.push(problem);
  await scanInto(run, 'find-commit', inventory.format, asking);
  const result = run.finish();
  return found ? { ...result, relations: named(result.relations, found.names, table) } : result;
}

/** Programs in JavaScript may give anything. */
const isCount = (transactions: unknown): boolean =>
  transactions === undefined ||
  transactions === 'all' ||
  (Number.isInteger(transactions) && Number(transactions) >= 0);

/** Which relation's transactions are to be told, and in which part of the WAL. */
export type TransactionsOptions = Omit<FindCommitOptions, 'table' | 'backup' | 'transactions'>;

/** See `questions/portable.ts`. */
export async function* transactionsOf(
  inputs: Inputs,
  options: TransactionsOptions,
  platform: Platform,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  const { relation, timeline, startLsn, endLsn } = options;
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  if (filter === undefined) throw new WalError('usage', 'give a relation');
  const asking = new Asking(options, platform);
  const inventory = await takeUsableInventory(inputs, asking.reading);
  const told: RelationTransaction[] = [];
  const wanted = { startLsn, endLsn, relation: filter, transactions: 0 };
  const run = new FindCommitRun(inventory, wanted, timeline, (transaction) => told.push(transaction));
  run.problems.push(...inventory.problems);
  for await (const _ of scanning(run, 'find-commit', inventory.format, asking)) yield* told.splice(0);
  const result = run.finish();
  yield* told.splice(0);
  return result;
}

/** Adds the names; of timelines on which the files are others, the answers are left out. */
function named(
  relations: readonly RelationAnswer[],
  names: ReadonlyMap<number, RelationNames>,
  table: TableChoice | undefined,
): RelationAnswer[] {
  const answers = relations.map((answer) => {
    return { ...answer, name: names.get(answer.timeline)?.nameOf(answer.relation) };
  });
  if (!table) return answers;
  return answers.filter(({ timeline, relation }) => {
    const files = names.get(timeline)?.filesOf(table.table, table.database) ?? [];
    return files.some((file) => formatLocator(file) === relation);
  });
}
