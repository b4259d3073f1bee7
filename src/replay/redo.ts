import { copyBytes, type HeapPage } from '../heap/page.js';
import {
  align,
  FROZEN_XID,
  HEAP_HOT_UPDATED,
  HEAP_KEYS_UPDATED,
  HEAP_MOVED,
  HEAP_XMAX_BITS,
  HEAP_XMAX_EXCL_LOCK,
  HEAP_XMAX_INVALID,
  HEAP_XMAX_IS_MULTI,
  HEAP_XMAX_KEYSHR_LOCK,
  HEAP_XMAX_LOCK_ONLY,
  HEAP_XMIN_FROZEN,
  MOVED_PARTITIONS_OFFSET,
  TUPLE_HEADER_SIZE,
  TupleHeader,
  type TupleId,
} from '../heap/tuple.js';
import { readU16Array } from '../rmgr/arrays.js';
import type { HeapDelete, HeapInplace, HeapInsert, HeapLock, HeapUpdate } from '../rmgr/heap.js';
import { XLH_DELETE_IS_PARTITION_MOVE, XLH_DELETE_IS_SUPER } from '../rmgr/heap.js';
import { type PruneItems, readPruneItems } from '../rmgr/heap-prune.js';
import type {
  Heap2FreezePage,
  Heap2LockUpdated,
  Heap2MultiInsert,
  Heap2Prune,
  Heap2PruneFreeze,
  Heap2Vacuum,
} from '../rmgr/heap2.js';
import { XLHP_VM_ALL_VISIBLE } from '../rmgr/heap2.js';
import type { ByteView } from '../wal/byte-view.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { WalRecord } from '../wal/record.js';
import type { ReplayedRelation } from './replayed-relation.js';

/**
 * What heap records do to a page (PostgreSQL: src/backend/access/heap/heapam_xlog.c, before 18 heapam.c). Hints
 * that pruning works with and maps of free space and visibility are left alone: no row depends on them.
 */

/** A page that a record changes. */
export interface Target {
  relation: ReplayedRelation;
  block: number;
  page: HeapPage;
  record: WalRecord;
  /** The data of this page's block reference. */
  data: ByteView;
  /** The page's LSN before this record, whose end is the new one, in halves. */
  lsnHi: number;
  lsnLo: number;
}

// XLH_INSERT_…, XLH_UPDATE_…, XLH_DELETE_… (src/include/access/heapam_xlog.h)
const INSERT_ALL_VISIBLE_CLEARED = 0x01;
const INSERT_ALL_FROZEN_SET = 0x20;
const UPDATE_OLD_ALL_VISIBLE_CLEARED = 0x01;
const UPDATE_NEW_ALL_VISIBLE_CLEARED = 0x02;
const UPDATE_CONTAINS_OLD_TUPLE = 0x04;
const UPDATE_PREFIX_FROM_OLD = 0x20;
const UPDATE_SUFFIX_FROM_OLD = 0x40;
const DELETE_ALL_VISIBLE_CLEARED = 0x01;
const DELETE_CONTAINS_OLD_TUPLE = 0x02;

/** `xl_heap_header`: infomask2, infomask, hoff. */
const HEAP_HEADER_SIZE = 5;
const DELETE_SIZE = 8;
const UPDATE_SIZE = 14;

/** Of the largest page: no tuple is longer. */
const MOST = 32768;

/** The tuple that a record makes, before it is put into its page: one after the other in the same bytes. */
class NewTuple {
  private readonly bytes = new Uint8Array(MOST);
  readonly header = new TupleHeader(this.bytes);
  length = 0;

  /**
   * Makes it of what the WAL has: the fields of its header, and `length` bytes from `at` on, its null bitmap and data.
   * @param old what its data begin and end with: so many bytes of the old tuple's
   */
  read(
    [infomask2, infomask, hoff]: readonly [number, number, number],
    source: ByteView,
    at: number,
    length: number,
    { old, prefix, suffix }: FromOld = NOTHING_OLD,
  ): this {
    const { header, bytes } = this;
    this.length = TUPLE_HEADER_SIZE + length + prefix + suffix;
    if (this.length > MOST)
      throw new WalError('corrupt-page', message`no room for a tuple of ${this.length} bytes`);
    bytes.fill(0, 0, TUPLE_HEADER_SIZE);
    header.infomask2 = infomask2;
    header.infomask = infomask;
    header.hoff = hoff;
    if (old === undefined) {
      source.copy(at, length, bytes, TUPLE_HEADER_SIZE);
      return this;
    }
    const oldStart = old[HOFF];
    const oldLength = old.length - oldStart;
    const bitmap = hoff - TUPLE_HEADER_SIZE;
    if (prefix > oldLength || suffix > oldLength || bitmap < 0 || bitmap > length) {
      throw new WalError('corrupt-page', message`an UPDATE takes more from the old tuple than it has`);
    }
    source.copy(at, bitmap, bytes, TUPLE_HEADER_SIZE);
    copyBytes(old, oldStart, prefix, bytes, hoff);
    source.copy(at + bitmap, length - bitmap, bytes, hoff + prefix);
    copyBytes(old, old.length - suffix, suffix, bytes, this.length - suffix);
    return this;
  }

