import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { flagLetter, formatFullXid } from './desc-text.js';
import { formatLocator, readRelFileLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** A change of a GiST index: `gistxlog…` of src/include/access/gistxlog.h. */
export type GistRecord =
  | GistPageUpdate
  | GistDelete
  | GistPageReuse
  | GistPageSplit
  | GistCreateIndex
  | GistPageDelete
  | GistAssignLsn;

export interface GistPageUpdate {
  rmgr: 'Gist';
  type: 'page-update';
  ntodelete: number;
  ntoinsert: number;
}

/** Since 12. */
export interface GistDelete {
  rmgr: 'Gist';
  type: 'delete';
  /** `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: number;
  ntodelete: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

/** Since 12. */
export interface GistPageReuse {
  rmgr: 'Gist';
  type: 'page-reuse';
  /** `node` up to 15. */
  locator: RelFileLocator;
  block: number;
  /** A full transaction id since 13; `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: bigint;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

export interface GistPageSplit {
  rmgr: 'Gist';
  type: 'page-split';
  origrlink: number;
  /** Node sequence number: an LSN. */
  orignsn: bigint;
  origleaf: boolean;
  npage: number;
  markfollowright: boolean;
}

/** Up to 11; it has no data. */
export interface GistCreateIndex {
  rmgr: 'Gist';
  type: 'create-index';
}

/** Since 12. */
export interface GistPageDelete {
  rmgr: 'Gist';
  type: 'page-delete';
  /** A full transaction id since 13. */
  deleteXid: bigint;
  downlinkOffset: number;
}

/** 13 … 18: it is there for its own LSN. */
export interface GistAssignLsn {
  rmgr: 'Gist';
  type: 'assign-lsn';
}

const XLOG_GIST_PAGE_UPDATE = 0x00;
const XLOG_GIST_DELETE = 0x10;
const XLOG_GIST_PAGE_REUSE = 0x20;
const XLOG_GIST_PAGE_SPLIT = 0x30;
const XLOG_GIST_CREATE_INDEX = 0x50;
const XLOG_GIST_PAGE_DELETE = 0x60;
const XLOG_GIST_ASSIGN_LSN = 0x70;

/** `gist_identify` */
export function gistIdentify(info: number, version: number): string | undefined {
  switch (info & 0xf0) {
    case XLOG_GIST_PAGE_UPDATE:
      return 'PAGE_UPDATE';
    case XLOG_GIST_DELETE:
      return version >= 12 ? 'DELETE' : undefined;
    case XLOG_GIST_PAGE_REUSE:
      return version >= 12 ? 'PAGE_REUSE' : undefined;
    case XLOG_GIST_PAGE_SPLIT:
      return 'PAGE_SPLIT';
    case XLOG_GIST_CREATE_INDEX:
      return version < 12 ? 'CREATE_INDEX' : undefined;
    case XLOG_GIST_PAGE_DELETE:
      return version >= 12 ? 'PAGE_DELETE' : undefined;
    case XLOG_GIST_ASSIGN_LSN:
      return version >= 13 && version < 19 ? 'ASSIGN_LSN' : undefined;
  }
  return undefined;
}

/** @throws OutOfBounds */
export function gistDecode(record: WalRecord): GistRecord | undefined {
  const { main, version } = record;
  switch (gistIdentify(record.info, version)) {
    case 'PAGE_UPDATE':
      return { rmgr: 'Gist', type: 'page-update', ntodelete: main.u16(0), ntoinsert: main.u16(2) };
    case 'DELETE':
      return {
        rmgr: 'Gist',
        type: 'delete',
        snapshotConflictHorizon: main.u32(0),
        ntodelete: main.u16(4),
        isCatalogRel: version >= 16 ? main.u8(6) !== 0 : undefined,
      };
    case 'PAGE_REUSE':
      return {
        rmgr: 'Gist',
        type: 'page-reuse',
        locator: readRelFileLocator(main, 0),
        block: main.u32(12),
        snapshotConflictHorizon: version >= 13 ? main.u64(16) : BigInt(main.u32(16)),
        isCatalogRel: version >= 16 ? main.u8(24) !== 0 : undefined,
      };
    case 'PAGE_SPLIT':
      return {
        rmgr: 'Gist',
        type: 'page-split',
        origrlink: main.u32(0),
        orignsn: main.u64(8),
        origleaf: main.u8(16) !== 0,
        npage: main.u16(18),
        markfollowright: main.u8(20) !== 0,
      };
    case 'CREATE_INDEX':
      return { rmgr: 'Gist', type: 'create-index' };
    case 'PAGE_DELETE':
      return {
        rmgr: 'Gist',
        type: 'page-delete',
        deleteXid: version >= 13 ? main.u64(0) : BigInt(main.u32(0)),
        downlinkOffset: main.u16(version >= 13 ? 8 : 4),
      };
    case 'ASSIGN_LSN':
      return { rmgr: 'Gist', type: 'assign-lsn' };
  }
  return undefined;
}

/** `gist_desc` (src/backend/access/rmgrdesc/gistdesc.c) */
export function gistDescribe(data: GistRecord, { version }: DescribeContext): string {
  switch (data.type) {
    case 'delete': {
      const horizon = `${horizonName(version)} ${data.snapshotConflictHorizon}`;
      return `delete: ${horizon}, nitems: ${data.ntodelete}${catalogText(data.isCatalogRel, version)}`;
    }
    case 'page-reuse': {
      const rel = `rel ${formatLocator(data.locator)}; blk ${data.block}`;
      const horizon = `${horizonName(version)} ${xidText(data.snapshotConflictHorizon, version)}`;
      return `${rel}; ${horizon}${catalogText(data.isCatalogRel, version)}`;
    }
    case 'page-split':
      return `page_split: splits to ${data.npage} pages`;
    case 'page-delete':
      return `deleteXid ${xidText(data.deleteXid, version)}; downlink ${data.downlinkOffset}`;
    case 'page-update':
    case 'create-index':
    case 'assign-lsn':
      return '';
  }
}

function horizonName(version: number): string {
  return version >= 16 ? 'snapshotConflictHorizon' : 'latestRemovedXid';
}

function xidText(xid: bigint, version: number): string {
  return version >= 13 ? formatFullXid(xid) : String(xid);
}

/** 16 has the flag, but prints it since 17 only. */
function catalogText(isCatalogRel: boolean | undefined, version: number): string {
  return version >= 17 ? `, isCatalogRel ${flagLetter(isCatalogRel === true)}` : '';
}
