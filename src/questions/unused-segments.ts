import { timelineChain, timelinesOf } from '../cluster/chain.js';
import type { Inventory } from '../sources/inventory.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { parseSegmentFileName, segmentStart } from '../wal/segment-name.js';

/**
 * A file that holds no WAL where WAL is missing, or under another name the WAL that is missing. All others for segments
 * to come are the server's own way.
 */
export function unusedSegments(inventory: Inventory): WalError[] {
  const { unused, format } = inventory;
  if (format === undefined || unused.length === 0) return [];
  const { segmentSize } = format;
  const missing = timelinesOf(inventory).flatMap((timeline) => timelineChain(inventory, timeline).gaps);
  /** The segment's LSN, where it is missing. */
  const missingAt = (name: string): Lsn | undefined => {
    const place = parseSegmentFileName(name, segmentSize);
    if (place === undefined) return undefined;
    const lsn = segmentStart(place.segmentNumber, segmentSize);
    const isMissing = missing.some(
      ({ timeline, from, to }) => timeline === place.timeline && from < lsn + BigInt(segmentSize) && lsn < to,
    );
    return isMissing ? lsn : undefined;
  };
  return unused.flatMap(({ name, source, reason, holds }) => {
    const held = holds === undefined ? undefined : missingAt(holds);
    const lsn = held ?? missingAt(name);
    if (lsn === undefined) return [];
    const other = held === undefined ? 'WAL of another place' : `segment ${holds}, which is missing`;
    const nothing = { zeroed: 'nothing but zeroes', empty: 'nothing yet', recycled: undefined }[reason];
    const what = nothing ?? other;
    return [new WalError('unused-segment', `${source.name} holds ${what}`, { file: source.name, lsn })];
  });
}
