import { formatTimestampTz } from '../text/timezone.js';
import type { WalRecord } from '../wal/record.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { readU32Array } from './arrays.js';
import type { DescribeContext } from './rmgr.js';
import { pageNumberSize, readPageNumber } from './slru-page.js';

/** src/include/access/commit_ts.h */
const COMMIT_TS_ZEROPAGE = 0x00;
const COMMIT_TS_TRUNCATE = 0x10;
/** Up to 13. */
const COMMIT_TS_SETTS = 0x20;

/** A change of `pg_commit_ts` (`track_commit_timestamp`). */
export type CommitTsRecord = CommitTsZeroPage | CommitTsTruncate | CommitTsSet;

export interface CommitTsZeroPage {
  rmgr: 'CommitTs';
  type: 'zeropage';
  pageno: bigint;
}

/** `xl_commit_ts_truncate` */
export interface CommitTsTruncate {
  rmgr: 'CommitTs';
  type: 'truncate';
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

/** `commit_ts_identify`, which looks at the low bits of `xl_info` as well. */
export function commitTsIdentify(info: number, version: number): string | undefined {
  switch (info) {
    case COMMIT_TS_ZEROPAGE:
      return 'ZEROPAGE';
    case COMMIT_TS_TRUNCATE:
      return 'TRUNCATE';
    case COMMIT_TS_SETTS:
      return version <= 13 ? 'SETTS' : undefined;
  }
}

/** @throws OutOfBounds */
export function commitTsDecode({ main, version, rmgrInfo }: WalRecord): CommitTsRecord | undefined {
  switch (rmgrInfo) {
    case COMMIT_TS_ZEROPAGE:
      return { rmgr: 'CommitTs', type: 'zeropage', pageno: readPageNumber(main, 0, version) };
    case COMMIT_TS_TRUNCATE:
      return {
        rmgr: 'CommitTs',
        type: 'truncate',
        pageno: readPageNumber(main, 0, version),
        oldestXid: main.u32(pageNumberSize(version)),
      };
    case COMMIT_TS_SETTS:
      if (version > 13) return undefined;
      return {
        rmgr: 'CommitTs',
        type: 'setts',
        timestamp: main.i64(0),
        nodeid: main.u16(8),
        mainxid: main.u32(12),
        subxids: readU32Array(main, 16, (main.length - 16) >> 2),
      };
  }
}

/** `commit_ts_desc` */
export function commitTsDescribe(data: CommitTsRecord, { zone }: DescribeContext): string {
  switch (data.type) {
    case 'zeropage':
      return String(data.pageno);
    case 'truncate':
      return `pageno ${data.pageno}, oldestXid ${data.oldestXid}`;
    case 'setts': {
      const time = formatTimestampTz(data.timestamp, zone);
      return `set ${time}/${data.nodeid} for: ${[data.mainxid, ...data.subxids].join(', ')}`;
    }
  }
}
