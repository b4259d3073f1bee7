import type { ByteView } from '../wal/byte-view.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { readU16Array } from './arrays.js';
import { firstBlockData, neededFirstBlockData } from './first-block.js';
import { readRelFileLocator } from './locator.js';

/** A change of a B-tree index: `xl_btree_…` of src/include/access/nbtxlog.h. */
export type BtreeRecord =
  | BtreeInsert
  | BtreeSplit
  | BtreeDedup
  | BtreeVacuum
  | BtreeVacuumRange
  | BtreeDelete
  | BtreeMarkPageHalfDead
  | BtreeUnlinkPage
  | BtreeNewRoot
  | BtreeReusePage
  | BtreeMetaCleanup;

export interface BtreeInsert {
  rmgr: 'Btree';
  type: 'insert';
  /** INSERT_UPPER and INSERT_META go to pages above the leaves; INSERT_POST (since 13) splits a posting list. */
  variant: 'leaf' | 'upper' | 'meta' | 'post';
  offnum: number;
}

export interface BtreeSplit {
  rmgr: 'Btree';
  type: 'split';
  /** The half that the new item went to. */
  newItemOn: 'left' | 'right';
  /** SPLIT_L_ROOT and SPLIT_R_ROOT in 10, SPLIT_L_HIGHKEY and SPLIT_R_HIGHKEY in 11; then no more. */
  variant: 'root' | 'highkey' | undefined;
  level: number;
  /** `firstright` up to 12. */
  firstrightoff: number;
  newitemoff: number;
  /** Since 13. */
  postingoff: number | undefined;
}

/** Since 13. */
export interface BtreeDedup {
  rmgr: 'Btree';
  type: 'dedup';
  nintervals: number;
}

/** A posting list from which some tuple ids go (`xl_btree_update`). */
export interface BtreeUpdate {
  offset: number;
  /** Places in the posting list, from 0. */
  deletedTids: number[];
}

/** What VACUUM and DELETE records do to the page, by line pointer. */
export interface BtreeDeletions {
  deleted: number[];
  updated: BtreeUpdate[];
}

/** Since 13. */
export interface BtreeVacuum {
  rmgr: 'Btree';
  type: 'vacuum';
  ndeleted: number;
  nupdated: number;
  /** Since 16, unless an image of the page stands for it. */
  items: BtreeDeletions | undefined;
}

/** VACUUM up to 12. */
export interface BtreeVacuumRange {
  rmgr: 'Btree';
  type: 'vacuum-range';
  lastBlockVacuumed: number;
}

export interface BtreeDelete {
  rmgr: 'Btree';
  type: 'delete';
  /** The table's files; 10 and 11. */
  hnode: RelFileLocator | undefined;
  /** Since 12; `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: number | undefined;
  /** `nitems` up to 12. */
  ndeleted: number;
  /** Since 14. */
  nupdated: number | undefined;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
  /** Since 16, unless an image of the page stands for it. */
  items: BtreeDeletions | undefined;
}

export interface BtreeMarkPageHalfDead {
  rmgr: 'Btree';
  type: 'mark-page-halfdead';
  poffset: number;
  leafblk: number;
  leftblk: number;
  rightblk: number;
  topparent: number;
}

export interface BtreeUnlinkPage {
  rmgr: 'Btree';
  type: 'unlink-page';
  /** UNLINK_PAGE_META. */
  updatesMeta: boolean;
  leftsib: number;
  rightsib: number;
  /** Since 14. */
  level: number | undefined;
  /** A full transaction id since 14; `btpo_xact`, without an epoch, up to 13. */
  safexid: bigint;
  leafleftsib: number;
  leafrightsib: number;
  /** `topparent` up to 13. */
  leaftopparent: number;
}

export interface BtreeNewRoot {
  rmgr: 'Btree';
  type: 'newroot';
  rootblk: number;
  level: number;
}

