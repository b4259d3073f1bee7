import type { WalRecord } from '../wal/record.js';
import { pageNumberSize, readPageNumber } from './slru-page.js';

/** src/include/access/clog.h */
const CLOG_ZEROPAGE = 0x00;
const CLOG_TRUNCATE = 0x10;

/** A change of the commit log's pages, `pg_xact`. */
export type ClogRecord = ClogZeroPage | ClogTruncate;

export interface ClogZeroPage {
  rmgr: 'CLOG';
  type: 'zeropage';
  pageno: bigint;
}

/** `xl_clog_truncate` */
export interface ClogTruncate {
  rmgr: 'CLOG';
  type: 'truncate';
  pageno: bigint;
  oldestXact: number;
  oldestXactDb: number;
}

/** `clog_identify` */
export function clogIdentify(info: number): string | undefined {
  switch (info & 0xf0) {
    case CLOG_ZEROPAGE:
      return 'ZEROPAGE';
    case CLOG_TRUNCATE:
      return 'TRUNCATE';
  }
}

/** @throws OutOfBounds */
export function clogDecode({ main, version, rmgrInfo }: WalRecord): ClogRecord | undefined {
  switch (rmgrInfo) {
    case CLOG_ZEROPAGE:
      return { rmgr: 'CLOG', type: 'zeropage', pageno: readPageNumber(main, 0, version) };
    case CLOG_TRUNCATE: {
      const at = pageNumberSize(version);
      return {
        rmgr: 'CLOG',
        type: 'truncate',
        pageno: readPageNumber(main, 0, version),
        oldestXact: main.u32(at),
        oldestXactDb: main.u32(at + 4),
      };
    }
  }
}

/** `clog_desc` */
export function clogDescribe(data: ClogRecord): string {
  switch (data.type) {
    case 'zeropage':
      return `page ${data.pageno}`;
    case 'truncate':
      return `page ${data.pageno}; oldestXact ${data.oldestXact}`;
  }
}
