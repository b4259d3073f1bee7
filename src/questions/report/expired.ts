import {
  gapsOfLoss,
  missingProblem,
  timelineChain,
  timelinesOf,
  type WalStock,
} from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { WalError } from '../../wal/error.js';
import type { ArchiveReport } from '../archive/run.js';

/** Leaves out of problems that WAL is missing which retention took: an archive is as it should be without. */
export function withoutExpired<S extends PlacedSegment>(
  { timelines }: ArchiveReport,
  stock: WalStock<S>,
): <T extends { problems: WalError[] }>(told: T) => T {
  const expired = timelines.flatMap((one) => one.expired);
  const gaps = timelinesOf(stock).flatMap((timeline) => gapsOfLoss(timelineChain(stock, timeline)));
  const regular = gaps.filter((gap) =>
    expired.some(({ timeline, from, to }) => timeline === gap.timeline && from <= gap.from && gap.to <= to),
  );
  const messages = new Set(regular.map((gap) => missingProblem(gap).message));
  return (told) => ({ ...told, problems: told.problems.filter(({ message }) => !messages.has(message)) });
}
