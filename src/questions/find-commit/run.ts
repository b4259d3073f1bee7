import type { AnswerHead } from '../../cluster/answer-head.js';
import { type PlacedSegment, type TimelineChain, timelineChain, type WalStock } from '../../cluster/chain.js';
import { distinctProblems, historyProblem, spanProblems } from '../../follow/wal-problems.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { WalError } from '../../wal/error.js';
import { highest, lowest } from '../../wal/lsn.js';
import { type SegmentTask, segmentTasks, timelinesToSearch } from '../segment-tasks.js';
import { type RecoveryTargets, recoveryTargetsOf } from './recovery-target.js';
import type { FindCommitPart, FindCommitQuery } from './scan.js';
import {
  FindCommitSearch,
  type RelationFound,
  type TransactionFound,
  type TransactionListener,
} from './search.js';

export type { SegmentTask };

/**
 * What find-commit found out; `findCommitJson` makes JSON of it. The timelines are those searched, the WAL goes from
 * the first record read to the end of the last one.
 */
export interface FindCommitResult extends AnswerHead {
  /** Number of segments read. */
  segments: number;
  /** What the answer may be wrong or incomplete for: gaps, damage, files that could not be read. */
  problems: WalError[];
  /** By timeline, then by relation. */
  relations: RelationAnswer[];
}

/** What is found of one relation on one timeline, and where to recover to. */
export interface RelationAnswer extends RelationFound, RecoveryTargets {
  timeline: number;
  /** What it is called, where a base backup tells it. */
  name?: RelationName;
}

/** What one transaction did to one relation, on one timeline. */
export interface RelationTransaction extends TransactionFound {
  relation: string;
  timeline: number;
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
   * @param listener told all transactions that changed rows
   * @throws WalError `no-wal` where there is no segment, `unknown-timeline`
   */
  constructor(
    private readonly stock: WalStock<S>,
    private readonly query: FindCommitQuery,
    timeline?: number,
    listener?: (transaction: RelationTransaction) => void,
  ) {
    const timelines = timelinesToSearch(stock, timeline);
    this.searches = new Map(
      timelines.map((one) => {
        const told: TransactionListener | undefined =
          listener && ((relation, found) => listener({ ...found, relation, timeline: one }));
        return [one, new FindCommitSearch(query, told)];
      }),
    );
    this.chains = timelines.map((one) => timelineChain(stock, one));
    this.tasks = segmentTasks(this.chains, query);
  }

  /** What to scan the segment for: of a parent's segment only what comes before the switch to the timeline. */
  queryOf({ segment: { end } }: SegmentTask<S>): FindCommitQuery {
    const { endLsn } = this.query;
    return { ...this.query, endLsn: endLsn !== undefined && endLsn < end ? endLsn : end };
  }

  add(task: SegmentTask<S>, part: FindCommitPart, problem?: WalError): void {
    // where a segment is cut off, the reader tells by LSN
    if (problem && problem.code !== 'truncated-segment') this.problems.push(problem);
    for (const timeline of task.timelines) this.searches.get(timeline)?.add(part);
  }

  finish(): FindCommitResult {
    const { version, systemIdentifier } = this.stock.format!;
    const searches = [...this.searches];
    const spans = searches.map(([, { span }]) => span);
    const problems = this.chains.flatMap((chain) => [
      ...historyProblem(chain, this.stock),
      ...this.problemsOf(chain),
    ]);
    return {
      postgres: version,
      systemIdentifier,
      timelines: searches.map(([timeline]) => timeline),
      startLsn: lowest(spans.map((span) => span?.firstRecord)),
      endLsn: highest(spans.map((span) => span?.lastRecordEnd)),
      segments: this.tasks.length,
      problems: distinctProblems([...this.problems, ...problems]),
      relations: searches.flatMap(([timeline, search]) =>
        search.finish().map((found) => ({ ...found, timeline, ...recoveryTargetsOf(found) })),
      ),
    };
  }

  private problemsOf(chain: TimelineChain<S>): WalError[] {
    const { span, undecodable } = this.searches.get(chain.timeline)!;
    return span ? spanProblems(span, undecodable, chain, this.stock.format!) : [];
  }
}
