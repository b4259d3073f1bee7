import {
  type ChainSegment,
  missingProblem,
  missingSegments,
  type PlacedSegment,
  type TimelineChain,
  timelineChain,
  type WalStock,
} from '../cluster/chain.js';
import { historyFileName } from '../cluster/history.js';
import { faultMessage, type ReadFault } from '../reader/fault.js';
import type { WalFormat } from '../reader/segment.js';
import type { WalSpan } from '../reader/span.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import type { FindCommitPart, FindCommitQuery } from './find-commit-part.js';
import { FindCommitSearch, type RelationFound } from './find-commit-search.js';
import { type RecoveryTarget, recoveryTargetOf } from './recovery-target.js';

/** What find-commit found out. `findCommitJson` makes JSON of it. */
export interface FindCommitResult {
  /** PostgreSQL's major version. */
  postgres: number;
  systemIdentifier: bigint;
  /** The timelines searched. */
  timelines: number[];
  /** The WAL read: its first record, and the position after its last one; undefined where there is no record. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  /** Number of segments read. */
  segments: number;
  /** What the answer may be wrong or incomplete for: gaps, damage, files that could not be read. */
  problems: WalError[];
  /** By timeline, then by relation. */
  relations: RelationAnswer[];
}

export interface RelationAnswer extends RelationFound {
  timeline: number;
  recoveryTarget: RecoveryTarget | undefined;
}

/** A segment to read, and the timelines whose history goes through it. */
export interface SegmentTask<S extends PlacedSegment> {
  segment: ChainSegment<S>;
  timelines: number[];
}

/**
 * The search over all timelines. Each segment is scanned once, whichever and however many timelines share it;
 * {@link tasks} says which, in the order in which their parts are then to be given to {@link add}.
 */
export class FindCommitRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[] = [];
  private readonly chains: TimelineChain<S>[];
  private readonly searches: Map<number, FindCommitSearch>;

  /**
   * @param timeline the only one wanted; else all that have segments of their own
   * @throws WalError `no-wal` where there is no segment, `unknown-timeline`
   */
  constructor(
    private readonly stock: WalStock<S>,
    private readonly query: FindCommitQuery,
    timeline?: number,
  ) {
    const timelines = timelinesToSearch(stock, timeline);
    this.searches = new Map(timelines.map((one) => [one, new FindCommitSearch(query)]));
    this.chains = timelines.map((one) => timelineChain(stock, one));
    this.tasks = tasksOf(this.chains, query);
  }

  /** What to scan the segment for: of a parent's segment only what comes before the switch to the timeline. */
  queryOf({ segment: { end } }: SegmentTask<S>): FindCommitQuery {
    const { endLsn } = this.query;
    return { ...this.query, endLsn: endLsn !== undefined && endLsn < end ? endLsn : end };
  }

  add(task: SegmentTask<S>, part: FindCommitPart): void {
    for (const timeline of task.timelines) this.searches.get(timeline)?.add(part);
  }

  finish(): FindCommitResult {
    const { version, systemIdentifier } = this.stock.format!;
    const searches = [...this.searches];
    const spans = searches.flatMap(([, { span }]) => (span ? [span] : []));
    const problems = this.chains.flatMap((chain) => [
      ...historyProblem(chain, this.stock),
      ...problemsOf(this.searches.get(chain.timeline)!, chain, this.stock.format!),
    ]);
    return {
      postgres: version,
      systemIdentifier,
      timelines: searches.map(([timeline]) => timeline),
      startLsn: extreme(spans, 'firstRecord', (a, b) => a < b),
      endLsn: extreme(spans, 'lastRecordEnd', (a, b) => a > b),
      segments: this.tasks.length,
      problems: distinct([...this.problems, ...problems]),
      relations: searches.flatMap(([timeline, search]) =>
        search.finish().map((found) => ({ ...found, timeline, recoveryTarget: recoveryTargetOf(found) })),
      ),
    };
  }
}

