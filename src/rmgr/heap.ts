import { type AsciiText, ascii, type TextBuffer } from '../text/text-buffer.js';
import type { WalRecord } from '../wal/record.js';
import { arrayText, readU32Array } from './arrays.js';
import { flagNames } from './desc-text.js';
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
export const XLOG_HEAP_INPLACE = 0x70;

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
 * Most records of any WAL are these, so they are written as bytes: a string for each of them takes five times as
 * long.
 */
export function heapDescribe(out: TextBuffer, data: HeapRecord, { version }: DescribeContext): void {
  switch (data.type) {
    case 'insert':
      writeOff(out, data.offnum, version);
      if (version >= 16) out.ascii(COMMA_FLAGS_COLON);
      else if (version >= 12) out.ascii(FLAGS);
      if (version >= 12) out.hexByte(data.flags);
      return;
    case 'delete':
      if (version >= 16) {
        writeXmax(out, data);
        return;
      }
      writeOff(out, data.offnum, version);
      writeFlagsBefore16(out, data.flags, version);
      out.ascii(INFOBITS_BEFORE_16[data.infobitsSet & 0x1f]);
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
      writeLock(out, XID, data, version);
      return;
    case 'inplace':
      writeOff(out, data.offnum, version);
      if (data.invalidations) out.text(describeInvalidations(data.invalidations, version));
  }
}

const OFF = ascii('off ');
const FLAGS = ascii(' flags ');
const XMAX = ascii(' xmax ');
const NEW_OFF = ascii('; new off ');
const FLAGS_AFTER_XID = ascii(': flags ');

// since 16
const OFF_COLON = ascii('off: ');
const COMMA_FLAGS_COLON = ascii(', flags: ');
const OLD_XMAX_COLON = ascii('old_xmax: ');
const OLD_OFF_COLON = ascii(', old_off: ');
const OLD_INFOBITS_COLON = ascii(', old_infobits: [');
const CLOSE_FLAGS_COLON = ascii('], flags: ');
const NEW_XMAX_COLON = ascii(', new_xmax: ');
const NEW_OFF_COLON = ascii(', new_off: ');
const XMAX_COLON = ascii('xmax: ');
const COMMA_OFF_COLON = ascii(', off: ');
const INFOBITS_COLON = ascii(', infobits: [');

/** A line pointer's number. */
export function writeOff(out: TextBuffer, offnum: number, version: number): void {
  out.ascii(version >= 16 ? OFF_COLON : OFF);
  out.decimal(offnum);
}

function writeFlagsBefore16(out: TextBuffer, flags: number, version: number): void {
  if (version < 12) return;
  out.ascii(FLAGS);
  out.hexByte(flags);
}

function writeUpdate(out: TextBuffer, data: HeapUpdate): void {
  out.ascii(OLD_XMAX_COLON);
  out.decimal(data.oldXmax);
  out.ascii(OLD_OFF_COLON);
  out.decimal(data.oldOffnum);
  out.ascii(OLD_INFOBITS_COLON);
  out.ascii(INFOBITS_LISTS[data.oldInfobitsSet & 0x1f]);
  out.ascii(CLOSE_FLAGS_COLON);
  out.hexByte(data.flags);
  out.ascii(NEW_XMAX_COLON);
  out.decimal(data.newXmax);
  out.ascii(NEW_OFF_COLON);
  out.decimal(data.newOffnum);
}

function writeUpdateBefore16(out: TextBuffer, data: HeapUpdate, version: number): void {
  out.ascii(OFF);
  out.decimal(data.oldOffnum);
  out.ascii(XMAX);
  out.decimal(data.oldXmax);
  writeFlagsBefore16(out, data.flags, version);
  out.ascii(INFOBITS_BEFORE_16[data.oldInfobitsSet & 0x1f]);
  out.ascii(NEW_OFF);
  out.decimal(data.newOffnum);
  out.ascii(XMAX);
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
function writeXmax(out: TextBuffer, data: XmaxChange): void {
  out.ascii(XMAX_COLON);
  out.decimal(data.xmax);
  out.ascii(COMMA_OFF_COLON);
  out.decimal(data.offnum);
  out.ascii(INFOBITS_COLON);
  out.ascii(INFOBITS_LISTS[data.infobitsSet & 0x1f]);
  out.ascii(CLOSE_FLAGS_COLON);
  out.hexByte(data.flags);
}

/** How versions up to 15 name the locker in LOCK, and in LOCK_UPDATED of Heap2. */
const XID = ascii(': xid ');
export const LOCK_UPDATED_XMAX = ascii(': xmax ');

/** A tuple lock. @param xmaxName up to 15 */
export function writeLock(out: TextBuffer, xmaxName: AsciiText, data: XmaxChange, version: number): void {
  if (version >= 16) {
    writeXmax(out, data);
    return;
  }
  writeOff(out, data.offnum, version);
  out.ascii(xmaxName);
  out.decimal(data.xmax);
  out.ascii(FLAGS_AFTER_XID);
  if (version >= 12) out.hexByte(data.flags);
  else out.decimal(data.flags);
  out.ascii(INFOBITS_BEFORE_16[data.infobitsSet & 0x1f]);
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

/** The infobits up to 15: a space, and each name with a space after it. */
const INFOBITS_BEFORE_16 = INFOBITS_NAMES.map((names) =>
  ascii(` ${names.map((name) => `${name} `).join('')}`),
);

/** The infobits since 16. */
const INFOBITS_LISTS = INFOBITS_NAMES.map((names) => ascii(names.join(', ')));
