import type { WalRecord } from '../wal/record.js';
import { arrayText, readU32Array } from './arrays.js';
import { flagNames, hexByte } from './desc-text.js';
import { writeDelete, writeInsert, writeLock, writeOffnum, writeUpdate } from './heap-bytes.js';
import { INFOBITS_BEFORE_16, INFOBITS_LISTS } from './infobits.js';
import type { Invalidations } from './invalidation.js';
import { describeInvalidations, readInvalidationMessages } from './invalidation.js';
import type { RmgrTable } from './kinds.js';
import type { DescribeContext } from './rmgr.js';

/** Which change of a tuple `xl_info` names; the same bits in Heap2 (src/include/access/heapam_xlog.h). */
export const XLOG_HEAP_OPMASK = 0x70;

/** The change is the first on a page that replay initialises. */
export const XLOG_HEAP_INIT_PAGE = 0x80;

export const XLOG_HEAP_INSERT = 0x00;
export const XLOG_HEAP_DELETE = 0x10;
export const XLOG_HEAP_UPDATE = 0x20;
export const XLOG_HEAP_HOT_UPDATE = 0x40;
export const XLOG_HEAP_INPLACE = 0x70;

/** `XLH_INSERT_…`, `XLH_DELETE_…`: what `flags` say (src/include/access/heapam_xlog.h). */
export const XLH_INSERT_IS_SPECULATIVE = 0x04;
/** What is inserted is a chunk of a value. Since 14. */
export const XLH_INSERT_ON_TOAST_RELATION = 0x10;
/** What an UPDATE leaves out of the new row, since the old one begins, or ends, with the same bytes. */
export const XLH_UPDATE_PREFIX_FROM_OLD = 0x20;
export const XLH_UPDATE_SUFFIX_FROM_OLD = 0x40;
/** An INSERT … ON CONFLICT withdraws its row. */
export const XLH_DELETE_IS_SUPER = 0x08;
/** An UPDATE moves the row to another partition. Since 11. */
export const XLH_DELETE_IS_PARTITION_MOVE = 0x10;
/** REPACK (CONCURRENTLY) repeats in its new file what others deleted meanwhile. Since 19. */
export const XLH_DELETE_NO_LOGICAL = 0x20;

/** A change of a table's rows: `xl_heap_…` of src/include/access/heapam_xlog.h. */
export type HeapRecord =
  | HeapInsert
  | HeapDelete
  | HeapUpdate
  | HeapTruncate
  | HeapConfirm
  | HeapLock
  | HeapInplace;

/** A row is inserted (`xl_heap_insert`). */
export interface HeapInsert {
  rmgr: 'Heap';
  type: 'insert';
  initPage: boolean;
  /** The new tuple's line pointer on block 0. */
  offnum: number;
  /** `XLH_INSERT_…` */
  flags: number;
}

/** A row is deleted (`xl_heap_delete`). */
export interface HeapDelete {
  rmgr: 'Heap';
  type: 'delete';
  xmax: number;
  offnum: number;
  /** `XLHL_…`, what becomes of the tuple's infomask. */
  infobitsSet: number;
  /** `XLH_DELETE_…` */
  flags: number;
}

/**
 * A row is updated (`xl_heap_update`). The old tuple is on block 1, or on block 0 where there is no block 1; the new
 * one on block 0.
 */
export interface HeapUpdate {
  rmgr: 'Heap';
  type: 'update' | 'hot-update';
  initPage: boolean;
  oldXmax: number;
  oldOffnum: number;
  oldInfobitsSet: number;
  /** `XLH_UPDATE_…` */
  flags: number;
  newXmax: number;
  newOffnum: number;
}

/** What logical decoding needs of TRUNCATE (`xl_heap_truncate`). Since 11, with `wal_level = logical`. */
export interface HeapTruncate {
  rmgr: 'Heap';
  type: 'truncate';
  dbId: number;
  /** `XLH_TRUNCATE_…` */
  flags: number;
  /** The tables' oids, not their relfilenodes. */
  relids: number[];
}

