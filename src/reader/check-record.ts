import { CRC32C_INIT, updateCrc32cWords } from '../wal/crc32c.js';
import { RECORD_HEADER_SIZE, readFragments, type WalRecord, XL_CRC } from '../wal/record.js';
import { RM_LOGICALMSG_ID, RM_MIN_CUSTOM_ID, RM_XLOG_ID, RM_XLOG2_ID } from '../wal/rmgr-id.js';
import type { RecordFault } from './fault.js';

/** src/include/catalog/pg_control.h */
const XLOG_CHECKPOINT_SHUTDOWN = 0x00;
export const XLOG_SWITCH = 0x40;

/** XLOG2 is there since 19, those of extensions since 15. */
export function isKnownRmgr(rmid: number, version: number): boolean {
  if (rmid <= RM_LOGICALMSG_ID) return true;
  if (version >= 19 && rmid === RM_XLOG2_ID) return true;
  return version >= 15 && rmid >= RM_MIN_CUSTOM_ID;
}

/** An XLOG SWITCH record, after which the rest of its segment holds nothing. */
export const isSwitch = (record: WalRecord): boolean =>
  record.rmid === RM_XLOG_ID && record.rmgrInfo === XLOG_SWITCH;

/** A CHECKPOINT_SHUTDOWN record. */
export const isShutdownCheckpoint = (record: WalRecord): boolean =>
  record.rmid === RM_XLOG_ID && record.rmgrInfo === XLOG_CHECKPOINT_SHUTDOWN;

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
