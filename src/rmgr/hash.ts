import { formatG } from '../text/printf.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { flagLetter } from './desc-text.js';
import type { RmgrTable } from './kinds.js';
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

/** A new index: its metapage (`xl_hash_init_meta_page`). */
export interface HashInitMetaPage {
  rmgr: 'Hash';
  type: 'init-meta-page';
  numTuples: number;
  /** The hash function. */
  procid: number;
  /** How many items a bucket is to hold. */
  ffactor: number;
}

/** A new index: its first bitmap page (`xl_hash_init_bitmap_page`). */
export interface HashInitBitmapPage {
  rmgr: 'Hash';
  type: 'init-bitmap-page';
  /** Bytes of the bitmap on a page. */
  bmsize: number;
}

/** An item is put on a page (`xl_hash_insert`). */
export interface HashInsert {
  rmgr: 'Hash';
  type: 'insert';
  offnum: number;
}

/** A bucket gets an overflow page (`xl_hash_add_ovfl_page`). */
export interface HashAddOvflPage {
  rmgr: 'Hash';
  type: 'add-ovfl-page';
  /** Bytes of the bitmap on a page. */
  bmsize: number;
  bmpageFound: boolean;
}

/** A bucket begins to be split: the new one gets its page (`xl_hash_split_allocate_page`). */
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

/** A bucket is split (`xl_hash_split_complete`). */
export interface HashSplitComplete {
  rmgr: 'Hash';
  type: 'split-complete';
  oldBucketFlag: number;
  newBucketFlag: number;
}

/** Items of an overflow page move to another page of the bucket (`xl_hash_move_page_contents`). */
export interface HashMovePageContents {
  rmgr: 'Hash';
  type: 'move-page-contents';
  ntups: number;
  isPrimBucketSameWrt: boolean;
}

/** An overflow page is emptied and given back (`xl_hash_squeeze_page`). */
export interface HashSqueezePage {
  rmgr: 'Hash';
  type: 'squeeze-page';
  prevblkno: number;
  nextblkno: number;
  ntups: number;
  isPrimBucketSameWrt: boolean;
  isPrevBucketSameWrt: boolean;
}

/** Items of a page are deleted; block 0 tells which (`xl_hash_delete`). */
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

/** The number of items changes in the metapage (`xl_hash_update_meta_page`). */
export interface HashUpdateMetaPage {
  rmgr: 'Hash';
  type: 'update-meta-page';
  ntuples: number;
}

/** Dead items make room for one that is inserted (`xl_hash_vacuum_one_page`). */
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

