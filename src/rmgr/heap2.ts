import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { arrayText, readU16Array } from './arrays.js';
import { flagLetter, hexByte } from './desc-text.js';
import { firstBlockData } from './first-block.js';
import { lockText, XLOG_HEAP_INIT_PAGE, XLOG_HEAP_OPMASK } from './heap.js';
import { writeLockUpdated, writePrune, writeVisible } from './heap-bytes.js';
import type { FreezePlan, PruneFreeze, PruneItems } from './heap-prune.js';
import {
  freezePlansText,
  pruneFreezeText,
  pruneItemsText,
  readFreezePlans,
  readPruneFreeze,
  readPruneItems,
} from './heap-prune.js';
import type { RmgrTable } from './kinds.js';
import type { TupleId } from './locator.js';
import { formatLocator, readRelFileLocator, readTupleId } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** Rows inserted together (src/include/access/heapam_xlog.h): others look for it in `xl_info`. */
export const XLOG_HEAP2_MULTI_INSERT = 0x50;

/** The second resource manager of tables: `xl_heap_…` of src/include/access/heapam_xlog.h. */
export type Heap2Record =
  | Heap2Prune
  | Heap2PruneFreeze
  | Heap2Vacuum
  | Heap2FreezePage
  | Heap2CleanupInfo
  | Heap2Visible
  | Heap2MultiInsert
  | Heap2LockUpdated
  | Heap2NewCid
  | Heap2Rewrite;

/** Page pruning up to 16 (`xl_heap_prune`); CLEAN up to 13 (`xl_heap_clean`). */
export interface Heap2Prune {
  rmgr: 'Heap2';
  type: 'prune';
  /** `latestRemovedXid` up to 15. */
  snapshotConflictHorizon: number;
  nredirected: number;
  ndead: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
  /** Since 16, unless an image of the page stands for it. */
  items: PruneItems | undefined;
}

/** Pruning and freezing since 17 (`xl_heap_prune`). */
export interface Heap2PruneFreeze {
  rmgr: 'Heap2';
  type: 'prune-freeze';
  /** Which operation wrote it; that makes no difference to what it does. */
  reason: 'on-access' | 'vacuum-scan' | 'vacuum-cleanup';
  /** `XLHP_…`; since 19 also of the visibility map. */
  flags: number;
  snapshotConflictHorizon: number | undefined;
  /** Undefined where an image of the page stands for it, or nothing changes. */
  items: PruneFreeze | undefined;
}

/** The second pass of VACUUM over a page, 14 … 16 (`xl_heap_vacuum`). */
export interface Heap2Vacuum {
  rmgr: 'Heap2';
  type: 'vacuum';
  nunused: number;
  /** In 16, unless an image of the page stands for it. */
  nowunused: number[] | undefined;
}

/** Tuples of a page are frozen, up to 16 (`xl_heap_freeze_page`). */
export interface Heap2FreezePage {
  rmgr: 'Heap2';
  type: 'freeze-page';
  /** `cutoff_xid` up to 15. */
  snapshotConflictHorizon: number;
  /** `ntuples` up to 15, where each tuple had a plan of its own. */
  nplans: number;
  /** Since 16. */
  isCatalogRel: boolean | undefined;
  /** In 16, unless an image of the page stands for it. */
  plans: FreezePlan[] | undefined;
}

/** What VACUUM is about to remove, for conflicts on standbys, up to 13 (`xl_heap_cleanup_info`). */
export interface Heap2CleanupInfo {
  rmgr: 'Heap2';
  type: 'cleanup-info';
  node: RelFileLocator;
  latestRemovedXid: number;
}

/** A page is all-visible, or all-frozen too, up to 18 (`xl_heap_visible`). */
export interface Heap2Visible {
  rmgr: 'Heap2';
  type: 'visible';
  /** `cutoff_xid` up to 15. */
  snapshotConflictHorizon: number;
  /** `VISIBILITYMAP_…` */
  flags: number;
}

