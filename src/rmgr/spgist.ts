import type { ByteView } from '../wal/byte-view.js';
import { flagLetter } from './desc-text.js';
import type { RmgrTable } from './kinds.js';

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

/** What an index is in the middle of when the record is written (`spgxlogState`). */
export interface SpgistState {
  /** `myXid` up to 16. */
  redirectXid: number;
  isBuild: boolean;
}

/** A new index. Up to 11; it has no data. */
export interface SpgistCreateIndex {
  rmgr: 'SPGist';
  type: 'create-index';
}

/** A leaf tuple is put on a page (`spgxlogAddLeaf`). */
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

/** Leaf tuples move to another page to make room (`spgxlogMoveLeafs`). */
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

/** An inner tuple gets another node (`spgxlogAddNode`). */
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

/** An inner tuple is split into prefix and postfix (`spgxlogSplitTuple`). */
export interface SpgistSplitTuple {
  rmgr: 'SPGist';
  type: 'split-tuple';
  offnumPrefix: number;
  offnumPostfix: number;
  newPage: boolean;
  postfixBlkSame: boolean;
}

/** Leaf tuples are shared out below a new inner tuple (`spgxlogPickSplit`). */
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

/** VACUUM of a leaf page that is not the root (`spgxlogVacuumLeaf`). */
export interface SpgistVacuumLeaf {
  rmgr: 'SPGist';
  type: 'vacuum-leaf';
  nDead: number;
  nPlaceholder: number;
  nMove: number;
  nChain: number;
  stateSrc: SpgistState;
}

/** VACUUM of the root where that is a leaf page (`spgxlogVacuumRoot`). */
export interface SpgistVacuumRoot {
  rmgr: 'SPGist';
  type: 'vacuum-root';
  nDelete: number;
  stateSrc: SpgistState;
}

/** Redirections become placeholders, and placeholders go (`spgxlogVacuumRedirect`). */
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

