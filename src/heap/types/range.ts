import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import { align, alignStored, type Layout, storedSize } from '../tuple.js';
import { corruptValue, isSpace } from './type.js';

/** Ranges and multiranges (PostgreSQL: src/include/utils/rangetypes.h, multirangetypes.h). */

const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;
const LOWER_NULL = 0x20;
const UPPER_NULL = 0x40;

const VARLENA_HEADER = 4;

/** A range's bounds as stored; undefined for one that is not there. */
export interface StoredRange {
  flags: number;
  lower: Uint8Array | undefined;
  upper: Uint8Array | undefined;
}

/** A range: its own oid, the bounds that it has, a byte of flags at the end. */
export function readRange(v: ByteView, subtype: Layout): StoredRange {
  const { range, end } = readBounds(v, 4, v.u8(v.length - 1), subtype);
  if (end !== v.length - 1) throw corruptValue(message`a range of ${end + 1} bytes in ${v.length}`);
  return range;
}

function readBounds(
  v: ByteView,
  start: number,
  flags: number,
  subtype: Layout,
): { range: StoredRange; end: number } {
  const bytes = v.bytes(0);
  let offset = start;
  const next = (): Uint8Array => {
    offset = alignStored(bytes, offset, subtype, VARLENA_HEADER);
    const size = storedSize(bytes, offset, subtype);
    offset += size;
    return bytes.subarray(offset - size, offset);
  };
  const lower = flags & (EMPTY | LOWER_INFINITE | LOWER_NULL) ? undefined : next();
  const upper = flags & (EMPTY | UPPER_INFINITE | UPPER_NULL) ? undefined : next();
  return { range: { flags, lower, upper }, end: offset };
}

/**
 * A multirange: its own oid, the number of ranges, for each but the first the length of the one before (or its
 * own place, with the highest bit set), a byte of flags for each, the bounds.
 */
export function readMultirange(v: ByteView, subtype: Layout): StoredRange[] {
  const count = v.u32(4);
  if (count === 0) return [];
  const flagsStart = 8 + (count - 1) * 4;
  const flags = v.bytes(flagsStart, count);
  const base = align(flagsStart + count + VARLENA_HEADER, subtype.alignment) - VARLENA_HEADER;
  const ranges: StoredRange[] = [];
  let place = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0) {
      const item = v.u32(8 + (i - 1) * 4);
      place = item & 0x80000000 ? item & 0x7fffffff : place + item;
    }
    ranges.push(readBounds(v, base + place, flags[i], subtype).range);
  }
  return ranges;
}

/** The type that a range or a multirange says it is of. */
export const rangeType = (v: ByteView): number => v.u32(0);

/** The text of a range whose bounds are printed already. */
export function formatRange(flags: number, lower: string | undefined, upper: string | undefined): string {
  if (flags & EMPTY) return 'empty';
  const open = flags & LOWER_INCLUSIVE ? '[' : '(';
  const close = flags & UPPER_INCLUSIVE ? ']' : ')';
  return `${open}${quoteBound(lower)},${quoteBound(upper)}${close}`;
}

function quoteBound(text: string | undefined): string {
  if (text === undefined) return '';
  if (text !== '' && !/["\\()[\],]/.test(text) && !isSpace(text)) return text;
  return `"${text.replace(/["\\]/g, '$&$&')}"`;
}