  /** Puts it into a page. */
  put(page: HeapPage, offnum: number): void {
    page.addItem(offnum, this.bytes, this.length);
  }
}

/** What a new tuple has of the old one, where that is known. */
interface FromOld {
  old: Uint8Array | undefined;
  prefix: number;
  suffix: number;
}

const NOTHING_OLD: FromOld = { old: undefined, prefix: 0, suffix: 0 };

/** Where `t_hoff` is in a tuple's header. */
const HOFF = 22;

const TUPLE = new NewTuple();

/** A tuple whose `xl_heap_header` is at `offset`, the rest of it all that follows. */
function readTuple(data: ByteView, offset: number, from?: FromOld): NewTuple {
  const at = offset + HEAP_HEADER_SIZE;
  const length = data.length - at;
  return TUPLE.read([data.u16(offset), data.u16(offset + 2), data.u8(offset + 4)], data, at, length, from);
}

/** The header of an item that must be there; undefined where the page is known in part only. */
function existing({ relation, block, page }: Target, offnum: number): TupleHeader | undefined {
  const tuple = page.tuple(offnum);
  if (tuple) return new TupleHeader(tuple);
  if (relation.isPartial(block)) return undefined;
  throw new WalError('corrupt-page', message`the page has no tuple as item ${offnum}`);
}

/** `fix_infomask_from_infobits`, after the bits about xmax are cleared. */
function setXmaxBits(header: TupleHeader, infobits: number): void {
  let mask = header.infomask & ~(HEAP_XMAX_BITS | HEAP_MOVED);
  if (infobits & 0x01) mask |= HEAP_XMAX_IS_MULTI;
  if (infobits & 0x02) mask |= HEAP_XMAX_LOCK_ONLY;
  if (infobits & 0x04) mask |= HEAP_XMAX_EXCL_LOCK;
  if (infobits & 0x08) mask |= HEAP_XMAX_KEYSHR_LOCK;
  header.infomask = mask;
  header.infomask2 = (header.infomask2 & ~HEAP_KEYS_UPDATED) | (infobits & 0x10 ? HEAP_KEYS_UPDATED : 0);
}

function setHotUpdated(header: TupleHeader, hot: boolean): void {
  header.infomask2 = (header.infomask2 & ~HEAP_HOT_UPDATED) | (hot ? HEAP_HOT_UPDATED : 0);
}

export function redoInsert(target: Target, data: HeapInsert): void {
  const tuple = readTuple(target.data, 0);
  tuple.header.xmin = target.record.xid;
  tuple.header.ctid = { block: target.block, offset: data.offnum };
  tuple.put(target.page, data.offnum);
  if (data.flags & INSERT_ALL_VISIBLE_CLEARED) target.page.allVisible = false;
}

/** `xl_multi_insert_tuple`: length of the rest, infomask2, infomask, hoff. */
const MULTI_INSERT_HEADER_SIZE = 7;

export function redoMultiInsert(target: Target, data: Heap2MultiInsert): void {
  const { page, block, record } = target;
  // the line pointers come after the flags, a byte of no meaning and the number of tuples
  const offsets = data.initPage ? undefined : readU16Array(record.main, 4, data.ntuples);
  let at = 0;
  for (let i = 0; i < data.ntuples; i++) {
    at = align(at, 2);
    const { data: tuples } = target;
    const length = tuples.u16(at);
    const head = [tuples.u16(at + 2), tuples.u16(at + 4), tuples.u8(at + 6)] as const;
    const tuple = TUPLE.read(head, tuples, at + MULTI_INSERT_HEADER_SIZE, length);
    const offset = offsets ? offsets[i] : i + 1;
    tuple.header.xmin = record.xid;
    tuple.header.ctid = { block, offset };
    tuple.put(page, offset);
    at += MULTI_INSERT_HEADER_SIZE + length;
  }
  if (data.flags & INSERT_ALL_VISIBLE_CLEARED) page.allVisible = false;
  if (data.flags & INSERT_ALL_FROZEN_SET) page.allVisible = true;
}

/**
 * The old tuple of a DELETE or UPDATE that carries it (REPLICA IDENTITY FULL), put in the place where a partly
 * known page lacks it.
 */
