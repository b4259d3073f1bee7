import type { WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { LONG_PAGE_HEADER_SIZE } from '../wal/page-header.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import { branchesOf, type ForeignBranch, foreignBranches } from './branches.js';
import { groupBy } from './group-by.js';
import { type TimelineHistoryEntry, type TimelineSwitch, timelineHistory } from './history.js';
import type { PlacedSegment } from './placed-segment.js';

/** A stretch of a timeline's WAL; without a bound as far as it goes. */
export interface LsnRange {
  startLsn?: Lsn | undefined;
  endLsn?: Lsn | undefined;
}

/** Whether a segment holds something of a stretch. */
export const isWithin = (start: Lsn, end: Lsn, { startLsn, endLsn }: LsnRange): boolean =>
  (startLsn === undefined || end > startLsn) && (endLsn === undefined || start < endLsn);

/** The segments and histories that chains are made of. */
export interface WalStock<S extends PlacedSegment> {
  /** Undefined when there is no segment at all. */
  format: WalFormat | undefined;
  segments: readonly S[];
  /** Of those, what is known to be of another timeline than the history of its number tells of. */
  foreign?: readonly ForeignBranch<S>[];
  histories: readonly {
    timeline: number;
    switches: TimelineSwitch[];
    /** Why the server cannot go by it, where it cannot. */
    problem?: WalError | undefined;
  }[];
  /** By timeline, the WAL of the times that a question is about. @internal */
  ranges?: ReadonlyMap<number, LsnRange>;
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
  if (own && own.problem === undefined) return own.switches;
  for (const { switches } of histories) {
    const index = switches.findIndex((entry) => entry.timeline === timeline);
    if (index >= 0) return switches.slice(0, index);
  }
  return undefined;
}

/**
 * The segments that the server reads to recover to a timeline, by their names alone, each as a whole: of each the
 * file of the newest timeline that has one, but of none that is older than that of the segment before
 * (`XLogFileReadAnyTLI`). So it goes on with a parent's WAL behind a switch point where the segment that the switch made
 * is missing. Ancestors are those of the timeline's own history file.
 * @param startLsn where it begins to read
 */
export function recoveryChain<S extends PlacedSegment>(
  stock: WalStock<S> & { format: WalFormat },
  timeline: number,
  startLsn: Lsn,
): TimelineChain<S> {
  const { format, histories } = stock;
  const size = BigInt(format.segmentSize);
  const own = histories.find((history) => history.timeline === timeline);
  const history = timelineHistory(timeline, own?.switches);
  const byStart = groupBy(stock.segments, ({ start }) => start);
  const foreign = new Set(stock.foreign?.flatMap((branch) => branch.segments));
  const segments: ChainSegment<S>[] = [];
  let next = startLsn - (startLsn % size);
  let oldest = 0;
  for (const start of [...byStart.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    if (start + size <= startLsn) continue;
    const entry = history.find(
      ({ timeline: one, begin }) =>
        one >= oldest &&
        begin - (begin % size) <= start &&
        byStart.get(start)!.some((file) => file.timeline === one),
    );
    if (entry === undefined) continue;
    const file = byStart.get(start)!.find((one) => one.timeline === entry.timeline)!;
    // behind a gap, which ends recovery, what is of another timeline does not tell that anything is missing
    if (foreign.has(file) && start !== next) continue;
    oldest = entry.timeline;
    next = start + size;
    segments.push({ file, end: next });
  }
  const historyKnown = timeline === 1 || own !== undefined;
  const gaps = findGaps(segments, history, format);
  return { timeline, history, historyKnown, segments, gaps, resets: findResets(segments, gaps, format) };
}

/**
 * Of each segment the file of the newest timeline that has one, as recovery looks for it (`XLogFileReadAnyTLI`,
 * xlogrecovery.c; up to 14 xlog.c).
 */
function chooseSegments<S extends PlacedSegment>(
  files: readonly S[],
  history: TimelineHistoryEntry[],
  size: bigint,
): ChainSegment<S>[] {
  const chosen = new Map<Lsn, ChainSegment<S>>();
  const byTimeline = groupBy(files, ({ timeline }) => timeline);
  for (const { timeline, begin, end } of history) {
    for (const file of withoutForeign(byTimeline.get(timeline) ?? [], begin, size)) {
      const fileEnd = file.start + size;
      if (fileEnd <= begin || (end !== undefined && file.start >= end)) continue;
      if (chosen.has(file.start)) continue;
      chosen.set(file.start, { file, end: end !== undefined && end < fileEnd ? end : fileEnd });
    }
  }
  return [...chosen.values()].sort((a, b) => (a.file.start < b.file.start ? -1 : 1));
}

/** Without what pages show to be of another timeline of that number, if any is of this one. */
function withoutForeign<S extends PlacedSegment>(
  files: readonly S[],
  begin: Lsn,
  size: bigint,
): readonly S[] {
  if (begin === 0n) return files;
  const branches = branchesOf(files, size, () => false);
  const foreign = new Set(foreignBranches(branches, begin, size).flatMap(({ segments }) => segments));
  return foreign.size === files.length ? files : files.filter((file) => !foreign.has(file));
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

/**
 * The branches that do not belong to the timeline that the history of their number tells of.
 * @param isBreak whether a segment is known not to go on with the one before it
 */
export function foreignIn<S extends PlacedSegment>(
  stock: WalStock<S>,
  isBreak: (segment: S) => boolean,
): ForeignBranch<S>[] {
  if (stock.format === undefined) return [];
  const size = BigInt(stock.format.segmentSize);
  const byTimeline = groupBy(stock.segments, ({ timeline }) => timeline);
  return [...byTimeline].flatMap(([timeline, files]) => {
    const historyBegin = timeline === 1 ? 0n : switchesTo(stock, timeline)?.at(-1)?.switchLsn;
    const branches = branchesOf(files, size, isBreak);
    const foreign = foreignBranches(branches, historyBegin, size);
    const hasOwn = foreign.length < branches.length;
    return foreign.map((branch) => ({
      ...branch,
      ...{ historyBegin, switchLsn: undefined, parent: undefined, hasOwn },
    }));
  });
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
      ? message`segment ${firstName} is missing`
      : message`${count} segments are missing, ${firstName} to ${lastName}`;
  return new WalError('missing-segments', message`${what} (${formatLsn(from)} to ${formatLsn(to)})`, {
    lsn: from,
  });
}

/** A reset as a problem to be told. */
export function resetProblem({ lsn, segmentName, before }: WalReset): WalError {
  const lost =
    before.length === 0
      ? ''
      : `; it removed what there was of ${before.map(namesOfGap).join(', ')} and not archived`;
  const text = message`pg_resetwal made ${segmentName}: the WAL begins anew at ${formatLsn(lsn)}${lost}; no recovery goes on from before that, and what comes after it needs a base backup taken after it`;
  return new WalError('wal-reset', text, { lsn });
}

/** The segments that are missing, by the first and the last. */
export const namesOfGap = ({ firstName, lastName }: MissingSegments): string =>
  firstName === lastName ? firstName : `${firstName} to ${lastName}`;
