import { type AsciiText, ascii, type TextBuffer } from '../text/text-buffer.js';
import type { WalRecord } from '../wal/record.js';
import { INFOBITS_BEFORE_16, INFOBITS_LISTS } from './infobits.js';
import type { DescribeContext } from './rmgr.js';

/*
 * Descriptions of the kinds that any WAL is full of, straight from the record to bytes. What they say is stated by the
 * tables in heap.ts, heap2.ts and btree.ts. All fields are read before anything is written, in the
 * order in which `decode` reads them, so that a record cut short is said to be cut at the same place.
 */

const OFF = ascii('off ');
const FLAGS = ascii(' flags ');
const XMAX = ascii(' xmax ');
const NEW_OFF = ascii('; new off ');
const FLAGS_AFTER_XID = ascii(': flags ');
const LOCK_XID = ascii(': xid ');
const LOCK_UPDATED_XMAX = ascii(': xmax ');
const INFOBITS = INFOBITS_BEFORE_16.map(ascii);

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
const INFOBITS_LIST = INFOBITS_LISTS.map(ascii);

function writeOff(out: TextBuffer, offnum: number, version: number): void {
  out.ascii(version >= 16 ? OFF_COLON : OFF);
  out.decimal(offnum);
}

/** A record of a line pointer and no more: Btree INSERT, Heap CONFIRM. */
export function writeOffnum(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  writeOff(out, main.u16(0), version);
  return true;
}

/** Heap INSERT. */
export function writeInsert(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  const offnum = main.u16(0);
  const flags = main.u8(2);
  writeOff(out, offnum, version);
  if (version >= 16) out.ascii(COMMA_FLAGS_COLON);
  else if (version >= 12) out.ascii(FLAGS);
  if (version >= 12) out.hexByte(flags);
  return true;
}

/** Heap DELETE. */
export function writeDelete(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  const xmax = main.u32(0);
  const offnum = main.u16(4);
  const infobits = main.u8(6) & 0x1f;
  const flags = main.u8(7);
  if (version >= 16) {
    writeXmax(out, xmax, offnum, infobits, flags);
    return true;
  }
  writeOff(out, offnum, version);
  if (version >= 12) {
    out.ascii(FLAGS);
    out.hexByte(flags);
  }
  out.ascii(INFOBITS[infobits]);
  return true;
}

/** Heap UPDATE and HOT_UPDATE. */
export function writeUpdate(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  const oldXmax = main.u32(0);
  const oldOffnum = main.u16(4);
  const infobits = main.u8(6) & 0x1f;
  const flags = main.u8(7);
  const newXmax = main.u32(8);
  const newOffnum = main.u16(12);
  if (version >= 16) {
    out.ascii(OLD_XMAX_COLON);
    out.decimal(oldXmax);
    out.ascii(OLD_OFF_COLON);
    out.decimal(oldOffnum);
    out.ascii(OLD_INFOBITS_COLON);
    out.ascii(INFOBITS_LIST[infobits]);
    out.ascii(CLOSE_FLAGS_COLON);
    out.hexByte(flags);
    out.ascii(NEW_XMAX_COLON);
    out.decimal(newXmax);
    out.ascii(NEW_OFF_COLON);
    out.decimal(newOffnum);
    return true;
  }
  out.ascii(OFF);
  out.decimal(oldOffnum);
  out.ascii(XMAX);
  out.decimal(oldXmax);
  if (version >= 12) {
    out.ascii(FLAGS);
    out.hexByte(flags);
  }
  out.ascii(INFOBITS[infobits]);
  out.ascii(NEW_OFF);
  out.decimal(newOffnum);
  out.ascii(XMAX);
  out.decimal(newXmax);
  return true;
}

/** Heap LOCK. */
export function writeLock(out: TextBuffer, record: WalRecord, { version }: DescribeContext): boolean {
  return writeTupleLock(out, record, version, LOCK_XID);
}

/** Heap2 LOCK_UPDATED. */
export function writeLockUpdated(out: TextBuffer, record: WalRecord, { version }: DescribeContext): boolean {
  return writeTupleLock(out, record, version, LOCK_UPDATED_XMAX);
}

function writeTupleLock(out: TextBuffer, { main }: WalRecord, version: number, xmaxName: AsciiText): boolean {
  const xmax = main.u32(0);
  const offnum = main.u16(4);
  const infobits = main.u8(6) & 0x1f;
  const flags = main.u8(7);
  if (version >= 16) {
    writeXmax(out, xmax, offnum, infobits, flags);
    return true;
  }
  writeOff(out, offnum, version);
  out.ascii(xmaxName);
  out.decimal(xmax);
  out.ascii(FLAGS_AFTER_XID);
  if (version >= 12) out.hexByte(flags);
  else out.decimal(flags);
  out.ascii(INFOBITS[infobits]);
  return true;
}

/** Since 16. */
function writeXmax(out: TextBuffer, xmax: number, offnum: number, infobits: number, flags: number): void {
  out.ascii(XMAX_COLON);
  out.decimal(xmax);
  out.ascii(COMMA_OFF_COLON);
  out.decimal(offnum);
  out.ascii(INFOBITS_COLON);
  out.ascii(INFOBITS_LIST[infobits]);
  out.ascii(CLOSE_FLAGS_COLON);
  out.hexByte(flags);
}

const REMXID = ascii('remxid ');
const LATEST_REMOVED_XID = ascii('latestRemovedXid ');
const NREDIRECTED = ascii(' nredirected ');
const NDEAD = ascii(' ndead ');

/** Heap2 PRUNE up to 15, and CLEAN: a page is pruned about as often as rows on it are updated. */
export function writePrune(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  if (version >= 16) return false;
  const nredirected = main.u16(4);
  const ndead = main.u16(6);
  const horizon = main.u32(0);
  out.ascii(version < 14 ? REMXID : LATEST_REMOVED_XID);
  out.decimal(horizon);
  if (version < 14) return true;
  out.ascii(NREDIRECTED);
  out.decimal(nredirected);
  out.ascii(NDEAD);
  out.decimal(ndead);
  return true;
}

const CUTOFF_XID = ascii('cutoff xid ');
const CONFLICT_HORIZON_COLON = ascii('snapshotConflictHorizon: ');

/** Heap2 VISIBLE. */
export function writeVisible(out: TextBuffer, { main }: WalRecord, { version }: DescribeContext): boolean {
  const horizon = main.u32(0);
  const flags = main.u8(4);
  out.ascii(version < 16 ? CUTOFF_XID : CONFLICT_HORIZON_COLON);
  out.decimal(horizon);
  out.ascii(version < 16 ? FLAGS : COMMA_FLAGS_COLON);
  if (version >= 12) out.hexByte(flags);
  else out.decimal(flags);
  return true;
}
