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
import { formatLocator } from '../../rmgr/locator.js';
import type { Backup } from '../../sources/backup-parts.js';
import { type Input, type Inputs, inputsOf, nameOfInput } from '../../sources/input.js';
import type { SegmentFile, UsableInventory } from '../../sources/inventory.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { Asking, ask, type FactsOptions, type QuestionOptions } from '../asking.js';
import { takeFactsIn } from '../facts/take.js';
import { checkBackup, nameOfChosen, openGiven, type StoredBackupName } from '../given.js';
import { checkNamesHaveWal, takeNamedStock } from '../named-stock.js';
import type { Platform } from '../platform.js';
import { scanIntoRolledUp } from '../scan-rolled-up.js';
import { scanning } from '../scan-segments.js';
import type { CommandPlaces } from '../undo/command.js';
import { unusedSegments } from '../unused-segments.js';
import { walReach } from '../wal-reach.js';
import { findWhoIfAsked, type LogOptions } from '../who/ask.js';
import { askedTransactions } from './asked.js';
import {
  type FindCommitResult,
  FindCommitRun,
  type RelationAnswer,
  type RelationTransaction,
} from './run.js';
import type { FindCommitQuery } from './scan.js';
import { lossSoFar } from './so-far.js';

/** Which table to look for, by its file or by its name, and in which part of the WAL. */
export interface FindCommitOptions extends QuestionOptions, FactsOptions, LogOptions {
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
    throw new WalError('usage', message`transactions has to be a number of them, or "all"`);
  }
  return ask(options, platform, async (asking) => {
    const all = [...inputsOf(inputs)];
    const { inventory, backup, storedBackup, isRepository } = await stockOf(all, options, asking);
    const wanted = await findRelation(inventory, { ...options, backup }, asking);
    const { names, named, completed } = wanted;
    const run = newRun(inventory, wanted, { startLsn, endLsn, transactions }, timeline);
    run.problems.push(...(names?.problems ?? []));
    asking.soFar = () => lossSoFar(named(run.foundSoFar));
    await scanIntoRolledUp(run, 'find-commit', inventory.format, asking);
    const result = run.finish();
    const places = placesOf(all, options, isRepository);
    const relations = completed(named(result.relations));
    const logs = await findWhoIfAsked(() => askedTransactions(relations), options, asking);
    const problems = [...result.problems, ...(logs?.problems ?? [])];
    const reach = relations.length === 0 ? await walReach(inventory, asking.reading) : undefined;
    return { ...result, problems, relations, storedBackup, reach, ...places, ...(logs && { logs }) };
  });
}

/** Where commands to go on with find the WAL and a backup: that of a repository needs no name. */
const placesOf = (
  inputs: readonly Input[],
  { backup }: Pick<FindCommitOptions, 'backup'>,
  isRepository: boolean,
): CommandPlaces => ({
  places: inputs.length === 0 ? undefined : inputs.map(nameOfInput),
  backups: backup === undefined ? (isRepository ? [] : undefined) : [...inputsOf(backup)].map(nameOfInput),
});

/** Takes stock; a backup of the repository that was given is opened where a name has to be looked up. */
async function stockOf(
  inputs: Inputs,
  { backup: asked, facts: factsPlace, table, startLsn, endLsn }: TransactionsOptions,
  asking: Asking,
): Promise<Stock> {
  const given = await openGiven(inputs, asked, asking.reading);
  const facts = await takeFactsIn(factsPlace, asking.reading);
  if (table !== undefined) await checkBackup(asked, given);
  const backup = await given.openBackup();
  const candidates = table === undefined ? [] : await given.candidates();
  const isNeeded = table !== undefined;
  const bounds = { startLsn, endLsn };
  const { inventory, chosen } = await takeNamedStock(
    { ...given, facts },
    bounds,
    backup,
    candidates,
    isNeeded,
    asking.reading,
  );
  const used = backup ?? (await chosen?.stored.open());
  if (used !== undefined) await checkNamesHaveWal(used, inventory);
  return {
    inventory,
    backup: used,
    storedBackup: nameOfChosen(chosen),
    isRepository: given.repositories.length > 0,
  };
}

interface Stock {
  inventory: UsableInventory;
  backup: Backup | undefined;
  storedBackup: StoredBackupName | undefined;
  /** A repository of a backup tool is among the inputs. */
  isRepository: boolean;
}

/** What a table lost last, by timeline. */
export interface Losses {
  relations: RelationAnswer[];
  /** Why more may have been lost on a timeline that is not known of. */
  problemsOn(timeline: number): WalError[];
}

