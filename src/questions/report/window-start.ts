import { isWithin } from '../../cluster/chain.js';
import { groupBy } from '../../cluster/group-by.js';
import { transactionEnd } from '../../follow/transaction-end.js';
import { WalReader } from '../../reader/wal-reader.js';
import type { SegmentFile, UsableInventory } from '../../sources/inventory.js';
import { readWindows } from '../../sources/read-segments.js';
import type { Reading } from '../../sources/reading.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/** Of one timeline. */
export interface WindowStart {
  /** After the last transaction that ended before the first one, in the order of the WAL, that ended in time. */
  start: Lsn | undefined;
  /** The last one that ended before, where its WAL was looked at. */
  before: EndOnTimeline | undefined;
}

/** Where a transaction ended, and when. */
export interface EndOnTimeline {
  lsn: Lsn;
  time: TimestampTz;
  timeline: number;
}

/** Where the WAL of a time begins on each timeline: that of transactions that ended at or after `since`. */
export async function windowStarts(
  inventory: UsableInventory,
  since: TimestampTz,
  reading: Reading,
): Promise<Map<number, WindowStart>> {
  const { segments, format, ranges } = inventory;
  const starts = new Map<number, WindowStart>();
  const size = BigInt(format.segmentSize);
  for (const [timeline, files] of groupBy(segments, (file) => file.timeline)) {
    const range = ranges?.get(timeline) ?? {};
    const wanted = files.filter(({ start }) => isWithin(start, start + size, range));
    starts.set(timeline, await startIn(wanted));
  }
  return starts;

  async function startIn(files: readonly SegmentFile[]): Promise<WindowStart> {
    const reader = new WalReader({ onFault: 'resume', transient: true });
    let start = files[0]?.start;
    let before: EndOnTimeline | undefined;
    const chain = files.map((file) => ({ file, end: file.start + size }));
    for await (const { segment } of readWindows(chain, format, reading)) {
      reader.push(segment);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const time = transactionEnd(record)?.time;
        if (time === undefined) continue;
        if (time >= since) return { start, before };
        start = record.endLsn;
        before = { lsn: record.lsn, time, timeline: files[0].timeline };
      }
    }
    return { start: undefined, before };
  }
}
