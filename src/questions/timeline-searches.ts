import type { AnswerHead } from '../cluster/answer-head.js';
import { foreignProblem } from '../cluster/branches.js';
import { foreignIn, type TimelineChain, timelineChain, type WalStock } from '../cluster/chain.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { distinctProblems, historyProblem, spanProblems } from '../follow/wal-problems.js';
import { isBreak, type WalSpan } from '../reader/span.js';
import type { WalError } from '../wal/error.js';
import { highest, type Lsn, lowest } from '../wal/lsn.js';
import { type SegmentTask, segmentTasks, timelinesToSearch } from './segment-tasks.js';

/** A question to one timeline: takes in what its segments say, in the order of the WAL. */
export interface TimelineSearch<P> {
  /** What WAL was read; undefined before any was. */
  readonly span: WalSpan | undefined;
  /** Where records are that contradict themselves. */
  readonly undecodable: readonly Lsn[];
  add(part: P): void;
  /** Whether a part out of a roll-up, which comes next, can be taken in; else those of its segments are. */
  takes?(part: P): boolean;
}

/** What an answer says of the WAL that it is out of. */
export interface SearchedWal extends AnswerHead {
  /** Number of segments read. */
  segments: number;
  /** What the answer may be wrong or incomplete for: gaps, damage, files that could not be read. */
  problems: WalError[];
}

/**
 * A search of each timeline. Each segment is scanned once, whichever and however many timelines share it;
 * {@link tasks} says which, in the order in which their parts are then to be given to {@link add}.
 */
export class TimelineSearches<
  S extends PlacedSegment,
  P extends { span: WalSpan },
  T extends TimelineSearch<P>,
> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[] = [];
  /** By timeline. */
  readonly searches: ReadonlyMap<number, T>;
  private readonly chains: TimelineChain<S>[];
  /** Of files, and which timelines go through them. */
  private readonly unread: { problem: WalError; timelines: readonly number[] }[] = [];
  /** Of each number of a timeline the segment that came last. */
  private readonly last = new Map<number, S>();
  /** Segments that do not go on with the one before them; with what follows on these they are left out. */
  private readonly breaks = new Set<S>();
  private readonly leftOut = new Set<S>();

  /** @throws WalError `no-wal` where there is no segment, `unknown-timeline` */
  constructor(
    private readonly stock: WalStock<S>,
    timeline: number | readonly number[] | undefined,
    range: { startLsn?: Lsn; endLsn?: Lsn },
    search: (timeline: number) => T,
  ) {
    const timelines = timelinesToSearch(stock, timeline);
    this.searches = new Map(timelines.map((one) => [one, search(one)]));
    this.chains = timelines.map((one) => timelineChain(stock, one));
    this.tasks = segmentTasks(this.chains, range, stock.ranges);
  }

  /** Takes in what a task's segment says; tasks in their order. */
  add(task: SegmentTask<S>, part: P, problem?: WalError): void {
    if (problem) this.unread.push({ problem, timelines: task.timelines });
    if (this.isLeftOut(task, part.span)) return;
    for (const timeline of task.timelines) this.searches.get(timeline)?.add(part);
  }

  /**
   * Takes in what a roll-up says of several tasks, which follow on each other and are of the same timelines.
   * @returns false where the part of each is to be given to {@link add} instead
   */
  addRolledUp(tasks: readonly SegmentTask<S>[], part: P): boolean {
    const [first, ...others] = tasks;
    const searches = first.timelines.flatMap((timeline) => this.searches.get(timeline) ?? []);
    if (!searches.every((search) => search.takes?.(part))) return false;
    const isLeftOut = this.isLeftOut(first, part.span);
    for (const { segment } of others) {
      this.last.set(segment.file.timeline, segment.file);
      if (isLeftOut) this.leftOut.add(segment.file);
    }
    if (!isLeftOut) for (const search of searches) search.add(part);
    return true;
  }

  /**
   * Whether a segment is of another server or restore than the ones before it: there recovery ends, and what is in it
   * did not happen behind what was read before.
   */
  private isLeftOut({ segment: { file }, timelines }: SegmentTask<S>, span: WalSpan): boolean {
    const last = this.last.get(file.timeline);
    if (last === file) return this.leftOut.has(file);
    this.last.set(file.timeline, file);
    // pg_resetwal breaks the WAL, too, but of the same server
    if (file.reset === true) return false;
    if (last?.start !== file.start - BigInt(this.stock.format!.segmentSize)) return false;
    const breaks = timelines.some((timeline) => {
      const before = this.searches.get(timeline)?.span;
      return before !== undefined && isBreak(before, span);
    });
    if (breaks) this.breaks.add(file);
    if (breaks || this.leftOut.has(last)) this.leftOut.add(file);
    return this.leftOut.has(file);
  }

  /** What was left out, as problems to be told: what first pages tell, the inventory has told. */
  private breakProblems(): WalError[] {
    const { format } = this.stock;
    if (format === undefined || this.breaks.size === 0) return [];
    const told = new Set(foreignIn(this.stock, () => false).map(({ segments }) => segments[0]));
    return foreignIn(this.stock, (segment) => this.breaks.has(segment))
      .filter(({ segments: [first] }) => this.breaks.has(first) && !told.has(first))
      .map((branch) => foreignProblem(branch, format));
  }

  /** What has been searched by now, and what was wrong with it. */
  searched(): SearchedWal {
    const { version, systemIdentifier } = this.stock.format!;
    const spans = [...this.searches.values()].map(({ span }) => span);
    return {
      postgres: version,
      systemIdentifier,
      timelines: [...this.searches.keys()],
      startLsn: lowest(spans.map((span) => span?.firstRecord)),
      endLsn: highest(spans.map((span) => span?.lastRecordEnd)),
      segments: this.tasks.length,
      problems: this.problemsOn([...this.searches.keys()]),
    };
  }

  /** What the answer of these timelines may be wrong or incomplete for. */
  problemsOn(timelines: readonly number[]): WalError[] {
    const isMeant = (timeline: number): boolean => timelines.includes(timeline);
    const unread = this.unread.filter((one) => one.timelines.some(isMeant));
    const chains = this.chains.filter(({ timeline }) => isMeant(timeline));
    return distinctProblems([
      ...this.problems,
      ...unread.map(({ problem }) => problem),
      ...chains.flatMap((chain) => [...historyProblem(chain, this.stock), ...this.problemsOf(chain)]),
      ...this.breakProblems(),
    ]);
  }

  private problemsOf(chain: TimelineChain<S>): WalError[] {
    const { span, undecodable } = this.searches.get(chain.timeline)!;
    return span ? spanProblems(span, undecodable, chain, this.stock.format!) : [];
  }
}