/** No table has more files one after the other that people ask for; WAL that says so may go round in circles. */
const MOST_FILES = 100;

/**
 * Searches timelines of WAL of which stock was taken. Where nothing was lost of the one file asked for, which TRUNCATE or
 * a rewrite made, it is asked what was lost of the file before that.
 * @throws WalError as `findCommit`
 */
export async function findLosses(
  inventory: UsableInventory,
  options: Searched & { timelines: readonly number[] },
  asking: Asking,
): Promise<Losses> {
  let found = await findLossesOf(inventory, options, asking);
  for (let i = 0; i < MOST_FILES && options.table === undefined; i++) {
    const isLost = found.relations.some((one) => one.recoveryTarget ?? one.databaseDropped);
    if (isLost || found.formerFiles.length !== 1) break;
    found = await findLossesOf(inventory, { ...options, relation: found.formerFiles[0] }, asking);
  }
  return found;
}

async function findLossesOf(
  inventory: UsableInventory,
  options: Parameters<typeof findLosses>[1],
  asking: Asking,
): Promise<Losses & { formerFiles: readonly string[] }> {
  const wanted = await findRelation(inventory, options, asking);
  const { names, named, completed } = wanted;
  const run = newRun(inventory, wanted, { transactions: 0 }, options.timelines);
  await scanIntoRolledUp(run, 'find-commit', inventory.format, asking);
  const { relations, formerFiles = [] } = run.finish();
  return {
    relations: completed(named(relations)),
    formerFiles,
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
export type TransactionsOptions = Omit<FindCommitOptions, 'transactions' | keyof LogOptions>;

/** See `questions/portable.ts`. */
export async function* transactionsOf(
  inputs: Inputs,
  options: TransactionsOptions,
  platform: Platform,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  const { timeline, startLsn, endLsn } = options;
  const asking = new Asking(options, platform);
  try {
    const all = [...inputsOf(inputs)];
    const { inventory, backup, storedBackup, isRepository } = await stockOf(all, options, asking);
    const wanted = await findRelation(inventory, { ...options, backup }, asking);
    const { names, named, completed } = wanted;
    const told: RelationTransaction[] = [];
    const query = { startLsn, endLsn, transactions: 0 };
    const run = newRun(inventory, wanted, query, timeline, (transaction) => told.push(transaction));
    run.problems.push(...(names?.problems ?? []));
    for await (const _ of scanning(run, 'find-commit', inventory.format, asking))
      yield* named(told.splice(0));
    const result = run.finish();
    yield* named(told.splice(0));
    const places = placesOf(all, options, isRepository);
    return { ...result, relations: completed(named(result.relations)), storedBackup, ...places };
  } finally {
    await asking.close();
  }
}

/** A relation by its file, or by its name in a backup. */
interface Searched extends Pick<FindCommitOptions, 'relation' | 'table'> {
  backup?: Backup | undefined;
}

/** What is asked for. */
interface Wanted {
  relation: RelationFilter | readonly RelationFilter[];
  names: NamesFound | undefined;
  named: Naming;
  /** Adds what a backup tells of relations beside their names. */
  completed: (relations: readonly RelationAnswer[]) => RelationAnswer[];
}

/** A search for what is asked for, with what is known to be wrong with the files. */
function newRun(
  inventory: UsableInventory,
  { relation, names }: Wanted,
  query: Omit<FindCommitQuery, 'relation'>,
  timelines: number | readonly number[] | undefined,
  listener?: (transaction: RelationTransaction) => void,
): FindCommitRun<SegmentFile> {
  const catalogued = cataloguedIn(names);
  const run = new FindCommitRun(inventory, { ...query, relation }, timelines, listener, catalogued);
  run.problems.push(...inventory.problems, ...unusedSegments(inventory));
  return run;
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
  { relation, table, backup, timeline }: Searched & { timeline?: number | undefined },
  asking: Asking,
): Promise<Wanted> {
  const filter = relation === undefined ? undefined : filterOf(relation);
  if ((filter === undefined) === (table === undefined)) {
    throw new WalError('usage', message`give either a relation or a table`);
  }
  asking.enter('names');
  const names =
    backup === undefined ? undefined : await readRelationNames(backup, inventory, asking, timeline);
  return {
    relation: filter ?? filesOfTable(names, table!),
    names,
    named: names ? naming(names, table) : (told) => [...told],
    completed: (relations) =>
      relations.map((one) => {
        const catalogued = names?.names.get(one.timeline)?.isUnlogged(one.relation);
        return { ...one, unlogged: catalogued ?? one.unlogged };
      }),
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
