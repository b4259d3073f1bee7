import { parseRelation, type RelationFilter } from '../../follow/relation.js';
import { distinctProblems } from '../../follow/wal-problems.js';
import {
  cataloguedIn,
  filesOfTable,
  type NamesFound,
  readRelationNames,
  type TableChoice,
} from '../../replay/names-of-backup.js';
import type { RelationNames } from '../../replay/relation-names.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Inputs } from '../../sources/input.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { Asking, ask, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { scanInto, scanning } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
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
  const { timeline, startLsn, endLsn, transactions } = options;
  if (!isCount(transactions)) {
    throw new WalError('usage', 'transactions has to be a number of them, or "all"');
  }
  return ask(options, platform, async (asking) => {
    const inventory = await takeInventoryFor(options.backup, inputs, asking.reading);
    const { relation, names, named } = await findRelation(inventory, options, asking);
    const run = new FindCommitRun(
      inventory,
      { startLsn, endLsn, transactions, relation },
      timeline,
      undefined,
      cataloguedIn(names),
    );
    run.problems.push(...inventory.problems, ...unusedSegments(inventory), ...(names?.problems ?? []));
    await scanInto(run, 'find-commit', inventory.format, asking);
    const result = run.finish();
    return { ...result, relations: named(result.relations) };
  });
}

/** What a table lost last, by timeline. */
export interface Losses {
  relations: RelationAnswer[];
  /** Why more may have been lost on a timeline that is not known of. */
  problemsOn(timeline: number): WalError[];
}

/** Searches timelines of WAL of which stock was taken. @throws WalError as `findCommit` */
export async function findLosses(
  inventory: UsableInventory,
  options: Pick<FindCommitOptions, 'relation' | 'table' | 'backup'> & { timelines: readonly number[] },
  asking: Asking,
): Promise<Losses> {
  const { relation, names, named } = await findRelation(inventory, options, asking);
  const run = new FindCommitRun(
    inventory,
    { relation, transactions: 0 },
    options.timelines,
    undefined,
    cataloguedIn(names),
  );
  run.problems.push(...inventory.problems, ...unusedSegments(inventory));
  await scanInto(run, 'find-commit', inventory.format, asking);
  return {
    relations: named(run.finish().relations),
    problemsOn: (timeline) =>
      distinctProblems([...(names?.problemsOn.get(timeline) ?? []), ...run.problemsOn(timeline)]),
  };
}

/** Programs in JavaScript may give anything. */
const isCount = (transactions: unknown): boolean =>
  transactions === undefined ||
  transactions === 'all' ||
  (Number.isInteger(transactions) && Number(transactions) >= 0);

/** Which relation's transactions are to be told, and in which part of the WAL. */
export type TransactionsOptions = Omit<FindCommitOptions, 'transactions'>;

/** See `questions/portable.ts`. */
export async function* transactionsOf(
  inputs: Inputs,
  options: TransactionsOptions,
  platform: Platform,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  const { timeline, startLsn, endLsn } = options;
  const asking = new Asking(options, platform);
  try {
    const inventory = await takeInventoryFor(options.backup, inputs, asking.reading);
    const { relation, names, named } = await findRelation(inventory, options, asking);
    const told: RelationTransaction[] = [];
    const query = { startLsn, endLsn, relation, transactions: 0 };
    const listener = (transaction: RelationTransaction): unknown => told.push(transaction);
    const run = new FindCommitRun(inventory, query, timeline, listener, cataloguedIn(names));
    run.problems.push(...inventory.problems, ...unusedSegments(inventory), ...(names?.problems ?? []));
    for await (const _ of scanning(run, 'find-commit', inventory.format, asking))
      yield* named(told.splice(0));
    const result = run.finish();
    yield* named(told.splice(0));
    return { ...result, relations: named(result.relations) };
  } finally {
    await asking.close();
  }
}

/** What is asked for. */
interface Wanted {
  relation: RelationFilter | readonly RelationFilter[];
  names: NamesFound | undefined;
  named: Naming;
}

/** Adds names; on timelines on which the file is not the table's that was asked for, what is told of it is left out. */
type Naming = <T extends { timeline: number; relation: string }>(told: readonly T[]) => T[];

/** With nothing but its numbers, which can be sent to other threads. */
function filterOf(relation: string | RelationFilter): RelationFilter {
  // programs in JavaScript may give a number
  if (typeof relation !== 'object') return parseRelation(String(relation));
  const { spcOid, dbOid, relNumber } = relation;
  return { spcOid, dbOid, relNumber };
}

async function findRelation(
  inventory: UsableInventory,
  { relation, table, backup, timeline }: TransactionsOptions,
  asking: Asking,
): Promise<Wanted> {
  const filter = relation === undefined ? undefined : filterOf(relation);
  if ((filter === undefined) === (table === undefined)) {
    throw new WalError('usage', 'give either a relation or a table');
  }
  asking.enter('names');
  const names =
    backup === undefined ? undefined : await readRelationNames(backup, inventory, asking, timeline);
  return {
    relation: filter ?? filesOfTable(names, table!),
    names,
    named: names ? naming(names, table) : (told) => [...told],
  };
}

function naming({ names }: NamesFound, table: TableChoice | undefined): Naming {
  const filesOf = (one: RelationNames): Set<string> | undefined =>
    table && new Set(one.filesOf(table.table, table.database).map(formatLocator));
  const files = new Map(Array.from(names, ([timeline, one]) => [timeline, filesOf(one)]));
  const isWanted = (timeline: number, relation: string): boolean =>
    table === undefined || files.get(timeline)?.has(relation) === true;
  return (told) =>
    told
      .filter(({ timeline, relation }) => isWanted(timeline, relation))
      .map((one) => ({ ...one, name: names.get(one.timeline)?.nameOf(one.relation) }));
}
