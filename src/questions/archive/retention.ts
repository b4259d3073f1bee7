import { gapsOfLoss, type MissingSegments, type TimelineChain } from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import { type Lsn, lowest } from '../../wal/lsn.js';
import type { BackupReport } from './backups.js';

/**
 * The gaps of a chain that look as retention leaves them. Backup tools keep of older backups no more WAL than makes
 * them consistent (pgBackRest's `repo-retention-archive`, Barman's `keep`, WAL-G's permanent backups): from the segment
 * in which a backup begins to the one in which it ends. So such a gap begins right behind a backup whose WAL is all
 * there, and ends where another one begins.
 * What is missing before the oldest backup of a repository is no loss either.
 */
export function gapsOfRetention(
  chain: TimelineChain,
  backups: readonly BackupReport[],
  format: WalFormat,
): MissingSegments[] {
  const size = BigInt(format.segmentSize);
  const startOf = (lsn: Lsn): Lsn => lsn - (lsn % size);
  const ends = new Set<Lsn>();
  const starts = new Set<Lsn>();
  for (const { state, startLsn, endLsn, timeline } of backups) {
    if (state !== 'complete' || endLsn === undefined) continue;
    if (!chain.history.some((entry) => entry.timeline === timeline)) continue;
    ends.add(startOf(endLsn - 1n) + size);
    starts.add(startOf(startLsn));
  }
  const holes = chain.segments.flatMap(({ file: { start: to } }, i) => {
    const from = chain.segments[i - 1]?.end;
    return from !== undefined && ends.has(from) && starts.has(to) ? [{ from, to }] : [];
  });
  const oldest = oldestNeeded(backups);
  return gapsOfLoss(chain).filter(
    (gap) =>
      holes.some(({ from, to }) => from <= gap.from && gap.to <= to) ||
      (oldest !== undefined && gap.to <= startOf(oldest)),
  );
}

/** Where the oldest backup of a repository begins: no restore needs WAL before that. Undefined without a repository. */
function oldestNeeded(backups: readonly BackupReport[]): Lsn | undefined {
  if (!backups.some(({ stored }) => stored !== undefined)) return undefined;
  return lowest(backups.flatMap(({ isHere, startLsn }) => (isHere ? [startLsn] : [])));
}
