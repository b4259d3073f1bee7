import { type FindCommitResult, FindCommitRun } from '../analysis/find-commit.js';
import type { FindCommitOptions } from '../analysis/find-commit-buffers.js';
import { scanSegment } from '../analysis/find-commit-part.js';
import { parseRelation } from '../analysis/relation-filter.js';
import { takeInventory } from './inventory.js';
import { readSegments } from './read-segments.js';
import type { ByteSource } from './source.js';

export interface FindCommitInPathsOptions extends FindCommitOptions {
  /** Told after each segment how many of how many have been read. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * As `findCommit`, over files and folders: segments, compressed or not, `.partial` files and history files, in any
 * order and mixture; folders are searched recursively. No more than a few segments are in memory at a time.
 *
 * @throws WalError `bad-relation`, `no-wal`, `unknown-timeline`, `unreadable` for a path that cannot be read, and
 *   what makes it unclear which WAL is the right one: `foreign-cluster`, `mixed-formats`, `different-content`.
 *   What else is wrong with files is among the result's problems.
 */
export async function findCommitInPaths(
  paths: Iterable<string | ByteSource>,
  { relation, timeline, onProgress, ...query }: FindCommitInPathsOptions,
): Promise<FindCommitResult> {
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  const inventory = await takeInventory(paths);
  if (inventory.conflicts.length > 0) throw inventory.conflicts[0];
  if (inventory.segments.length === 0 && inventory.problems.length > 0) throw inventory.problems[0];
  const run = new FindCommitRun(inventory, { ...query, relation: filter }, timeline);
  run.problems.push(...inventory.problems);
  let done = 0;
  const reads = readSegments(
    run.tasks.map(({ segment }) => segment),
    inventory.format!,
  );
  for await (const { segment, problem } of reads) {
    const task = run.tasks[done++];
    // where a segment is cut off, the reader tells by LSN
    if (problem && problem.code !== 'truncated-segment') run.problems.push(problem);
    run.add(task, scanSegment(segment, run.queryOf(task)));
    onProgress?.(done, run.tasks.length);
  }
  return run.finish();
}
