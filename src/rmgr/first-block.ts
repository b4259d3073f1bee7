import { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';

/** The data of block 0; undefined where there is none, mostly because an image of the page stands for it. */
export function firstBlockData(record: WalRecord): ByteView | undefined {
  const data = record.block(0)?.data;
  return data !== undefined && data.length > 0 ? data : undefined;
}

const EMPTY = ByteView.of(new Uint8Array(0));

/** The same for a record that cannot do without: the first read throws OutOfBounds where there is none. */
export function neededFirstBlockData(record: WalRecord): ByteView {
  return record.block(0)?.data ?? EMPTY;
}
