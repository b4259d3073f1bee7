import type { MissingSegments } from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';

/**
 * Timelines share WAL, and with it what is missing of it: here each segment that is missing is told once, by
 * timeline and LSN. Nothing grows with the number of missing segments, which a hostile name can make huge.
 */
export function mergeMissing(gaps: readonly MissingSegments[], format: WalFormat): MissingSegments[] {
  const merged: MissingSegments[] = [];
  for (const gap of [...gaps].sort(byPlace)) {
    const last = merged.at(-1);
    if (last === undefined || last.timeline !== gap.timeline || last.lastName < gap.firstName) {
      merged.push(gap);
    } else if (last.to < gap.to) merged[merged.length - 1] = union(last, gap, format);
  }
  return merged;
}

function union(
  { timeline, from, firstName }: MissingSegments,
  { to }: MissingSegments,
  { segmentSize }: WalFormat,
): MissingSegments {
  const size = BigInt(segmentSize);
  const count = Number((to - 1n) / size - from / size) + 1;
  return {
    timeline,
    from,
    to,
    firstName,
    lastName: segmentFileNameOf(timeline, to - 1n, segmentSize),
    count,
  };
}

function byPlace(a: MissingSegments, b: MissingSegments): number {
  if (a.timeline !== b.timeline) return a.timeline - b.timeline;
  return a.from < b.from ? -1 : a.from > b.from ? 1 : 0;
}

/** More names than these are told by the first and the last. */
const FEW_NAMES = 8;

/** The names of missing segments; undefined where they are too many to list. */
export function namesOfMissing(
  { timeline, from, count }: MissingSegments,
  segmentSize: number,
): string[] | undefined {
  if (count > FEW_NAMES) return undefined;
  const size = BigInt(segmentSize);
  return Array.from({ length: count }, (_, i) =>
    segmentFileNameOf(timeline, from + BigInt(i) * size, segmentSize),
  );
}
