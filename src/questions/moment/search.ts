import type { TimelineChain } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import { joinSpans, type WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { TimelineSearch } from '../timeline-searches.js';
import { homesOf, type MomentInChain } from './bisect.js';
import { addEnd, addRun, type EndRun, type MomentPart, transactionMoment } from './scan.js';

/**
 * Looks for a moment in all of the WAL of one timeline, as recovery does: it stops before the first end of a
 * transaction that is later, in the order of the WAL, whatever comes behind that.
 */
export class MomentSearch implements TimelineSearch<MomentPart> {
  span: WalSpan | undefined;
  readonly undecodable: readonly Lsn[] = [];
  private readonly runs: EndRun[] = [];

  constructor(private readonly time: TimestampTz) {}

  add(part: MomentPart): void {
    if (this.span === undefined) this.span = part.span;
    else {
      const { span, record } = joinSpans(this.span, part.span);
      this.span = span;
      const end = record && transactionMoment(record);
      if (end !== undefined) addEnd(this.runs, end, this.time);
    }
    for (const run of part.runs) addRun(this.runs, run);
  }

  /**
   * @param backups where base backups begin that recovery may begin with: of several places in which the WAL passes
   *   the moment it is the first one that one of them leads to; without any the first one of all
   */
  finish<S extends PlacedSegment>(chain: TimelineChain<S>, backups: readonly Lsn[]): MomentInChain<S> {
    const { runs } = this;
    const passes = runs.flatMap((run, i) => (run.isLater ? [] : [i]));
    const at = passes.find((i) => backups.some((start) => leadsTo(runs, i, start))) ?? passes[0];
    const before = at === undefined ? undefined : runs[at].last;
    const after = at === undefined ? runs[0]?.first : runs[at + 1]?.first;
    const missing = chain.gaps.filter(
      ({ from, to }) =>
        (before === undefined || from > before.lsn) &&
        (after === undefined ? before !== undefined : to <= after.lsn),
    );
    return {
      state: stateOf(before !== undefined, after !== undefined, missing.length > 0),
      before,
      after,
      ...homesOf({ before, after }, chain),
      behind: at === undefined ? undefined : behind(runs.slice(at + 1)),
      missing,
    };
  }
}

/** Whether recovery that begins there gets to the end of this run before it meets anything later than the moment. */
function leadsTo(runs: readonly EndRun[], at: number, start: Lsn): boolean {
  const [earlier, later] = [runs[at - 1], runs[at + 1]];
  return (
    (earlier === undefined || earlier.last.lsn < start) && (later === undefined || start <= later.first.lsn)
  );
}

function stateOf(
  hasBefore: boolean,
  hasAfter: boolean,
  isMissing: boolean,
): MomentInChain<PlacedSegment>['state'] {
  if (isMissing) return 'missing';
  if (!hasBefore) return 'too-early';
  return hasAfter ? 'there' : 'too-late';
}

function behind(runs: readonly EndRun[]): MomentInChain<PlacedSegment>['behind'] {
  const late = runs.filter(({ isLater }) => !isLater);
  if (late.length === 0) return undefined;
  return {
    count: late.reduce((sum, { count }) => sum + count, 0),
    first: late[0].first,
    last: late[late.length - 1].last,
  };
}
