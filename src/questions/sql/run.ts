import { timelineChain, type WalStock } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import { RowChangesAt } from '../../follow/row-changes.js';
import { chunksOf } from '../../follow/scanner.js';
import { joinSpans } from '../../reader/span.js';
import type { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import { JOINT } from '../facts/layout.js';
import { RowChangesSink } from '../find-commit/scan.js';
import type { IncidentPart } from '../incidents/scan.js';
import type { SegmentTask } from '../segment-tasks.js';
import { TimelineSearches } from '../timeline-searches.js';
import type { AnswerRow, Answers } from './answers.js';
import { ConfirmedInserts, type UnsettledInsert } from './confirmed-inserts.js';
import { RemovalSearch } from './search.js';

type ChainRow = AnswerRow<'chains'>;

/** What SQL cannot tell, of all timelines; the parts of {@link tasks} are to be given to {@link add} in their order. */
export class AnswersRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[];
  /** By file name, the insertions that segments leave open or settle. */
  readonly unsettled = new Map<string, readonly UnsettledInsert[]>();
  private readonly timelines: TimelineSearches<S, PlacedPart, PlacedSearch>;

  /** @throws WalError `no-wal` where there is no segment */
  constructor(private readonly stock: WalStock<S>) {
    this.timelines = new TimelineSearches(stock, undefined, {}, (timeline) => new PlacedSearch(timeline));
    this.tasks = this.timelines.tasks;
    this.problems = this.timelines.problems;
  }

  queryOf({ segment: { end } }: SegmentTask<S>): { endLsn: Lsn } {
    return { endLsn: end };
  }

  /** Takes in what a task's segment says; tasks in their order. */
  add(task: SegmentTask<S>, part: IncidentPart, problem?: WalError): void {
    const { file, end } = task.segment;
    const segment = segmentFileNameOf(file.timeline, file.start, this.stock.format!.segmentSize);
    const place = { file_timeline: file.timeline, segment, start_lsn: file.start, to_lsn: end };
    const unsettled = this.unsettled.get(segment) ?? [];
    this.timelines.add(task, { ...part, place, unsettled }, problem);
  }

  finish(): Answers {
    const searches = [...this.timelines.searches.values()];
    return {
      chains: searches.flatMap(({ chain }) => chain),
      interruptions: searches.flatMap((one) => one.interruptions()),
      missing_segments: searches.flatMap(({ timeline }) => this.missingOn(timeline)),
      confirmed_inserts: searches.flatMap(({ confirmed }) => confirmed.rows),
      repacked: searches.flatMap(({ repacked }) => repacked),
      removals: searches.flatMap((one) => one.finish()),
      problems: this.timelines.searched().problems.map(problemRow),
    };
  }

  private missingOn(timeline: number): AnswerRow<'missing_segments'>[] {
    return timelineChain(this.stock, timeline).gaps.map(({ firstName, lastName, count, from, to }) => ({
      ...{ timeline, first_segment: firstName, last_segment: lastName, segments: count },
      ...{ from_lsn: from, to_lsn: to },
    }));
  }
}

const problemRow = ({ code, message, lsn, file }: WalError): AnswerRow<'problems'> => ({
  ...{ code, message, file },
  lsn: lsn === undefined ? undefined : formatLsn(lsn),
});

/** What a segment says, and where it is. */
interface PlacedPart extends IncidentPart {
  place: Omit<ChainRow, 'timeline'>;
  unsettled: readonly UnsettledInsert[];
}

/** Keeps beside what became of files which segments make up a timeline's WAL: one that is left out comes to no search. */
class PlacedSearch extends RemovalSearch {
  readonly chain: ChainRow[] = [];
  readonly confirmed = new ConfirmedInserts(this.timeline);

  override add(part: PlacedPart): void {
    const { timeline, chain } = this;
    const last = chain.at(-1);
    // what runs over into this one
    if (last?.to_lsn === part.place.start_lsn) chain.push({ ...last, segment: last.segment + JOINT });
    chain.push({ timeline, ...part.place });
    this.addUnsettled(part);
    super.add(part);
  }

  private addUnsettled({ span, unsettled }: PlacedPart): void {
    const record = this.span && joinSpans(this.span, span).record;
    for (const { rows } of chunksOf(record, { newSink: () => new RowChangesSink() })) {
      for (let row = 0; row < rows.length; row++)
        this.confirmed.add(new RowChangesAt(rows).seek(row).changes);
    }
    for (const one of unsettled) this.confirmed.add(one);
  }

  interruptions(): AnswerRow<'interruptions'>[] {
    const { timeline } = this;
    const { gaps = [], damages = [] } = this.span ?? {};
    const resumed = [...gaps.map(({ to }) => to), ...damages.map(({ resumedAt }) => resumedAt)];
    return resumed.map((lsn) => ({ timeline, resumed_lsn: lsn }));
  }
}
