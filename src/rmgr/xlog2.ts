import type { WalRecord } from '../wal/record.js';

/** src/include/catalog/pg_control.h */
const XLOG2_CHECKSUMS = 0x00;

/** Data checksums are being turned on or off: what 19's betas added, and its release candidate put off again. */
export interface Xlog2Record {
  rmgr: 'XLOG2';
  type: 'checksums';
  /** `PG_DATA_CHECKSUM_…`, src/include/storage/checksum.h. */
  newChecksumState: number;
}

/** `xlog2_identify` */
export function xlog2Identify(info: number): string | undefined {
  return (info & 0xf0) === XLOG2_CHECKSUMS ? 'CHECKSUMS' : undefined;
}

/** @throws OutOfBounds */
export function xlog2Decode(record: WalRecord): Xlog2Record | undefined {
  if (record.rmgrInfo !== XLOG2_CHECKSUMS) return undefined;
  return { rmgr: 'XLOG2', type: 'checksums', newChecksumState: record.main.u32(0) };
}

/** `xlog2_desc`, `get_checksum_state_string` */
export function xlog2Describe(data: Xlog2Record): string {
  return ['off', 'on', 'inprogress-off', 'inprogress-on'][data.newChecksumState] ?? '?';
}
