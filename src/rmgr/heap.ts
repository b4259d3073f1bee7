import type { WalRecord } from '../wal/record.js';
import type { TextBuffer } from '../wal/text-buffer.js';
import { arrayText, readU32Array } from './arrays.js';
import { flagNames, hexByte } from './desc-text.js';
import type { Invalidations } from './invalidation.js';
import { describeInvalidations, readInvalidationMessages } from './invalidation.js';
import type { DescribeContext } from './rmgr.js';

/** Which change of a tuple `xl_info` names; the same bits in Heap2 (src/include/access/heapam_xlog.h). */
export const XLOG_HEAP_OPMASK = 0x70;

/** The change is the first on a page that replay initialises. */
export const XLOG_HEAP_INIT_PAGE = 0x80;

export const XLOG_HEAP_INSERT = 0x00;
export const XLOG_HEAP_DELETE = 0x10;
export const XLOG_HEAP_UPDATE = 0x20;
/** Since 11. */
const XLOG_HEAP_TRUNCATE = 0x30;
export const XLOG_HEAP_HOT_UPDATE = 0x40;
const XLOG_HEAP_CONFIRM = 0x50;
const XLOG_HEAP_LOCK = 0x60;
const XLOG_HEAP_INPLACE = 0x70;

/** `XLH_INSERT_…`, `XLH_DELETE_…`: what `flags` say (src/include/access/heapam_xlog.h). */
export const XLH_INSERT_IS_SPECULATIVE = 0x04;
/** An INSERT … ON CONFLICT withdraws its row. */
export const XLH_DELETE_IS_SUPER = 0x08;
/** An UPDATE moves the row to another partition. Since 11. */
export const XLH_DELETE_IS_PARTITION_MOVE = 0x10;

/** A change of a table's rows: `xl_heap_…` of src/include/access/heapam_xlog.h. */
export type HeapRecord =
  | HeapInsert
  | HeapDelete
  | HeapUpdate
  | HeapTruncate
  | HeapConfirm
  | HeapLock
  | HeapInplace;

export interface HeapInsert {
  rmgr: 'Heap';
  type: 'insert';
  initPage: boolean;
  /** The new tuple's line pointer on block 0. */
  offnum: number;
  /** `XLH_INSERT_…` */
  flags: number;
}

export interface HeapDelete {
  rmgr: 'Heap';
  type: 'delete';
  xmax: number;
  offnum: number;
  /** `XLHL_…`, see {@link infobitsText}. */
  infobitsSet: number;
  /** `XLH_DELETE_…` */
  flags: number;
}

/** The old tuple is on block 1, or on block 0 where there is no block 1; the new one on block 0. */
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

/** What logical decoding needs of TRUNCATE. Since 11, with `wal_level = logical`. */
export interface HeapTruncate {
  rmgr: 'Heap';
  type: 'truncate';
  dbId: number;
  /** `XLH_TRUNCATE_…` */
  flags: number;
  /** The tables' oids, not their relfilenodes. */
  relids: number[];
}

/** A speculative insertion (INSERT … ON CONFLICT) came to stay. */
export interface HeapConfirm {
  rmgr: 'Heap';
  type: 'confirm';
  offnum: number;
}

export interface HeapLock {
  rmgr: 'Heap';
  type: 'lock';
  /** May be a multixact id. `locking_xid` up to 15. */
  xmax: number;
  offnum: number;
  infobitsSet: number;
  /** `XLH_LOCK_…` */
  flags: number;
}

export interface HeapInplace {
  rmgr: 'Heap';
  type: 'inplace';
  offnum: number;
  /** Since 18. */
  invalidations: Invalidations | undefined;
}

const NAMES: readonly (string | undefined)[] = [
  ...['INSERT', 'DELETE', 'UPDATE', 'TRUNCATE', 'HOT_UPDATE', 'HEAP_CONFIRM', 'LOCK', 'INPLACE'],
  ...['INSERT+INIT', undefined, 'UPDATE+INIT', undefined, 'HOT_UPDATE+INIT'],
];

