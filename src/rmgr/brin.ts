import type { WalRecord } from '../wal/record.js';

/** A change of a BRIN index: `xl_brin_…` of src/include/access/brin_xlog.h, the same in 10 … 19. */
export type BrinRecord =
  | BrinCreateIndex
  | BrinInsert
  | BrinUpdate
  | BrinSamepageUpdate
  | BrinRevmapExtend
  | BrinDesummarize;

export interface BrinCreateIndex {
  rmgr: 'BRIN';
  type: 'create-index';
  pagesPerRange: number;
  version: number;
}

export interface BrinInsert {
  rmgr: 'BRIN';
  type: 'insert';
  initPage: boolean;
  heapBlk: number;
  pagesPerRange: number;
  offnum: number;
}

/** The summary moved to another page. */
export interface BrinUpdate {
  rmgr: 'BRIN';
  type: 'update';
  initPage: boolean;
  oldOffnum: number;
  heapBlk: number;
  pagesPerRange: number;
  offnum: number;
}

export interface BrinSamepageUpdate {
  rmgr: 'BRIN';
  type: 'samepage-update';
  offnum: number;
}

export interface BrinRevmapExtend {
  rmgr: 'BRIN';
  type: 'revmap-extend';
  targetBlk: number;
}

export interface BrinDesummarize {
  rmgr: 'BRIN';
  type: 'desummarize';
  pagesPerRange: number;
  heapBlk: number;
  regOffset: number;
}

const XLOG_BRIN_CREATE_INDEX = 0x00;
const XLOG_BRIN_INSERT = 0x10;
const XLOG_BRIN_UPDATE = 0x20;
const XLOG_BRIN_SAMEPAGE_UPDATE = 0x30;
const XLOG_BRIN_REVMAP_EXTEND = 0x40;
const XLOG_BRIN_DESUMMARIZE = 0x50;

const XLOG_BRIN_OPMASK = 0x70;
const XLOG_BRIN_INIT_PAGE = 0x80;

const NAMES: readonly (string | undefined)[] = [
  ...['CREATE_INDEX', 'INSERT', 'UPDATE', 'SAMEPAGE_UPDATE', 'REVMAP_EXTEND', 'DESUMMARIZE'],
  ...[undefined, undefined, undefined, 'INSERT+INIT', 'UPDATE+INIT'],
];

/** `brin_identify` */
export function brinIdentify(info: number): string | undefined {
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function brinDecode(record: WalRecord): BrinRecord | undefined {
  const { main, info } = record;
  const initPage = (info & XLOG_BRIN_INIT_PAGE) !== 0;
  switch (info & XLOG_BRIN_OPMASK) {
    case XLOG_BRIN_CREATE_INDEX:
      return { rmgr: 'BRIN', type: 'create-index', pagesPerRange: main.u32(0), version: main.u16(4) };
    case XLOG_BRIN_INSERT:
      return {
        rmgr: 'BRIN',
        type: 'insert',
        initPage,
        heapBlk: main.u32(0),
        pagesPerRange: main.u32(4),
        offnum: main.u16(8),
      };
    case XLOG_BRIN_UPDATE:
      return {
        rmgr: 'BRIN',
        type: 'update',
        initPage,
        oldOffnum: main.u16(0),
        heapBlk: main.u32(4),
        pagesPerRange: main.u32(8),
        offnum: main.u16(12),
      };
    case XLOG_BRIN_SAMEPAGE_UPDATE:
      return { rmgr: 'BRIN', type: 'samepage-update', offnum: main.u16(0) };
    case XLOG_BRIN_REVMAP_EXTEND:
      return { rmgr: 'BRIN', type: 'revmap-extend', targetBlk: main.u32(0) };
    case XLOG_BRIN_DESUMMARIZE:
      return {
        rmgr: 'BRIN',
        type: 'desummarize',
        pagesPerRange: main.u32(0),
        heapBlk: main.u32(4),
        regOffset: main.u16(8),
      };
  }
  return undefined;
}

/** `brin_desc` (src/backend/access/rmgrdesc/brindesc.c) */
export function brinDescribe(data: BrinRecord): string {
  switch (data.type) {
    case 'create-index':
      return `v${data.version} pagesPerRange ${data.pagesPerRange}`;
    case 'insert':
      return `heapBlk ${data.heapBlk} pagesPerRange ${data.pagesPerRange} offnum ${data.offnum}`;
    case 'update': {
      const range = `heapBlk ${data.heapBlk} pagesPerRange ${data.pagesPerRange}`;
      return `${range} old offnum ${data.oldOffnum}, new offnum ${data.offnum}`;
    }
    case 'samepage-update':
      return `offnum ${data.offnum}`;
    case 'revmap-extend':
      return `targetBlk ${data.targetBlk}`;
    case 'desummarize':
      return `pagesPerRange ${data.pagesPerRange}, heapBlk ${data.heapBlk}, page offset ${data.regOffset}`;
  }
}
