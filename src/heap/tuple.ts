import type { TupleId } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { getUint16, getUint32, setUint16, setUint32 } from './bytes.js';
import { TUPLE_HEADER_SIZE } from './page.js';
import { varlenaSize } from './varlena.js';

export { TUPLE_HEADER_SIZE, type TupleId };

/**
 * Heap tuples (PostgreSQL: src/include/access/htup_details.h, src/backend/access/common/heaptuple.c); the layout
 * is the same in 10 to 19.
 */

export const HEAP_HASNULL = 0x0001;
/** Some value lies in a TOAST table. */
export const HEAP_HASEXTERNAL = 0x0004;
export const HEAP_XMAX_KEYSHR_LOCK = 0x0010;
export const HEAP_XMAX_EXCL_LOCK = 0x0040;
export const HEAP_XMAX_LOCK_ONLY = 0x0080;
export const HEAP_XMIN_COMMITTED = 0x0100;
export const HEAP_XMIN_INVALID = 0x0200;
/** Both hints about xmin together: the tuple is visible to everyone, whatever xmin is. */
export const HEAP_XMIN_FROZEN = HEAP_XMIN_COMMITTED | HEAP_XMIN_INVALID;
export const HEAP_XMAX_COMMITTED = 0x0400;
export const HEAP_XMAX_INVALID = 0x0800;
export const HEAP_XMAX_IS_MULTI = 0x1000;
/** An UPDATE made the tuple. */
export const HEAP_UPDATED = 0x2000;
export const HEAP_MOVED = 0xc000;
export const HEAP_XMAX_BITS =
  HEAP_XMAX_COMMITTED |
  HEAP_XMAX_INVALID |
  HEAP_XMAX_IS_MULTI |
  HEAP_XMAX_KEYSHR_LOCK |
  HEAP_XMAX_EXCL_LOCK |
  HEAP_XMAX_LOCK_ONLY;

/** In `infomask2`. */
export const HEAP_NATTS_MASK = 0x07ff;
export const HEAP_KEYS_UPDATED = 0x2000;
export const HEAP_HOT_UPDATED = 0x4000;

/** What stands for a transaction that is not known but must have committed (`FrozenTransactionId`, transam.h). */
export const FROZEN_XID = 2;

/** In a ctid: the row was moved to another partition (since 11, `MovedPartitionsOffsetNumber`). */
export const MOVED_PARTITIONS_OFFSET = 0xfffd;

/** A tuple at its place. `tuple` shares bytes with its page. */
export interface PlacedTuple extends TupleId {
  tuple: Uint8Array;
}

/** A tuple's place as PostgreSQL prints a `ctid`: `(block,offset)`. */
export const formatTupleId = (id: TupleId): string => `(${id.block},${id.offset})`;

const tooShort = (length: number): WalError =>
  new WalError('corrupt-tuple', message`a tuple of ${length} bytes is too short`);

/** The header of a tuple, read and written in place over the tuple's bytes. */
export class TupleHeader {
  /** @throws WalError `corrupt-tuple` when the bytes cannot hold a header */
  constructor(readonly bytes: Uint8Array) {
    if (bytes.length < TUPLE_HEADER_SIZE) throw tooShort(bytes.length);
  }

  get xmin(): number {
    return getUint32(this.bytes, 0);
  }

  set xmin(xid: number) {
    setUint32(this.bytes, 0, xid);
  }

  get xmax(): number {
    return getUint32(this.bytes, 4);
  }

  set xmax(xid: number) {
    setUint32(this.bytes, 4, xid);
  }

  /** The command id: cmin or cmax, or a combination of both; redo writes the first command for all. */
  get cid(): number {
    return getUint32(this.bytes, 8);
  }

  set cid(cid: number) {
    setUint32(this.bytes, 8, cid);
  }

  /** The newer version of the row, or the tuple itself. */
  get ctid(): TupleId {
    const block = (getUint16(this.bytes, 12) << 16) | getUint16(this.bytes, 14);
    return { block: block >>> 0, offset: getUint16(this.bytes, 16) };
  }

  set ctid(id: TupleId) {
    setUint16(this.bytes, 12, id.block >>> 16);
    setUint16(this.bytes, 14, id.block & 0xffff);
    setUint16(this.bytes, 16, id.offset);
  }

  get infomask2(): number {
    return getUint16(this.bytes, 18);
  }

