import { ascii, type TextBuffer } from '../text/text-buffer.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { arrayText, readU16Array } from './arrays.js';
import { flagLetter } from './desc-text.js';
import { firstBlockData } from './first-block.js';
import { LOCK_UPDATED_XMAX, writeLock, XLOG_HEAP_INIT_PAGE, XLOG_HEAP_OPMASK } from './heap.js';
import type { FreezePlan, PruneFreeze, PruneItems } from './heap-prune.js';
import {
  freezePlansText,
  pruneFreezeText,
  pruneItemsText,
  readFreezePlans,
  readPruneFreeze,
  readPruneItems,
} from './heap-prune.js';
import type { TupleId } from './locator.js';
import { formatLocator, readRelFileLocator, readTupleId } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/*
 * Operations (src/include/access/heapam_xlog.h). Those of vacuum were renumbered in 14, which gave up
 * CLEANUP_INFO and renamed CLEAN to PRUNE, and replaced in 17; 19 sets visibility within the other records.
 */
const XLOG_HEAP2_REWRITE = 0x00;
const XLOG_HEAP2_VISIBLE = 0x40;
export const XLOG_HEAP2_MULTI_INSERT = 0x50;
const XLOG_HEAP2_LOCK_UPDATED = 0x60;
const XLOG_HEAP2_NEW_CID = 0x70;

/** The operations 0x10, 0x20 and 0x30, by the versions that have them. */
const UNTIL_13 = ['CLEAN', 'FREEZE_PAGE', 'CLEANUP_INFO'] as const;
const UNTIL_16 = ['PRUNE', 'VACUUM', 'FREEZE_PAGE'] as const;
const SINCE_17 = ['PRUNE_ON_ACCESS', 'PRUNE_VACUUM_SCAN', 'PRUNE_VACUUM_CLEANUP'] as const;

function vacuumOperation(info: number, version: number) {
  const names = version >= 17 ? SINCE_17 : version >= 14 ? UNTIL_16 : UNTIL_13;
  return names[((info & XLOG_HEAP_OPMASK) >> 4) - 1];
}

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

/** Page pruning up to 16; CLEAN up to 13. */
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

/** Pruning and freezing since 17. */
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

/** The second pass of VACUUM over a page, 14 … 16. */
export interface Heap2Vacuum {
  rmgr: 'Heap2';
  type: 'vacuum';
  nunused: number;
  /** In 16, unless an image of the page stands for it. */
  nowunused: number[] | undefined;
}

/** Up to 16. */
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

/** Up to 13. */
export interface Heap2CleanupInfo {
  rmgr: 'Heap2';
  type: 'cleanup-info';
  node: RelFileLocator;
  latestRemovedXid: number;
}

/** Up to 18. */
export interface Heap2Visible {
  rmgr: 'Heap2';
  type: 'visible';
  /** `cutoff_xid` up to 15. */
  snapshotConflictHorizon: number;
  /** `VISIBILITYMAP_…` */
  flags: number;
}

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

export interface Heap2LockUpdated {
  rmgr: 'Heap2';
  type: 'lock-updated';
  xmax: number;
  offnum: number;
  infobitsSet: number;
  flags: number;
}

/** A tuple's command ids, for logical decoding of catalog changes. */
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

/** A part of a logical rewrite mapping file follows in the record. */
export interface Heap2Rewrite {
  rmgr: 'Heap2';
  type: 'rewrite';
  mappedXid: number;
  mappedDb: number;
  mappedRel: number;
  offset: bigint;
  numMappings: number;
  startLsn: bigint;
}

/** `heap2_identify` */
export function heap2Identify(info: number, version: number): string | undefined {
  switch (info & 0xf0) {
    case XLOG_HEAP2_REWRITE:
      return 'REWRITE';
    case 0x10:
    case 0x20:
    case 0x30:
      return vacuumOperation(info, version);
    case XLOG_HEAP2_VISIBLE:
      return version >= 19 ? undefined : 'VISIBLE';
    case XLOG_HEAP2_MULTI_INSERT:
      return 'MULTI_INSERT';
    case XLOG_HEAP2_MULTI_INSERT | XLOG_HEAP_INIT_PAGE:
      return 'MULTI_INSERT+INIT';
    case XLOG_HEAP2_LOCK_UPDATED:
      return 'LOCK_UPDATED';
    case XLOG_HEAP2_NEW_CID:
      return 'NEW_CID';
  }
  return undefined;
}

