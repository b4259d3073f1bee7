import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { align, alignStored, type Layout, storedSize } from '../tuple.js';
import { corruptValue, isSpace } from './type.js';

/**
 * Arrays (PostgreSQL: src/include/utils/array.h): number of dimensions, place of the data (0: no nulls), oid of
 * the element type, lengths and lower bounds of the dimensions, null bitmap, elements.
 */

const MAX_DIMENSIONS = 6;
/** The varlena header, which the data do not have but alignment counts from. */
const VARLENA_HEADER = 4;

interface StoredArray {
  lengths: number[];
  lowerBounds: number[];
  /** Row by row; null for a null. */
  elements: (Uint8Array | null)[];
}

export const arrayElementType = (v: ByteView): number => v.u32(8);

/** Splits an array into its elements. @throws WalError */
export function readArray(v: ByteView, element: Layout): StoredArray {
  const dimensions = v.i32(0);
  if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
    throw new WalError('corrupt-value', message`an array of ${dimensions} dimensions`);
  }
  const lengths = Array.from({ length: dimensions }, (_, i) => v.i32(12 + i * 4));
  const lowerBounds = Array.from({ length: dimensions }, (_, i) => v.i32(12 + (dimensions + i) * 4));
  const count = dimensions === 0 ? 0 : lengths.reduce((product, length) => product * length, 1);
  const bitmapStart = 12 + dimensions * 8;
  const dataOffset = v.i32(4);
  // every element takes a byte or at least a bit of the null bitmap
  if (count < 0 || count > v.length * 8)
    throw new WalError('corrupt-value', message`an array of ${count} elements`);
  const bitmapSize = dataOffset === 0 ? 0 : (count + 7) >> 3;
  const start = align(bitmapStart + bitmapSize + VARLENA_HEADER, 8);
  if (dataOffset !== 0 && dataOffset !== start)
    throw corruptValue(message`an array whose elements begin at byte ${dataOffset}`);
  const bitmap = dataOffset === 0 ? undefined : v.bytes(bitmapStart, bitmapSize);
  const bytes = v.bytes(0);
  const elements: (Uint8Array | null)[] = [];
  let offset = start - VARLENA_HEADER;
  for (let i = 0; i < count; i++) {
    if (bitmap && !(bitmap[i >> 3] & (1 << (i & 7)))) {
      elements.push(null);
      continue;
    }
    offset = alignStored(bytes, offset, element, VARLENA_HEADER);
    const size = storedSize(bytes, offset, element);
    elements.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  // the last element is followed by padding, as all are; no element at all, by nothing that counts
  const left = v.length - offset;
  if (count > 0 && left >= 8) throw corruptValue(message`an array with ${left} bytes behind its elements`);
  return { lengths, lowerBounds, elements };
}

/** The text of an array whose elements are printed already. */
export function formatArray(array: StoredArray, texts: (string | null)[], delimiter: string): string {
  if (texts.length === 0) return '{}';
  const bounds = array.lowerBounds.map((low, i) => `[${low}:${low + array.lengths[i] - 1}]`).join('');
  const prefix = array.lowerBounds.some((low) => low !== 1) ? `${bounds}=` : '';
  let parts = texts.map((text) => (text === null ? 'NULL' : quoteElement(text, delimiter)));
  for (const length of array.lengths.toReversed()) {
    const grouped: string[] = [];
    for (let i = 0; i < parts.length; i += length) {
      grouped.push(`{${parts.slice(i, i + length).join(delimiter)}}`);
    }
    parts = grouped;
  }
  return prefix + parts.join('');
}

function quoteElement(text: string, delimiter: string): string {
  const plain =
    text !== '' &&
    text.toUpperCase() !== 'NULL' &&
    !/["\\{}]/.test(text) &&
    !text.includes(delimiter) &&
    !isSpace(text);
  return plain ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
