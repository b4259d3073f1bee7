import { CRC32C_INIT, updateCrc32cWords } from '../wal/crc32c.js';
import { RECORD_HEADER_SIZE, readFragments, type WalRecord, XL_CRC } from '../wal/record.js';
import type { RecordFault } from './fault.js';

const XLOG_RMGR = 0;
const XLOG_SWITCH = 0x40;

/** Built-in resource managers of each version; custom ones (since 15) have ids 128 … 255. */
const RM_MAX_BUILTIN = 21;
/** Since 19. */
const RM_XLOG2 = 22;
const RM_MIN_CUSTOM = 128;

export function isKnownRmgr(rmid: number, version: number): boolean {
  if (rmid <= RM_MAX_BUILTIN) return true;
  if (version >= 19 && rmid === RM_XLOG2) return true;
  return version >= 15 && rmid >= RM_MIN_CUSTOM;
}

/** An XLOG SWITCH record, after which the rest of its segment holds nothing. */
export const isSwitch = (record: WalRecord): boolean =>
  record.rmid === XLOG_RMGR && record.rmgrInfo === XLOG_SWITCH;

/**
 * The last checks of a complete record: its checksum and what lies between its header and its data
 * (`ValidXLogRecord`, `DecodeXLogRecord`). `words` are the record's bytes as words, `total` its `xl_tot_len`.
 */
export function recordFault(record: WalRecord, words: Int32Array, total: number): RecordFault | undefined {
  const { bytes, base } = record;
  let crc = updateCrc32cWords(CRC32C_INIT, bytes, words, base + RECORD_HEADER_SIZE, base + total);
  crc = ~updateCrc32cWords(crc, bytes, words, base, base + XL_CRC);
  if (crc !== words[(base + XL_CRC) >> 2]) return { kind: 'bad-checksum' };
  return readFragments(record);
}
