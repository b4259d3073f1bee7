import type { SummedTransactions } from '../follow/summed-transactions.js';
import type { WalFormat } from '../reader/segment.js';
import type { SourceSegment } from '../sources/read-segments.js';
import type { SegmentFacts } from '../sources/segment-facts.js';
import type { Asking } from './asking.js';
import type { PartOf, RollUpKind } from './registry.js';
import { groupTasks, type TaskGroup } from './rolled-up-tasks.js';
import { type QuestionRun, scanInto, scanTasks } from './scan-segments.js';
import type { SegmentTask } from './segment-tasks.js';

type Task = SegmentTask<SourceSegment & { facts?: SegmentFacts }>;

/** A question that takes what roll-ups of facts say of several segments at once. */
interface RollUpRun<K extends RollUpKind, T extends Task> extends QuestionRun<K, T> {
  /** Whether they tell all that is asked. */
  readonly takesRollUps: boolean;
  /** Whether the segments have to be looked at one by one, although all else is as it should be. */
  isTooCoarse?(summed: SummedTransactions): boolean;
  /** @returns false where the part of each task is to be given to `add` instead */
  addRolledUp(tasks: readonly T[], part: PartOf<K>): boolean;
}

/**
 * As `scanInto`, but of segments that facts have rolled up, what these say together is read where that is enough.
 * @throws as that does
 */
export async function scanIntoRolledUp<K extends RollUpKind, T extends Task>(
  run: RollUpRun<K, T>,
  kind: K,
  format: WalFormat,
  asking: Asking,
): Promise<void> {
  const groups = run.takesRollUps ? await groupsOf(run, format, asking) : [];
  const single = groups.filter(({ rollUp }) => rollUp === undefined);
  if (single.length === groups.length) return scanInto(run, kind, format, asking);
  asking.enter('wal');
  const { readRolledUp } = await import('./facts/parts.js');
  const { reading } = asking;
  const ofOne = scanTasks(
    run,
    single.flatMap(({ tasks }) => tasks),
    kind,
    format,
    asking,
  );
  let done = 0;
  for (const { tasks, rollUp } of groups) {
    if (rollUp === undefined) while ((await ofOne.next()).value === false);
    else {
      const part = await readRolledUp(
        { kind, query: run.queryOf(tasks[tasks.length - 1]), format },
        rollUp,
        reading,
      );
      if (part === undefined || !run.addRolledUp(tasks, part)) {
        for await (const _ of scanTasks(run, tasks, kind, format, { jobs: 1, threads: undefined, reading }));
      }
    }
    done += tasks.length;
    asking.onSegment(done, run.tasks.length, format.segmentSize);
  }
}

/** The tasks, those of roll-ups together that are not known beforehand to be too coarse. */
async function groupsOf<K extends RollUpKind, T extends Task>(
  run: RollUpRun<K, T>,
  format: WalFormat,
  { reading }: Asking,
): Promise<TaskGroup<T>[]> {
  const groups = groupTasks(run.tasks, format.segmentSize);
  if (run.isTooCoarse === undefined || groups.length === run.tasks.length) return groups;
  const { readSums } = await import('./facts/parts.js');
  const chosen: TaskGroup<T>[] = [];
  for (const group of groups) {
    const { tasks, rollUp } = group;
    const summed = rollUp && (await readSums(rollUp, format, reading));
    if (rollUp === undefined || (summed !== undefined && !run.isTooCoarse(summed))) chosen.push(group);
    else chosen.push(...tasks.map((task) => ({ tasks: [task], rollUp: undefined })));
  }
  return chosen;
}