export interface BtreeReusePage {
  rmgr: 'Btree';
  type: 'reuse-page';
  /** `node` up to 15. */
  locator: RelFileLocator;
  block: number;
  /** A full transaction id since 14; `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: bigint;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

/** Since 11: what VACUUM notes in the metapage (`xl_btree_metadata`). */
export interface BtreeMetaCleanup {
  rmgr: 'Btree';
  type: 'meta-cleanup';
  /** Since 12. */
  version: number | undefined;
  root: number;
  level: number;
  fastroot: number;
  fastlevel: number;
  /** Up to 13. */
  oldestBtpoXact: number | undefined;
  lastCleanupNumHeapTuples: number | undefined;
  /** Since 14. */
  lastCleanupNumDelpages: number | undefined;
}

const XLOG_BTREE_INSERT_LEAF = 0x00;
const XLOG_BTREE_INSERT_UPPER = 0x10;
const XLOG_BTREE_INSERT_META = 0x20;
const XLOG_BTREE_SPLIT_L = 0x30;
const XLOG_BTREE_SPLIT_R = 0x40;
/** Up to 11 a split: SPLIT_L_ROOT, SPLIT_L_HIGHKEY. */
const XLOG_BTREE_INSERT_POST = 0x50;
/** Up to 11 a split: SPLIT_R_ROOT, SPLIT_R_HIGHKEY. */
const XLOG_BTREE_DEDUP = 0x60;
const XLOG_BTREE_DELETE = 0x70;
const XLOG_BTREE_UNLINK_PAGE = 0x80;
const XLOG_BTREE_UNLINK_PAGE_META = 0x90;
const XLOG_BTREE_NEWROOT = 0xa0;
const XLOG_BTREE_MARK_PAGE_HALFDEAD = 0xb0;
const XLOG_BTREE_VACUUM = 0xc0;
const XLOG_BTREE_REUSE_PAGE = 0xd0;
const XLOG_BTREE_META_CLEANUP = 0xe0;

const NAMES: readonly (string | undefined)[] = [
  ...['INSERT_LEAF', 'INSERT_UPPER', 'INSERT_META', 'SPLIT_L', 'SPLIT_R', 'INSERT_POST', 'DEDUP', 'DELETE'],
  ...['UNLINK_PAGE', 'UNLINK_PAGE_META', 'NEWROOT', 'MARK_PAGE_HALFDEAD', 'VACUUM', 'REUSE_PAGE'],
  'META_CLEANUP',
];

/** `btree_identify` */
export function btreeIdentify(info: number, version: number): string | undefined {
  const operation = info & 0xf0;
  if (operation === XLOG_BTREE_INSERT_POST || operation === XLOG_BTREE_DEDUP) {
    if (version === 12) return undefined;
    const side = operation === XLOG_BTREE_INSERT_POST ? 'L' : 'R';
    if (version < 12) return `SPLIT_${side}_${version === 10 ? 'ROOT' : 'HIGHKEY'}`;
  }
  if (operation === XLOG_BTREE_META_CLEANUP && version < 11) return undefined;
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function btreeDecode(record: WalRecord): BtreeRecord | undefined {
  const { main, version } = record;
  switch (record.rmgrInfo) {
    case XLOG_BTREE_INSERT_LEAF:
      return { rmgr: 'Btree', type: 'insert', variant: 'leaf', offnum: main.u16(0) };
    case XLOG_BTREE_INSERT_UPPER:
      return { rmgr: 'Btree', type: 'insert', variant: 'upper', offnum: main.u16(0) };
    case XLOG_BTREE_INSERT_META:
      return { rmgr: 'Btree', type: 'insert', variant: 'meta', offnum: main.u16(0) };
    case XLOG_BTREE_SPLIT_L:
      return split(main, version, 'left', undefined);
    case XLOG_BTREE_SPLIT_R:
      return split(main, version, 'right', undefined);
    case XLOG_BTREE_INSERT_POST:
      if (version < 12) return split(main, version, 'left', version === 10 ? 'root' : 'highkey');
      if (version === 12) return undefined;
      return { rmgr: 'Btree', type: 'insert', variant: 'post', offnum: main.u16(0) };
    case XLOG_BTREE_DEDUP:
      if (version < 12) return split(main, version, 'right', version === 10 ? 'root' : 'highkey');
      if (version === 12) return undefined;
      return { rmgr: 'Btree', type: 'dedup', nintervals: main.u16(0) };
    case XLOG_BTREE_DELETE:
      return deletion(record);
    case XLOG_BTREE_UNLINK_PAGE:
      return unlinkPage(main, version, false);
    case XLOG_BTREE_UNLINK_PAGE_META:
      return unlinkPage(main, version, true);
    case XLOG_BTREE_NEWROOT:
      return { rmgr: 'Btree', type: 'newroot', rootblk: main.u32(0), level: main.u32(4) };
    case XLOG_BTREE_MARK_PAGE_HALFDEAD:
      return {
        rmgr: 'Btree',
        type: 'mark-page-halfdead',
        poffset: main.u16(0),
        leafblk: main.u32(4),
        leftblk: main.u32(8),
        rightblk: main.u32(12),
        topparent: main.u32(16),
      };
    case XLOG_BTREE_VACUUM: {
      if (version < 13) return { rmgr: 'Btree', type: 'vacuum-range', lastBlockVacuumed: main.u32(0) };
      const ndeleted = main.u16(0);
      const nupdated = main.u16(2);
      return {
        rmgr: 'Btree',
        type: 'vacuum',
        ndeleted,
        nupdated,
        items: deletions(record, ndeleted, nupdated),
      };
    }
    case XLOG_BTREE_REUSE_PAGE:
      return {
        rmgr: 'Btree',
        type: 'reuse-page',
        locator: readRelFileLocator(main, 0),
        block: main.u32(12),
        snapshotConflictHorizon: version >= 14 ? main.u64(16) : BigInt(main.u32(16)),
        isCatalogRel: version >= 16 ? main.u8(24) !== 0 : undefined,
      };
    case XLOG_BTREE_META_CLEANUP:
      return version < 11 ? undefined : metaCleanup(record);
  }
  return undefined;
}

function split(
  main: ByteView,
  version: number,
  newItemOn: 'left' | 'right',
  variant: BtreeSplit['variant'],
): BtreeSplit {
  return {
    rmgr: 'Btree',
    type: 'split',
    newItemOn,
    variant,
    level: main.u32(0),
    firstrightoff: main.u16(4),
    newitemoff: main.u16(6),
    postingoff: version >= 13 ? main.u16(8) : undefined,
  };
}

function deletion(record: WalRecord): BtreeDelete {
  const { main, version } = record;
  if (version < 14) {
    const hnode = version < 12 ? readRelFileLocator(main, 0) : undefined;
    return {
      rmgr: 'Btree',
      type: 'delete',
      hnode,
      snapshotConflictHorizon: hnode ? undefined : main.u32(0),
      // a signed number until 13
      ndeleted: hnode ? main.i32(12) : version < 13 ? main.i32(4) : main.u32(4),
      nupdated: undefined,
      isCatalogRel: undefined,
      items: undefined,
    };
  }
  const ndeleted = main.u16(4);
  const nupdated = main.u16(6);
  return {
    rmgr: 'Btree',
    type: 'delete',
    hnode: undefined,
    snapshotConflictHorizon: main.u32(0),
    ndeleted,
    nupdated,
    isCatalogRel: version >= 16 ? main.u8(8) !== 0 : undefined,
    items: deletions(record, ndeleted, nupdated),
  };
}

/** Block 0's data: line pointers deleted, line pointers updated, then what goes of each of the latter. */
function deletions(record: WalRecord, ndeleted: number, nupdated: number): BtreeDeletions | undefined {
  const data = record.version >= 16 ? firstBlockData(record) : undefined;
  if (data === undefined) return undefined;
  const deleted = readU16Array(data, 0, ndeleted);
  const updated: BtreeUpdate[] = [];
  const offsetsAt = ndeleted * 2;
  let at = offsetsAt + nupdated * 2;
  for (let i = 0; i < nupdated; i++) {
    const deletedTids = readU16Array(data, at + 2, data.u16(at));
    updated.push({ offset: data.u16(offsetsAt + i * 2), deletedTids });
    at += 2 + deletedTids.length * 2;
  }
  return { deleted, updated };
}

function unlinkPage(main: ByteView, version: number, updatesMeta: boolean): BtreeUnlinkPage {
  const since14 = version >= 14;
  const leafAt = since14 ? 24 : 8;
  return {
    rmgr: 'Btree',
    type: 'unlink-page',
    updatesMeta,
    leftsib: main.u32(0),
    rightsib: main.u32(4),
    level: since14 ? main.u32(8) : undefined,
    safexid: since14 ? main.u64(16) : BigInt(main.u32(20)),
    leafleftsib: main.u32(leafAt),
    leafrightsib: main.u32(leafAt + 4),
    leaftopparent: main.u32(leafAt + 8),
  };
}

function metaCleanup(record: WalRecord): BtreeMetaCleanup {
  const data = neededFirstBlockData(record);
  const hasVersion = record.version >= 12;
  const at = hasVersion ? 4 : 0;
  const until13 = record.version < 14;
  return {
    rmgr: 'Btree',
    type: 'meta-cleanup',
    version: hasVersion ? data.u32(0) : undefined,
    root: data.u32(at),
    level: data.u32(at + 4),
    fastroot: data.u32(at + 8),
    fastlevel: data.u32(at + 12),
    oldestBtpoXact: until13 ? data.u32(at + 16) : undefined,
    lastCleanupNumHeapTuples: until13 ? data.f64(24) : undefined,
    lastCleanupNumDelpages: until13 ? undefined : data.u32(at + 16),
  };
}
