import type { PlacedSegment } from '../cluster/placed-segment.js';
import type { RollUp, SegmentFacts } from '../sources/segment-facts.js';
import type { Lsn } from '../wal/lsn.js';
import type { SegmentTask } from './segment-tasks.js';

/** A segment that facts may stand for. */
type MaybeFacts = PlacedSegment & { facts?: SegmentFacts };

/** Tasks that are done together: those of a roll-up, or one. */
export interface TaskGroup<T> {
  tasks: readonly T[];
  rollUp: RollUp | undefined;
}

/**
 * Puts those tasks together that are all that a roll-up is of, and of the same timelines.
 * @param segmentSize in bytes
 */
export function groupTasks<T extends SegmentTask<MaybeFacts>>(
  tasks: readonly T[],
  segmentSize: number,
): TaskGroup<T>[] {
  const groups = new Map<RollUp, T[]>();
  for (const task of tasks) {
    const { rollUp } = task.segment.file.facts ?? {};
    if (rollUp === undefined) continue;
    const known = groups.get(rollUp);
    if (known === undefined) groups.set(rollUp, [task]);
    else known.push(task);
  }
  const isWhole = (rollUp: RollUp, members: readonly T[]): boolean => {
    const timelines = members[0].timelines.join();
    return (
      members.length === Number(rollUp.end - rollUp.start) / segmentSize &&
      members.every(({ segment: { end }, timelines: own }, i) => {
        return end === startOf(members[0]) + BigInt((i + 1) * segmentSize) && own.join() === timelines;
      })
    );
  };
  return tasks.flatMap((task): TaskGroup<T>[] => {
    const { rollUp } = task.segment.file.facts ?? {};
    const members = rollUp && groups.get(rollUp);
    if (rollUp === undefined || members === undefined || !isWhole(rollUp, members)) {
      return [{ tasks: [task], rollUp: undefined }];
    }
    return task === members[0] ? [{ tasks: members, rollUp }] : [];
  });
}

const startOf = ({ segment: { file } }: SegmentTask<PlacedSegment>): Lsn => file.start;
