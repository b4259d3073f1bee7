import type { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { flagLetter } from './desc-text.js';
import type { DescribeContext } from './rmgr.js';

/** A change of an SP-GiST index: `spgxlog…` of src/include/access/spgxlog.h. */
export type SpgistRecord =
  | SpgistCreateIndex
  | SpgistAddLeaf
  | SpgistMoveLeafs
  | SpgistAddNode
  | SpgistSplitTuple
  | SpgistPickSplit
  | SpgistVacuumLeaf
  | SpgistVacuumRoot
  | SpgistVacuumRedirect;

/** `spgxlogState` */
export interface SpgistState {
  /** `myXid` up to 16. */
  redirectXid: number;
  isBuild: boolean;
}

/** Up to 11; it has no data. */
export interface SpgistCreateIndex {
  rmgr: 'SPGist';
  type: 'create-index';
}

export interface SpgistAddLeaf {
  rmgr: 'SPGist';
  type: 'add-leaf';
  newPage: boolean;
  storesNulls: boolean;
  offnumLeaf: number;
  offnumHeadLeaf: number;
  offnumParent: number;
  nodeI: number;
}

export interface SpgistMoveLeafs {
  rmgr: 'SPGist';
  type: 'move-leafs';
  nMoves: number;
  newPage: boolean;
  replaceDead: boolean;
  storesNulls: boolean;
  offnumParent: number;
  nodeI: number;
  stateSrc: SpgistState;
}

export interface SpgistAddNode {
  rmgr: 'SPGist';
  type: 'add-node';
  offnum: number;
  offnumNew: number;
  newPage: boolean;
  /** Which of the record's blocks has the parent; -1 for none that changes. */
  parentBlk: number;
  offnumParent: number;
  nodeI: number;
  stateSrc: SpgistState;
}

export interface SpgistSplitTuple {
  rmgr: 'SPGist';
  type: 'split-tuple';
  offnumPrefix: number;
  offnumPostfix: number;
  newPage: boolean;
  postfixBlkSame: boolean;
}

export interface SpgistPickSplit {
  rmgr: 'SPGist';
  type: 'picksplit';
  isRootSplit: boolean;
  nDelete: number;
  nInsert: number;
  initSrc: boolean;
  initDest: boolean;
  offnumInner: number;
  initInner: boolean;
  storesNulls: boolean;
  innerIsParent: boolean;
  offnumParent: number;
  nodeI: number;
  stateSrc: SpgistState;
}

export interface SpgistVacuumLeaf {
  rmgr: 'SPGist';
  type: 'vacuum-leaf';
  nDead: number;
  nPlaceholder: number;
  nMove: number;
  nChain: number;
  stateSrc: SpgistState;
}

export interface SpgistVacuumRoot {
  rmgr: 'SPGist';
  type: 'vacuum-root';
  nDelete: number;
  stateSrc: SpgistState;
}

export interface SpgistVacuumRedirect {
  rmgr: 'SPGist';
  type: 'vacuum-redirect';
  nToPlaceholder: number;
  firstPlaceholder: number;
  /** `newestRedirectXid` up to 15. */
  snapshotConflictHorizon: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
}

const XLOG_SPGIST_CREATE_INDEX = 0x00;
const XLOG_SPGIST_ADD_LEAF = 0x10;
const XLOG_SPGIST_MOVE_LEAFS = 0x20;
const XLOG_SPGIST_ADD_NODE = 0x30;
const XLOG_SPGIST_SPLIT_TUPLE = 0x40;
const XLOG_SPGIST_PICKSPLIT = 0x50;
const XLOG_SPGIST_VACUUM_LEAF = 0x60;
const XLOG_SPGIST_VACUUM_ROOT = 0x70;
const XLOG_SPGIST_VACUUM_REDIRECT = 0x80;

const NAMES: readonly string[] = [
  ...['CREATE_INDEX', 'ADD_LEAF', 'MOVE_LEAFS', 'ADD_NODE', 'SPLIT_TUPLE', 'PICKSPLIT', 'VACUUM_LEAF'],
  ...['VACUUM_ROOT', 'VACUUM_REDIRECT'],
];

/** `spg_identify` */
export function spgistIdentify(info: number, version: number): string | undefined {
  if (version >= 12 && (info & 0xf0) === XLOG_SPGIST_CREATE_INDEX) return undefined;
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function spgistDecode(record: WalRecord): SpgistRecord | undefined {
  const { main, version } = record;
  switch (record.rmgrInfo) {
    case XLOG_SPGIST_CREATE_INDEX:
      return version < 12 ? { rmgr: 'SPGist', type: 'create-index' } : undefined;
    case XLOG_SPGIST_ADD_LEAF:
      return {
        rmgr: 'SPGist',
        type: 'add-leaf',
        newPage: bool(main, 0),
        storesNulls: bool(main, 1),
        offnumLeaf: main.u16(2),
        offnumHeadLeaf: main.u16(4),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
      };
    case XLOG_SPGIST_MOVE_LEAFS:
      return {
        rmgr: 'SPGist',
        type: 'move-leafs',
        nMoves: main.u16(0),
        newPage: bool(main, 2),
        replaceDead: bool(main, 3),
        storesNulls: bool(main, 4),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
        stateSrc: state(main, 12),
      };
    case XLOG_SPGIST_ADD_NODE:
      return {
        rmgr: 'SPGist',
        type: 'add-node',
        offnum: main.u16(0),
        offnumNew: main.u16(2),
        newPage: bool(main, 4),
        parentBlk: main.i8(5),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
        stateSrc: state(main, 12),
      };
    case XLOG_SPGIST_SPLIT_TUPLE:
      return {
        rmgr: 'SPGist',
        type: 'split-tuple',
        offnumPrefix: main.u16(0),
        offnumPostfix: main.u16(2),
        newPage: bool(main, 4),
        postfixBlkSame: bool(main, 5),
      };
    case XLOG_SPGIST_PICKSPLIT:
      return pickSplit(main);
    case XLOG_SPGIST_VACUUM_LEAF:
      return {
        rmgr: 'SPGist',
        type: 'vacuum-leaf',
        nDead: main.u16(0),
        nPlaceholder: main.u16(2),
        nMove: main.u16(4),
        nChain: main.u16(6),
        stateSrc: state(main, 8),
      };
    case XLOG_SPGIST_VACUUM_ROOT:
      return { rmgr: 'SPGist', type: 'vacuum-root', nDelete: main.u16(0), stateSrc: state(main, 4) };
    case XLOG_SPGIST_VACUUM_REDIRECT:
      return {
        rmgr: 'SPGist',
        type: 'vacuum-redirect',
        nToPlaceholder: main.u16(0),
        firstPlaceholder: main.u16(2),
        snapshotConflictHorizon: main.u32(4),
        isCatalogRel: version >= 16 ? bool(main, 8) : undefined,
      };
  }
  return undefined;
}

function bool(view: ByteView, offset: number): boolean {
  return view.u8(offset) !== 0;
}

function state(view: ByteView, offset: number): SpgistState {
  return { redirectXid: view.u32(offset), isBuild: bool(view, offset + 4) };
}

function pickSplit(main: ByteView): SpgistPickSplit {
  return {
    rmgr: 'SPGist',
    type: 'picksplit',
    isRootSplit: bool(main, 0),
    nDelete: main.u16(2),
    nInsert: main.u16(4),
    initSrc: bool(main, 6),
    initDest: bool(main, 7),
    offnumInner: main.u16(8),
    initInner: bool(main, 10),
    storesNulls: bool(main, 11),
    innerIsParent: bool(main, 12),
    offnumParent: main.u16(14),
    nodeI: main.u16(16),
    stateSrc: state(main, 20),
  };
}

/** `spg_desc` (src/backend/access/rmgrdesc/spgdesc.c); 14 put it in other words, with more fields. */
export function spgistDescribe(data: SpgistRecord, { version }: DescribeContext): string {
  return version >= 14 ? textSince14(data, version) : textUntil13(data);
}

function textSince14(data: SpgistRecord, version: number): string {
  switch (data.type) {
    case 'add-leaf': {
      const offsets = `off: ${data.offnumLeaf}, headoff: ${data.offnumHeadLeaf}, ${parentText(data)}`;
      return `${offsets}${note(data.newPage, 'newpage')}${note(data.storesNulls, 'nulls')}`;
    }
    case 'move-leafs': {
      const dead = `${note(data.newPage, 'newpage')}${note(data.replaceDead, 'replacedead')}`;
      return `nmoves: ${data.nMoves}, ${parentText(data)}${dead}${note(data.storesNulls, 'nulls')}`;
    }
    case 'add-node': {
      const offsets = `off: ${data.offnum}, newoff: ${data.offnumNew}, parentBlk: ${data.parentBlk}`;
      return `${offsets}, ${parentText(data)}${note(data.newPage, 'newpage')}`;
    }
    case 'split-tuple': {
      const offsets = `prefixoff: ${data.offnumPrefix}, postfixoff: ${data.offnumPostfix}`;
      return `${offsets}${note(data.newPage, 'newpage')}${note(data.postfixBlkSame, 'same')}`;
    }
    case 'picksplit': {
      const counts = `ndelete: ${data.nDelete}, ninsert: ${data.nInsert}, inneroff: ${data.offnumInner}`;
      const inner = `${note(data.innerIsParent, 'innerIsParent')}${note(data.storesNulls, 'nulls')}`;
      return `${counts}, ${parentText(data)}${inner}${note(data.isRootSplit, 'isRootSplit')}`;
    }
    case 'vacuum-leaf': {
      const { nDead, nPlaceholder, nMove, nChain } = data;
      return `ndead: ${nDead}, nplaceholder: ${nPlaceholder}, nmove: ${nMove}, nchain: ${nChain}`;
    }
    case 'vacuum-root':
      return `ndelete: ${data.nDelete}`;
    case 'vacuum-redirect': {
      const horizon = version >= 16 ? 'snapshotConflictHorizon' : 'newestredirectxid';
      const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
      const counts = `ntoplaceholder: ${data.nToPlaceholder}, firstplaceholder: ${data.firstPlaceholder}`;
      return `${counts}, ${horizon}: ${data.snapshotConflictHorizon}${catalog}`;
    }
    case 'create-index':
      return '';
  }
}

function textUntil13(data: SpgistRecord): string {
  switch (data.type) {
    case 'add-leaf': {
      const offsets = `off ${data.offnumLeaf}; headoff ${data.offnumHeadLeaf}; parentoff ${data.offnumParent}`;
      const notes = `${note(data.newPage, 'newpage')}${note(data.storesNulls, 'nulls')}`;
      return `add leaf to page; ${offsets}${notes}`;
    }
    case 'move-leafs':
      return `${data.nMoves} leafs`;
    case 'add-node':
      return `off ${data.offnum}`;
    case 'split-tuple': {
      const offsets = `prefix off: ${data.offnumPrefix}, postfix off: ${data.offnumPostfix}`;
      return `${offsets} (same ${Number(data.postfixBlkSame)}, new ${Number(data.newPage)})`;
    }
    case 'picksplit': {
      const notes = `${note(data.innerIsParent, 'innerIsParent')}${note(data.isRootSplit, 'isRootSplit')}`;
      return `ndel ${data.nDelete}; nins ${data.nInsert}${notes}`;
    }
    case 'vacuum-redirect':
      return `newest XID ${data.snapshotConflictHorizon}`;
    case 'create-index':
    case 'vacuum-leaf':
    case 'vacuum-root':
      return '';
  }
}

function parentText({ offnumParent, nodeI }: { offnumParent: number; nodeI: number }): string {
  return `parentoff: ${offnumParent}, nodeI: ${nodeI}`;
}

function note(set: boolean, word: string): string {
  return set ? ` (${word})` : '';
}
