import type { AnswerHead } from '../../cluster/answer-head.js';
import {
  gapsOfLoss,
  isWithin,
  type MissingSegments,
  missingProblem,
  type TimelineChain,
  timelineChain,
  type WalStock,
} from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import { emptyStats, mergeStats, type WalStats } from '../../dump/stats.js';
import { ABORT, COMMIT } from '../../follow/transaction-events.js';
import { distinctProblems, historyProblem, spanProblems } from '../../follow/wal-problems.js';
import type { WalFormat } from '../../reader/segment.js';
import { isBreak, joinSpans, type WalSpan } from '../../reader/span.js';
import { WalError } from '../../wal/error.js';
import { highest, type Lsn, lowest } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { WalRecord } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { SegmentTask } from '../segment-tasks.js';
import { Checkpoints, type CheckpointVolume, newestCheckpoints } from './checkpoints.js';
import { Clock, type ClockStep } from './clock.js';
import { addSteps, denseSteps, OverTime, type Steps, type StepsOverTime } from './over-time.js';
import type { TimelineReach } from './reach.js';
import { type RelationVolume, RelationVolumes } from './relation-volumes.js';
import {
  addImages,
  type ImageSums,
  noImages,
  RecordCounter,
  type ReportChunk,
  type ReportedRestorePoint,
  type ReportPart,
  type ReportQuery,
} from './scan.js';
import { LargestTransactions, type TransactionVolume, TransactionVolumes } from './transaction-volumes.js';
import { addVolume, noVolume, type Volume } from './volume.js';
import type { EndOnTimeline, WindowStart } from './window-start.js';

/** What the WAL itself says, of all timelines. WAL that two timelines share counts once. */
export interface WalReport extends AnswerHead {
  /** Number of segments read. */
  segments: number;
  stats: WalStats;
  images: ImageSums;
  total: Volume;
  /** Undefined where the WAL tells no time. */
  overTime: StepsOverTime | undefined;
  /** What was written for which relation, largest first: a record counts to that of its first block, an image to its own. */
  relations: {
    largest: RelationVolume[];
    others: Volume & { relations: number };
    /** False where there were so many that those which wrote least were put together early. */
    exact: boolean;
    /** Records without blocks. */
    none: Volume;
  };
  /** What transactions wrote, largest first, subtransactions to their top-level one; `none`: records of none. */
  transactions: { largest: TransactionVolume[]; others: Volume & { transactions: number }; none: Volume };
  /** Newest first. */
  checkpoints: CheckpointVolume[];
  /** There are so many more, older than these. */
  olderCheckpoints: number;
  /** In the order of the WAL. */
  restorePoints: (ReportedRestorePoint & { timeline: number })[];
  moreRestorePoints: number;
  clockSteps: ClockStep[];
  moreClockSteps: number;
  /** Of times at which no transaction ended: the last one that ended before, and the first one after. */
  nearest: { before: EndOnTimeline | undefined; after: EndOnTimeline | undefined } | undefined;
  problems: WalError[];
}

/** What of the WAL counts. */
export interface ReportWindow {
  /** By timeline, from where on; nothing of one that has no start. Undefined: from the beginning. */
  starts: ReadonlyMap<number, WindowStart> | undefined;
  until: TimestampTz | undefined;
}

/** So many relations, restore points and steps of the clock are told one by one. */
const MOST_RELATIONS = 500;
const MOST_TOLD = 1000;

/** One timeline on its own: what it shares with its parent is counted there. */
interface Timeline {
  timeline: number;
  total: Volume;
  /** Undefined before any of it was read. */
  span: WalSpan | undefined;
  transactions: TransactionVolumes;
  time: OverTime;
  checkpoints: Checkpoints;
  clock: Clock;
  /** Of WAL that others do not go on with. */
  brokenOff: WalSpan[];
  /** The first transaction that ended too late: nothing counts any more. */
  late: ReportPart['late'];
  /** Where the WAL ends before a gap or at all, and the time told last before that. */
  ends: { lsn: Lsn; time: number | undefined }[];
}

