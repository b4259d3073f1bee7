import type { WalRecord } from '../wal/record.js';
import type { Segment } from './segment.js';
import { WalReader, type WalReaderOptions } from './wal-reader.js';

/**
 * The records in segments given in the order of the WAL.
 *
 * ```ts
 * for (const record of walRecords([openSegment(bytes)])) console.log(record.lsnText, decode(record));
 * ```
 *
 * It ends at the end of WAL, or at damage as PostgreSQL does; a {@link WalReader} of one's own tells which of
 * the two, and goes on after damage if it is told to.
 */
export function* walRecords(
  segments: Iterable<Segment>,
  options: WalReaderOptions | WalReader = {},
): Generator<WalRecord, void, undefined> {
  const reader = options instanceof WalReader ? options : new WalReader(options);
  for (const segment of segments) {
    reader.push(segment);
    for (let record = reader.next(); record !== undefined; record = reader.next()) yield record;
  }
}
