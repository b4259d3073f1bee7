import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator } from '../wal/record.js';
import { flagLetter, formatFullXid } from './desc-text.js';
import type { RmgrTable } from './kinds.js';
import { formatLocator, readRelFileLocator } from './locator.js';

/** A change of a GiST index: `gistxlog…` of src/include/access/gistxlog.h. */
export type GistRecord =
  | GistPageUpdate
  | GistDelete
  | GistPageReuse
  | GistPageSplit
  | GistCreateIndex
  | GistPageDelete
  | GistAssignLsn;

/** Tuples of a page are deleted and inserted (`gistxlogPageUpdate`). */
export interface GistPageUpdate {
  rmgr: 'Gist';
  type: 'page-update';
  ntodelete: number;
  ntoinsert: number;
}

/** Dead tuples are deleted from a leaf page (`gistxlogDelete`). Since 12. */
export interface GistDelete {
  rmgr: 'Gist';
  type: 'delete';
  /** `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: number;
  ntodelete: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

/** A deleted page is used again: conflicts on standbys only (`gistxlogPageReuse`). Since 12. */
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

/** A page is split into several (`gistxlogPageSplit`). */
export interface GistPageSplit {
  rmgr: 'Gist';
  type: 'page-split';
  origrlink: number;
  /** Node sequence number: an LSN. */
  orignsn: Lsn;
  origleaf: boolean;
  npage: number;
  markfollowright: boolean;
}

/** A new index. Up to 11; it has no data. */
export interface GistCreateIndex {
  rmgr: 'Gist';
  type: 'create-index';
}

/** An empty page is deleted (`gistxlogPageDelete`). Since 12. */
export interface GistPageDelete {
  rmgr: 'Gist';
  type: 'page-delete';
  /** A full transaction id since 13. */
  deleteXid: bigint;
  downlinkOffset: number;
}

/** It is there for its own LSN (`XLOG_GIST_ASSIGN_LSN`), 13 … 18. */
export interface GistAssignLsn {
  rmgr: 'Gist';
  type: 'assign-lsn';
}

/** `gist_identify`, `gist_desc` (src/backend/access/rmgrdesc/gistdesc.c) */
export const GIST: RmgrTable<GistRecord> = {
  name: 'Gist',
  kinds: [
    {
      op: 0x00,
      name: 'PAGE_UPDATE',
      type: 'page-update',
      decode: ({ main }) => ({
        rmgr: 'Gist',
        type: 'page-update',
        ntodelete: main.u16(0),
        ntoinsert: main.u16(2),
      }),
    },
    {
      op: 0x10,
      name: 'DELETE',
      type: 'delete',
      since: 12,
      decode: ({ main, version }) => ({
        rmgr: 'Gist',
        type: 'delete',
        snapshotConflictHorizon: main.u32(0),
        ntodelete: main.u16(4),
        isCatalogRel: version >= 16 ? main.u8(6) !== 0 : undefined,
      }),
      describe({ snapshotConflictHorizon, ntodelete, isCatalogRel }, { version }) {
        const horizon = `${horizonName(version)} ${snapshotConflictHorizon}`;
        return `delete: ${horizon}, nitems: ${ntodelete}${catalogText(isCatalogRel, version)}`;
      },
    },
    {
      op: 0x20,
      name: 'PAGE_REUSE',
      type: 'page-reuse',
      since: 12,
      fields: { snapshotConflictHorizon: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'Gist',
        type: 'page-reuse',
        locator: readRelFileLocator(main, 0),
        block: main.u32(12),
        snapshotConflictHorizon: version >= 13 ? main.u64(16) : BigInt(main.u32(16)),
        isCatalogRel: version >= 16 ? main.u8(24) !== 0 : undefined,
      }),
      describe({ locator, block, snapshotConflictHorizon, isCatalogRel }, { version }) {
        const horizon = `${horizonName(version)} ${xidText(snapshotConflictHorizon, version)}`;
        return `rel ${formatLocator(locator)}; blk ${block}; ${horizon}${catalogText(isCatalogRel, version)}`;
      },
    },
    {
      op: 0x30,
      name: 'PAGE_SPLIT',
      type: 'page-split',
      fields: { orignsn: 'lsn' },
      decode: ({ main }) => ({
        rmgr: 'Gist',
        type: 'page-split',
        origrlink: main.u32(0),
        orignsn: main.u64(8),
        origleaf: main.u8(16) !== 0,
        npage: main.u16(18),
        markfollowright: main.u8(20) !== 0,
      }),
      describe: ({ npage }) => `page_split: splits to ${npage} pages`,
    },
    {
      op: 0x50,
      name: 'CREATE_INDEX',
      type: 'create-index',
      until: 11,
      decode: () => ({ rmgr: 'Gist', type: 'create-index' }),
    },
    {
      op: 0x60,
      name: 'PAGE_DELETE',
      type: 'page-delete',
      since: 12,
      fields: { deleteXid: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'Gist',
        type: 'page-delete',
        deleteXid: version >= 13 ? main.u64(0) : BigInt(main.u32(0)),
        downlinkOffset: main.u16(version >= 13 ? 8 : 4),
      }),
      describe: ({ deleteXid, downlinkOffset }, { version }) =>
        `deleteXid ${xidText(deleteXid, version)}; downlink ${downlinkOffset}`,
    },
    {
      op: 0x70,
      name: 'ASSIGN_LSN',
      type: 'assign-lsn',
      since: 13,
      until: 18,
      decode: () => ({ rmgr: 'Gist', type: 'assign-lsn' }),
    },
  ],
};

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
