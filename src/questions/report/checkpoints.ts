import type { Lsn } from '../../wal/lsn.js';
import type { Mark, ReportedCheckpoint } from './scan.js';
import { addVolume, noVolume, type Volume, volumeBetween } from './volume.js';

/** A checkpoint, and the WAL from its redo position to the next one's, or to the end. */
export interface CheckpointVolume extends ReportedCheckpoint {
  timeline: number;
  after: Volume;
}

/** So many are kept, of marks as of checkpoints. */
const MOST_MARKS = 10_000;
const MOST_CHECKPOINTS = 1000;

/** The newest checkpoints of one timeline. */
export class Checkpoints {
  private readonly kept: CheckpointVolume[] = [];
  private count = 0;
  /** Behind the redo position of the last checkpoint. */
  private marks: Pick<Mark, 'lsn' | 'before'>[] = [];
  /** What comes before its redo position. */
  private lastBefore = noVolume();

  constructor(private readonly timeline: number) {}

  /** How many older ones were dropped. */
  get dropped(): number {
    return this.count - this.kept.length;
  }

  /** Takes in what comes next in the WAL. @param before what came before that */
  add(marks: readonly Mark[], before: Volume): void {
    for (const { lsn, before: within, checkpoint } of marks) {
      const sum = { ...before };
      addVolume(sum, within);
      this.marks.push({ lsn, before: sum });
      if (checkpoint !== undefined) this.begin(checkpoint);
      else if (this.marks.length > MOST_MARKS) this.marks = this.marks.filter((_, i) => i % 2 === 0);
    }
  }

  private begin(checkpoint: ReportedCheckpoint): void {
    const { redo } = checkpoint;
    const { before } = this.marks.find(({ lsn }) => lsn >= redo) ?? this.marks[this.marks.length - 1];
    this.endLast(before);
    this.lastBefore = before;
    this.marks = this.marks.filter(({ lsn }) => lsn >= redo);
    this.kept.push({ ...checkpoint, timeline: this.timeline, after: noVolume() });
    this.count++;
    if (this.kept.length === 2 * MOST_CHECKPOINTS) this.kept.splice(0, MOST_CHECKPOINTS);
  }

  private endLast(before: Volume): void {
    const last = this.kept.at(-1);
    if (last !== undefined) last.after = volumeBetween(this.lastBefore, before);
  }

  /** @param total all of the WAL. @returns in the order of the WAL */
  finish(total: Volume): CheckpointVolume[] {
    this.endLast(total);
    return this.kept;
  }
}

/** The newest of all timelines, newest first. */
export function newestCheckpoints(
  all: readonly Checkpoints[],
  kept: readonly CheckpointVolume[],
): {
  checkpoints: CheckpointVolume[];
  older: number;
} {
  const sorted = [...kept].sort((a, b) => compare(b.time, a.time) || compare(b.lsn, a.lsn));
  const dropped = all.reduce((sum, one) => sum + one.dropped, 0);
  const checkpoints = sorted.slice(0, MOST_CHECKPOINTS);
  return { checkpoints, older: dropped + sorted.length - checkpoints.length };
}

const compare = (a: Lsn, b: Lsn): number => (a < b ? -1 : a > b ? 1 : 0);
