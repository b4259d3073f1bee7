import { type TransactionPoint, transactionEnd } from '../follow/transaction-end.js';
import { WalReader } from '../reader/wal-reader.js';
import type { SegmentFile, UsableInventory } from '../sources/inventory.js';
import { readWindows } from '../sources/read-segments.js';
import type { Reading } from '../sources/reading.js';
import { formatTimestampTz, type TimeZone } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { formatLsn, highest, type Lsn, lowest } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';

/** What WAL there is, for whoever asked for something that is not in it. */
export interface WalReach {
  startLsn: Lsn;
  endLsn: Lsn;
  /** The transactions that ended first and last; undefined where none did in the segments that were looked at. */
  first: TransactionPoint | undefined;
  last: TransactionPoint | undefined;
}

/** So many segments are looked at from either end: those of a server that does nothing have no transaction. */
const MOST_SEGMENTS = 16;

/** Where WAL begins and ends, and when: undefined where there is none. */
export async function walReach(inventory: UsableInventory, reading: Reading): Promise<WalReach | undefined> {
  const { segments, format } = inventory;
  const files = [...segments].sort((a, b) => a.timeline - b.timeline || Number(a.start - b.start));
  const starts = files.map(({ start }) => start);
  const [startLsn, lastStart] = [lowest(starts), highest(starts)];
  if (startLsn === undefined || lastStart === undefined) return undefined;
  return {
    startLsn,
    endLsn: lastStart + BigInt(format.segmentSize),
    first: await firstOf(files, async (file) => (await endsIn(file, inventory, reading)).first),
    last: await firstOf(files.reverse(), async (file) => (await endsIn(file, inventory, reading)).last),
  };
}

async function firstOf(
  files: readonly SegmentFile[],
  look: (file: SegmentFile) => Promise<TransactionPoint | undefined>,
): Promise<TransactionPoint | undefined> {
  for (const file of files.slice(0, MOST_SEGMENTS)) {
    const found = await look(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of a segment that cannot be read, none is known. */
async function endsIn(
  file: SegmentFile,
  { format }: UsableInventory,
  reading: Reading,
): Promise<Pick<WalReach, 'first' | 'last'>> {
  const reader = new WalReader({ onFault: 'resume', transient: true });
  const found: Pick<WalReach, 'first' | 'last'> = { first: undefined, last: undefined };
  const chain = [{ file, end: file.start + BigInt(format.segmentSize) }];
  try {
    for await (const { segment } of readWindows(chain, format, reading)) {
      reader.push(segment);
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const end = transactionEnd(record);
        if (end === undefined) continue;
        const { xid, lsn, time } = end;
        found.last = { xid, lsn, time };
        found.first ??= found.last;
      }
    }
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
  }
  return found;
}

/** Says what WAL there is, as a clause. */
export function reachText({ startLsn, endLsn, first, last }: WalReach, zone: TimeZone): Message {
  const [start, end] = [formatLsn(startLsn), formatLsn(endLsn)];
  if (first === undefined || last === undefined) return message`the WAL given goes from ${start} to ${end}`;
  const textOf = ({ time, xid, lsn }: TransactionPoint): Message =>
    message`${formatTimestampTz(time, zone)} (transaction ${xid} at ${formatLsn(lsn)})`;
  return message`the WAL given goes from ${start} to ${end}; transactions ended in it from ${textOf(first)} to ${textOf(last)}`;
}
