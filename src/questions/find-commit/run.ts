import type { WalStock } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { CataloguedFiles } from '../../follow/removal.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { WalError } from '../../wal/error.js';
import type { StoredBackupName } from '../given.js';
import type { SegmentTask } from '../segment-tasks.js';
import { type SearchedWal, TimelineSearches } from '../timeline-searches.js';
import type { CommandPlaces } from '../undo/command.js';
import type { WalReach } from '../wal-reach.js';
import type { LogsRead } from '../who/who.js';
import { type RecoveryTargets, recoveryTargetsOf } from './recovery-target.js';
import type { FindCommitPart, FindCommitQuery } from './scan.js';
import {
  FindCommitSearch,
  MOST_TRANSACTIONS,
  type RelationFound,
  type TransactionFound,
  type TransactionListener,
} from './search.js';

export type { SegmentTask };

/**
 * What find-commit found out; `findCommitJson` makes JSON of it. The timelines are those searched, the WAL goes from
 * the first record read to the end of the last one.
 */
export interface FindCommitResult extends SearchedWal, CommandPlaces {
  /** By timeline, then by relation. */
  relations: RelationAnswer[];
  /** The base backup, where it is one of a backup tool's repository. */
  storedBackup?: StoredBackupName | undefined;
  /** What WAL there is, where nothing was found in it. */
  reach?: WalReach | undefined;
  /** The files in whose place a transaction made the one asked for, by TRUNCATE or a rewrite; where there are any. */
  formerFiles?: readonly string[];
  /** What the server's logs tell of who did it, where they were given. */
  logs?: LogsRead;
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
  /** What the relation is called, where a base backup tells it. */
  name?: RelationName;
}

/** The search over all timelines; the parts of {@link tasks} are to be given to {@link add} in their order. */
export class FindCommitRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[];
  /** Whether {@link addRolledUp} may be asked: roll-ups have no more transactions, and know of no part of a segment. */
  readonly takesRollUps: boolean;
  private readonly timelines: TimelineSearches<S, FindCommitPart, FindCommitSearch>;

  /**
   * @param timeline the only one wanted, or those; else all that have segments of their own
   * @param listener told all transactions that changed rows
   * @param catalogued what catalogs tell of files, by timeline
   * @throws WalError `no-wal` where there is no segment, `unknown-timeline`
   */
  constructor(
    stock: WalStock<S>,
    private readonly query: FindCommitQuery,
    timeline?: number | readonly number[],
    listener?: (transaction: RelationTransaction) => void,
    catalogued?: (timeline: number) => CataloguedFiles | undefined,
  ) {
    this.timelines = new TimelineSearches(stock, timeline, query, (one) => {
      const told: TransactionListener | undefined =
        listener && ((relation, found) => listener({ ...found, relation, timeline: one }));
      return new FindCommitSearch(query, told, catalogued?.(one));
    });
    const { startLsn, endLsn, transactions = MOST_TRANSACTIONS } = query;
    const isPart = startLsn !== undefined || endLsn !== undefined;
    const isListed = listener !== undefined || transactions === 'all' || transactions > MOST_TRANSACTIONS;
    const isCatalogued = [...this.timelines.searches.keys()].some((one) => catalogued?.(one) !== undefined);
    this.takesRollUps = !isPart && !isListed && !isCatalogued;
    this.tasks = this.timelines.tasks;
    this.problems = this.timelines.problems;
  }

  /** What to scan the segment for: of a parent's segment only what comes before the switch to the timeline. */
  queryOf({ segment: { end } }: SegmentTask<S>): FindCommitQuery {
    const { endLsn } = this.query;
    return { ...this.query, endLsn: endLsn !== undefined && endLsn < end ? endLsn : end };
  }

  add(task: SegmentTask<S>, part: FindCommitPart, problem?: WalError): void {
    this.timelines.add(task, part, problem);
  }

  /** Takes in what a roll-up says of several tasks. @returns false where the part of each is to be given instead */
  addRolledUp(tasks: readonly SegmentTask<S>[], part: FindCommitPart): boolean {
    return this.timelines.addRolledUp(tasks, part);
  }

  /** What is not as it should be in the WAL of one timeline, once all parts are in. */
  problemsOn(timeline: number): WalError[] {
    return this.timelines.problemsOn([timeline]);
  }

  /** What there is of the answer before all parts are in. */
  get foundSoFar(): (RelationFound & { timeline: number })[] {
    return [...this.timelines.searches].flatMap(([timeline, { foundSoFar }]) =>
      foundSoFar.map((found) => ({ ...found, timeline })),
    );
  }

  finish(): FindCommitResult {
    const formerFiles = new Set([...this.timelines.searches.values()].flatMap((one) => [...one.formerFiles]));
    return {
      ...(formerFiles.size > 0 ? { formerFiles: [...formerFiles] } : {}),
      ...this.timelines.searched(),
      relations: [...this.timelines.searches].flatMap(([timeline, search]) =>
        search.finish().map((found) => ({ ...found, timeline, ...recoveryTargetsOf(found) })),
      ),
    };
  }
}
