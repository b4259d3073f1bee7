import type { RmgrTable } from './kinds.js';

/** A change of a BRIN index: `xl_brin_…` of src/include/access/brin_xlog.h, the same in 10 … 19. */
export type BrinRecord =
  | BrinCreateIndex
  | BrinInsert
  | BrinUpdate
  | BrinSamepageUpdate
  | BrinRevmapExtend
  | BrinDesummarize;

/** A new index: its metapage (`xl_brin_createidx`, src/include/access/brin_xlog.h). */
export interface BrinCreateIndex {
  rmgr: 'BRIN';
  type: 'create-index';
  /** Blocks of the table that one summary stands for. */
  pagesPerRange: number;
  /** Of the index's format. */
  version: number;
}

/** A summary of a range of the table is put on a page (`xl_brin_insert`). */
export interface BrinInsert {
  rmgr: 'BRIN';
  type: 'insert';
  initPage: boolean;
  heapBlk: number;
  pagesPerRange: number;
  offnum: number;
}

/** The summary moved to another page (`xl_brin_update`). */
export interface BrinUpdate {
  rmgr: 'BRIN';
  type: 'update';
  initPage: boolean;
  oldOffnum: number;
  heapBlk: number;
  pagesPerRange: number;
  offnum: number;
}

/** The summary changes in its place (`xl_brin_samepage_update`). */
export interface BrinSamepageUpdate {
  rmgr: 'BRIN';
  type: 'samepage-update';
  offnum: number;
}

/** The range map gets another page (`xl_brin_revmap_extend`). */
export interface BrinRevmapExtend {
  rmgr: 'BRIN';
  type: 'revmap-extend';
  targetBlk: number;
}

/** A range loses its summary (`xl_brin_desummarize`). */
export interface BrinDesummarize {
  rmgr: 'BRIN';
  type: 'desummarize';
  pagesPerRange: number;
  heapBlk: number;
  regOffset: number;
}

/** `brin_identify`, `brin_desc` (src/backend/access/rmgrdesc/brindesc.c) */
export const BRIN: RmgrTable<BrinRecord> = {
  name: 'BRIN',
  opMask: 0x70,
  kinds: [
    {
      op: 0x00,
      name: 'CREATE_INDEX',
      type: 'create-index',
      decode: ({ main }) => ({
        rmgr: 'BRIN',
        type: 'create-index',
        pagesPerRange: main.u32(0),
        version: main.u16(4),
      }),
      describe: ({ version, pagesPerRange }) => `v${version} pagesPerRange ${pagesPerRange}`,
    },
    {
      op: 0x10,
      name: 'INSERT',
      type: 'insert',
      init: true,
      decode: ({ main, info }) => ({
        rmgr: 'BRIN',
        type: 'insert',
        initPage: (info & XLOG_BRIN_INIT_PAGE) !== 0,
        heapBlk: main.u32(0),
        pagesPerRange: main.u32(4),
        offnum: main.u16(8),
      }),
      describe: ({ heapBlk, pagesPerRange, offnum }) =>
        `heapBlk ${heapBlk} pagesPerRange ${pagesPerRange} offnum ${offnum}`,
    },
    {
      op: 0x20,
      name: 'UPDATE',
      type: 'update',
      init: true,
      decode: ({ main, info }) => ({
        rmgr: 'BRIN',
        type: 'update',
        initPage: (info & XLOG_BRIN_INIT_PAGE) !== 0,
        oldOffnum: main.u16(0),
        heapBlk: main.u32(4),
        pagesPerRange: main.u32(8),
        offnum: main.u16(12),
      }),
      describe: ({ heapBlk, pagesPerRange, oldOffnum, offnum }) =>
        `heapBlk ${heapBlk} pagesPerRange ${pagesPerRange} old offnum ${oldOffnum}, new offnum ${offnum}`,
    },
    {
      op: 0x30,
      name: 'SAMEPAGE_UPDATE',
      type: 'samepage-update',
      decode: ({ main }) => ({ rmgr: 'BRIN', type: 'samepage-update', offnum: main.u16(0) }),
      describe: ({ offnum }) => `offnum ${offnum}`,
    },
    {
      op: 0x40,
      name: 'REVMAP_EXTEND',
      type: 'revmap-extend',
      decode: ({ main }) => ({ rmgr: 'BRIN', type: 'revmap-extend', targetBlk: main.u32(0) }),
      describe: ({ targetBlk }) => `targetBlk ${targetBlk}`,
    },
    {
      op: 0x50,
      name: 'DESUMMARIZE',
      type: 'desummarize',
      decode: ({ main }) => ({
        rmgr: 'BRIN',
        type: 'desummarize',
        pagesPerRange: main.u32(0),
        heapBlk: main.u32(4),
        regOffset: main.u16(8),
      }),
      describe: ({ pagesPerRange, heapBlk, regOffset }) =>
        `pagesPerRange ${pagesPerRange}, heapBlk ${heapBlk}, page offset ${regOffset}`,
    },
  ],
};

const XLOG_BRIN_INIT_PAGE = 0x80;
