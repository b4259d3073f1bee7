import { goesThrough, timelineChain, type WalStock } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { SegmentTask } from '../segment-tasks.js';
import { TimelineSearches } from '../timeline-searches.js';
import type { MomentInChain } from './bisect.js';
import type { MomentPart, MomentQuery } from './scan.js';
import { MomentSearch } from './search.js';

/** The search for a moment over all timelines; the parts of {@link tasks} are to be given to {@link add} in order. */
export class MomentRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  private readonly timelines: TimelineSearches<S, MomentPart, MomentSearch>;

  /** @param backups where base backups begin that recovery may begin with */
  constructor(
    private readonly stock: WalStock<S>,
    private readonly time: TimestampTz,
    private readonly backups: readonly { startLsn: Lsn; timeline: number }[],
  ) {
    this.timelines = new TimelineSearches(stock, undefined, {}, () => new MomentSearch(time));
    this.tasks = this.timelines.tasks;
  }

  queryOf({ segment: { end } }: SegmentTask<S>): MomentQuery {
    return { time: this.time, endLsn: end };
  }

  add(task: SegmentTask<S>, part: MomentPart, problem?: WalError): void {
    this.timelines.add(task, part, problem);
  }

  finish(): { answers: (MomentInChain<S> & { timeline: number })[]; problems: WalError[] } {
    const answers = [...this.timelines.searches].map(([timeline, search]) => {
      const chain = timelineChain(this.stock, timeline);
      const backups = this.backups.filter((backup) => goesThrough(chain, backup));
      return {
        timeline,
        ...search.finish(
          chain,
          backups.map(({ startLsn }) => startLsn),
        ),
      };
    });
    return { answers, problems: this.timelines.searched().problems };
  }
}
