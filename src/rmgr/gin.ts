import type { ByteView } from '../wal/byte-view.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { flagLetter } from './desc-text.js';
import { neededFirstBlockData } from './first-block.js';
import type { RmgrTable } from './kinds.js';
import type { TupleId } from './locator.js';
import { readBlockId, readRelFileLocator, readTupleId } from './locator.js';

/** A change of a GIN index: `ginxlog…` of src/include/access/ginxlog.h. */
export type GinRecord =
  | GinCreateIndex
  | GinCreatePtree
  | GinInsert
  | GinSplit
  | GinVacuumPage
  | GinVacuumDataLeafPage
  | GinDeletePage
  | GinUpdateMetaPage
  | GinInsertListPage
  | GinDeleteListPage;

/** A new index. Up to 11; it has no data. */
export interface GinCreateIndex {
  rmgr: 'Gin';
  type: 'create-index';
}

/** A posting list becomes a posting tree: its root page (`ginxlogCreatePostingTree`). */
export interface GinCreatePtree {
  rmgr: 'Gin';
  type: 'create-ptree';
  /** Bytes of the posting lists on it. */
  size: number;
}

/** The page's image, which says all: one that replay restores, or one for `wal_consistency_checking` only. */
export interface GinImageChange {
  type: 'image';
  apply: boolean;
}

/** What happens to a page of an entry tree. */
export interface GinEntryChange {
  type: 'entry';
  offset: number;
  isDelete: boolean;
}

/** What happens to an inner page of a posting tree: a pointer to a page is put in. */
export interface GinInternalChange {
  type: 'internal';
  offset: number;
  childBlkno: number;
  key: TupleId;
}

/** What happens to a leaf page of a posting tree: segments of posting lists are recompressed. */
export interface GinLeafChange {
  type: 'leaf';
  nactions: number;
  /** Fewer than `nactions` where one is unknown: that is the last. */
  segments: GinSegmentAction[];
}

/** What happens to a segment of a leaf page, by its number (`ginxlogRecompressDataLeaf` and what follows it). */
export type GinSegmentAction =
  | { type: 'add-items'; segno: number; nitems: number }
  | { type: 'delete' | 'insert' | 'replace'; segno: number }
  | { type: 'unknown'; segno: number; action: number };

/** An item is put into an entry tree or a posting tree (`ginxlogInsert`). */
export interface GinInsert {
  rmgr: 'Gin';
  type: 'insert';
  isData: boolean;
  isLeaf: boolean;
  /** The halves of the child page whose split this completes; on inner pages. */
  children: { left: number; right: number } | undefined;
  change: GinImageChange | GinEntryChange | GinInternalChange | GinLeafChange;
}

/** A page is split; images of all pages come with it (`ginxlogSplit`). */
export interface GinSplit {
  rmgr: 'Gin';
  type: 'split';
  /** `node` up to 15. */
  locator: RelFileLocator;
  rrlink: number;
  leftChildBlkno: number;
  rightChildBlkno: number;
  isRootSplit: boolean;
  isData: boolean;
  isLeaf: boolean;
}

/** An image of the page; there is no more to it. */
export interface GinVacuumPage {
  rmgr: 'Gin';
  type: 'vacuum-page';
}

/** VACUUM of a leaf page of a posting tree (`ginxlogVacuumDataLeafPage`). */
export interface GinVacuumDataLeafPage {
  rmgr: 'Gin';
  type: 'vacuum-data-leaf-page';
  change: GinImageChange | GinLeafChange;
}

/** VACUUM deletes a page of a posting tree (`ginxlogDeletePage`). */
export interface GinDeletePage {
  rmgr: 'Gin';
  type: 'delete-page';
  parentOffset: number;
  rightLink: number;
  /** Since 12, and later releases of 11 and 10. */
  deleteXid: number | undefined;
}

/** The pending list gets tuples, and its metapage says so (`ginxlogUpdateMeta`). */
export interface GinUpdateMetaPage {
  rmgr: 'Gin';
  type: 'update-meta-page';
  /** `node` up to 15. */
  locator: RelFileLocator;
  prevTail: number;
  newRightlink: number;
  ntuples: number;
}

/** A page of the pending list is filled (`ginxlogInsertListPage`). */
export interface GinInsertListPage {
  rmgr: 'Gin';
  type: 'insert-listpage';
  rightlink: number;
  ntuples: number;
}

/** Pages of the pending list are deleted, its first ones (`ginxlogDeleteListPages`). */
export interface GinDeleteListPage {
  rmgr: 'Gin';
  type: 'delete-listpage';
  ndeleted: number;
}

