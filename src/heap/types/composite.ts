import type { ByteView } from '../../wal/byte-view.js';
import { deform, HEAP_HASNULL, HEAP_NATTS_MASK, type Stored } from '../tuple.js';
import { type Column, isSpace } from './type.js';

/**
 * Values of composite types: a heap tuple whose header begins with the length (taken off with the varlena
 * header), the type's modifier and its oid (PostgreSQL: `DatumTupleFields` in src/include/access/htup_details.h).
 */

export const compositeType = (v: ByteView): number => v.u32(4);

/** Where the null bitmap is, where there is one. */
const NULLS_AT = 19;

/** The stored values of the columns. @throws WalError */
export function readComposite(v: ByteView, columns: readonly Column[]): Stored[] {
  const count = v.u16(14) & HEAP_NATTS_MASK;
  // the offset of the data counts from the varlena header
  const dataStart = v.u8(18) - 4;
  const hasNulls = (v.u16(16) & HEAP_HASNULL) !== 0;
  const nulls = v.slice(NULLS_AT, hasNulls ? (count + 7) >> 3 : 0);
  return deform(v.bytes(0), dataStart, nulls.length > 0 ? NULLS_AT : -1, count, columns);
}

/** The text of a row whose columns (without the dropped ones) are printed already. */
export function formatComposite(texts: (string | null)[]): string {
  return `(${texts.map((text) => (text === null ? '' : quoteColumn(text))).join(',')})`;
}

function quoteColumn(text: string): string {
  if (text !== '' && !/["\\(),]/.test(text) && !isSpace(text)) return text;
  return `"${text.replace(/["\\]/g, '$&$&')}"`;
}
