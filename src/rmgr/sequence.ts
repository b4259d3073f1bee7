import type { RelFileLocator } from '../wal/record.js';
import type { RmgrTable } from './kinds.js';
import { formatLocator, readRelFileLocator } from './locator.js';

/** A sequence's new state (`xl_seq_rec`, src/include/commands/sequence_xlog.h; sequence.h up to 18). */
export interface SequenceRecord {
  rmgr: 'Sequence';
  type: 'log';
  locator: RelFileLocator;
  /** The sequence's only tuple, header included, as it stands on its page afterwards. */
  tuple: Uint8Array;
}

/** `seq_identify`, `seq_desc` (src/backend/access/rmgrdesc/seqdesc.c) */
export const SEQUENCE: RmgrTable<SequenceRecord> = {
  name: 'Sequence',
  kinds: [
    {
      op: 0x00,
      name: 'LOG',
      type: 'log',
      decode: ({ main }) => ({
        rmgr: 'Sequence',
        type: 'log',
        locator: readRelFileLocator(main, 0),
        tuple: main.bytes(12),
      }),
      describe: ({ locator }) => `rel ${formatLocator(locator)}`,
    },
  ],
};