/** `gin_identify`, `gin_desc` (gindesc.c). 19 prints more of the fields and is silent about images. */
export const GIN: RmgrTable<GinRecord> = {
  name: 'Gin',
  kinds: [
    {
      op: 0x00,
      name: 'CREATE_INDEX',
      type: 'create-index',
      until: 11,
      decode: () => ({ rmgr: 'Gin', type: 'create-index' }),
    },
    {
      op: 0x10,
      name: 'CREATE_PTREE',
      type: 'create-ptree',
      decode: ({ main }) => ({ rmgr: 'Gin', type: 'create-ptree', size: main.u32(0) }),
    },
    {
      op: 0x20,
      name: 'INSERT',
      type: 'insert',
      decode: insert,
      describe(data, { version }) {
        const children = data.children ? ` children: ${data.children.left}/${data.children.right}` : '';
        return `${pageText(data)}${children}${changeText(data.change, version)}`;
      },
    },
    {
      op: 0x30,
      name: 'SPLIT',
      type: 'split',
      decode: split,
      describe(data, { version }) {
        const { leftChildBlkno: left, rightChildBlkno: right } = data;
        const children = version >= 19 && left !== INVALID_BLOCK_NUMBER ? ` children: ${left}/${right}` : '';
        return `isrootsplit: ${flagLetter(data.isRootSplit)} ${pageText(data)}${children}`;
      },
    },
    {
      op: 0x40,
      name: 'VACUUM_PAGE',
      type: 'vacuum-page',
      decode: () => ({ rmgr: 'Gin', type: 'vacuum-page' }),
    },
    {
      op: 0x50,
      name: 'DELETE_PAGE',
      type: 'delete-page',
      decode: ({ main }) => ({
        rmgr: 'Gin',
        type: 'delete-page',
        parentOffset: main.u16(0),
        rightLink: main.u32(4),
        deleteXid: main.length >= 12 ? main.u32(8) : undefined,
      }),
    },
    {
      op: 0x60,
      name: 'UPDATE_META_PAGE',
      type: 'update-meta-page',
      decode({ main }) {
        // the metapage's data begins at a multiple of 8
        const at = 16 + META_PAGE_DATA_SIZE;
        return {
          rmgr: 'Gin',
          type: 'update-meta-page',
          locator: readRelFileLocator(main, 0),
          prevTail: main.u32(at),
          newRightlink: main.u32(at + 4),
          ntuples: main.i32(at + 8),
        };
      },
      describe({ ntuples, prevTail, newRightlink }, { version }) {
        if (version < 19) return '';
        return `ntuples: ${ntuples}${linkText('prevTail', prevTail)}${linkText('newRightlink', newRightlink)}`;
      },
    },
    {
      op: 0x70,
      name: 'INSERT_LISTPAGE',
      type: 'insert-listpage',
      decode: ({ main }) => ({
        rmgr: 'Gin',
        type: 'insert-listpage',
        rightlink: main.u32(0),
        ntuples: main.i32(4),
      }),
      describe: ({ ntuples, rightlink }, { version }) =>
        version >= 19 ? `ntuples: ${ntuples}${linkText('rightlink', rightlink)}` : '',
    },
    {
      op: 0x80,
      name: 'DELETE_LISTPAGE',
      type: 'delete-listpage',
      decode: ({ main }) => ({
        rmgr: 'Gin',
        type: 'delete-listpage',
        ndeleted: main.i32(META_PAGE_DATA_SIZE),
      }),
      describe: ({ ndeleted }) => `ndeleted: ${ndeleted}`,
    },
    {
      op: 0x90,
      name: 'VACUUM_DATA_LEAF_PAGE',
      type: 'vacuum-data-leaf-page',
      decode: (record) => ({
        rmgr: 'Gin',
        type: 'vacuum-data-leaf-page',
        change: imageChange(record) ?? leafChange(neededFirstBlockData(record)),
      }),
      describe: ({ change }, { version }) => changeText(change, version),
    },
  ],
};

const GIN_INSERT_ISDATA = 0x01;
const GIN_INSERT_ISLEAF = 0x02;
const GIN_SPLIT_ROOT = 0x04;

/** `sizeof(GinMetaPageData)` (src/include/access/ginblock.h), which two records carry. */
const META_PAGE_DATA_SIZE = 56;

