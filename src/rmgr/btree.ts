import { formatF } from '../text/printf.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { arrayText, readU16Array } from './arrays.js';
import { flagLetter, formatFullXid } from './desc-text.js';
import { firstBlockData, neededFirstBlockData } from './first-block.js';
import { offText } from './heap.js';
import { writeOffnum } from './heap-bytes.js';
import type { RmgrTable } from './kinds.js';
import { formatLocator, readRelFileLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

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

/** An item is put on a page (`xl_btree_insert`). */
export interface BtreeInsert {
  rmgr: 'Btree';
  type: 'insert';
  /** INSERT_UPPER and INSERT_META go to pages above the leaves; INSERT_POST (since 13) splits a posting list. */
  variant: 'leaf' | 'upper' | 'meta' | 'post';
  offnum: number;
}

/** A page is split (`xl_btree_split`). */
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

/** Equal items of a page are put together in posting lists (`xl_btree_dedup`). Since 13. */
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

/** VACUUM of a leaf page (`xl_btree_vacuum`). Since 13. */
export interface BtreeVacuum {
  rmgr: 'Btree';
  type: 'vacuum';
  ndeleted: number;
  nupdated: number;
  /** Since 16, unless an image of the page stands for it. */
  items: BtreeDeletions | undefined;
}

/** VACUUM of a leaf page up to 12 (`xl_btree_vacuum`); block 0 tells which items go. */
export interface BtreeVacuumRange {
  rmgr: 'Btree';
  type: 'vacuum-range';
  /** The last page before it that VACUUM has been to. */
  lastBlockVacuumed: number;
}

/** Items are deleted from a leaf page, other than by VACUUM (`xl_btree_delete`). */
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

/** The first step of deleting a page (`xl_btree_mark_page_halfdead`). */
export interface BtreeMarkPageHalfDead {
  rmgr: 'Btree';
  type: 'mark-page-halfdead';
  poffset: number;
  leafblk: number;
  leftblk: number;
  rightblk: number;
  topparent: number;
}

/** The second step of deleting a page (`xl_btree_unlink_page`). */
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

/** A new root (`xl_btree_newroot`). */
export interface BtreeNewRoot {
  rmgr: 'Btree';
  type: 'newroot';
  rootblk: number;
  level: number;
}

/** A deleted page is used again: conflicts on standbys only (`xl_btree_reuse_page`). */
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

/** `btree_identify`, `btree_desc` (nbtdesc.c). 16 changed the layout of descriptions to `key: value, …`. */
export const BTREE: RmgrTable<BtreeRecord> = {
  name: 'Btree',
  kinds: [
    { op: 0x00, name: 'INSERT_LEAF', ...insertion('leaf') },
    { op: 0x10, name: 'INSERT_UPPER', ...insertion('upper') },
    { op: 0x20, name: 'INSERT_META', ...insertion('meta') },
    { op: 0x30, name: 'SPLIT_L', ...splitting('left', undefined) },
    { op: 0x40, name: 'SPLIT_R', ...splitting('right', undefined) },
    { op: 0x50, name: 'SPLIT_L_ROOT', until: 10, ...splitting('left', 'root') },
    { op: 0x50, name: 'SPLIT_L_HIGHKEY', since: 11, until: 11, ...splitting('left', 'highkey') },
    { op: 0x50, name: 'INSERT_POST', since: 13, ...insertion('post') },
    { op: 0x60, name: 'SPLIT_R_ROOT', until: 10, ...splitting('right', 'root') },
    { op: 0x60, name: 'SPLIT_R_HIGHKEY', since: 11, until: 11, ...splitting('right', 'highkey') },
    {
      op: 0x60,
      name: 'DEDUP',
      type: 'dedup',
      since: 13,
      decode: ({ main }) => ({ rmgr: 'Btree', type: 'dedup', nintervals: main.u16(0) }),
      describe: ({ nintervals }, { version }) =>
        version >= 16 ? `nintervals: ${nintervals}` : `nintervals ${nintervals}`,
    },
    { op: 0x70, name: 'DELETE', type: 'delete', decode: deletion, describe: deleteText },
    {
      op: 0x80,
      name: 'UNLINK_PAGE',
      type: 'unlink-page',
      fields: { safexid: 'number' },
      decode: (record) => unlinkPage(record, false),
      describe: unlinkPageText,
    },
    {
      op: 0x90,
      name: 'UNLINK_PAGE_META',
      type: 'unlink-page',
      fields: { safexid: 'number' },
      decode: (record) => unlinkPage(record, true),
      describe: unlinkPageText,
    },
    {
      op: 0xa0,
      name: 'NEWROOT',
      type: 'newroot',
      decode: ({ main }) => ({ rmgr: 'Btree', type: 'newroot', rootblk: main.u32(0), level: main.u32(4) }),
      describe: ({ level }, { version }) => (version >= 16 ? `level: ${level}` : `lev ${level}`),
    },
    {
      op: 0xb0,
      name: 'MARK_PAGE_HALFDEAD',
      type: 'mark-page-halfdead',
      decode: ({ main }) => ({
        rmgr: 'Btree',
        type: 'mark-page-halfdead',
        poffset: main.u16(0),
        leafblk: main.u32(4),
        leftblk: main.u32(8),
        rightblk: main.u32(12),
        topparent: main.u32(16),
      }),
      describe: halfDeadText,
    },
    {
      op: 0xc0,
      name: 'VACUUM',
      type: 'vacuum-range',
      until: 12,
      decode: ({ main }) => ({ rmgr: 'Btree', type: 'vacuum-range', lastBlockVacuumed: main.u32(0) }),
      describe: ({ lastBlockVacuumed }) => `lastBlockVacuumed ${lastBlockVacuumed}`,
    },
    {
      op: 0xc0,
      name: 'VACUUM',
      type: 'vacuum',
      since: 13,
      decode(record) {
        const ndeleted = record.main.u16(0);
        const nupdated = record.main.u16(2);
        const items = deletions(record, ndeleted, nupdated);
        return { rmgr: 'Btree', type: 'vacuum', ndeleted, nupdated, items };
      },
      describe: vacuumText,
    },
    {
      op: 0xd0,
      name: 'REUSE_PAGE',
      type: 'reuse-page',
      fields: { snapshotConflictHorizon: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'Btree',
        type: 'reuse-page',
        locator: readRelFileLocator(main, 0),
        block: main.u32(12),
        snapshotConflictHorizon: version >= 14 ? main.u64(16) : BigInt(main.u32(16)),
        isCatalogRel: version >= 16 ? main.u8(24) !== 0 : undefined,
      }),
      describe: reusePageText,
    },
    {
      op: 0xe0,
      name: 'META_CLEANUP',
      type: 'meta-cleanup',
      since: 11,
      decode: metaCleanup,
      describe: metaCleanupText,
    },
  ],
};