/** Rows are inserted together, as COPY does (`xl_heap_multi_insert`). */
export interface Heap2MultiInsert {
  rmgr: 'Heap2';
  type: 'multi-insert';
  initPage: boolean;
  /** `XLH_INSERT_…` */
  flags: number;
  ntuples: number;
  /** Line pointers: since 16, unless the page is initialised (they are 1, 2 …) or an image stands for it. */
  offsets: number[] | undefined;
}

/** A version of a row is locked that an UPDATE of the locked one made (`xl_heap_lock_updated`). */
export interface Heap2LockUpdated {
  rmgr: 'Heap2';
  type: 'lock-updated';
  xmax: number;
  offnum: number;
  infobitsSet: number;
  flags: number;
}

/** A tuple's command ids, for logical decoding of catalog changes (`xl_heap_new_cid`). */
export interface Heap2NewCid {
  rmgr: 'Heap2';
  type: 'new-cid';
  topXid: number;
  cmin: number;
  cmax: number;
  combocid: number;
  /** `target_node` up to 15. */
  targetLocator: RelFileLocator;
  targetTid: TupleId;
}

/** A part of a logical rewrite mapping file follows in the record (`xl_heap_rewrite_mapping`). */
export interface Heap2Rewrite {
  rmgr: 'Heap2';
  type: 'rewrite';
  mappedXid: number;
  mappedDb: number;
  mappedRel: number;
  /** Where in the file it goes, in bytes. */
  offset: bigint;
  numMappings: number;
  /** Where the rewrite began. */
  startLsn: Lsn;
}

/**
 * `heap2_identify`, `heap2_desc` (src/backend/access/rmgrdesc/heapdesc.c). The kinds of vacuum were renumbered in 14,
 * which gave up CLEANUP_INFO and renamed CLEAN to PRUNE, and replaced in 17; 19 sets visibility within the other
 * records. 16 changed the layout of descriptions to `key: value, …`.
 */
