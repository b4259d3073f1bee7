import { parseRelation } from '../../follow/relation.js';
import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import type { RelationNames } from '../../replay/relation-names.js';
import { formatLocator } from '../../rmgr/locator.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import type { SourceSegment } from '../../sources/read-segments.js';
import type { ByteSource } from '../../sources/source.js';
import { WalError } from '../../wal/error.js';
import { type SegmentScan, scanInto, scanSegments } from '../scan-segments.js';
import type { FindCommitOptions } from './buffers.js';
import {
  type FindCommitResult,
  FindCommitRun,
  type RelationAnswer,
  type RelationTransaction,
} from './run.js';

/** Which table to look for, by its file or by its name, and how. */
export interface FindCommitInPathsOptions extends Omit<FindCommitOptions, 'relation'> {
  /** The table by its file, as of {@link FindCommitOptions} … */
  relation?: FindCommitOptions['relation'];
  /** … or by its name, which needs a backup: all the files are searched for that the table had since then. */
  table?: TableChoice;
  /** A base backup from whose catalogs names are taken. All the WAL since then must be given. */
  backup?: string;
  /** Told after each segment how many of how many have been read. */
  onProgress?: (done: number, total: number) => void;
  /** Threads to share the segments between, this one among them. Default 1. */
  jobs?: number;
}

/**
 * As `findCommit`, over files and folders: segments, compressed or not, `.partial` files and history files, in any
 * order and mixture; folders are searched recursively. No more than a few segments are in memory at a time.
 *
 * @throws WalError `bad-relation`, `usage`, what `readRelationNames` and `filesOfTable` throw, `no-wal`,
 *   `unknown-timeline`, `unreadable` for a path that cannot be read, and what makes it unclear which WAL is the
 *   right one: `foreign-cluster`, `mixed-formats`, `different-content`. What else is wrong with files is among the result's problems.
 */
export async function findCommitInPaths(
  paths: Iterable<string | ByteSource>,
  { relation, table, backup, timeline, onProgress, jobs, ...query }: FindCommitInPathsOptions,
): Promise<FindCommitResult> {
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  if ((filter === undefined) === (table === undefined)) {
    throw new WalError('usage', 'give either a relation or a table');
  }
  const inventory = await takeUsableInventory(paths);
  const found = backup === undefined ? undefined : await readRelationNames(backup, inventory, timeline);
  const wanted = filter ?? filesOfTable(found, table!);
  const run = new FindCommitRun(inventory, { ...query, relation: wanted }, timeline);
  for (const problem of [...inventory.problems, ...(found?.problems ?? [])]) run.problems.push(problem);
  await scanInto(run, scansOf(run), inventory.format, { jobs, onProgress });
  const result = run.finish();
  return found ? { ...result, relations: named(result.relations, found.names, table) } : result;
}

/** Which relation's transactions are to be told, and in which part of the WAL. */
export type TransactionsOptions = Omit<FindCommitInPathsOptions, 'table' | 'backup' | 'transactions'>;

/**
 * Tells all transactions that changed rows of a relation, each as soon as its end is known, those without one last.
 * None is kept: memory does not grow with their number. Timelines share WAL, and transactions in it are told of each.
 *
 * @returns in the end, as the generator's value, what `findCommitInPaths` gives, without the transactions that ended
 * @throws WalError as `findCommitInPaths`
 */
export async function* transactionsOf(
  paths: Iterable<string | ByteSource>,
  { relation, timeline, onProgress, jobs = 1, ...query }: TransactionsOptions,
): AsyncGenerator<RelationTransaction, FindCommitResult> {
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  if (filter === undefined) throw new WalError('usage', 'give a relation');
  const inventory = await takeUsableInventory(paths);
  const told: RelationTransaction[] = [];
  const wanted = { ...query, relation: filter, transactions: 0 };
  const run = new FindCommitRun(inventory, wanted, timeline, (transaction) => told.push(transaction));
  run.problems.push(...inventory.problems);
  const scans = scansOf(run);
  let done = 0;
  for await (const { value, problem } of scanSegments(scans, inventory.format, jobs)) {
    if (problem && problem.code !== 'truncated-segment') run.problems.push(problem);
    run.add(run.tasks[done++], value);
    onProgress?.(done, scans.length);
    yield* told.splice(0);
  }
  const result = run.finish();
  yield* told.splice(0);
  return result;
}

const scansOf = (run: FindCommitRun<SourceSegment>): SegmentScan<'find-commit'>[] =>
  run.tasks.map((task) => {
    return { segment: task.segment, work: { kind: 'find-commit', query: run.queryOf(task) } };
  });

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