/** What the kinds of INSERT have in common. They come with nearly every row that is inserted. */
function insertion(variant: BtreeInsert['variant']) {
  return {
    type: 'insert' as const,
    decode: ({ main }: WalRecord): BtreeInsert => ({
      rmgr: 'Btree',
      type: 'insert',
      variant,
      offnum: main.u16(0),
    }),
    describe: insertText,
    write: writeOffnum,
  };
}

/** What the kinds of SPLIT have in common. */
function splitting(newItemOn: BtreeSplit['newItemOn'], variant: BtreeSplit['variant']) {
  return {
    type: 'split' as const,
    decode: (record: WalRecord) => split(record, newItemOn, variant),
    describe: splitText,
  };
}

function split(
  { main, version }: WalRecord,
  newItemOn: BtreeSplit['newItemOn'],
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

function unlinkPage({ main, version }: WalRecord, updatesMeta: boolean): BtreeUnlinkPage {
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

function insertText({ offnum }: BtreeInsert, { version }: DescribeContext): string {
  return offText(offnum, version);
}

function vacuumText({ ndeleted, nupdated, items }: BtreeVacuum, { version }: DescribeContext): string {
  if (version < 16) return `ndeleted ${ndeleted}; nupdated ${nupdated}`;
  return `ndeleted: ${ndeleted}, nupdated: ${nupdated}${deletionsText(items)}`;
}

function halfDeadText(data: BtreeMarkPageHalfDead, { version }: DescribeContext): string {
  const { topparent, leafblk, leftblk, rightblk } = data;
  if (version < 16) return `topparent ${topparent}; leaf ${leafblk}; left ${leftblk}; right ${rightblk}`;
  return `topparent: ${topparent}, leaf: ${leafblk}, left: ${leftblk}, right: ${rightblk}`;
}

function splitText(data: BtreeSplit, { version }: DescribeContext): string {
  const { level, firstrightoff, newitemoff, postingoff } = data;
  if (version < 13) return `level ${level}, firstright ${firstrightoff}`;
  return version < 16
    ? `level ${level}, firstrightoff ${firstrightoff}, newitemoff ${newitemoff}, postingoff ${postingoff}`
    : `level: ${level}, firstrightoff: ${firstrightoff}, newitemoff: ${newitemoff}, postingoff: ${postingoff}`;
}

function deleteText(data: BtreeDelete, { version }: DescribeContext): string {
  const { snapshotConflictHorizon: horizon, ndeleted, nupdated } = data;
  if (version < 12) return `${ndeleted} items`;
  if (version === 12) return `${ndeleted} items, latest removed xid ${horizon}`;
  if (version === 13) return `latestRemovedXid ${horizon}; ndeleted ${ndeleted}`;
  if (version < 16) return `latestRemovedXid ${horizon}; ndeleted ${ndeleted}; nupdated ${nupdated}`;
  const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
  const counts = `ndeleted: ${ndeleted}, nupdated: ${nupdated}${catalog}`;
  return `snapshotConflictHorizon: ${horizon}, ${counts}${deletionsText(data.items)}`;
}

/** `delvacuum_desc` */
function deletionsText(items: BtreeDeletions | undefined): string {
  if (items === undefined) return '';
  const updated = items.updated.map(
    ({ offset, deletedTids }) =>
      `{ off: ${offset}, nptids: ${deletedTids.length}, ptids:${arrayText(deletedTids)} }`,
  );
  return `, deleted:${arrayText(items.deleted)}, updated:${arrayText(updated)}`;
}

function unlinkPageText(data: BtreeUnlinkPage, { version }: DescribeContext): string {
  const { leftsib, rightsib, level, safexid, leafleftsib, leafrightsib, leaftopparent } = data;
  if (version < 14) {
    const page = `left ${leftsib}; right ${rightsib}; btpo_xact ${safexid}`;
    return `${page}; leafleft ${leafleftsib}; leafright ${leafrightsib}; topparent ${leaftopparent}`;
  }
  const xid = formatFullXid(safexid);
  if (version < 16) {
    const page = `left ${leftsib}; right ${rightsib}; level ${level}; safexid ${xid}`;
    return `${page}; leafleft ${leafleftsib}; leafright ${leafrightsib}; leaftopparent ${leaftopparent}`;
  }
  const page = `left: ${leftsib}, right: ${rightsib}, level: ${level}, safexid: ${xid}`;
  return `${page}, leafleft: ${leafleftsib}, leafright: ${leafrightsib}, leaftopparent: ${leaftopparent}`;
}

function reusePageText(data: BtreeReusePage, { version }: DescribeContext): string {
  const rel = formatLocator(data.locator);
  const horizon = data.snapshotConflictHorizon;
  if (version < 14) return `rel ${rel}; latestRemovedXid ${horizon}`;
  if (version < 16) return `rel ${rel}; latestRemovedXid ${formatFullXid(horizon)}`;
  const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
  return `rel: ${rel}, snapshotConflictHorizon: ${formatFullXid(horizon)}${catalog}`;
}

function metaCleanupText(data: BtreeMetaCleanup, { version }: DescribeContext): string {
  if (version >= 14) {
    return `last_cleanup_num_delpages${version >= 16 ? ':' : ''} ${data.lastCleanupNumDelpages}`;
  }
  const tuples = formatF(data.lastCleanupNumHeapTuples ?? 0);
  return `oldest_btpo_xact ${data.oldestBtpoXact}; last_cleanup_num_heap_tuples: ${tuples}`;
}
