import type { ManifestWalRange } from '../../cluster/backup-manifest.js';
import { missingWithin, namesOfGap, timelineChain } from '../../cluster/chain.js';
import { faultSaid } from '../../reader/fault.js';
import { WalReader } from '../../reader/wal-reader.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { readWindows } from '../../sources/read-segments.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';

/** A timeline switch that falls into a backup makes one more; no manifest has so many. */
const MOST_RANGES = 100;

/**
 * What is wrong with the WAL that a backup cannot do without, by its manifest: it is read from the first record to the
 * last, as `pg_verifybackup` has `pg_waldump` do (`parse_required_wal`, src/bin/pg_verifybackup/pg_verifybackup.c).
 * @param backup its name
 */
export async function rangeProblems(
  backup: string,
  ranges: readonly ManifestWalRange[],
  inventory: UsableInventory,
  reading: Reading,
): Promise<WalError[]> {
  const problems: WalError[] = [];
  for (const range of ranges.slice(0, MOST_RANGES)) {
    const problem = await problemOfRange(backup, range, inventory, reading);
    if (problem) problems.push(problem);
  }
  if (ranges.length <= MOST_RANGES) return problems;
  const text = message`the backup ${backup} has a manifest with ${ranges.length} ranges of WAL: no more than ${MOST_RANGES} were looked at`;
  return [...problems, new WalError('bad-manifest', text, { file: backup })];
}

async function problemOfRange(
  backup: string,
  { timeline, startLsn, endLsn }: ManifestWalRange,
  inventory: UsableInventory,
  reading: Reading,
): Promise<WalError | undefined> {
  const { format } = inventory;
  const needs = message`the backup ${backup} needs the WAL from ${formatLsn(startLsn)} to ${formatLsn(endLsn)} of timeline ${timeline}`;
  const chain = timelineChain(inventory, timeline);
  const missing = missingWithin(chain, startLsn, endLsn, format);
  if (missing.length > 0) {
    const text = message`${needs}, of which ${missing.map(namesOfGap).join(', ')} is missing`;
    return new WalError('backup-incomplete', text, { lsn: missing[0].from, file: backup });
  }
  const reader = new WalReader({ startLsn, endLsn, transient: true });
  const segments = chain.segments.filter(({ file, end }) => end > startLsn && file.start < endLsn);
  let at = startLsn;
  for await (const { segment } of readWindows(segments, format, reading)) {
    reader.push(segment);
    for (let record = reader.next(); record !== undefined; record = reader.next()) at = record.endLsn;
    if (reader.fault !== undefined) break;
  }
  const { fault } = reader;
  if (fault === undefined || at >= endLsn) return undefined;
  const why = message`${faultSaid(fault, format.version)}; get these segments from another copy of the archive`;
  return new WalError('damaged-wal', message`${needs}, and it is damaged: ${why}`, {
    lsn: fault.lsn,
    file: backup,
  });
}