/** @throws OutOfBounds */
export function heap2Decode(record: WalRecord): Heap2Record | undefined {
  const { main, info, version } = record;
  switch (info & XLOG_HEAP_OPMASK) {
    case XLOG_HEAP2_REWRITE:
      return {
        rmgr: 'Heap2',
        type: 'rewrite',
        mappedXid: main.u32(0),
        mappedDb: main.u32(4),
        mappedRel: main.u32(8),
        offset: main.i64(16),
        numMappings: main.u32(24),
        startLsn: main.u64(32),
      };
    case XLOG_HEAP2_VISIBLE:
      if (version >= 19) return undefined;
      return { rmgr: 'Heap2', type: 'visible', snapshotConflictHorizon: main.u32(0), flags: main.u8(4) };
    case XLOG_HEAP2_MULTI_INSERT:
      return multiInsert(record);
    case XLOG_HEAP2_LOCK_UPDATED:
      return {
        rmgr: 'Heap2',
        type: 'lock-updated',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      };
    case XLOG_HEAP2_NEW_CID:
      return {
        rmgr: 'Heap2',
        type: 'new-cid',
        topXid: main.u32(0),
        cmin: main.u32(4),
        cmax: main.u32(8),
        combocid: main.u32(12),
        targetLocator: readRelFileLocator(main, 16),
        targetTid: readTupleId(main, 28),
      };
  }
  return decodeVacuum(record);
}

function multiInsert(record: WalRecord): Heap2MultiInsert {
  const { main, info, version } = record;
  const initPage = (info & XLOG_HEAP_INIT_PAGE) !== 0;
  const ntuples = main.u16(2);
  const listed = version >= 16 && !initPage && firstBlockData(record) !== undefined;
  const offsets = listed ? readU16Array(main, 4, ntuples) : undefined;
  return { rmgr: 'Heap2', type: 'multi-insert', initPage, flags: main.u8(0), ntuples, offsets };
}

