import { type ForeignBranch, foreignProblem } from '../../cluster/branches.js';
import {
  type ChainSegment,
  foreignIn,
  gapsOfLoss,
  type MissingSegments,
  missingProblem,
  resetProblem,
  type TimelineChain,
  timelineChain,
  timelinesOf,
  type WalStock,
} from '../../cluster/chain.js';
import { historyFileName } from '../../cluster/history.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { TimelineStart } from '../../follow/timeline-start.js';
import { distinctProblems, lacksHistory, spanProblems } from '../../follow/wal-problems.js';
import type { WalFormat } from '../../reader/segment.js';
import { isBreak, joinSpans, type WalSpan } from '../../reader/span.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import {
  type ArchiveBackup,
  type BackupReport,
  backupProblem,
  backupReport,
  withExpired,
} from './backups.js';
import { mergeMissing } from './gaps.js';
import { gapsOfRetention } from './retention.js';
import { type ArchivePart, addFacts, addRecord, noFacts, type WalFacts } from './scan.js';
import { switchProblems } from './switches.js';

/** Segments of one timeline that follow each other without a gap. */
export interface SegmentRun {
  firstName: string;
  lastName: string;
  count: number;
  /** From the start of the first segment to the end of the last one. */
  startLsn: Lsn;
  endLsn: Lsn;
  /** What was read of them; undefined where only headers were. */
  content: RunContent | undefined;
}

/** What reading the segments of a run told. */
export interface RunContent {
  records: number;
  commits: number;
  /** The earliest and the latest time of a commit. */
  firstCommit: bigint | undefined;
  lastCommit: bigint | undefined;
  /** Where the WAL that could be read ends: the position after the last record. */
  lastRecordEnd: Lsn | undefined;
  /** The WAL goes up to the end of the last segment, or a SWITCH there leaves the rest of it unused. */
  isFull: boolean;
}

/** One timeline of an archive: where it comes from, and which of its segments are there. */
export interface ArchiveTimeline {
  timeline: number;
  /** Undefined for timeline 1, and where nothing tells. */
  parent: number | undefined;
  /** Where the parent was left. */
  switchLsn: Lsn | undefined;
  /** Why, in the server's words. */
  reason: string | undefined;
  /** What tells the parent: a history file, or where that is missing the timeline's first record. */
  toldBy: 'history' | 'wal' | undefined;
  runs: SegmentRun[];
  /** Segments of this timeline that are not there although later WAL is. */
  missing: MissingSegments[];
  /** Those that a tool's retention took, so that backups from before them can be recovered to their own end only. */
  expired: MissingSegments[];
}

/** How {@link ArchiveRun} takes what it finds. */
export interface ArchiveRunOptions {
  /** Retention is known to take WAL between base backups: see `gapsOfRetention`. */
  retention?: boolean;
}

/** Segments that follow each other, of a timeline that shares its number with another one. */
export interface ForeignSegments {
  timeline: number;
  firstName: string;
  lastName: string;
  count: number;
  /** Where that timeline began, and as whose child; undefined where nothing here tells. */
  switchLsn: Lsn | undefined;
  parent: number | undefined;
}

/** What an archive holds and what it lacks. `archiveJson` makes JSON of it. */
export interface ArchiveReport {
  format: WalFormat;
  timelines: ArchiveTimeline[];
  backups: BackupReport[];
  /** Segments of another timeline than the history file of its number tells of, by another server or restore. */
  foreign: ForeignSegments[];
  /** All that is missing or damaged; empty for an archive that is complete. */
  problems: WalError[];
}

interface Run<S> {
  timeline: number;
  segments: S[];
  span: WalSpan | undefined;
  facts: WalFacts;
}

/**
 * Goes through an archive. For what only the WAL itself tells, give the parts of all of {@link tasks}, in order:
 *
 * ```ts
 * const run = new ArchiveRun(stock, backups);
 * for (const task of run.tasks) run.add(task, scanForArchive(…));
 * const report = run.finish();
 * ```
 */
export class ArchiveRun<S extends PlacedSegment> {
  /** All segments, by timeline and LSN. */
  readonly tasks: { segment: ChainSegment<S> }[];
  /** What else is known to be wrong. */
  readonly problems: WalError[] = [];
  private readonly format: WalFormat;
  private readonly chains: TimelineChain<S>[];
  private readonly runs: Run<S>[];
  private readonly runOf: Map<S, Run<S>>;
  /** Those whose first pages tell that they are of another timeline than the history of its number tells of. */
  private readonly knownForeign: ReadonlySet<S>;
  /** Segments that do not go on with the one before them. */
  private readonly breaks = new Set<S>();
  private read = 0;
  /** The starts of segments that are known not to be whole. */
  private readonly broken = new Set<string>();