export const HEAP2: RmgrTable<Heap2Record> = {
  name: 'Heap2',
  opMask: XLOG_HEAP_OPMASK,
  kinds: [
    {
      op: 0x00,
      name: 'REWRITE',
      type: 'rewrite',
      fields: { offset: 'number', startLsn: 'lsn' },
      decode: ({ main }) => ({
        rmgr: 'Heap2',
        type: 'rewrite',
        mappedXid: main.u32(0),
        mappedDb: main.u32(4),
        mappedRel: main.u32(8),
        offset: main.i64(16),
        numMappings: main.u32(24),
        startLsn: main.u64(32),
      }),
    },
    {
      op: 0x10,
      name: 'CLEAN',
      type: 'prune',
      until: 13,
      decode: prune,
      describe: pruneText,
      write: writePrune,
    },
    {
      op: 0x10,
      name: 'PRUNE',
      type: 'prune',
      since: 14,
      until: 16,
      decode: prune,
      describe: pruneText,
      write: writePrune,
    },
    {
      op: 0x10,
      name: 'PRUNE_ON_ACCESS',
      type: 'prune-freeze',
      since: 17,
      decode: (record) => pruneFreeze(record, 'on-access'),
      describe: pruneFreezeRecordText,
    },
    {
      op: 0x20,
      name: 'FREEZE_PAGE',
      type: 'freeze-page',
      until: 13,
      decode: freezePage,
      describe: freezeText,
    },
    {
      op: 0x20,
      name: 'VACUUM',
      type: 'vacuum',
      since: 14,
      until: 16,
      decode: vacuum,
      describe({ nunused, nowunused }, { version }) {
        if (version < 16) return `nunused ${nunused}`;
        return `nunused: ${nunused}${nowunused ? `, unused:${arrayText(nowunused)}` : ''}`;
      },
    },
    {
      op: 0x20,
      name: 'PRUNE_VACUUM_SCAN',
      type: 'prune-freeze',
      since: 17,
      decode: (record) => pruneFreeze(record, 'vacuum-scan'),
      describe: pruneFreezeRecordText,
    },
    {
      op: 0x30,
      name: 'CLEANUP_INFO',
      type: 'cleanup-info',
      until: 13,
      decode({ main }) {
        const node = readRelFileLocator(main, 0);
        return { rmgr: 'Heap2', type: 'cleanup-info', node, latestRemovedXid: main.u32(12) };
      },
      describe: ({ latestRemovedXid }) => `remxid ${latestRemovedXid}`,
    },
    {
      op: 0x30,
      name: 'FREEZE_PAGE',
      type: 'freeze-page',
      since: 14,
      until: 16,
      decode: freezePage,
      describe: freezeText,
    },
    {
      op: 0x30,
      name: 'PRUNE_VACUUM_CLEANUP',
      type: 'prune-freeze',
      since: 17,
      decode: (record) => pruneFreeze(record, 'vacuum-cleanup'),
      describe: pruneFreezeRecordText,
    },
    {
      op: 0x40,
      name: 'VISIBLE',
      type: 'visible',
      until: 18,
      decode: ({ main }) => ({
        rmgr: 'Heap2',
        type: 'visible',
        snapshotConflictHorizon: main.u32(0),
        flags: main.u8(4),
      }),
      describe({ snapshotConflictHorizon: horizon, flags }, { version }) {
        if (version >= 16) return `snapshotConflictHorizon: ${horizon}, flags: ${hexByte(flags)}`;
        return `cutoff xid ${horizon} flags ${version >= 12 ? hexByte(flags) : flags}`;
      },
      write: writeVisible,
    },
    {
      op: XLOG_HEAP2_MULTI_INSERT,
      name: 'MULTI_INSERT',
      type: 'multi-insert',
      init: true,
      decode: multiInsert,
      describe: multiInsertText,
    },
    {
      op: 0x60,
      name: 'LOCK_UPDATED',
      type: 'lock-updated',
      decode: ({ main }) => ({
        rmgr: 'Heap2',
        type: 'lock-updated',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      }),
      describe: (data, { version }) => lockText('xmax', data, version),
      write: writeLockUpdated,
    },
    {
      op: 0x70,
      name: 'NEW_CID',
      type: 'new-cid',
      decode: ({ main }) => ({
        rmgr: 'Heap2',
        type: 'new-cid',
        topXid: main.u32(0),
        cmin: main.u32(4),
        cmax: main.u32(8),
        combocid: main.u32(12),
        targetLocator: readRelFileLocator(main, 16),
        targetTid: readTupleId(main, 28),
      }),
      describe: newCidText,
    },
  ],
};

function multiInsert(record: WalRecord): Heap2MultiInsert {
  const { main, info, version } = record;
  const initPage = (info & XLOG_HEAP_INIT_PAGE) !== 0;
  const ntuples = main.u16(2);
  const listed = version >= 16 && !initPage && firstBlockData(record) !== undefined;
  const offsets = listed ? readU16Array(main, 4, ntuples) : undefined;
  return { rmgr: 'Heap2', type: 'multi-insert', initPage, flags: main.u8(0), ntuples, offsets };
}

const XLHP_IS_CATALOG_REL = 0x02;
const XLHP_HAS_CONFLICT_HORIZON = 0x08;
/** Since 19: what the visibility map gets. */
export const XLHP_VM_ALL_VISIBLE = 0x100;
const XLHP_VM_ALL_FROZEN = 0x200;

function pruneFreeze(record: WalRecord, reason: Heap2PruneFreeze['reason']): Heap2PruneFreeze {
  const { main, version } = record;
  // 17 and 18 have a byte of no meaning before 8 bits of flags
  const flags = version >= 19 ? main.u16(0) : main.u8(1);
  const data = firstBlockData(record);
  return {
    rmgr: 'Heap2',
    type: 'prune-freeze',
    reason,
    flags,
    snapshotConflictHorizon: flags & XLHP_HAS_CONFLICT_HORIZON ? main.u32(2) : undefined,
    items: data && readPruneFreeze(data, flags),
  };
}