function decodeVacuum(record: WalRecord): Heap2Record | undefined {
  switch (vacuumOperation(record.info, record.version)) {
    case 'PRUNE_ON_ACCESS':
      return pruneFreeze(record, 'on-access');
    case 'PRUNE_VACUUM_SCAN':
      return pruneFreeze(record, 'vacuum-scan');
    case 'PRUNE_VACUUM_CLEANUP':
      return pruneFreeze(record, 'vacuum-cleanup');
    case 'CLEAN':
    case 'PRUNE':
      return prune(record);
    case 'VACUUM':
      return vacuum(record);
    case 'FREEZE_PAGE':
      return freezePage(record);
    case 'CLEANUP_INFO': {
      const { main } = record;
      const node = readRelFileLocator(main, 0);
      return { rmgr: 'Heap2', type: 'cleanup-info', node, latestRemovedXid: main.u32(12) };
    }
  }
  return undefined;
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

/** `heap2_desc` (src/backend/access/rmgrdesc/heapdesc.c). 16 changed the layout to `key: value, …`. */
export function heap2Describe(out: TextBuffer, data: Heap2Record, { version }: DescribeContext): void {
  switch (data.type) {
    case 'prune':
      writePrune(out, data, version);
      return;
    case 'vacuum':
      out.ascii(version < 16 ? NUNUSED : NUNUSED_COLON);
      out.decimal(data.nunused);
      if (data.nowunused) out.text(`, unused:${arrayText(data.nowunused)}`);
      return;
    case 'visible':
      writeVisible(out, data, version);
      return;
    case 'multi-insert':
      writeMultiInsert(out, data, version);
      return;
    case 'lock-updated':
      writeLock(out, LOCK_UPDATED_XMAX, data, version);
      return;
    default:
      out.text(heap2Text(data, version));
  }
}

function heap2Text(
  data: Exclude<Heap2Record, Heap2Prune | Heap2Vacuum | Heap2Visible | Heap2MultiInsert | Heap2LockUpdated>,
  version: number,
): string {
  switch (data.type) {
    case 'prune-freeze':
      return pruneFreezeRecordText(data);
    case 'freeze-page': {
      if (version < 16) return `cutoff xid ${data.snapshotConflictHorizon} ntuples ${data.nplans}`;
      const plans = data.plans ? `, plans:${freezePlansText(data.plans)}` : '';
      return `snapshotConflictHorizon: ${data.snapshotConflictHorizon}, nplans: ${data.nplans}${plans}`;
    }
    case 'cleanup-info':
      return `remxid ${data.latestRemovedXid}`;
    case 'new-cid':
      return newCidText(data, version);
    case 'rewrite':
      return '';
  }
}

const REMXID = ascii('remxid ');
const LATEST_REMOVED_XID = ascii('latestRemovedXid ');
const NREDIRECTED = ascii(' nredirected ');
const NDEAD = ascii(' ndead ');
// since 16
const CONFLICT_HORIZON_COLON = ascii('snapshotConflictHorizon: ');
const NREDIRECTED_COLON = ascii(', nredirected: ');
const NDEAD_COLON = ascii(', ndead: ');

/** As bytes, since a page is pruned about as often as rows on it are updated. */
function writePrune(out: TextBuffer, data: Heap2Prune, version: number): void {
  const { snapshotConflictHorizon, nredirected, ndead, items } = data;
  const isOld = version < 16;
  out.ascii(version < 14 ? REMXID : isOld ? LATEST_REMOVED_XID : CONFLICT_HORIZON_COLON);
  out.decimal(snapshotConflictHorizon);
  if (version < 14) return;
  out.ascii(isOld ? NREDIRECTED : NREDIRECTED_COLON);
  out.decimal(nredirected);
  out.ascii(isOld ? NDEAD : NDEAD_COLON);
  out.decimal(ndead);
  if (items) out.text(pruneItemsText(items));
}

function pruneFreezeRecordText({ flags, snapshotConflictHorizon, items }: Heap2PruneFreeze): string {
  // without a horizon the text begins with a comma
  let text =
    snapshotConflictHorizon === undefined ? '' : `snapshotConflictHorizon: ${snapshotConflictHorizon}`;
  text += `, isCatalogRel: ${flagLetter((flags & XLHP_IS_CATALOG_REL) !== 0)}`;
  if (flags & XLHP_VM_ALL_VISIBLE) text += `, vm_flags: ${flags & XLHP_VM_ALL_FROZEN ? '0x03' : '0x01'}`;
  return items ? text + pruneFreezeText(items) : text;
}

const NUNUSED = ascii('nunused ');
const CUTOFF_XID = ascii('cutoff xid ');
const FLAGS = ascii(' flags ');
const TUPLES = ascii(' tuples');
// since 16
const NUNUSED_COLON = ascii('nunused: ');
const FLAGS_COLON = ascii(', flags: ');
const NTUPLES_COLON = ascii('ntuples: ');

function writeVisible(
  out: TextBuffer,
  { snapshotConflictHorizon, flags }: Heap2Visible,
  version: number,
): void {
  out.ascii(version < 16 ? CUTOFF_XID : CONFLICT_HORIZON_COLON);
  out.decimal(snapshotConflictHorizon);
  out.ascii(version < 16 ? FLAGS : FLAGS_COLON);
  if (version >= 12) out.hexByte(flags);
  else out.decimal(flags);
}

const XLH_INSERT_ALL_FROZEN_SET = 0x20;

function writeMultiInsert(
  out: TextBuffer,
  { flags, ntuples, offsets }: Heap2MultiInsert,
  version: number,
): void {
  if (version >= 16) out.ascii(NTUPLES_COLON);
  out.decimal(ntuples);
  if (version < 16) out.ascii(TUPLES);
  if (version < 12) return;
  out.ascii(version < 16 ? FLAGS : FLAGS_COLON);
  out.hexByte(flags);
  if (version >= 19 && flags & XLH_INSERT_ALL_FROZEN_SET) out.text(', vm_flags: 0x03');
  if (offsets) out.text(`, offsets:${arrayText(offsets)}`);
}

function newCidText(data: Heap2NewCid, version: number): string {
  const rel = formatLocator(data.targetLocator);
  const tid = `${data.targetTid.block}/${data.targetTid.offset}`;
  const commands = `cmin: ${data.cmin}, cmax: ${data.cmax}, combo: ${data.combocid}`;
  return version >= 16 ? `rel: ${rel}, tid: ${tid}, ${commands}` : `rel ${rel}; tid ${tid}; ${commands}`;
}
