import type { ChainSegment, MissingSegments, TimelineChain } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import { joinSpans } from '../../reader/span.js';
import { isBeyondTime } from '../../replay/recovery.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { type SegmentTimes, type TransactionMoment, transactionMoment } from './scan.js';

/** Where a moment lies in the WAL of a timeline. */
export interface MomentInChain<S extends PlacedSegment> {
  /**
   * `there`: a transaction ended before it and one after it, and the WAL in between is there. `missing`: some of
   * that is not. `too-early`: no transaction here had ended by then. `too-late`: all had, and no later
   * WAL is missing.
   */
  state: 'there' | 'missing' | 'too-early' | 'too-late';
  /** What holds the last transaction that had ended by then. */
  segment: ChainSegment<S> | undefined;
  /** The last transaction that had ended by then, and the first one that ended later. */
  before: TransactionMoment | undefined;
  after: TransactionMoment | undefined;
  /** What holds {@link after}, before which recovery to the moment stops. */
  stopSegment: ChainSegment<S> | undefined;
  /**
   * Transactions that had ended by then, as their times tell, but come behind where recovery to the moment stops, so
   * that it loses them: the clock was set back, or they ended within moments of each other. Undefined where there is
   * none, and where not all of the WAL was looked through.
   */
  behind: { count: number; first: TransactionMoment; last: TransactionMoment } | undefined;
  missing: MissingSegments[];
}

/**
 * Looks for a moment by bisection: of n segments some log2(n) are read, and a few more where no transaction ended
 * in some. That is right as long as the clock was never set back: within a segment, the first later one in the order
 * of the WAL counts, as in recovery.
 */
export async function momentInChain<S extends PlacedSegment>(
  chain: TimelineChain<S>,
  time: TimestampTz,
  read: (segment: ChainSegment<S>) => Promise<SegmentTimes>,
): Promise<MomentInChain<S>> {
  const found = await bisect(chain, time, read);
  return { ...found, behind: undefined, ...homesOf(found, chain) };
}

/** The segments of the two ends of transactions around a moment. */
export function homesOf<S extends PlacedSegment>(
  { before, after }: Pick<MomentInChain<S>, 'before' | 'after'>,
  { segments }: TimelineChain<S>,
): Pick<MomentInChain<S>, 'segment' | 'stopSegment'> {
  const homeOf = (moment: TransactionMoment | undefined): ChainSegment<S> | undefined =>
    moment && segments.find(({ file, end }) => file.start <= moment.lsn && moment.lsn < end);
  return { segment: homeOf(before), stopSegment: homeOf(after) };
}

type Found = Pick<MomentInChain<PlacedSegment>, 'state' | 'before' | 'after' | 'missing'>;

async function bisect<S extends PlacedSegment>(
  { segments, gaps }: TimelineChain<S>,
  time: TimestampTz,
  read: (segment: ChainSegment<S>) => Promise<SegmentTimes>,
): Promise<Found> {
  /** The next segment from `at` on in which a transaction ended. */
  const seek = async (
    at: number,
    to = segments.length,
  ): Promise<{ at: number; times: SegmentTimes } | undefined> => {
    for (let i = at; i < to; i++) {
      const times = await read(segments[i]);
      if (times.ends.length > 0) return { at: i, times };
    }
    return undefined;
  };

  const isLater = (end: TransactionMoment): boolean => isBeyondTime(end, { time, inclusive: true });

  let [low, high] = [0, segments.length];
  let home: { at: number; times: SegmentTimes } | undefined;
  while (low < high) {
    const middle = (low + high) >> 1;
    const probe = await seek(middle, high);
    if (probe === undefined || isLater(probe.times.ends[0])) high = middle;
    else {
      home = probe;
      low = probe.at + 1;
    }
  }
  if (home === undefined) {
    const first = await seek(0);
    const missing = gaps.filter(({ to }) => first !== undefined && to <= segments[first.at].file.start);
    const state = missing.length > 0 ? 'missing' : 'too-early';
    return { state, before: undefined, after: first?.times.ends[0], missing };
  }

  const segment = segments[home.at];
  const { ends } = home.times;
  const at = ends.findIndex(isLater);
  if (at >= 0) return { state: 'there', before: ends[at - 1], after: ends[at], missing: [] };
  const next = segments[home.at + 1];
  const between = next?.file.start === segment.end ? runOver(home.times, await read(next)) : undefined;
  if (between && isLater(between)) {
    return { state: 'there', before: ends[ends.length - 1], after: between, missing: [] };
  }
  const before = between ?? ends[ends.length - 1];
  const later = await seek(home.at + 1);
  const after = later?.times.ends[0];
  const to = later && segments[later.at].file.start;
  const missing = gaps.filter((gap) => gap.from >= segment.end && (to === undefined || gap.to <= to));
  const state = missing.length > 0 ? 'missing' : after === undefined ? 'too-late' : 'there';
  return { state, before, after, missing };
}

/** The record that begins in one segment and ends in the next, if it ends a transaction. */
function runOver(a: SegmentTimes, b: SegmentTimes): TransactionMoment | undefined {
  const { record } = joinSpans(a.span, b.span);
  return record && transactionMoment(record);
}