  set infomask2(mask: number) {
    setUint16(this.bytes, 18, mask);
  }

  get infomask(): number {
    return getUint16(this.bytes, 20);
  }

  set infomask(mask: number) {
    setUint16(this.bytes, 20, mask);
  }

  get hoff(): number {
    return this.bytes[22];
  }

  set hoff(hoff: number) {
    this.bytes[22] = hoff;
  }

  get attributeCount(): number {
    return this.infomask2 & HEAP_NATTS_MASK;
  }

  get xminFrozen(): boolean {
    return (this.infomask & HEAP_XMIN_FROZEN) === HEAP_XMIN_FROZEN;
  }

  /** Whether xmax only locks the row (`HEAP_XMAX_IS_LOCKED_ONLY`). */
  get lockedOnly(): boolean {
    const mask = this.infomask;
    return (
      (mask & HEAP_XMAX_LOCK_ONLY) !== 0 ||
      (mask & (HEAP_XMAX_IS_MULTI | HEAP_XMAX_KEYSHR_LOCK | HEAP_XMAX_EXCL_LOCK)) === HEAP_XMAX_EXCL_LOCK
    );
  }
}

/** How the values of a type are stored (`pg_type.typlen`, `typalign` in bytes). */
export interface Layout {
  /** Bytes; -1 for a varlena, -2 for a C string. */
  length: number;
  alignment: 1 | 2 | 4 | 8;
}

/** What is needed of a column to find its bytes in a tuple. */
export interface StoredAttribute extends Layout {
  /** The value of tuples that were written before the column was added with a default (`attmissingval`). */
  missing?: Uint8Array;
}

/** The bytes of a stored value, with the header of a varlena, or null. */
export type Stored = Uint8Array | null;

export const align = (offset: number, alignment: number): number => (offset + alignment - 1) & -alignment;

/**
 * Where the value at or after `offset` starts (`att_align_pointer`). A varlena with a short header is not
 * aligned: padding is zero and its first byte never is. `base` is the offset of the bytes' start within what
 * alignment counts from.
 */
export function alignStored(bytes: Uint8Array, offset: number, layout: Layout, base: number): number {
  if (layout.length === -1 && bytes[offset] !== 0) return offset;
  return align(offset + base, layout.alignment) - base;
}

/** The size of the value at `offset` (`att_addlength_pointer`); @throws WalError `corrupt-tuple` */
export function storedSize(bytes: Uint8Array, offset: number, layout: Layout, end = bytes.length): number {
  let size = layout.length;
  if (layout.length === -1) size = varlenaSize(bytes, offset, end);
  else if (layout.length === -2) size = cstringSize(bytes, offset, end);
  if (size < 0 || offset + size > end) {
    throw new WalError('corrupt-tuple', message`a value at byte ${offset} does not fit into its tuple`);
  }
  return size;
}

/** With the zero that ends it; negative where none does. */
function cstringSize(bytes: Uint8Array, offset: number, limit: number): number {
  const end = bytes.indexOf(0, offset);
  return end < 0 || end >= limit ? -1 : end + 1 - offset;
}

/** In place of where a value begins: that there is none, and that the tuple was written before there was the column. */
export const NULL = -1;
export const MISSING = -2;

/**
 * Finds the attributes of a tuple, whose data begin at `dataStart` and end at `end`.
 * @param places gets where each value begins, or {@link NULL} or {@link MISSING}, and where it ends
 * @param nullsAt where the null bitmap is (a set bit is a value); negative when all attributes have one
 * @param count attributes that the tuple has; those after are missing
 * @throws WalError `corrupt-tuple`
 */
function locate(
  bytes: Uint8Array,
  dataStart: number,
  end: number,
  nullsAt: number,
  count: number,
  attributes: readonly StoredAttribute[],
  places: Int32Array,
): void {
  if (dataStart < 0 || dataStart > end)
    throw new WalError('corrupt-tuple', message`the header does not fit into the tuple`);
  let offset = dataStart;
  for (let i = 0; i < attributes.length; i++) {
    if (i >= count) places[2 * i] = MISSING;
    else if (nullsAt >= 0 && !(bytes[nullsAt + (i >> 3)] & (1 << (i & 7)))) places[2 * i] = NULL;
    else {
      const attribute = attributes[i];
      offset = alignStored(bytes, offset, attribute, -dataStart);
      places[2 * i] = offset;
      offset += storedSize(bytes, offset, attribute, end);
      places[2 * i + 1] = offset;
    }
  }
}