function restoreOldTuple(target: Target, offnum: number, from: number): TupleHeader {
  const tuple = readTuple(target.record.main, from);
  const { header } = tuple;
  header.xmin = FROZEN_XID;
  header.infomask = (header.infomask & ~HEAP_XMAX_BITS) | HEAP_XMIN_FROZEN | HEAP_XMAX_INVALID;
  tuple.put(target.page, offnum);
  return new TupleHeader(target.page.tuple(offnum)!);
}

export function redoDelete(target: Target, data: HeapDelete): void {
  const { relation, block, page } = target;
  let header = existing(target, data.offnum);
  if (!header && data.flags & DELETE_CONTAINS_OLD_TUPLE) {
    header = restoreOldTuple(target, data.offnum, DELETE_SIZE);
  }
  if (data.flags & DELETE_ALL_VISIBLE_CLEARED) page.allVisible = false;
  if (!header) {
    const { offnum: offset } = data;
    relation.noteUnknown({
      block,
      offset,
      xmin: undefined,
      xmax: target.record.xid,
      ctid: ctidOfDeleted(target, data),
    });
    return;
  }
  setXmaxBits(header, data.infobitsSet);
  setHotUpdated(header, false);
  if (data.flags & XLH_DELETE_IS_SUPER) header.xmin = 0;
  else header.xmax = data.xmax;
  clearCommandId(header);
  header.ctid = ctidOfDeleted(target, data);
}

function ctidOfDeleted({ block }: Target, { flags, offnum }: HeapDelete): TupleId {
  return flags & XLH_DELETE_IS_PARTITION_MOVE
    ? { block: 0xffffffff, offset: MOVED_PARTITIONS_OFFSET }
    : { block, offset: offnum };
}

/** `HeapTupleHeaderSetCmax(…, FirstCommandId, false)` */
function clearCommandId(header: TupleHeader): void {
  header.cid = 0;
  header.infomask &= ~0x20;
}

/** The old tuple's part of an UPDATE. @returns its bytes as far as they are known */
export function redoUpdateOld(target: Target, data: HeapUpdate, newTid: TupleId): Uint8Array | undefined {
  const { relation, block, page } = target;
  let header = existing(target, data.oldOffnum);
  if (!header && data.flags & UPDATE_CONTAINS_OLD_TUPLE) {
    header = restoreOldTuple(target, data.oldOffnum, UPDATE_SIZE);
  }
  if (data.flags & UPDATE_OLD_ALL_VISIBLE_CLEARED) page.allVisible = false;
  if (!header) {
    const xmax = target.record.xid;
    relation.noteUnknown({ block, offset: data.oldOffnum, xmin: undefined, xmax, ctid: newTid });
    return undefined;
  }
  setXmaxBits(header, data.oldInfobitsSet);
  setHotUpdated(header, data.type === 'hot-update');
  header.xmax = data.oldXmax;
  clearCommandId(header);
  header.ctid = newTid;
  return header.bytes;
}

/** The new tuple's part of an UPDATE; `old` are the bytes of the old tuple, as far as they are known. */
export function redoUpdateNew(target: Target, data: HeapUpdate, old: Uint8Array | undefined): void {
  const { page, block, record, relation } = target;
  const hasPrefix = (data.flags & UPDATE_PREFIX_FROM_OLD) !== 0;
  const hasSuffix = (data.flags & UPDATE_SUFFIX_FROM_OLD) !== 0;
  const prefix = hasPrefix ? target.data.u16(0) : 0;
  const suffix = hasSuffix ? target.data.u16(hasPrefix ? 2 : 0) : 0;
  const at = 2 * (Number(hasPrefix) + Number(hasSuffix));
  if (data.flags & UPDATE_NEW_ALL_VISIBLE_CLEARED) page.allVisible = false;
  const offset = data.newOffnum;
  const isCut = prefix + suffix > 0;
  if (isCut && !old) {
    const ctid = { block, offset };
    relation.noteUnknown({ block, offset, xmin: record.xid, xmax: undefined, ctid });
    return;
  }
  const tuple = readTuple(target.data, at, isCut ? { old, prefix, suffix } : undefined);
  const { header } = tuple;
  header.xmin = record.xid;
  header.xmax = data.newXmax;
  header.ctid = { block, offset };
  tuple.put(page, offset);
}

export function redoLock(target: Target, data: HeapLock): void {
  const header = existing(target, data.offnum);
  if (!header) return;
  setXmaxBits(header, data.infobitsSet);
  if (header.lockedOnly) {
    setHotUpdated(header, false);
    header.ctid = { block: target.block, offset: data.offnum };
  }
  header.xmax = data.xmax;
  clearCommandId(header);
}

