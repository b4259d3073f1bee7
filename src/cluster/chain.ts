import type { WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { LONG_PAGE_HEADER_SIZE } from '../wal/page-header.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import { groupBy } from './group-by.js';
import { type TimelineHistoryEntry, type TimelineSwitch, timelineHistory } from './history.js';

/** A segment that there is, wherever its bytes are. */
export interface PlacedSegment {
  timeline: number;
  /** LSN of its first byte. */
  start: Lsn;
  /** Only a `.partial` file of it is there. */
  partial?: boolean;
  /** `pg_resetwal` made it: its WAL begins anew, and follows on no other. */
  reset?: boolean;
}

/** The segments and histories that chains are made of. */
export interface WalStock<S extends PlacedSegment> {
  /** Undefined when there is no segment at all. */
  format: WalFormat | undefined;
  segments: readonly S[];
  histories: readonly { timeline: number; switches: TimelineSwitch[] }[];
}

/** A segment in the WAL of a timeline. */
export interface ChainSegment<S extends PlacedSegment = PlacedSegment> {
  file: S;
  /**
   * Where its WAL stops being this timeline's: the segment's end or, where the parent's segment has to stand in
   * for the one that the switch made, the switch point.
   */
  end: Lsn;
}

/** Segments that are not there although later ones are. */
export interface MissingSegments {
  /** The timeline that their names begin with. */
  timeline: number;
  from: Lsn;
  to: Lsn;
  firstName: string;
  lastName: string;
  count: number;
}

/** Where `pg_resetwal` let the WAL begin anew, though there is older WAL: no recovery goes from that to what follows. */
export interface WalReset {
  /** The segment that `pg_resetwal` made, and where it begins. */
  segmentName: string;
  start: Lsn;
  /** Its first record. */
  lsn: Lsn;
  /**
   * What is not there between the older WAL and that segment, of {@link TimelineChain.gaps}: `pg_resetwal` removes what
   * was not archived, and passes over numbers.
   */
  before: MissingSegments[];
}

/** The WAL of one timeline: its own, and before that its ancestors' up to where each was left. */
export interface TimelineChain<S extends PlacedSegment = PlacedSegment> {
  timeline: number;
  /** Newest entry first. */
  history: TimelineHistoryEntry[];
  /** False where no history file tells the timeline's ancestors; the chain is then its own segments alone. */
  historyKnown: boolean;
  segments: ChainSegment<S>[];
  gaps: MissingSegments[];
  resets: WalReset[];
}

/** The timelines of which there is a segment or a history file. */
export function timelinesOf({ segments, histories }: WalStock<PlacedSegment>): number[] {
  return [...new Set([...segments, ...histories].map(({ timeline }) => timeline))].sort((a, b) => a - b);
}

/** What there is of a timeline's WAL, in the order in which recovery to that timeline would read it. */
export function timelineChain<S extends PlacedSegment>(
  stock: WalStock<S>,
  timeline: number,
): TimelineChain<S> {
  const switches = switchesTo(stock, timeline);
  const history = timelineHistory(timeline, switches);
  const historyKnown = timeline === 1 || switches !== undefined;
  const { format } = stock;
  if (format === undefined) return { timeline, history, historyKnown, segments: [], gaps: [], resets: [] };
  const segments = chooseSegments(stock.segments, history, BigInt(format.segmentSize));
  const gaps = findGaps(segments, history, format);
  return { timeline, history, historyKnown, segments, gaps, resets: findResets(segments, gaps, format) };
}

/** A timeline's ancestors by its own history file or, where that is missing, by one of a descendant. */
function switchesTo({ histories }: WalStock<PlacedSegment>, timeline: number): TimelineSwitch[] | undefined {
  const own = histories.find((history) => history.timeline === timeline);
  if (own) return own.switches;
  for (const { switches } of histories) {
    const index = switches.findIndex((entry) => entry.timeline === timeline);
    if (index >= 0) return switches.slice(0, index);
  }
  return undefined;
}

/** Of each segment the file of the newest timeline that has one, as recovery looks for it (`XLogFileReadAnyTLI`). */
function chooseSegments<S extends PlacedSegment>(
  files: readonly S[],
  history: TimelineHistoryEntry[],
  size: bigint,
): ChainSegment<S>[] {
  const chosen = new Map<Lsn, ChainSegment<S>>();
  const byTimeline = groupBy(files, ({ timeline }) => timeline);
  for (const { timeline, begin, end } of history) {
    for (const file of byTimeline.get(timeline) ?? []) {
      const fileEnd = file.start + size;
      if (fileEnd <= begin || (end !== undefined && file.start >= end)) continue;
      if (chosen.has(file.start)) continue;
      chosen.set(file.start, { file, end: end !== undefined && end < fileEnd ? end : fileEnd });
    }
  }
  return [...chosen.values()].sort((a, b) => (a.file.start < b.file.start ? -1 : 1));
}

function findGaps(
  segments: ChainSegment[],
  history: TimelineHistoryEntry[],
  format: WalFormat,
): MissingSegments[] {
  const gaps: MissingSegments[] = [];
  for (let i = 1; i < segments.length; i++) {
    const from = segments[i - 1].end;
    const to = segments[i].file.start;
    if (from < to) gaps.push(...missingSegments(from, to, history, format));
  }
  return gaps;
}

function findResets(
  segments: ChainSegment[],
  gaps: readonly MissingSegments[],
  { segmentSize }: WalFormat,
): WalReset[] {
  return segments.flatMap(({ file: { reset, timeline, start } }, i) => {
    if (!reset || i === 0) return [];
    const { end } = segments[i - 1];
    return [
      {
        segmentName: segmentFileNameOf(timeline, start, segmentSize),
        start,
        lsn: start + BigInt(LONG_PAGE_HEADER_SIZE),
        before: gaps.filter((gap) => gap.from >= end && gap.to <= start),
      },
    ];
  });
}

/** A chain's gaps that `pg_resetwal` did not leave. */
export function gapsOfLoss({ gaps, resets }: TimelineChain): MissingSegments[] {
  return gaps.filter((gap) => !resets.some(({ before }) => before.includes(gap)));
}

/** What is missing between two LSNs, apart for each timeline that segments there belong to. */
export function missingSegments(
  from: Lsn,
  to: Lsn,
  history: TimelineHistoryEntry[],
  { segmentSize }: WalFormat,
): MissingSegments[] {
  const size = BigInt(segmentSize);
  const gaps: MissingSegments[] = [];
  let end = to;
  for (const { timeline, begin } of history) {
    // the segment of a switch point is the newer timeline's
    const first = begin - (begin % size);
    const start = first > from ? first : from;
    if (start >= end) continue;
    gaps.push({
      timeline,
      from: start,
      to: end,
      firstName: segmentFileNameOf(timeline, start, segmentSize),
      lastName: segmentFileNameOf(timeline, end - 1n, segmentSize),
      count: Number((end - 1n) / size - start / size) + 1,
    });
    end = start;
  }
  return gaps.reverse();
}

/** What a chain lacks of the WAL from one LSN up to another. */
export function missingWithin(
  { segments, history }: TimelineChain,
  from: Lsn,
  to: Lsn,
  format: WalFormat,
): MissingSegments[] {
  const missing: MissingSegments[] = [];
  let at = from;
  for (const { file, end } of segments) {
    if (end <= at) continue;
    if (file.start >= to) break;
    if (file.start > at) missing.push(...missingSegments(at, file.start, history, format));
    at = end;
  }
  if (at < to) missing.push(...missingSegments(at, to, history, format));
  return missing;
}

/** Whether a timeline goes through a place on one of its ancestors, or on itself. */
export function goesThrough(
  { history }: Pick<TimelineChain, 'history'>,
  { startLsn, timeline }: { startLsn: Lsn; timeline: number },
): boolean {
  return history.some(
    (entry) =>
      entry.timeline === timeline &&
      entry.begin <= startLsn &&
      (entry.end === undefined || startLsn < entry.end),
  );
}

/** A gap as a problem to be told. */
export function missingProblem({ firstName, lastName, count, from, to }: MissingSegments): WalError {
  const what =
    count === 1
      ? `segment ${firstName} is missing`
      : `${count} segments are missing, ${firstName} to ${lastName}`;
  return new WalError('missing-segments', `${what} (${formatLsn(from)} to ${formatLsn(to)})`, { lsn: from });
}

/** A reset as a problem to be told. */
export function resetProblem({ lsn, segmentName, before }: WalReset): WalError {
  const lost =
    before.length === 0
      ? ''
      : `; it removed what there was of ${before.map(namesOfGap).join(', ')} and not archived`;
  const message = `pg_resetwal made ${segmentName}: the WAL begins anew at ${formatLsn(lsn)}${lost}; no recovery goes on from before that, and what comes after it needs a base backup taken after it`;
  return new WalError('wal-reset', message, { lsn });
}

/** The segments that are missing, by the first and the last. */
export const namesOfGap = ({ firstName, lastName }: MissingSegments): string =>
  firstName === lastName ? firstName : `${firstName} to ${lastName}`;