  /** @throws WalError `no-wal` where there is no segment */
  constructor(
    private readonly stock: WalStock<S>,
    private readonly backups: readonly ArchiveBackup[],
    private readonly options: ArchiveRunOptions = {},
  ) {
    const { format, segments } = stock;
    if (format === undefined)
      throw new WalError('no-wal', message`there is no WAL segment in what was given`);
    this.format = format;
    this.knownForeign = new Set(stock.foreign?.flatMap((branch) => branch.segments));
    this.chains = timelinesOf(stock).map((timeline) => timelineChain(stock, timeline));
    const size = BigInt(format.segmentSize);
    const sorted = [...segments].sort(byPlace);
    this.tasks = sorted.map((file) => ({ segment: { file, end: file.start + size } }));
    this.runs = runsOf(sorted, size);
    this.runOf = new Map(this.runs.flatMap((run) => run.segments.map((segment) => [segment, run])));
  }

  queryOf(): undefined {
    return undefined;
  }

  /**
   * Takes in what a task's segment says; tasks in their order.
   * @param problem why the segment's file is not whole, where it is not
   */
  add(
    { segment: { file: segment } }: { segment: ChainSegment<S> },
    part: ArchivePart,
    problem?: WalError,
  ): void {
    this.read++;
    const run = this.runFor(segment, part.span);
    if (problem !== undefined && !segment.partial) {
      this.problems.push(problem);
      this.broken.add(keyOf(segment));
    }
    addFacts(run.facts, part.facts);
    if (run.span === undefined) run.span = part.span;
    else {
      const { span, record } = joinSpans(run.span, part.span);
      run.span = span;
      if (record !== undefined) addRecord(run.facts, record);
    }
    if (this.knownForeign.has(segment)) return;
    this.problems.push(...switchProblems(this.chainOf(segment.timeline), segment.start, part, this.format));
  }

  /** The run that the segment is of: a new one from it on, where it does not go on with what was read before. */
  private runFor(segment: S, span: WalSpan): Run<S> {
    const run = this.runOf.get(segment)!;
    if (run.span === undefined || !isBreak(run.span, span)) return run;
    if (segment.reset !== true) this.breaks.add(segment);
    const rest = newRun(segment.timeline, run.segments.splice(run.segments.indexOf(segment)));
    this.runs.splice(this.runs.indexOf(run) + 1, 0, rest);
    for (const one of rest.segments) this.runOf.set(one, rest);
    return rest;
  }

  /** With where each began, as it was known before all was read. */
  private foreign(): ForeignBranch<S>[] {
    return foreignIn(this.stock, (segment) => this.breaks.has(segment)).map((branch) => {
      const known = this.stock.foreign?.find(({ segments }) => segments[0] === branch.segments[0]);
      return { ...branch, switchLsn: known?.switchLsn, parent: known?.parent };
    });
  }

  finish(): ArchiveReport {
    const facts = this.runs.map((run) => run.facts);
    const ends = this.read > 0 ? facts.flatMap(({ backupEnds }) => backupEnds) : undefined;
    const reports = this.backups.map((backup) => backupReport(backup, this.chains, this.format, ends));
    const { missing, expired, problems: gapProblems } = this.gaps(reports);
    const backups = reports.map((backup) => withExpired(backup, expired));
    const starts = facts.flatMap(({ timelineStarts }) => timelineStarts);
    const foreign = this.foreign();
    const problems = [
      ...this.problems,
      ...foreign.map((branch) => foreignProblem(branch, this.format)),
      ...this.chains.filter((chain) => lacksHistory(chain, this.stock)).map(missingHistory),
      ...gapProblems,
      ...this.chains.flatMap(({ resets }) => resets.map(resetProblem)),
      ...(this.read > 0 ? this.runs.flatMap((run) => this.damageOf(run)) : this.unfinished()),
      ...backups.flatMap(backupProblem),
    ];
    return {
      format: this.format,
      timelines: this.chains.map((chain) => ({
        ...this.originOf(chain, starts, foreign),
        runs: this.runs.filter((run) => run.timeline === chain.timeline).map((run) => this.reportOf(run)),
        missing: missing.filter(({ timeline }) => timeline === chain.timeline),
        expired: expired.filter(({ timeline }) => timeline === chain.timeline),
      })),
      backups,
      foreign: foreign.map((branch) => this.foreignSegments(branch)),
      problems: distinctProblems(problems),
    };
  }

  private foreignSegments({ timeline, segments, switchLsn, parent }: ForeignBranch<S>): ForeignSegments {
    const nameOf = ({ start }: S): string => segmentFileNameOf(timeline, start, this.format.segmentSize);
    return {
      timeline,
      firstName: nameOf(segments[0]),
      lastName: nameOf(segments[segments.length - 1]),
      count: segments.length,
      switchLsn,
      parent,
    };
  }

  /** What is missing, what retention took, and what to say of the two. */
  private gaps(
    backups: readonly BackupReport[],
  ): Pick<ArchiveTimeline, 'missing' | 'expired'> & { problems: WalError[] } {
    const lost: MissingSegments[] = [];
    const regular: MissingSegments[] = [];
    for (const chain of this.chains) {
      const ofRetention = gapsOfRetention(chain, backups, this.format);
      for (const gap of gapsOfLoss(chain)) (ofRetention.includes(gap) ? regular : lost).push(gap);
    }
    const merge = (gaps: MissingSegments[]): MissingSegments[] => mergeMissing(gaps, this.format);
    const problems = merge(lost).map(missingProblem);
    if (this.options.retention) return { missing: merge(lost), expired: merge(regular), problems };
    problems.push(...merge(regular).map(maybeExpired));
    return { missing: merge([...lost, ...regular]), expired: [], problems };
  }

