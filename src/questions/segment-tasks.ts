import {
  type ChainSegment,
  isWithin,
  type LsnRange,
  type TimelineChain,
  type WalStock,
} from '../cluster/chain.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';

/** A segment to read, and the timelines whose history goes through it. */
export interface SegmentTask<S extends PlacedSegment> {
  segment: ChainSegment<S>;
  timelines: number[];
}

/**
 * The timelines to look through: those wanted, or all that have segments of their own.
 * @throws WalError `no-wal` where there is no segment, `unknown-timeline`
 */
export function timelinesToSearch(
  stock: WalStock<PlacedSegment>,
  wanted: number | readonly number[] | undefined,
): number[] {
  const known = [...new Set(stock.segments.map(({ timeline }) => timeline))].sort((a, b) => a - b);
  if (known.length === 0) throw new WalError('no-wal', message`there is no WAL segment in what was given`);
  if (wanted === undefined) return known;
  const timelines = [wanted].flat();
  for (const one of timelines) {
    if (known.includes(one) || stock.histories.some(({ timeline }) => timeline === one)) continue;
    throw new WalError(
      'unknown-timeline',
      message`there is no WAL of timeline ${one}, only of ${known.join(', ')}; give one of these by --timeline`,
    );
  }
  return timelines;
}

/**
 * The segments of all chains, each once, in the order in which they are to be read: a parent's WAL comes before
 * that of its children.
 * @param range of all of them
 * @param ranges of each timeline
 */
export function segmentTasks<S extends PlacedSegment>(
  chains: TimelineChain<S>[],
  range: LsnRange = {},
  ranges: ReadonlyMap<number, LsnRange> = new Map(),
): SegmentTask<S>[] {
  const tasks = new Map<string, SegmentTask<S>>();
  for (const { timeline, segments } of chains) {
    for (const segment of segments) {
      const { file, end } = segment;
      if (!isWithin(file.start, end, range) || !isWithin(file.start, end, ranges.get(timeline) ?? {}))
        continue;
      const key = `${file.timeline} ${file.start} ${end}`;
      const task = tasks.get(key);
      if (task) task.timelines.push(timeline);
      else tasks.set(key, { segment, timelines: [timeline] });
    }
  }
  return [...tasks.values()].sort((a, b) => {
    const [first, second] = [a.segment.file, b.segment.file];
    return first.start === second.start
      ? first.timeline - second.timeline
      : first.start < second.start
        ? -1
        : 1;
  });
}
