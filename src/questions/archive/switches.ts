import type { TimelineChain } from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { LONG_PAGE_HEADER_SIZE, SHORT_PAGE_HEADER_SIZE } from '../../wal/page-header.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type { ArchivePart } from './scan.js';

/**
 * Whether a timeline's history agrees with the pages of its first segment: those up to the switch point were copied
 * from the parent and bear its number, those after it the timeline's own, and the record at the switch point names
 * parent and child.
 * @param start of the segment that `part` is of
 */
export function switchProblems(
  { timeline, history, historyKnown }: TimelineChain,
  start: Lsn,
  part: ArchivePart,
  format: WalFormat,
): WalError[] {
  const [{ begin }, parent] = history;
  if (!historyKnown || parent === undefined) return [];
  if (begin < start || begin >= start + BigInt(format.segmentSize)) return [];
  const name = segmentFileNameOf(timeline, start, format.segmentSize);
  const told = message`the history of timeline ${timeline} says that it left timeline ${parent.timeline} at ${formatLsn(begin)}`;
  const problem = (lsn: Lsn, what: Message): WalError =>
    new WalError(
      'wrong-history',
      message`${told}, but in ${name} ${what}; find out which of the two is of this cluster`,
      { file: name, lsn },
    );

  const { ownFrom, olderUpTo, facts } = part;
  if (ownFrom !== undefined && ownFrom < begin) {
    return [problem(ownFrom, message`the page at ${formatLsn(ownFrom)} is of timeline ${timeline} already`)];
  }
  if (olderUpTo !== undefined && olderUpTo >= begin) {
    return [problem(olderUpTo, message`the page at ${formatLsn(olderUpTo)} is of an older timeline still`)];
  }
  const first = facts.timelineStarts.find((one) => one.timeline === timeline);
  if (first === undefined) return [];
  const at = recordAt(begin, format);
  if (first.parent === parent.timeline && first.from <= at && at <= first.lsn) return [];
  return [
    problem(
      first.lsn,
      message`the record at ${formatLsn(first.lsn)} begins timeline ${timeline} as a child of ${first.parent}`,
    ),
  ];
}

/** Where a record begins that is written at this position: after the page header, where a page begins there. */
function recordAt(lsn: Lsn, { segmentSize, blockSize }: WalFormat): Lsn {
  if (lsn % BigInt(segmentSize) === 0n) return lsn + BigInt(LONG_PAGE_HEADER_SIZE);
  if (lsn % BigInt(blockSize) === 0n) return lsn + BigInt(SHORT_PAGE_HEADER_SIZE);
  return lsn;
}
