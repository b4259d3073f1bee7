import { timelineChain, timelinesOf } from '../cluster/chain.js';
import { endingXids } from '../follow/transaction-end.js';
import { WalReader } from '../reader/wal-reader.js';
import { isTransactionEnd, recoveryEventOf, type StopTarget } from '../replay/recovery.js';
import type { UsableInventory } from '../sources/inventory.js';
import { readWindows } from '../sources/read-segments.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { withoutEpoch } from '../wal/xid.js';
import type { Asking } from './asking.js';
import type { ChosenBackup } from './given.js';

/**
 * Which of several backups may still reach a target that one of them has not reached: none that begins behind the last
 * place where the WAL has it. The WAL is read once for that, instead of once from each of them.
 */
export async function mayReach(
  target: StopTarget,
  backups: readonly ChosenBackup[],
  inventory: UsableInventory,
  asking: Asking,
): Promise<ChosenBackup[]> {
  if (backups.length === 0 || target.kind === 'latest' || target.kind === 'immediate') return [...backups];
  const found = await lastPlaceOf(target, inventory, asking);
  if (found === 'unknown') return [...backups];
  return backups.filter(
    ({ stored: { startLsn } }) => startLsn === undefined || (found !== undefined && startLsn <= found),
  );
}

/** Where the WAL has a target last, on any timeline; `unknown` where some of it is damaged. */
async function lastPlaceOf(
  target: StopTarget,
  inventory: UsableInventory,
  asking: Asking,
): Promise<Lsn | 'unknown' | undefined> {
  const { format } = inventory;
  let last: Lsn | undefined;
  for (const timeline of timelinesOf(inventory)) {
    const { segments } = timelineChain(inventory, timeline);
    const reader = new WalReader({ onFault: 'resume', transient: true });
    let done = 0;
    for await (const { segment, problem, isLast } of readWindows(segments, format, asking.reading)) {
      if (isLast) asking.onSegment(++done, segments.length, format.segmentSize);
      if (problem !== undefined) return 'unknown';
      reader.push(segment);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (isAt(target, record) && (last === undefined || record.lsn > last)) last = record.lsn;
      }
      if (reader.damages.length > 0) return 'unknown';
    }
  }
  return last;
}

/** Whether recovery may stop at a record; it does not look whether it went on to there. */
function isAt(target: StopTarget, record: WalRecord): boolean {
  if (target.kind === 'lsn') return record.endLsn >= target.lsn;
  const event = recoveryEventOf(record);
  if (event === undefined) return false;
  switch (target.kind) {
    case 'xid':
      return isTransactionEnd(event) && endingXids(event).includes(withoutEpoch(target.xid));
    case 'name':
      return !isTransactionEnd(event) && event.name === target.name;
    case 'time':
      return event.time >= target.time;
    default:
      return true;
  }
}