  private chainOf(timeline: number): TimelineChain<S> {
    return this.chains.find((chain) => chain.timeline === timeline)!;
  }

  private originOf(
    { timeline, history, historyKnown }: TimelineChain,
    starts: readonly TimelineStart[],
    foreign: readonly ForeignBranch[],
  ): Pick<ArchiveTimeline, 'timeline' | 'parent' | 'switchLsn' | 'reason' | 'toldBy'> {
    if (historyKnown && history.length > 1) {
      const [{ begin: switchLsn }, { timeline: parent }] = history;
      return { timeline, parent, switchLsn, reason: this.reasonOf(timeline), toldBy: 'history' };
    }
    const isOneOfSeveral = foreign.some((branch) => branch.timeline === timeline);
    const start = isOneOfSeveral ? undefined : starts.find((one) => one.timeline === timeline);
    const { parent, from: switchLsn } = start ?? { parent: undefined, from: undefined };
    return { timeline, parent, switchLsn, reason: undefined, toldBy: start && 'wal' };
  }

  private reasonOf(timeline: number): string | undefined {
    const own = this.stock.histories.find((history) => history.timeline === timeline);
    return own?.switches.at(-1)?.reason;
  }

  private reportOf({ timeline, segments, span, facts }: Run<S>): SegmentRun {
    const { segmentSize } = this.format;
    const last = segments[segments.length - 1];
    const { records, commits, firstCommit, lastCommit } = facts;
    return {
      firstName: segmentFileNameOf(timeline, segments[0].start, segmentSize),
      lastName: segmentFileNameOf(timeline, last.start, segmentSize),
      count: segments.length,
      startLsn: segments[0].start,
      endLsn: last.start + BigInt(segmentSize),
      content: span && {
        ...{ records, commits, firstCommit, lastCommit },
        lastRecordEnd: span.lastRecordEnd,
        isFull: span.fault === undefined,
      },
    };
  }

  /** Where only headers are known, a `.partial` file that is not the last one is taken to end too early. */
  private unfinished(): WalError[] {
    const { segmentSize } = this.format;
    return this.runs.flatMap(({ timeline, segments }) =>
      segments.slice(0, -1).flatMap(({ partial, start }) => {
        if (!partial) return [];
        const name = segmentFileNameOf(timeline, start, segmentSize);
        const text = message`of ${name} there is a .partial file only, although later segments are there; see without --quick whether it is whole`;
        return [new WalError('partial-segment', text, { lsn: start, file: name })];
      }),
    );
  }

  /** What is wrong within the segments, but for those of which it is known already that they are not whole. */
  private damageOf({ timeline, segments, span }: Run<S>): WalError[] {
    if (span === undefined) return [];
    const { segmentSize } = this.format;
    const size = BigInt(segmentSize);
    const chain: TimelineChain<S> = {
      ...this.chainOf(timeline),
      segments: segments.map((file) => ({ file, end: file.start + size })),
    };
    return spanProblems(span, [], chain, this.format).flatMap((problem) => {
      const { code, said, lsn } = problem;
      if (code === 'wal-reset') return []; // told already, with what is missing before it
      if (lsn === undefined) return [problem];
      const start = lsn - (lsn % size);
      if (this.broken.has(keyOf({ timeline, start }))) return [];
      const name = segmentFileNameOf(timeline, lsn, segmentSize);
      return [new WalError(code, message`${name}: ${said}`, { lsn, file: name })];
    });
  }
}

function maybeExpired(gap: MissingSegments): WalError {
  const { code, said, lsn } = missingProblem(gap);
  return new WalError(
    code,
    message`${said}; it lies between two base backups, as a retention policy leaves it: if that is so, use --retention`,
    { lsn },
  );
}

function missingHistory({ timeline }: TimelineChain): WalError {
  const text = message`${historyFileName(timeline)} is missing: without it no recovery goes to timeline ${timeline}`;
  return new WalError('missing-history', text);
}

const keyOf = ({ timeline, start }: PlacedSegment): string => `${timeline}/${start}`;

function byPlace(a: PlacedSegment, b: PlacedSegment): number {
  if (a.timeline !== b.timeline) return a.timeline - b.timeline;
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}

const newRun = <S>(timeline: number, segments: S[]): Run<S> => ({
  ...{ timeline, segments },
  span: undefined,
  facts: noFacts(),
});

function runsOf<S extends PlacedSegment>(sorted: readonly S[], size: bigint): Run<S>[] {
  const runs: Run<S>[] = [];
  let next: Lsn | undefined;
  for (const segment of sorted) {
    const last = runs.at(-1);
    const isNext = last?.timeline === segment.timeline && next === segment.start;
    if (isNext && !segment.beginsTimeline) last.segments.push(segment);
    else runs.push(newRun(segment.timeline, [segment]));
    next = segment.start + size;
  }
  return runs;
}