/** `spg_identify`, `spg_desc` (src/backend/access/rmgrdesc/spgdesc.c); 14 put it in other words, with more fields. */
export const SPGIST: RmgrTable<SpgistRecord> = {
  name: 'SPGist',
  kinds: [
    {
      op: 0x00,
      name: 'CREATE_INDEX',
      type: 'create-index',
      until: 11,
      decode: () => ({ rmgr: 'SPGist', type: 'create-index' }),
    },
    {
      op: 0x10,
      name: 'ADD_LEAF',
      type: 'add-leaf',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'add-leaf',
        newPage: bool(main, 0),
        storesNulls: bool(main, 1),
        offnumLeaf: main.u16(2),
        offnumHeadLeaf: main.u16(4),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
      }),
      describe(data, { version }) {
        const notes = `${note(data.newPage, 'newpage')}${note(data.storesNulls, 'nulls')}`;
        const { offnumLeaf, offnumHeadLeaf } = data;
        if (version >= 14)
          return `off: ${offnumLeaf}, headoff: ${offnumHeadLeaf}, ${parentText(data)}${notes}`;
        const offsets = `off ${offnumLeaf}; headoff ${offnumHeadLeaf}; parentoff ${data.offnumParent}`;
        return `add leaf to page; ${offsets}${notes}`;
      },
    },
    {
      op: 0x20,
      name: 'MOVE_LEAFS',
      type: 'move-leafs',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'move-leafs',
        nMoves: main.u16(0),
        newPage: bool(main, 2),
        replaceDead: bool(main, 3),
        storesNulls: bool(main, 4),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
        stateSrc: state(main, 12),
      }),
      describe(data, { version }) {
        if (version < 14) return `${data.nMoves} leafs`;
        const dead = `${note(data.newPage, 'newpage')}${note(data.replaceDead, 'replacedead')}`;
        return `nmoves: ${data.nMoves}, ${parentText(data)}${dead}${note(data.storesNulls, 'nulls')}`;
      },
    },
    {
      op: 0x30,
      name: 'ADD_NODE',
      type: 'add-node',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'add-node',
        offnum: main.u16(0),
        offnumNew: main.u16(2),
        newPage: bool(main, 4),
        parentBlk: main.i8(5),
        offnumParent: main.u16(6),
        nodeI: main.u16(8),
        stateSrc: state(main, 12),
      }),
      describe(data, { version }) {
        if (version < 14) return `off ${data.offnum}`;
        const offsets = `off: ${data.offnum}, newoff: ${data.offnumNew}, parentBlk: ${data.parentBlk}`;
        return `${offsets}, ${parentText(data)}${note(data.newPage, 'newpage')}`;
      },
    },
    {
      op: 0x40,
      name: 'SPLIT_TUPLE',
      type: 'split-tuple',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'split-tuple',
        offnumPrefix: main.u16(0),
        offnumPostfix: main.u16(2),
        newPage: bool(main, 4),
        postfixBlkSame: bool(main, 5),
      }),
      describe({ offnumPrefix: prefix, offnumPostfix: postfix, newPage, postfixBlkSame }, { version }) {
        if (version < 14) {
          const notes = `(same ${Number(postfixBlkSame)}, new ${Number(newPage)})`;
          return `prefix off: ${prefix}, postfix off: ${postfix} ${notes}`;
        }
        const notes = `${note(newPage, 'newpage')}${note(postfixBlkSame, 'same')}`;
        return `prefixoff: ${prefix}, postfixoff: ${postfix}${notes}`;
      },
    },
    {
      op: 0x50,
      name: 'PICKSPLIT',
      type: 'picksplit',
      decode: ({ main }) => ({
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
      }),
      describe(data, { version }) {
        const { nDelete, nInsert } = data;
        const inner = note(data.innerIsParent, 'innerIsParent');
        const root = note(data.isRootSplit, 'isRootSplit');
        if (version < 14) return `ndel ${nDelete}; nins ${nInsert}${inner}${root}`;
        const counts = `ndelete: ${nDelete}, ninsert: ${nInsert}, inneroff: ${data.offnumInner}`;
        return `${counts}, ${parentText(data)}${inner}${note(data.storesNulls, 'nulls')}${root}`;
      },
    },
    {
      op: 0x60,
      name: 'VACUUM_LEAF',
      type: 'vacuum-leaf',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'vacuum-leaf',
        nDead: main.u16(0),
        nPlaceholder: main.u16(2),
        nMove: main.u16(4),
        nChain: main.u16(6),
        stateSrc: state(main, 8),
      }),
      describe: ({ nDead, nPlaceholder, nMove, nChain }, { version }) =>
        version >= 14
          ? `ndead: ${nDead}, nplaceholder: ${nPlaceholder}, nmove: ${nMove}, nchain: ${nChain}`
          : '',
    },
    {
      op: 0x70,
      name: 'VACUUM_ROOT',
      type: 'vacuum-root',
      decode: ({ main }) => ({
        rmgr: 'SPGist',
        type: 'vacuum-root',
        nDelete: main.u16(0),
        stateSrc: state(main, 4),
      }),
      describe: ({ nDelete }, { version }) => (version >= 14 ? `ndelete: ${nDelete}` : ''),
    },
    {
      op: 0x80,
      name: 'VACUUM_REDIRECT',
      type: 'vacuum-redirect',
      decode: ({ main, version }) => ({
        rmgr: 'SPGist',
        type: 'vacuum-redirect',
        nToPlaceholder: main.u16(0),
        firstPlaceholder: main.u16(2),
        snapshotConflictHorizon: main.u32(4),
        isCatalogRel: version >= 16 ? bool(main, 8) : undefined,
      }),
      describe(data, { version }) {
        if (version < 14) return `newest XID ${data.snapshotConflictHorizon}`;
        const horizon = version >= 16 ? 'snapshotConflictHorizon' : 'newestredirectxid';
        const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
        const counts = `ntoplaceholder: ${data.nToPlaceholder}, firstplaceholder: ${data.firstPlaceholder}`;
        return `${counts}, ${horizon}: ${data.snapshotConflictHorizon}${catalog}`;
      },
    },
  ],
};

function bool(view: ByteView, offset: number): boolean {
  return view.u8(offset) !== 0;
}

function state(view: ByteView, offset: number): SpgistState {
  return { redirectXid: view.u32(offset), isBuild: bool(view, offset + 4) };
}

function parentText({ offnumParent, nodeI }: { offnumParent: number; nodeI: number }): string {
  return `parentoff: ${offnumParent}, nodeI: ${nodeI}`;
}

function note(set: boolean, word: string): string {
  return set ? ` (${word})` : '';
}
