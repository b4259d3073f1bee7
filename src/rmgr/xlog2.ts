import type { RmgrTable } from './kinds.js';

/**
 * Data checksums are being turned on or off: what 19's betas added, and its release candidate put off again
 * (src/include/catalog/pg_control.h).
 */
export interface Xlog2Record {
  rmgr: 'XLOG2';
  type: 'checksums';
  /** `PG_DATA_CHECKSUM_…`, src/include/storage/checksum.h. */
  newChecksumState: number;
}

/** `xlog2_identify`, `xlog2_desc`, `get_checksum_state_string` */
export const XLOG2: RmgrTable<Xlog2Record> = {
  name: 'XLOG2',
  kinds: [
    {
      op: 0x00,
      name: 'CHECKSUMS',
      type: 'checksums',
      decode: ({ main }) => ({ rmgr: 'XLOG2', type: 'checksums', newChecksumState: main.u32(0) }),
      describe: ({ newChecksumState }) =>
        ['off', 'on', 'inprogress-off', 'inprogress-on'][newChecksumState] ?? '?',
    },
  ],
};