/** `hash_identify`, `hash_desc` (src/backend/access/rmgrdesc/hashdesc.c). 19 prints more of the fields. */
export const HASH: RmgrTable<HashRecord> = {
  name: 'Hash',
  kinds: [
    {
      op: 0x00,
      name: 'INIT_META_PAGE',
      type: 'init-meta-page',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'init-meta-page',
        numTuples: main.f64(0),
        procid: main.u32(8),
        ffactor: main.u16(12),
      }),
      describe(data, { version }) {
        const procid = version >= 19 ? `procid ${data.procid}, ` : '';
        return `num_tuples ${formatG(data.numTuples)}, ${procid}fillfactor ${data.ffactor}`;
      },
    },
    {
      op: 0x10,
      name: 'INIT_BITMAP_PAGE',
      type: 'init-bitmap-page',
      decode: ({ main }) => ({ rmgr: 'Hash', type: 'init-bitmap-page', bmsize: main.u16(0) }),
      describe: ({ bmsize }) => `bmsize ${bmsize}`,
    },
    {
      op: 0x20,
      name: 'INSERT',
      type: 'insert',
      decode: ({ main }) => ({ rmgr: 'Hash', type: 'insert', offnum: main.u16(0) }),
      describe: ({ offnum }) => `off ${offnum}`,
    },
    {
      op: 0x30,
      name: 'ADD_OVFL_PAGE',
      type: 'add-ovfl-page',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'add-ovfl-page',
        bmsize: main.u16(0),
        bmpageFound: main.u8(2) !== 0,
      }),
      describe: ({ bmsize, bmpageFound }) => `bmsize ${bmsize}, bmpage_found ${flagLetter(bmpageFound)}`,
    },
    {
      op: 0x40,
      name: 'SPLIT_ALLOCATE_PAGE',
      type: 'split-allocate-page',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'split-allocate-page',
        newBucket: main.u32(0),
        oldBucketFlag: main.u16(4),
        newBucketFlag: main.u16(6),
        flags: main.u8(8),
      }),
      describe: splitAllocateText,
    },
    {
      op: 0x50,
      name: 'SPLIT_PAGE',
      type: 'split-page',
      decode: () => ({ rmgr: 'Hash', type: 'split-page' }),
    },
    {
      op: 0x60,
      name: 'SPLIT_COMPLETE',
      type: 'split-complete',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'split-complete',
        oldBucketFlag: main.u16(0),
        newBucketFlag: main.u16(2),
      }),
      describe: ({ oldBucketFlag, newBucketFlag }) =>
        `old_bucket_flag ${oldBucketFlag}, new_bucket_flag ${newBucketFlag}`,
    },
    {
      op: 0x70,
      name: 'MOVE_PAGE_CONTENTS',
      type: 'move-page-contents',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'move-page-contents',
        ntups: main.u16(0),
        isPrimBucketSameWrt: main.u8(2) !== 0,
      }),
      describe: ({ ntups, isPrimBucketSameWrt }) =>
        `ntups ${ntups}, is_primary ${flagLetter(isPrimBucketSameWrt)}`,
    },
    {
      op: 0x80,
      name: 'SQUEEZE_PAGE',
      type: 'squeeze-page',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'squeeze-page',
        prevblkno: main.u32(0),
        nextblkno: main.u32(4),
        ntups: main.u16(8),
        isPrimBucketSameWrt: main.u8(10) !== 0,
        isPrevBucketSameWrt: main.u8(11) !== 0,
      }),
      describe: squeezeText,
    },
    {
      op: 0x90,
      name: 'DELETE',
      type: 'delete',
      decode: ({ main }) => ({
        rmgr: 'Hash',
        type: 'delete',
        clearDeadMarking: main.u8(0) !== 0,
        isPrimaryBucketPage: main.u8(1) !== 0,
      }),
      describe: ({ clearDeadMarking, isPrimaryBucketPage }) =>
        `clear_dead_marking ${flagLetter(clearDeadMarking)}, is_primary ${flagLetter(isPrimaryBucketPage)}`,
    },
    {
      op: 0xa0,
      name: 'SPLIT_CLEANUP',
      type: 'split-cleanup',
      decode: () => ({ rmgr: 'Hash', type: 'split-cleanup' }),
    },
    {
      op: 0xb0,
      name: 'UPDATE_META_PAGE',
      type: 'update-meta-page',
      decode: ({ main }) => ({ rmgr: 'Hash', type: 'update-meta-page', ntuples: main.f64(0) }),
      describe: ({ ntuples }) => `ntuples ${formatG(ntuples)}`,
    },
    {
      op: 0xc0,
      name: 'VACUUM_ONE_PAGE',
      type: 'vacuum-one-page',
      decode: vacuumOnePage,
      describe: vacuumText,
    },
  ],
};

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

const XLH_SPLIT_META_UPDATE_MASKS = 0x01;
const XLH_SPLIT_META_UPDATE_SPLITPOINT = 0x02;

function splitAllocateText(data: HashSplitAllocatePage, { version }: DescribeContext): string {
  const buckets =
    version >= 19 ? `, old_bucket_flag ${data.oldBucketFlag}, new_bucket_flag ${data.newBucketFlag}` : '';
  const masks = flagLetter((data.flags & XLH_SPLIT_META_UPDATE_MASKS) !== 0);
  const splitpoint = flagLetter((data.flags & XLH_SPLIT_META_UPDATE_SPLITPOINT) !== 0);
  const meta = `meta_page_masks_updated ${masks}, issplitpoint_changed ${splitpoint}`;
  return `new_bucket ${data.newBucket}${buckets}, ${meta}`;
}

function squeezeText(data: HashSqueezePage, { version }: DescribeContext): string {
  const pages = `prevblkno ${data.prevblkno}, nextblkno ${data.nextblkno}, ntups ${data.ntups}`;
  const previous = version >= 19 ? `, is_previous ${flagLetter(data.isPrevBucketSameWrt)}` : '';
  return `${pages}, is_primary ${flagLetter(data.isPrimBucketSameWrt)}${previous}`;
}

function vacuumText(data: HashVacuumOnePage, { version }: DescribeContext): string {
  const { ntuples, snapshotConflictHorizon: horizon } = data;
  if (version < 12) return `ntuples ${ntuples}`;
  if (version < 14) return `ntuples ${ntuples}, latest removed xid ${horizon}`;
  if (version < 16) return `ntuples ${ntuples}, latestRemovedXid ${horizon}`;
  const catalog = version >= 17 ? `, isCatalogRel ${flagLetter(data.isCatalogRel === true)}` : '';
  return `ntuples ${ntuples}, snapshotConflictHorizon ${horizon}${catalog}`;
}