/** Counts the WAL of all timelines: give it the parts of all of {@link tasks}, in order. */
export class ReportRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[] = [];
  private readonly format: WalFormat;
  private readonly chains = new Map<number, TimelineChain<S>>();
  private readonly timelines = new Map<number, Timeline>();
  private readonly relations = new RelationVolumes();
  private readonly largest = new LargestTransactions();
  private stats: WalStats;
  private readonly images = noImages();
  private readonly total = noVolume();
  private readonly withoutRelation = noVolume();
  private readonly withoutTransaction = noVolume();
  private readonly restorePoints: (ReportedRestorePoint & { timeline: number })[] = [];
  private moreRestorePoints = 0;
  private hasEnds = false;

  /** @throws WalError `no-wal` where there is no segment */
  constructor(
    private readonly stock: WalStock<S>,
    private readonly window: ReportWindow,
  ) {
    const { format, segments, ranges } = stock;
    if (format === undefined)
      throw new WalError('no-wal', message`there is no WAL segment in what was given`);
    this.format = format;
    this.stats = emptyStats(format.version);
    const size = BigInt(format.segmentSize);
    const isWanted = ({ timeline, start }: S): boolean =>
      (window.starts === undefined || this.startOn(timeline) !== undefined) &&
      [{ startLsn: this.startOn(timeline) }, ranges?.get(timeline) ?? {}].every((one) =>
        isWithin(start, start + size, one),
      );
    const wanted = segments.filter(isWanted);
    this.tasks = [...wanted]
      .sort((a, b) => a.timeline - b.timeline || (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
      .map((file) => ({ segment: { file, end: file.start + size }, timelines: [file.timeline] }));
    for (const timeline of new Set(segments.map((one) => one.timeline))) {
      this.chains.set(timeline, timelineChain(stock, timeline));
    }
  }

  queryOf({ segment: { file } }: SegmentTask<S>): ReportQuery {
    const from = this.startOf(file);
    const startLsn = from !== undefined && from > file.start ? from : undefined;
    return { startLsn, until: this.window.until };
  }

  /** From where on the WAL of a timeline is wanted. */
  private startOn(timeline: number): Lsn | undefined {
    return this.window.starts?.get(timeline)?.start;
  }

  /** From where on a segment is its timeline's own, and wanted. */
  private startOf(file: S): Lsn | undefined {
    return highest([this.sharedUpTo(file), this.startOn(file.timeline)]);
  }

  /** A timeline's first segment begins with a copy of its parent's WAL: up to where that is there itself. */
  private sharedUpTo(file: S): Lsn | undefined {
    const foreign = this.stock.foreign?.find(({ segments }) => segments.includes(file));
    if (foreign !== undefined) {
      const { segments, parent, switchLsn } = foreign;
      const isShared = segments[0] === file && this.stock.segments.some(isOf(parent, file.start));
      return isShared ? switchLsn : undefined;
    }
    const [own, parent] = this.chains.get(file.timeline)?.history ?? [];
    const isHome =
      own !== undefined && file.start === own.begin - (own.begin % BigInt(this.format.segmentSize));
    if (parent === undefined || !isHome) return undefined;
    const chain = this.chains.get(parent.timeline) ?? timelineChain(this.stock, parent.timeline);
    const copy = chain.segments.find((one) => one.file.start === file.start);
    return copy && lowest([copy.end, own.begin]);
  }

  /** Takes in what a task's segment says; tasks in their order. */
  add({ segment: { file } }: SegmentTask<S>, { span, chunk, late }: ReportPart, problem?: WalError): void {
    if (problem !== undefined) this.problems.push(problem);
    const one = this.timelineOf(file.timeline);
    if (one.late !== undefined) return;
    const between = this.join(one, span, file);
    if (between !== undefined) this.addRecord(one, between);
    if (one.late !== undefined) return;
    this.addChunk(one, chunk);
    one.late = late;
  }

  private timelineOf(timeline: number): Timeline {
    const known = this.timelines.get(timeline);
    if (known !== undefined) return known;
    const one: Timeline = {
      ...{ timeline, total: noVolume(), span: undefined, brokenOff: [], late: undefined, ends: [] },
      transactions: new TransactionVolumes(timeline, this.largest),
      time: new OverTime(Number.NEGATIVE_INFINITY),
      checkpoints: new Checkpoints(timeline),
      clock: new Clock(timeline),
    };
    this.timelines.set(timeline, one);
    return one;
  }

  /** Goes on with what comes next. @returns the record that runs over to it */
  private join(one: Timeline, span: WalSpan, file: S): WalRecord | undefined {
    const before = one.span;
    if (before === undefined) {
      one.span = span;
      return this.recordFromParent(one.timeline, span, file);
    }
    if (before.end < span.start)
      one.ends.push({ lsn: before.lastRecordEnd ?? before.end, time: one.time.latest });
    if (isBreak(before, span)) {
      if (file.reset !== true) one.brokenOff.push(before);
      one.span = span;
      return undefined;
    }
    const joined = joinSpans(before, span);
    one.span = joined.span;
    return joined.record;
  }

  /** The one that runs over from the parent's last segment, where what comes behind that is here alone. */
  private recordFromParent(timeline: number, span: WalSpan, file: S): WalRecord | undefined {
    const [own, parent] = this.chains.get(timeline)?.history ?? [];
    if (parent === undefined || file.start > own.begin || this.startOf(file) !== undefined) return undefined;
    const before = this.timelines.get(parent.timeline);
    if (before?.span?.end !== span.start || before.late !== undefined) return undefined;
    return joinSpans(before.span, span).record;
  }

  private addRecord(one: Timeline, record: WalRecord): void {
    const from = this.startOn(one.timeline);
    if (from !== undefined && record.lsn < from) return;
    const counter = new RecordCounter(this.format.version, this.window.until);
    counter.take(record);
    const { chunk, late } = counter.build();
    this.addChunk(one, chunk);
    one.late = late;
  }

  private addChunk(one: Timeline, chunk: ReportChunk): void {
    this.stats = mergeStats(this.stats, chunk.stats);
    addImages(this.images, chunk.images);
    this.relations.add(chunk.relations);
    addVolume(this.withoutRelation, chunk.withoutRelation);
    addVolume(this.withoutTransaction, chunk.withoutTransaction);
    const { transactions: rows, events, assignments, undecodable } = chunk;
    one.transactions.add({ rows, events, assignments, undecodable }, one.span!);
    one.time.add(chunk.time);
    one.checkpoints.add(chunk.marks, one.total);
    one.clock.add(events);
    this.hasEnds ||= events.kinds.some((kind) => kind === COMMIT || kind === ABORT);
    addVolume(one.total, chunk.total);
    addVolume(this.total, chunk.total);
    for (const { name, lsn, time } of chunk.restorePoints) {
      if (this.restorePoints.length >= MOST_TOLD) this.moreRestorePoints++;
      else this.restorePoints.push({ name, lsn, timeline: one.timeline, time });
    }
  }

  finish(): WalReport {
    const all = [...this.timelines.values()];
    for (const { transactions } of all) transactions.finish();
    const checkpoints = all.map((one) => one.checkpoints);
    const newest = newestCheckpoints(
      checkpoints,
      all.flatMap((one) => one.checkpoints.finish(one.total)),
    );
    const clockSteps = all.flatMap(({ clock }) => clock.steps);
    const { version, systemIdentifier } = this.format;
    const spans = all.flatMap(({ span, brokenOff }) => [...brokenOff, ...(span ? [span] : [])]);
    return {
      postgres: version,
      systemIdentifier,
      timelines: [...this.chains.keys()].sort((a, b) => a - b),
      startLsn: lowest(spans.map(({ firstRecord }) => firstRecord)),
      endLsn: highest(spans.map(({ lastRecordEnd }) => lastRecordEnd)),
      segments: this.tasks.length,
      stats: this.stats,
      images: this.images,
      total: this.total,
      overTime: stepsOf(all),
      relations: { ...this.relations.largest(MOST_RELATIONS), none: this.withoutRelation },
      transactions: { ...this.largest.finish(), none: this.withoutTransaction },
      checkpoints: newest.checkpoints,
      olderCheckpoints: newest.older,
      restorePoints: this.restorePoints,
      moreRestorePoints: this.moreRestorePoints,
      clockSteps: clockSteps.slice(0, MOST_TOLD),
      moreClockSteps:
        all.reduce((sum, { clock }) => sum + clock.more, 0) + Math.max(0, clockSteps.length - MOST_TOLD),
      nearest: this.nearest(all),
      problems: this.allProblems(all),
    };
  }

  private nearest(all: readonly Timeline[]): WalReport['nearest'] {
    const { starts, until } = this.window;
    if (this.hasEnds || (starts === undefined && until === undefined)) return undefined;
    const before = [...(starts?.values() ?? [])].flatMap((one) => one.before ?? []).sort(byTime);
    const after = all
      .flatMap(({ late, timeline }) => (late === undefined ? [] : { ...late, timeline }))
      .sort(byTime);
    return { before: before.at(-1), after: after[0] };
  }

  private allProblems(all: readonly Timeline[]): WalError[] {
    return distinctProblems([
      ...this.problems,
      ...[...this.chains.values()].flatMap((chain) => [
        ...historyProblem(chain, this.stock),
        ...this.gapsIn(chain).map(missingProblem),
      ]),
      ...all.flatMap((one) => this.problemsOf(one)),
    ]);
  }

  /** What a timeline lacks of the WAL that is wanted. */
  private gapsIn(chain: TimelineChain<S>): MissingSegments[] {
    const wanted = [this.stock.ranges?.get(chain.timeline) ?? {}];
    const startLsn = this.startOn(chain.timeline);
    return gapsOfLoss(chain).filter(({ from, to }) =>
      [...wanted, { startLsn }].every((one) => isWithin(from, to, one)),
    );
  }

  /** But for gaps: what a timeline's own segments lack may be its parent's. */
  private problemsOf({ timeline, span, brokenOff, transactions, late }: Timeline): WalError[] {
    const chain = this.ownChain(timeline);
    const broken = brokenOff.flatMap((one) => spanProblems({ ...one, gaps: [] }, [], chain, this.format));
    if (span === undefined) return broken;
    // behind the times that are wanted nothing matters
    const read = { ...span, gaps: [], fault: late ? undefined : span.fault };
    return [...broken, ...spanProblems(read, transactions.undecodable, chain, this.format)];
  }

  private ownChain(timeline: number): TimelineChain<S> {
    const size = BigInt(this.format.segmentSize);
    const files = this.stock.segments.filter((file) => file.timeline === timeline);
    const segments = files.map((file) => ({ file, end: file.start + size }));
    return { ...this.chains.get(timeline)!, segments };
  }

  /** How far each timeline's own WAL goes, as it was read. */
  reached(): ReadonlyMap<number, TimelineReach> {
    return new Map(
      Array.from(this.timelines, ([timeline, { span, brokenOff, ends, time, late }]) => {
        const damages = [...brokenOff, ...(span ? [span] : [])].flatMap((one) =>
          one.damages.map(({ fault }) => fault.lsn),
        );
        const last = span?.lastRecordEnd;
        // what was told behind the times that are wanted is not known
        const told = late === undefined ? time.latest : undefined;
        const all = last === undefined ? ends : [...ends, { lsn: last, time: told }];
        return [timeline, { damages, ends: all }];
      }),
    );
  }
}

const byTime = (a: EndOnTimeline, b: EndOnTimeline): number =>
  a.time < b.time ? -1 : a.time > b.time ? 1 : 0;

const isOf =
  (timeline: number | undefined, start: Lsn) =>
  (one: PlacedSegment): boolean =>
    one.timeline === timeline && one.start === start;

function stepsOf(all: readonly Timeline[]): StepsOverTime | undefined {
  let steps: Steps | undefined;
  for (const { time } of all) {
    const more = time.finish();
    if (more === undefined) continue;
    if (steps === undefined) steps = more;
    else addSteps(steps, more);
  }
  return steps && denseSteps(steps);
}
