import { formatG } from '../text/printf.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { flagLetter } from './desc-text.js';
import { readRelFileLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** A change of a hash index: `xl_hash_…` of src/include/access/hash_xlog.h. */
export type HashRecord =
  | HashInitMetaPage
  | HashInitBitmapPage
  | HashInsert
  | HashAddOvflPage
  | HashSplitAllocatePage
  | HashSplitPage
  | HashSplitComplete
  | HashMovePageContents
  | HashSqueezePage
  | HashDelete
  | HashSplitCleanup
  | HashUpdateMetaPage
  | HashVacuumOnePage;

export interface HashInitMetaPage {
  rmgr: 'Hash';
  type: 'init-meta-page';
  numTuples: number;
  procid: number;
  ffactor: number;
}

export interface HashInitBitmapPage {
  rmgr: 'Hash';
  type: 'init-bitmap-page';
  bmsize: number;
}

export interface HashInsert {
  rmgr: 'Hash';
  type: 'insert';
  offnum: number;
}

export interface HashAddOvflPage {
  rmgr: 'Hash';
  type: 'add-ovfl-page';
  bmsize: number;
  bmpageFound: boolean;
}

export interface HashSplitAllocatePage {
  rmgr: 'Hash';
  type: 'split-allocate-page';
  newBucket: number;
  oldBucketFlag: number;
  newBucketFlag: number;
  /** `XLH_SPLIT_META_…` */
  flags: number;
}

/** An image of the new bucket's page; there is no more to it. */
export interface HashSplitPage {
  rmgr: 'Hash';
  type: 'split-page';
}

export interface HashSplitComplete {
  rmgr: 'Hash';
  type: 'split-complete';
  oldBucketFlag: number;
  newBucketFlag: number;
}

export interface HashMovePageContents {
  rmgr: 'Hash';
  type: 'move-page-contents';
  ntups: number;
  isPrimBucketSameWrt: boolean;
}

export interface HashSqueezePage {
  rmgr: 'Hash';
  type: 'squeeze-page';
  prevblkno: number;
  nextblkno: number;
  ntups: number;
  isPrimBucketSameWrt: boolean;
  isPrevBucketSameWrt: boolean;
}

export interface HashDelete {
  rmgr: 'Hash';
  type: 'delete';
  clearDeadMarking: boolean;
  isPrimaryBucketPage: boolean;
}

/** The old bucket is free of the tuples that moved; there is no more to it. */
export interface HashSplitCleanup {
  rmgr: 'Hash';
  type: 'split-cleanup';
}

export interface HashUpdateMetaPage {
  rmgr: 'Hash';
  type: 'update-meta-page';
  ntuples: number;
}

export interface HashVacuumOnePage {
  rmgr: 'Hash';
  type: 'vacuum-one-page';
  /** The table's files; 10 and 11. */
  hnode: RelFileLocator | undefined;
  /** Since 12; `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: number | undefined;
  ntuples: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

const XLOG_HASH_INIT_META_PAGE = 0x00;
const XLOG_HASH_INIT_BITMAP_PAGE = 0x10;
const XLOG_HASH_INSERT = 0x20;
const XLOG_HASH_ADD_OVFL_PAGE = 0x30;
const XLOG_HASH_SPLIT_ALLOCATE_PAGE = 0x40;
const XLOG_HASH_SPLIT_PAGE = 0x50;
const XLOG_HASH_SPLIT_COMPLETE = 0x60;
const XLOG_HASH_MOVE_PAGE_CONTENTS = 0x70;
const XLOG_HASH_SQUEEZE_PAGE = 0x80;
const XLOG_HASH_DELETE = 0x90;
const XLOG_HASH_SPLIT_CLEANUP = 0xa0;
const XLOG_HASH_UPDATE_META_PAGE = 0xb0;
const XLOG_HASH_VACUUM_ONE_PAGE = 0xc0;

const NAMES: readonly string[] = [
  ...['INIT_META_PAGE', 'INIT_BITMAP_PAGE', 'INSERT', 'ADD_OVFL_PAGE', 'SPLIT_ALLOCATE_PAGE', 'SPLIT_PAGE'],
  ...['SPLIT_COMPLETE', 'MOVE_PAGE_CONTENTS', 'SQUEEZE_PAGE', 'DELETE', 'SPLIT_CLEANUP', 'UPDATE_META_PAGE'],
  'VACUUM_ONE_PAGE',
];

/** `hash_identify` */
export function hashIdentify(info: number): string | undefined {
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function hashDecode(record: WalRecord): HashRecord | undefined {
  const { main } = record;
  switch (record.rmgrInfo) {
    case XLOG_HASH_INIT_META_PAGE:
      return {
        rmgr: 'Hash',
        type: 'init-meta-page',
        numTuples: main.f64(0),
        procid: main.u32(8),
        ffactor: main.u16(12),
      };
    case XLOG_HASH_INIT_BITMAP_PAGE:
      return { rmgr: 'Hash', type: 'init-bitmap-page', bmsize: main.u16(0) };
    case XLOG_HASH_INSERT:
      return { rmgr: 'Hash', type: 'insert', offnum: main.u16(0) };
    case XLOG_HASH_ADD_OVFL_PAGE:
      return { rmgr: 'Hash', type: 'add-ovfl-page', bmsize: main.u16(0), bmpageFound: main.u8(2) !== 0 };
    case XLOG_HASH_SPLIT_ALLOCATE_PAGE:
      return {
        rmgr: 'Hash',
        type: 'split-allocate-page',
        newBucket: main.u32(0),
        oldBucketFlag: main.u16(4),
        newBucketFlag: main.u16(6),
        flags: main.u8(8),
      };
    case XLOG_HASH_SPLIT_PAGE:
      return { rmgr: 'Hash', type: 'split-page' };
    case XLOG_HASH_SPLIT_COMPLETE:
      return {
        rmgr: 'Hash',
        type: 'split-complete',
        oldBucketFlag: main.u16(0),
        newBucketFlag: main.u16(2),
      };
    case XLOG_HASH_MOVE_PAGE_CONTENTS:
      return {
        rmgr: 'Hash',
        type: 'move-page-contents',
        ntups: main.u16(0),
        isPrimBucketSameWrt: main.u8(2) !== 0,
      };
    case XLOG_HASH_SQUEEZE_PAGE:
      return {
        rmgr: 'Hash',
        type: 'squeeze-page',
        prevblkno: main.u32(0),
        nextblkno: main.u32(4),
        ntups: main.u16(8),
        isPrimBucketSameWrt: main.u8(10) !== 0,
        isPrevBucketSameWrt: main.u8(11) !== 0,
      };
    case XLOG_HASH_DELETE:
      return {
        rmgr: 'Hash',
        type: 'delete',
        clearDeadMarking: main.u8(0) !== 0,
        isPrimaryBucketPage: main.u8(1) !== 0,
      };
    case XLOG_HASH_SPLIT_CLEANUP:
      return { rmgr: 'Hash', type: 'split-cleanup' };
    case XLOG_HASH_UPDATE_META_PAGE:
      return { rmgr: 'Hash', type: 'update-meta-page', ntuples: main.f64(0) };
    case XLOG_HASH_VACUUM_ONE_PAGE:
      return vacuumOnePage(record);
  }
  return undefined;
}

function vacuumOnePage({ main, version }: WalRecord): HashVacuumOnePage {
  const hnode = version < 12 ? readRelFileLocator(main, 0) : undefined;
  return {
    rmgr: 'Hash',
    type: 'vacuum-one-page',
    hnode,
    snapshotConflictHorizon: hnode ? undefined : main.u32(0),
    ntuples: hnode ? main.i32(12) : version < 16 ? main.i32(4) : main.u16(4),
    isCatalogRel: version >= 16 ? main.u8(6) !== 0 : undefined,
  };
}

/** `hash_desc` (src/backend/access/rmgrdesc/hashdesc.c). 19 prints more of the fields. */
export function hashDescribe(data: HashRecord, { version }: DescribeContext): string {
  switch (data.type) {
    case 'init-meta-page': {
      const procid = version >= 19 ? `procid ${data.procid}, ` : '';
      return `num_tuples ${formatG(data.numTuples)}, ${procid}fillfactor ${data.ffactor}`;
    }
    case 'init-bitmap-page':
      return `bmsize ${data.bmsize}`;
    case 'insert':
      return `off ${data.offnum}`;
    case 'add-ovfl-page':
      return `bmsize ${data.bmsize}, bmpage_found ${flagLetter(data.bmpageFound)}`;
    case 'split-allocate-page':
      return splitAllocateText(data, version);
    case 'split-complete':
      return `old_bucket_flag ${data.oldBucketFlag}, new_bucket_flag ${data.newBucketFlag}`;
    case 'move-page-contents':
      return `ntups ${data.ntups}, is_primary ${flagLetter(data.isPrimBucketSameWrt)}`;
    case 'squeeze-page':
      return squeezeText(data, version);
    case 'delete': {
      const primary = `is_primary ${flagLetter(data.isPrimaryBucketPage)}`;
      return `clear_dead_marking ${flagLetter(data.clearDeadMarking)}, ${primary}`;
    }
    case 'update-meta-page':
      return `ntuples ${formatG(data.ntuples)}`;
    case 'vacuum-one-page':
      return vacuumText(data, version);
    case 'split-page':
    case 'split-cleanup':
      return '';
  }
}

const XLH_SPLIT_META_UPDATE_MASKS = 0x01;
const XLH_SPLIT_META_UPDATE_SPLITPOINT = 0x02;

function splitAllocateText(data: HashSplitAllocatePage, version: number): string {
  const buckets =
    version >= 19 ? `, old_bucket_flag ${data.oldBucketFlag}, new_bucket_flag ${data.newBucketFlag}` : '';
  const masks = flagLetter((data.flags & XLH_SPLIT_META_UPDATE_MASKS) !== 0);
  const splitpoint = flagLetter((data.flags & XLH_SPLIT_META_UPDATE_SPLITPOINT) !== 0);
  const meta = `meta_page_masks_updated ${masks}, issplitpoint_changed ${splitpoint}`;
  return `new_bucket ${data.newBucket}${buckets}, ${meta}`;
}

function squeezeText(data: HashSqueezePage, version: number): string {
  const pages = `prevblkno ${data.prevblkno}, nextblkno ${data.nextblkno}, ntups ${data.ntups}`;
  const previous = version >= 19 ? `, is_previous ${flagLetter(data.isPrevBucketSameWrt)}` : '';
  return `${pages}, is_primary ${flagLetter(data.isPrimBucketSameWrt)}${previous}`;
}

function vacuumText(data: HashVacuumOnePage, version: number): string {
  const { ntuples, snapshotConflictHorizon: horizon } = data;
  if (version < 12) return `ntuples ${ntuples}`;
  if (version < 14) return `ntuples ${ntuples}, latest removed xid ${horizon}`;
  if (version < 16) return `ntuples ${ntuples}, latestRemovedXid ${horizon}`;
  const catalog = version >= 17 ? `, isCatalogRel ${flagLetter(data.isCatalogRel === true)}` : '';
  return `ntuples ${ntuples}, snapshotConflictHorizon ${horizon}${catalog}`;
}
