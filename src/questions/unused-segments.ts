import { type MissingSegments, timelineChain, timelinesOf } from '../cluster/chain.js';
import { groupBy } from '../cluster/group-by.js';
import type { Inventory } from '../sources/inventory.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { parseSegmentFileName, segmentStart } from '../wal/segment-name.js';

/**
 * A file that holds no WAL where WAL is missing, or under another name the WAL that is missing. All others for segments
 * to come are the server's own way.
 */
export function unusedSegments(inventory: Inventory): WalError[] {
  const { unused, format } = inventory;
  if (format === undefined || unused.length === 0) return [];
  const { segmentSize } = format;
  const isMissing = lookUp(timelinesOf(inventory).flatMap((one) => timelineChain(inventory, one).gaps));
  /** The segment's LSN, where it is missing. */
  const missingAt = (name: string): Lsn | undefined => {
    const place = parseSegmentFileName(name, segmentSize);
    if (place === undefined) return undefined;
    const lsn = segmentStart(place.segmentNumber, segmentSize);
    return isMissing(place.timeline, lsn, lsn + BigInt(segmentSize)) ? lsn : undefined;
  };
  return unused.flatMap(({ name, source, reason, holds }) => {
    const held = holds === undefined ? undefined : missingAt(holds);
    const lsn = held ?? missingAt(name);
    if (lsn === undefined) return [];
    const other =
      held === undefined ? message`WAL of another place` : message`segment ${holds!}, which is missing`;
    const what = NOTHING[reason] ?? other;
    return [
      new WalError('unused-segment', message`${source.name} holds ${what}`, { file: source.name, lsn }),
    ];
  });
}

/** Whether any of what is missing of a timeline lies in a stretch of WAL: found by bisection, there may be many of both. */
function lookUp(missing: readonly MissingSegments[]): (timeline: number, from: Lsn, to: Lsn) => boolean {
  const byTimeline = new Map<number, { from: Lsn; upTo: Lsn }[]>();
  const sorted = [...missing].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  for (const [timeline, gaps] of groupBy(sorted, (gap) => gap.timeline)) {
    let upTo: Lsn = 0n;
    const stretches = gaps.map(({ from, to }) => {
      if (to > upTo) upTo = to;
      return { from, upTo };
    });
    byTimeline.set(timeline, stretches);
  }
  return (timeline, from, to) => {
    const gaps = byTimeline.get(timeline) ?? [];
    let [low, high] = [0, gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (gaps[middle].from < to) low = middle + 1;
      else high = middle;
    }
    return low > 0 && gaps[low - 1].upTo > from;
  };
}

/** What files have that hold no WAL. */
const NOTHING = {
  zeroed: message`nothing but zeroes`,
  empty: message`nothing yet`,
  recycled: undefined,
} as const;
