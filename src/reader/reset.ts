import { INVALID_LSN } from '../wal/lsn.js';
import { LONG_PAGE_HEADER_SIZE, type LongPageHeader } from '../wal/page-header.js';
import { RECORD_HEADER_SIZE, XL_PREV } from '../wal/record.js';
import { isShutdownCheckpoint } from './check-record.js';
import { makeSegment } from './segment.js';
import { WalReader } from './wal-reader.js';

/**
 * Whether a segment is the one that `pg_resetwal` wrote: it begins with a shutdown checkpoint that no record comes
 * before (`WriteEmptyXLOG`, src/bin/pg_resetwal/pg_resetwal.c, 10 to 19). The first segment of all, which initdb
 * writes, begins like that, too (`BootStrapXLOG`, src/backend/access/transam/xlog.c); pg_resetwal makes that one only
 * where it changes the size of segments, so that no older WAL is of the same format.
 * @param beginning of its first page, more than that record takes
 */
export function isMadeByReset(beginning: Uint8Array, header: LongPageHeader): boolean {
  const { pageAddress, segmentSize, blockSize, timeline } = header;
  if (pageAddress === BigInt(segmentSize)) return false;
  if (beginning.length < LONG_PAGE_HEADER_SIZE + RECORD_HEADER_SIZE) return false;
  const page = new Uint8Array(blockSize);
  page.set(beginning.subarray(0, blockSize));
  const prev = new DataView(page.buffer).getBigUint64(LONG_PAGE_HEADER_SIZE + XL_PREV, true);
  if (prev !== INVALID_LSN) return false;
  const reader = new WalReader();
  reader.push(makeSegment(page, header, pageAddress, timeline));
  const record = reader.next();
  return record?.offset === LONG_PAGE_HEADER_SIZE && isShutdownCheckpoint(record);
}
