import { parseRelation } from '../../follow/relation.js';
import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import type { RelationNames } from '../../replay/relation-names.js';
import { formatLocator } from '../../rmgr/locator.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import type { ByteSource } from '../../sources/source.js';
import { WalError } from '../../wal/error.js';
import { type SegmentScan, scanInto } from '../scan-segments.js';
import type { FindCommitOptions } from './buffers.js';
import { type FindCommitResult, FindCommitRun, type RelationAnswer } from './run.js';

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
  const scans = run.tasks.map((task): SegmentScan<'find-commit'> => {
    return { segment: task.segment, work: { kind: 'find-commit', query: run.queryOf(task) } };
  });
  await scanInto(run, scans, inventory.format, { jobs, onProgress });
  const result = run.finish();
  return found ? { ...result, relations: named(result.relations, found.names, table) } : result;
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
