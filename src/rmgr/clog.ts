import type { RmgrTable } from './kinds.js';
import { pageNumberSize, readPageNumber } from './slru-page.js';

/** A change of the commit log's pages, `pg_xact` (src/include/access/clog.h). */
export type ClogRecord = ClogZeroPage | ClogTruncate;

/** A new page, all zeroes. */
export interface ClogZeroPage {
  rmgr: 'CLOG';
  type: 'zeropage';
  /** 32 bits up to 16. */
  pageno: bigint;
}

/** Pages before one go (`xl_clog_truncate`). */
export interface ClogTruncate {
  rmgr: 'CLOG';
  type: 'truncate';
  /** The first page that stays. 32 bits up to 16. */
  pageno: bigint;
  oldestXact: number;
  /** The database that holds {@link oldestXact} back. */
  oldestXactDb: number;
}

/** `clog_identify`, `clog_desc` (src/backend/access/rmgrdesc/clogdesc.c) */
export const CLOG: RmgrTable<ClogRecord> = {
  name: 'CLOG',
  kinds: [
    {
      op: 0x00,
      name: 'ZEROPAGE',
      type: 'zeropage',
      fields: { pageno: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'CLOG',
        type: 'zeropage',
        pageno: readPageNumber(main, 0, version),
      }),
      describe: ({ pageno }) => `page ${pageno}`,
    },
    {
      op: 0x10,
      name: 'TRUNCATE',
      type: 'truncate',
      fields: { pageno: 'number' },
      decode({ main, version }) {
        const at = pageNumberSize(version);
        return {
          rmgr: 'CLOG',
          type: 'truncate',
          pageno: readPageNumber(main, 0, version),
          oldestXact: main.u32(at),
          oldestXactDb: main.u32(at + 4),
        };
      },
      describe: ({ pageno, oldestXact }) => `page ${pageno}; oldestXact ${oldestXact}`,
    },
  ],
};