/**
 * Finds the values of a whole tuple as it lies in a page, between `start` and `end` of `bytes`.
 * @param places two for each attribute: where the value begins, or {@link NULL} or {@link MISSING}, and where it ends
 * @throws WalError `corrupt-tuple`
 */
export function locateValues(
  bytes: Uint8Array,
  start: number,
  end: number,
  attributes: readonly StoredAttribute[],
  places: Int32Array,
): void {
  if (end - start < TUPLE_HEADER_SIZE) throw tooShort(end - start);
  const count = getUint16(bytes, start + 18) & HEAP_NATTS_MASK;
  const hasNulls = (getUint16(bytes, start + 20) & HEAP_HASNULL) !== 0;
  const hoff = bytes[start + 22];
  if (hoff < (hasNulls ? TUPLE_HEADER_SIZE + ((count + 7) >> 3) : TUPLE_HEADER_SIZE)) {
    throw new WalError('corrupt-tuple', message`the null bitmap does not fit into the header`);
  }
  if (hoff % 8 !== 0) throw new WalError('corrupt-tuple', message`no data of a tuple begin at byte ${hoff}`);
  const nullsAt = hasNulls ? start + TUPLE_HEADER_SIZE : -1;
  locate(bytes, start + hoff, end, nullsAt, count, attributes, places);
}

/**
 * Splits the data of a tuple into the bytes of its attributes.
 * @param bytes what the attributes are in; alignment counts from `dataStart`
 * @param nullsAt where the null bitmap is (a set bit is a value); negative when all attributes have one
 * @param count attributes that the tuple has; those after are missing or null
 * @throws WalError `corrupt-tuple`
 */
export function deform(
  bytes: Uint8Array,
  dataStart: number,
  nullsAt: number,
  count: number,
  attributes: readonly StoredAttribute[],
): Stored[] {
  const places = new Int32Array(2 * attributes.length);
  locate(bytes, dataStart, bytes.length, nullsAt, count, attributes, places);
  return storedAt(bytes, attributes, places);
}

const storedAt = (bytes: Uint8Array, attributes: readonly StoredAttribute[], places: Int32Array): Stored[] =>
  attributes.map(({ missing = null }, i) => {
    const start = places[2 * i];
    if (start === MISSING) return missing;
    return start === NULL ? null : bytes.subarray(start, places[2 * i + 1]);
  });

/**
 * Holds a tuple against the values that it was split into: they have to make up all of it, with zeros between them where
 * the next one is aligned, which a varlena is where its header has four bytes, and only there (`heap_fill_tuple`).
 * @throws WalError `corrupt-tuple`
 */
export function checkFit(
  tuple: Uint8Array,
  stored: readonly Stored[],
  attributes: readonly StoredAttribute[],
): void {
  const { hoff, attributeCount } = new TupleHeader(tuple);
  let end = hoff;
  for (const [i, value] of stored.slice(0, attributeCount).entries()) {
    if (value === null) continue;
    const start = value.byteOffset - tuple.byteOffset;
    for (let at = end; at < start; at++) {
      if (tuple[at] !== 0)
        throw new WalError(
          'corrupt-tuple',
          message`what is between two values, from byte ${end} on, is not zero`,
        );
    }
    const { length, alignment } = attributes[i];
    const isShort = length === -1 && (value[0] & 1) === 1;
    if (start - hoff !== (isShort ? end - hoff : align(end - hoff, alignment))) {
      throw new WalError(
        'corrupt-tuple',
        message`no value of its kind starts at byte ${start}, after one that ends at ${end}`,
      );
    }
    end = start + value.length;
  }
  if (attributeCount > stored.length)
    throw new WalError('corrupt-tuple', message`it has ${attributeCount} columns, and not ${stored.length}`);
  if (end !== tuple.length)
    throw new WalError(
      'corrupt-tuple',
      message`after the last value, ${tuple.length - end} bytes are left over`,
    );
}

/** {@link deform} of a whole tuple as it lies in a page. */
export function deformTuple(tuple: Uint8Array, attributes: readonly StoredAttribute[]): Stored[] {
  const places = new Int32Array(2 * attributes.length);
  locateValues(tuple, 0, tuple.length, attributes, places);
  return storedAt(tuple, attributes, places);
}