function insert(record: WalRecord): GinInsert {
  const { main } = record;
  const flags = main.u16(0);
  const isData = (flags & GIN_INSERT_ISDATA) !== 0;
  const isLeaf = (flags & GIN_INSERT_ISLEAF) !== 0;
  const children = isLeaf ? undefined : { left: readBlockId(main, 2), right: readBlockId(main, 6) };
  const change = imageChange(record) ?? insertChange(neededFirstBlockData(record), isData, isLeaf);
  return { rmgr: 'Gin', type: 'insert', isData, isLeaf, children, change };
}

function split({ main }: WalRecord): GinSplit {
  const flags = main.u16(24);
  return {
    rmgr: 'Gin',
    type: 'split',
    locator: readRelFileLocator(main, 0),
    rrlink: main.u32(12),
    leftChildBlkno: main.u32(16),
    rightChildBlkno: main.u32(20),
    isRootSplit: (flags & GIN_SPLIT_ROOT) !== 0,
    isData: (flags & GIN_INSERT_ISDATA) !== 0,
    isLeaf: (flags & GIN_INSERT_ISLEAF) !== 0,
  };
}

function imageChange(record: WalRecord): GinImageChange | undefined {
  const image = record.block(0)?.image;
  return image && { type: 'image', apply: image.apply };
}

function insertChange(data: ByteView, isData: boolean, isLeaf: boolean): GinInsert['change'] {
  if (!isData) return { type: 'entry', offset: data.u16(0), isDelete: data.u8(2) !== 0 };
  if (isLeaf) return leafChange(data);
  return {
    type: 'internal',
    offset: data.u16(0),
    childBlkno: readBlockId(data, 2),
    key: readTupleId(data, 6),
  };
}

const GIN_SEGMENT_DELETE = 1;
const GIN_SEGMENT_INSERT = 2;
const GIN_SEGMENT_REPLACE = 3;
const GIN_SEGMENT_ADDITEMS = 4;

const ITEM_POINTER_SIZE = 6;

/** `ginxlogRecompressDataLeaf` with the actions that follow it. */
function leafChange(data: ByteView): GinLeafChange {
  const nactions = data.u16(0);
  const segments: GinSegmentAction[] = [];
  let at = 2;
  for (let i = 0; i < nactions; i++) {
    const segno = data.u8(at);
    const action = data.u8(at + 1);
    at += 2;
    switch (action) {
      case GIN_SEGMENT_DELETE:
        segments.push({ type: 'delete', segno });
        break;
      case GIN_SEGMENT_INSERT:
        segments.push({ type: 'insert', segno });
        at += postingListSize(data, at);
        break;
      case GIN_SEGMENT_REPLACE:
        segments.push({ type: 'replace', segno });
        at += postingListSize(data, at);
        break;
      case GIN_SEGMENT_ADDITEMS: {
        const nitems = data.u16(at);
        segments.push({ type: 'add-items', segno, nitems });
        at += 2 + nitems * ITEM_POINTER_SIZE;
        break;
      }
      default:
        // how long it is nobody knows: the rest cannot be read
        segments.push({ type: 'unknown', segno, action });
        return { type: 'leaf', nactions, segments };
    }
  }
  return { type: 'leaf', nactions, segments };
}

/** `SizeOfGinPostingList` (src/include/access/ginblock.h): a tuple id, the number of bytes, the bytes. */
function postingListSize(data: ByteView, at: number): number {
  const nbytes = data.u16(at + ITEM_POINTER_SIZE);
  return ITEM_POINTER_SIZE + 2 + nbytes + (nbytes & 1);
}

const INVALID_BLOCK_NUMBER = 0xffffffff;

function pageText({ isData, isLeaf }: { isData: boolean; isLeaf: boolean }): string {
  return `isdata: ${flagLetter(isData)} isleaf: ${flagLetter(isLeaf)}`;
}

function linkText(name: string, block: number): string {
  return block === INVALID_BLOCK_NUMBER ? '' : ` ${name}: ${block}`;
}

function changeText(change: GinInsert['change'], version: number): string {
  switch (change.type) {
    case 'image':
      if (version >= 19) return '';
      return change.apply ? ' (full page image)' : ' (full page image, for WAL verification)';
    case 'entry':
      return ` isdelete: ${flagLetter(change.isDelete)}`;
    case 'internal':
      return ` pitem: ${change.childBlkno}-${change.key.block}/${change.key.offset}`;
    case 'leaf':
      return ` ${change.nactions} segments:${change.segments.map(segmentText).join('')}`;
  }
}

function segmentText(segment: GinSegmentAction): string {
  if (segment.type === 'add-items') return ` ${segment.segno} (add ${segment.nitems} items)`;
  if (segment.type === 'unknown') return ` ${segment.segno} unknown action ${segment.action} ???`;
  return ` ${segment.segno} (${segment.type})`;
}