/** `heap_identify` */
export function heapIdentify(info: number, version: number): string | undefined {
  if (version < 11 && (info & 0xf0) === XLOG_HEAP_TRUNCATE) return undefined;
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function heapDecode(record: WalRecord): HeapRecord | undefined {
  const { main, info, version } = record;
  const initPage = (info & XLOG_HEAP_INIT_PAGE) !== 0;
  switch (info & XLOG_HEAP_OPMASK) {
    case XLOG_HEAP_INSERT:
      return { rmgr: 'Heap', type: 'insert', initPage, offnum: main.u16(0), flags: main.u8(2) };
    case XLOG_HEAP_DELETE:
      return {
        rmgr: 'Heap',
        type: 'delete',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      };
    case XLOG_HEAP_UPDATE:
    case XLOG_HEAP_HOT_UPDATE:
      return {
        rmgr: 'Heap',
        type: (info & XLOG_HEAP_OPMASK) === XLOG_HEAP_UPDATE ? 'update' : 'hot-update',
        initPage,
        oldXmax: main.u32(0),
        oldOffnum: main.u16(4),
        oldInfobitsSet: main.u8(6),
        flags: main.u8(7),
        newXmax: main.u32(8),
        newOffnum: main.u16(12),
      };
    case XLOG_HEAP_TRUNCATE:
      if (version < 11) return undefined;
      return {
        rmgr: 'Heap',
        type: 'truncate',
        dbId: main.u32(0),
        flags: main.u8(8),
        relids: readU32Array(main, 12, main.u32(4)),
      };
    case XLOG_HEAP_CONFIRM:
      return { rmgr: 'Heap', type: 'confirm', offnum: main.u16(0) };
    case XLOG_HEAP_LOCK:
      return {
        rmgr: 'Heap',
        type: 'lock',
        xmax: main.u32(0),
        offnum: main.u16(4),
        infobitsSet: main.u8(6),
        flags: main.u8(7),
      };
    case XLOG_HEAP_INPLACE:
      return {
        rmgr: 'Heap',
        type: 'inplace',
        offnum: main.u16(0),
        invalidations: version >= 18 ? inplaceInvalidations(record) : undefined,
      };
  }
  return undefined;
}

function inplaceInvalidations({ main, version }: WalRecord): Invalidations {
  return {
    dbId: main.u32(4),
    tsId: main.u32(8),
    relcacheInitFileInval: main.u8(12) !== 0,
    msgs: readInvalidationMessages(main, 20, main.i32(16), version),
  };
}

/**
 * `heap_desc` (src/backend/access/rmgrdesc/heapdesc.c). 12 began to print flags, in hexadecimal; 16 changed the
 * layout of all descriptions to `key: value, …`.
 *
 * Most records of any WAL are these, so they are written as bytes: 157,310 records of pgbench take 12 ms, against
 * 65 ms where each is made as a string first.
 */
export function heapDescribe(out: TextBuffer, data: HeapRecord, { version }: DescribeContext): void {
  switch (data.type) {
    case 'insert':
      writeOff(out, data.offnum, version);
      if (version >= 16) out.text(', flags: ');
      else if (version >= 12) out.text(' flags ');
      if (version >= 12) out.text(hexByte(data.flags));
      return;
    case 'delete':
      if (version >= 16) {
        writeXmax(out, data);
        return;
      }
      writeOff(out, data.offnum, version);
      out.text(' ');
      writeFlagsBefore16(out, data.flags, version);
      out.text(infobitsText(data.infobitsSet));
      return;
    case 'update':
    case 'hot-update':
      if (version >= 16) writeUpdate(out, data);
      else writeUpdateBefore16(out, data, version);
      return;
    case 'truncate':
      out.text(truncateText(data, version));
      return;
    case 'confirm':
      writeOff(out, data.offnum, version);
      return;
    case 'lock':
      if (version >= 16) writeXmax(out, data);
      else out.text(lockText('xid', data, version));
      return;
    case 'inplace':
      writeOff(out, data.offnum, version);
      if (data.invalidations) out.text(describeInvalidations(data.invalidations, version));
  }
}

function writeOff(out: TextBuffer, offnum: number, version: number): void {
  out.text(version >= 16 ? 'off: ' : 'off ');
  out.decimal(offnum);
}

function writeFlagsBefore16(out: TextBuffer, flags: number, version: number): void {
  if (version < 12) return;
  out.text('flags ');
  out.text(hexByte(flags));
  out.text(' ');
}

function writeUpdate(out: TextBuffer, data: HeapUpdate): void {
  out.text('old_xmax: ');
  out.decimal(data.oldXmax);
  out.text(', old_off: ');
  out.decimal(data.oldOffnum);
  out.text(', old_infobits: [');
  out.text(infobitsList(data.oldInfobitsSet));
  out.text('], flags: ');
  out.text(hexByte(data.flags));
  out.text(', new_xmax: ');
  out.decimal(data.newXmax);
  out.text(', new_off: ');
  out.decimal(data.newOffnum);
}

function writeUpdateBefore16(out: TextBuffer, data: HeapUpdate, version: number): void {
  out.text('off ');
  out.decimal(data.oldOffnum);
  out.text(' xmax ');
  out.decimal(data.oldXmax);
  out.text(' ');
  writeFlagsBefore16(out, data.flags, version);
  out.text(infobitsText(data.oldInfobitsSet));
  out.text('; new off ');
  out.decimal(data.newOffnum);
  out.text(' xmax ');
  out.decimal(data.newXmax);
}

const TRUNCATE_FLAGS: readonly [number, string][] = [
  [0x01, 'CASCADE'],
  [0x02, 'RESTART_SEQS'],
];

function truncateText({ flags, relids }: HeapTruncate, version: number): string {
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
export function writeXmax(out: TextBuffer, data: XmaxChange): void {
  out.text('xmax: ');
  out.decimal(data.xmax);
  out.text(', off: ');
  out.decimal(data.offnum);
  out.text(', infobits: [');
  out.text(infobitsList(data.infobitsSet));
  out.text('], flags: ');
  out.text(hexByte(data.flags));
}

/** A tuple lock up to 15. */
export function lockText(xmaxName: 'xid' | 'xmax', data: XmaxChange, version: number): string {
  const flags = version >= 12 ? hexByte(data.flags) : data.flags;
  return `off ${data.offnum}: ${xmaxName} ${data.xmax}: flags ${flags} ${infobitsText(data.infobitsSet)}`;
}

/** `XLHL_…`, what becomes of the tuple's infomask. */
const INFOBITS: readonly [number, string][] = [
  [0x01, 'IS_MULTI'],
  [0x02, 'LOCK_ONLY'],
  [0x04, 'EXCL_LOCK'],
  [0x08, 'KEYSHR_LOCK'],
  [0x10, 'KEYS_UPDATED'],
];

// every combination is made once: nearly each record of these kinds prints one
const INFOBITS_NAMES = Array.from({ length: 32 }, (_, bits) => flagNames(bits, INFOBITS));
const INFOBITS_TEXTS = INFOBITS_NAMES.map((names) => names.map((name) => `${name} `).join(''));
const INFOBITS_LISTS = INFOBITS_NAMES.map((names) => names.join(', '));

/** The infobits up to 15: each name with a space after it. */
function infobitsText(bits: number): string {
  return INFOBITS_TEXTS[bits & 0x1f];
}

/** The infobits since 16. */
function infobitsList(bits: number): string {
  return INFOBITS_LISTS[bits & 0x1f];
}