function timelinesToSearch(stock: WalStock<PlacedSegment>, wanted: number | undefined): number[] {
  const known = [...new Set(stock.segments.map(({ timeline }) => timeline))].sort((a, b) => a - b);
  if (known.length === 0) throw new WalError('no-wal', 'there is no WAL segment in what was given');
  if (wanted === undefined) return known;
  if (!known.includes(wanted) && !stock.histories.some(({ timeline }) => timeline === wanted)) {
    throw new WalError(
      'unknown-timeline',
      `there is no WAL of timeline ${wanted}, only of ${known.join(', ')}`,
    );
  }
  return [wanted];
}

function tasksOf<S extends PlacedSegment>(
  chains: TimelineChain<S>[],
  { startLsn, endLsn }: FindCommitQuery,
): SegmentTask<S>[] {
  const tasks = new Map<string, SegmentTask<S>>();
  for (const { timeline, segments } of chains) {
    for (const segment of segments) {
      const { file, end } = segment;
      if (startLsn !== undefined && end <= startLsn) continue;
      if (endLsn !== undefined && file.start >= endLsn) continue;
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

/** Where there is WAL that the timeline may go back to, and nothing tells whether it does. */
function historyProblem(
  { timeline, historyKnown }: TimelineChain,
  { segments }: WalStock<PlacedSegment>,
): WalError[] {
  if (historyKnown || !segments.some((segment) => segment.timeline < timeline)) return [];
  const message = `${historyFileName(timeline)} is missing: without it only timeline ${timeline}'s own segments can be searched, not what it shares with others`;
  return [new WalError('missing-history', message)];
}

function problemsOf(
  { span, undecodable }: FindCommitSearch,
  chain: TimelineChain,
  format: WalFormat,
): WalError[] {
  if (span === undefined) return [];
  const { version } = format;
  const problems = span.gaps.flatMap(({ from, to }) =>
    missingSegments(from, to, chain.history, format).map(missingProblem),
  );
  for (const { fault, resumedAt } of span.damages) {
    const message = `${faultMessage(fault, version)}; nothing was read from there to ${formatLsn(resumedAt)}`;
    problems.push(new WalError('damaged-wal', message, { lsn: fault.lsn }));
  }
  if (span.fault && !isEndOfWal(span.fault, chain)) {
    const message = `${faultMessage(span.fault, version)}; nothing could be read from there on`;
    problems.push(new WalError('damaged-wal', message, { lsn: span.fault.lsn }));
  }
  for (const lsn of undecodable) {
    const message = `the record at ${formatLsn(lsn)} contradicts itself and was left out`;
    problems.push(new WalError('undecodable-record', message, { lsn }));
  }
  return problems;
}

/**
 * Zeroes, or what was in a segment file before the server took it into use again, are how WAL ends. In a `.partial`
 * file, anything is: it was being written to, and need not be padded.
 */
function isEndOfWal(fault: ReadFault, { segments }: TimelineChain): boolean {
  const home = segments.find(({ file, end }) => file.start <= fault.lsn && fault.lsn < end);
  if (home?.file.partial) return true;
  switch (fault.kind) {
    case 'record-length':
      return fault.length === 0;
    case 'bad-magic':
      return fault.magic === 0;
    case 'unexpected-page-address':
      return fault.pageAddress < fault.lsn;
    default:
      return false;
  }
}

/** Timelines share WAL, and with it what is wrong with that. In the order of the WAL. */
function distinct(problems: WalError[]): WalError[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.code} ${problem.lsn} ${problem.message}`, problem]),
  );
  return [...byText.values()].sort((a, b) => Number((a.lsn ?? 0n) - (b.lsn ?? 0n)));
}

function extreme(
  spans: WalSpan[],
  key: 'firstRecord' | 'lastRecordEnd',
  isBetter: (a: Lsn, b: Lsn) => boolean,
): Lsn | undefined {
  let best: Lsn | undefined;
  for (const { [key]: lsn } of spans) {
    if (lsn !== undefined && (best === undefined || isBetter(lsn, best))) best = lsn;
  }
  return best;
}