/** A speculative insertion (INSERT … ON CONFLICT) came to stay (`xl_heap_confirm`). */
export interface HeapConfirm {
  rmgr: 'Heap';
  type: 'confirm';
  offnum: number;
}

/** A row is locked (`xl_heap_lock`). */
export interface HeapLock {
  rmgr: 'Heap';
  type: 'lock';
  /** May be a multixact id. `locking_xid` up to 15. */
  xmax: number;
  offnum: number;
  /** `XLHL_…`, what becomes of the tuple's infomask */
  infobitsSet: number;
  /** `XLH_LOCK_…` */
  flags: number;
}

/** A row of a catalog is overwritten where it is, whatever transactions see (`xl_heap_inplace`). */
export interface HeapInplace {
  rmgr: 'Heap';
  type: 'inplace';
  offnum: number;
  /** Since 18. */
  invalidations: Invalidations | undefined;
}

/**
 * `heap_identify`, `heap_desc` (src/backend/access/rmgrdesc/heapdesc.c). 12 began to print flags, in hexadecimal; 16
 * changed the layout of all descriptions to `key: value, …`.
 */
export const HEAP: RmgrTable<HeapRecord> = {
  name: 'Heap',
  opMask: XLOG_HEAP_OPMASK,
  kinds: [
    {
      op: XLOG_HEAP_INSERT,
      name: 'INSERT',
      type: 'insert',
      init: true,
      decode: ({ main, info }) => ({
        rmgr: 'Heap',
        type: 'insert',
        initPage: (info & XLOG_HEAP_INIT_PAGE) !== 0,
        offnum: main.u16(0),
        flags: main.u8(2),
      }),
      describe: ({ offnum, flags }, { version }) =>
        version >= 16
          ? `${offText(offnum, version)}, flags: ${hexByte(flags)}`
          : `${offText(offnum, version)}${flagsBefore16(flags, version)}`,
      write: writeInsert,
    },
    {
      op: XLOG_HEAP_DELETE,
      name: 'DELETE',
      type: 'delete',
      decode: ({ main }) => ({
        rmgr: 'Heap',
        type: 'delete',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      }),
      describe(data, { version }) {
        if (version >= 16) return xmaxText(data);
        const flags = flagsBefore16(data.flags, version);
        return `${offText(data.offnum, version)}${flags}${INFOBITS_BEFORE_16[data.infobitsSet & 0x1f]}`;
      },
      write: writeDelete,
    },
    {
      op: XLOG_HEAP_UPDATE,
      name: 'UPDATE',
      type: 'update',
      init: true,
      decode: (record) => decodeUpdate(record, 'update'),
      describe: updateText,
      write: writeUpdate,
    },
    {
      op: 0x30,
      name: 'TRUNCATE',
      type: 'truncate',
      since: 11,
      decode: ({ main }) => ({
        rmgr: 'Heap',
        type: 'truncate',
        dbId: main.u32(0),
        flags: main.u8(8),
        relids: readU32Array(main, 12, main.u32(4)),
      }),
      describe: truncateText,
    },
    {
      op: XLOG_HEAP_HOT_UPDATE,
      name: 'HOT_UPDATE',
      type: 'hot-update',
      init: true,
      decode: (record) => decodeUpdate(record, 'hot-update'),
      describe: updateText,
      write: writeUpdate,
    },
    {
      op: 0x50,
      name: 'HEAP_CONFIRM',
      type: 'confirm',
      decode: ({ main }) => ({ rmgr: 'Heap', type: 'confirm', offnum: main.u16(0) }),
      describe: ({ offnum }, { version }) => offText(offnum, version),
      write: writeOffnum,
    },
    {
      op: 0x60,
      name: 'LOCK',
      type: 'lock',
      decode: ({ main }) => ({
        rmgr: 'Heap',
        type: 'lock',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      }),
      describe: (data, { version }) => lockText('xid', data, version),
      write: writeLock,
    },
    {
      op: XLOG_HEAP_INPLACE,
      name: 'INPLACE',
      type: 'inplace',
      decode: (record) => ({
        rmgr: 'Heap',
        type: 'inplace',
        offnum: record.main.u16(0),
        invalidations: record.version >= 18 ? inplaceInvalidations(record) : undefined,
      }),
      describe: ({ offnum, invalidations }, { version }) =>
        offText(offnum, version) + (invalidations ? describeInvalidations(invalidations, version) : ''),
    },
  ],
};

