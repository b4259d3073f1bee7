import { isWithin } from '../../cluster/chain.js';
import { groupBy } from '../../cluster/group-by.js';
import { transactionEnd } from '../../follow/transaction-end.js';
import { WalReader } from '../../reader/wal-reader.js';
import type { SegmentFile, UsableInventory } from '../../sources/inventory.js';
import { readWindows } from '../../sources/read-segments.js';
import type { Reading } from '../../sources/reading.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/**
 * Where the WAL of a time begins on each timeline: after the last transaction that ended before the first one, in the
 * order of the WAL, that ended at or after `since`. A timeline on which none did is left out.
 */
export async function windowStarts(
  { segments, format, ranges }: UsableInventory,
  since: TimestampTz,
  reading: Reading,
): Promise<Map<number, Lsn>> {
  const starts = new Map<number, Lsn>();
  const size = BigInt(format.segmentSize);
  for (const [timeline, files] of groupBy(segments, (file) => file.timeline)) {
    const range = ranges?.get(timeline) ?? {};
    const wanted = files.filter(({ start }) => isWithin(start, start + size, range));
    const start = await startIn(wanted);
    if (start !== undefined) starts.set(timeline, start);
  }
  return starts;

  async function startIn(files: readonly SegmentFile[]): Promise<Lsn | undefined> {
    const reader = new WalReader({ onFault: 'resume', transient: true });
    let lsn = files[0]?.start;
    const chain = files.map((file) => ({ file, end: file.start + size }));
    for await (const { segment } of readWindows(chain, format, reading)) {
      reader.push(segment);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const time = transactionEnd(record)?.time;
        if (time === undefined) continue;
        if (time >= since) return lsn;
        lsn = record.endLsn;
      }
    }
    return undefined;
  }
}