export function redoLockUpdated(target: Target, data: Heap2LockUpdated): void {
  const header = existing(target, data.offnum);
  if (!header) return;
  setXmaxBits(header, data.infobitsSet);
  header.xmax = data.xmax;
}

/** A speculative insertion stays: its ctid is that of any tuple. */
export function redoConfirm(target: Target, offnum: number): void {
  const header = existing(target, offnum);
  if (header) header.ctid = { block: target.block, offset: offnum };
}

export function redoInplace(target: Target, data: HeapInplace): void {
  const header = existing(target, data.offnum);
  if (!header) return;
  const bytes = target.data.bytes(0);
  if (header.hoff + bytes.length !== header.bytes.length) {
    throw new WalError('corrupt-page', message`a tuple changed in place has another length`);
  }
  header.bytes.set(bytes, header.hoff);
}

/** PRUNE (CLEAN up to 13) up to 16. */
export function redoPrune(target: Target, data: Heap2Prune): void {
  changeItems(target, readPruneItems(target.data, data.nredirected, data.ndead), false);
}

/** The second pass of VACUUM, 14 to 16. */
export function redoVacuum(target: Target, data: Heap2Vacuum): void {
  const nowunused = readU16Array(target.data, 0, data.nunused);
  changeItems(target, { redirected: [], nowdead: [], nowunused }, true);
}

/** `xl_heap_freeze_tuple`, up to 15: a plan for each tuple. */
const FREEZE_TUPLE_SIZE = 12;

export function redoFreezePage(target: Target, data: Heap2FreezePage): void {
  if (target.record.version >= 16) {
    for (const plan of data.plans ?? []) for (const offset of plan.offsets) freeze(target, offset, plan);
    return;
  }
  for (let i = 0; i < data.nplans; i++) {
    const at = i * FREEZE_TUPLE_SIZE;
    freeze(target, target.data.u16(at + 4), {
      xmax: target.data.u32(at),
      tInfomask2: target.data.u16(at + 6),
      tInfomask: target.data.u16(at + 8),
      frzflags: target.data.u8(at + 10),
    });
  }
}

const XLHP_CLEANUP_LOCK = 0x04;

/** All that pruning and vacuum do to a page since 17. */
export function redoPruneFreeze(target: Target, data: Heap2PruneFreeze, hintsLogged: boolean): void {
  const { items } = data;
  if (target.record.version >= 19 && data.flags & XLHP_VM_ALL_VISIBLE) {
    target.page.allVisible = true;
    if (!items && !hintsLogged) target.page.setLsn(target.lsnHi, target.lsnLo);
  }
  if (!items) return;
  changeItems(target, items, (data.flags & XLHP_CLEANUP_LOCK) === 0);
  for (const plan of items.plans) for (const offset of plan.offsets) freeze(target, offset, plan);
}

/** Up to 18. Where hints are not logged, a page that only becomes visible keeps its LSN. */
export function redoVisible({ page, lsnHi, lsnLo }: Target, hintsLogged: boolean): void {
  page.allVisible = true;
  if (!hintsLogged) page.setLsn(lsnHi, lsnLo);
}

/** `heap_page_prune_execute`; in the second pass of VACUUM (since 14) tuples stay where they are. */
function changeItems(target: Target, items: PruneItems, truncateOnly: boolean): void {
  const { relation, block, page } = target;
  const { redirected, nowdead, nowunused } = items;
  if (redirected.length + nowdead.length + nowunused.length === 0) return;
  const sources = redirected.filter((_, i) => i % 2 === 0);
  const gone = [...sources, ...nowdead, ...nowunused];
  if (relation.isPartial(block)) page.reserveItems(gone.reduce((most, offset) => Math.max(most, offset), 0));
  relation.removing(block, page, gone);
  for (let i = 0; i < redirected.length; i += 2) page.setRedirect(redirected[i], redirected[i + 1]);
  for (const offset of nowdead) page.setDead(offset);
  for (const offset of nowunused) page.setUnused(offset);
  if (truncateOnly) page.truncateLinePointers();
  else page.repairFragmentation(target.record.version);
}

const FREEZE_XVAC = 0x02;
const INVALID_XVAC = 0x04;

interface Freeze {
  xmax: number;
  tInfomask2: number;
  tInfomask: number;
  frzflags: number;
}

/** `heap_execute_freeze_tuple` */
function freeze(target: Target, offset: number, plan: Freeze): void {
  const header = existing(target, offset);
  if (!header) return;
  header.xmax = plan.xmax;
  if (plan.frzflags & FREEZE_XVAC) header.cid = FROZEN_XID;
  if (plan.frzflags & INVALID_XVAC) header.cid = 0;
  header.infomask = plan.tInfomask;
  header.infomask2 = plan.tInfomask2;
}