function decodeUpdate({ main, info }: WalRecord, type: HeapUpdate['type']): HeapUpdate {
  return {
    rmgr: 'Heap',
    type,
    initPage: (info & XLOG_HEAP_INIT_PAGE) !== 0,
    oldXmax: main.u32(0),
    oldOffnum: main.u16(4),
    oldInfobitsSet: main.u8(6),
    flags: main.u8(7),
    newXmax: main.u32(8),
    newOffnum: main.u16(12),
  };
}

function inplaceInvalidations({ main, version }: WalRecord): Invalidations {
  return {
    dbId: main.u32(4),
    tsId: main.u32(8),
    relcacheInitFileInval: main.u8(12) !== 0,
    msgs: readInvalidationMessages(main, 20, main.i32(16), version),
  };
}

/** A line pointer's number. */
export function offText(offnum: number, version: number): string {
  return version >= 16 ? `off: ${offnum}` : `off ${offnum}`;
}

function flagsBefore16(flags: number, version: number): string {
  return version >= 12 ? ` flags ${hexByte(flags)}` : '';
}

function updateText(data: HeapUpdate, { version }: DescribeContext): string {
  const { oldXmax, oldOffnum, newXmax, newOffnum } = data;
  const infobits = data.oldInfobitsSet & 0x1f;
  if (version >= 16) {
    const old = `old_xmax: ${oldXmax}, old_off: ${oldOffnum}, old_infobits: [${INFOBITS_LISTS[infobits]}]`;
    return `${old}, flags: ${hexByte(data.flags)}, new_xmax: ${newXmax}, new_off: ${newOffnum}`;
  }
  const old = `off ${oldOffnum} xmax ${oldXmax}${flagsBefore16(data.flags, version)}`;
  return `${old}${INFOBITS_BEFORE_16[infobits]}; new off ${newOffnum} xmax ${newXmax}`;
}

const TRUNCATE_FLAGS: readonly [number, string][] = [
  [0x01, 'CASCADE'],
  [0x02, 'RESTART_SEQS'],
];

function truncateText({ flags, relids }: HeapTruncate, { version }: DescribeContext): string {
  const names = flagNames(flags, TRUNCATE_FLAGS);
  if (version >= 16) {
    return `flags: [${names.join(', ')}], nrelids: ${relids.length}, relids:${arrayText(relids)}`;
  }
  const words = names.map((name) => `${name.toLowerCase()} `).join('');
  return `${words}nrelids ${relids.length} relids${relids.map((relid) => ` ${relid}`).join('')}`;
}

/** The part that tuple locks (and since 16 deletions) share. */
interface XmaxChange {
  xmax: number;
  offnum: number;
  infobitsSet: number;
  flags: number;
}

/** Since 16. */
function xmaxText({ xmax, offnum, infobitsSet, flags }: XmaxChange): string {
  const infobits = INFOBITS_LISTS[infobitsSet & 0x1f];
  return `xmax: ${xmax}, off: ${offnum}, infobits: [${infobits}], flags: ${hexByte(flags)}`;
}

/** A tuple lock. @param xmaxName how versions up to 15 name the locker */
export function lockText(xmaxName: 'xid' | 'xmax', data: XmaxChange, version: number): string {
  if (version >= 16) return xmaxText(data);
  const flags = version >= 12 ? hexByte(data.flags) : data.flags;
  const infobits = INFOBITS_BEFORE_16[data.infobitsSet & 0x1f];
  return `${offText(data.offnum, version)}: ${xmaxName} ${data.xmax}: flags ${flags}${infobits}`;
}
