import { type FindCommitResult, FindCommitRun } from '../analysis/find-commit.js';
import type { FindCommitOptions } from '../analysis/find-commit-buffers.js';
import { parseRelation } from '../analysis/relation-filter.js';
import { takeInventory } from './inventory.js';
import { type SegmentScan, scanSegments } from './scan-segments.js';
import type { ByteSource } from './source.js';

export interface FindCommitInPathsOptions extends FindCommitOptions {
  /** Told after each segment how many of how many have been read. */
  onProgress?: (done: number, total: number) => void;
  /** Worker threads to share the segments between. Default 1: all is done in this thread. */
  jobs?: number;
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
  { relation, timeline, onProgress, jobs = 1, ...query }: FindCommitInPathsOptions,
): Promise<FindCommitResult> {
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  const inventory = await takeInventory(paths);
  if (inventory.conflicts.length > 0) throw inventory.conflicts[0];
  if (inventory.segments.length === 0 && inventory.problems.length > 0) throw inventory.problems[0];
  const run = new FindCommitRun(inventory, { ...query, relation: filter }, timeline);
  run.problems.push(...inventory.problems);
  const scans = run.tasks.map((task): SegmentScan<'find-commit'> => {
    return { segment: task.segment, work: { kind: 'find-commit', query: run.queryOf(task) } };
  });
  let done = 0;
  for await (const { value, problem } of scanSegments(scans, inventory.format!, jobs)) {
    // where a segment is cut off, the reader tells by LSN
    if (problem && problem.code !== 'truncated-segment') run.problems.push(problem);
    run.add(run.tasks[done++], value);
    onProgress?.(done, run.tasks.length);
  }
  return run.finish();
}