function prune(record: WalRecord): Heap2Prune {
  const { main, version } = record;
  const nredirected = main.u16(4);
  const ndead = main.u16(6);
  const data = version >= 16 ? firstBlockData(record) : undefined;
  return {
    rmgr: 'Heap2',
    type: 'prune',
    snapshotConflictHorizon: main.u32(0),
    nredirected,
    ndead,
    isCatalogRel: version >= 16 ? main.u8(8) !== 0 : undefined,
    items: data && readPruneItems(data, nredirected, ndead),
  };
}

function vacuum(record: WalRecord): Heap2Vacuum {
  const nunused = record.main.u16(0);
  const data = record.version >= 16 ? firstBlockData(record) : undefined;
  return { rmgr: 'Heap2', type: 'vacuum', nunused, nowunused: data && readU16Array(data, 0, nunused) };
}

function freezePage(record: WalRecord): Heap2FreezePage {
  const { main, version } = record;
  const nplans = main.u16(4);
  const data = version >= 16 ? firstBlockData(record) : undefined;
  return {
    rmgr: 'Heap2',
    type: 'freeze-page',
    snapshotConflictHorizon: main.u32(0),
    nplans,
    isCatalogRel: version >= 16 ? main.u8(6) !== 0 : undefined,
    plans: data && readFreezePlans(data, nplans),
  };
}

function pruneText(data: Heap2Prune, { version }: DescribeContext): string {
  const { snapshotConflictHorizon: horizon, nredirected, ndead, items } = data;
  if (version < 14) return `remxid ${horizon}`;
  if (version < 16) return `latestRemovedXid ${horizon} nredirected ${nredirected} ndead ${ndead}`;
  const counts = `nredirected: ${nredirected}, ndead: ${ndead}`;
  return `snapshotConflictHorizon: ${horizon}, ${counts}${items ? pruneItemsText(items) : ''}`;
}

function pruneFreezeRecordText({ flags, snapshotConflictHorizon, items }: Heap2PruneFreeze): string {
  // without a horizon the text begins with a comma
  let text =
    snapshotConflictHorizon === undefined ? '' : `snapshotConflictHorizon: ${snapshotConflictHorizon}`;
  text += `, isCatalogRel: ${flagLetter((flags & XLHP_IS_CATALOG_REL) !== 0)}`;
  if (flags & XLHP_VM_ALL_VISIBLE) text += `, vm_flags: ${flags & XLHP_VM_ALL_FROZEN ? '0x03' : '0x01'}`;
  return items ? text + pruneFreezeText(items) : text;
}

function freezeText(data: Heap2FreezePage, { version }: DescribeContext): string {
  const { snapshotConflictHorizon: horizon, nplans, plans } = data;
  if (version < 16) return `cutoff xid ${horizon} ntuples ${nplans}`;
  const list = plans ? `, plans:${freezePlansText(plans)}` : '';
  return `snapshotConflictHorizon: ${horizon}, nplans: ${nplans}${list}`;
}

const XLH_INSERT_ALL_FROZEN_SET = 0x20;

function multiInsertText(
  { flags, ntuples, offsets }: Heap2MultiInsert,
  { version }: DescribeContext,
): string {
  if (version < 12) return `${ntuples} tuples`;
  if (version < 16) return `${ntuples} tuples flags ${hexByte(flags)}`;
  const visibility = version >= 19 && flags & XLH_INSERT_ALL_FROZEN_SET ? ', vm_flags: 0x03' : '';
  const list = offsets ? `, offsets:${arrayText(offsets)}` : '';
  return `ntuples: ${ntuples}, flags: ${hexByte(flags)}${visibility}${list}`;
}

function newCidText(data: Heap2NewCid, { version }: DescribeContext): string {
  const rel = formatLocator(data.targetLocator);
  const tid = `${data.targetTid.block}/${data.targetTid.offset}`;
  const commands = `cmin: ${data.cmin}, cmax: ${data.cmax}, combo: ${data.combocid}`;
  return version >= 16 ? `rel: ${rel}, tid: ${tid}, ${commands}` : `rel ${rel}; tid ${tid}; ${commands}`;
}
