import { decode } from '../rmgr/index.js';
import type { WalRecord } from '../wal/record.js';
import { RM_XLOG_ID } from '../wal/rmgr-id.js';

/** `WalLevel` (src/include/access/xlog.h). */
const WAL_LEVEL_MINIMAL = 0;

/**
 * Whether from this record on WAL is written with `wal_level = minimal`: rows that a transaction puts into a table
 * that it makes or truncates itself are then not in it.
 */
export function beginsMinimalWal(record: WalRecord): boolean {
  if (record.rmid !== RM_XLOG_ID) return false;
  const data = decode(record);
  return data.rmgr === 'XLOG' && data.type === 'parameter-change' && data.walLevel === WAL_LEVEL_MINIMAL;
}
