import { formatTimestampTz } from '../text/timezone.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { readU32Array } from './arrays.js';
import type { RmgrTable } from './kinds.js';
import { pageNumberSize, readPageNumber } from './slru-page.js';

/** A change of `pg_commit_ts` (`track_commit_timestamp`; src/include/access/commit_ts.h). */
export type CommitTsRecord = CommitTsZeroPage | CommitTsTruncate | CommitTsSet;

/** A new page, all zeroes. */
export interface CommitTsZeroPage {
  rmgr: 'CommitTs';
  type: 'zeropage';
  /** 32 bits up to 16. */
  pageno: bigint;
}

/** Pages before one go (`xl_commit_ts_truncate`). */
export interface CommitTsTruncate {
  rmgr: 'CommitTs';
  type: 'truncate';
  /** The first page that stays. 32 bits up to 16. */
  pageno: bigint;
  oldestXid: number;
}

/** A commit timestamp set by itself (`xl_commit_ts_set`). Up to 13. */
export interface CommitTsSet {
  rmgr: 'CommitTs';
  type: 'setts';
  timestamp: TimestampTz;
  /** Replication origin. */
  nodeid: number;
  mainxid: number;
  subxids: readonly number[];
}

/** `commit_ts_identify`, which looks at the low bits of `xl_info` as well; `commit_ts_desc` (committsdesc.c) */
export const COMMIT_TS: RmgrTable<CommitTsRecord> = {
  name: 'CommitTs',
  nameMask: 0xff,
  kinds: [
    {
      op: 0x00,
      name: 'ZEROPAGE',
      type: 'zeropage',
      fields: { pageno: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'CommitTs',
        type: 'zeropage',
        pageno: readPageNumber(main, 0, version),
      }),
      describe: ({ pageno }) => String(pageno),
    },
    {
      op: 0x10,
      name: 'TRUNCATE',
      type: 'truncate',
      fields: { pageno: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'CommitTs',
        type: 'truncate',
        pageno: readPageNumber(main, 0, version),
        oldestXid: main.u32(pageNumberSize(version)),
      }),
      describe: ({ pageno, oldestXid }) => `pageno ${pageno}, oldestXid ${oldestXid}`,
    },
    {
      op: 0x20,
      name: 'SETTS',
      type: 'setts',
      until: 13,
      fields: { timestamp: 'timestamp' },
      decode: ({ main }) => ({
        rmgr: 'CommitTs',
        type: 'setts',
        timestamp: main.i64(0),
        nodeid: main.u16(8),
        mainxid: main.u32(12),
        subxids: readU32Array(main, 16, (main.length - 16) >> 2),
      }),
      describe({ timestamp, nodeid, mainxid, subxids }, { zone }) {
        const time = formatTimestampTz(timestamp, zone);
        return `set ${time}/${nodeid} for: ${[mainxid, ...subxids].join(', ')}`;
      },
    },
  ],
};
