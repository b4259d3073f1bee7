import type { Row, Value } from '../../heap/row.js';
import type { Column } from '../../heap/types/type.js';

/** A value as JavaScript has it: see {@link rowData}. */
export type DataValue = string | number | bigint | boolean | Uint8Array | null;

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const XID8 = 5069;
/** int2, int4, oid, xid, cid, float4, float8 */
const NUMBERS: ReadonlySet<number> = new Set([21, 23, 26, 28, 29, 700, 701]);

/**
 * A row's values by the names of their columns: bool as boolean; int2, int4, oid, xid, cid, float4 and float8 as
 * numbers; int8 and xid8 as bigints; bytea as bytes; NULL as null; all else as the text that PostgreSQL prints.
 * A value of a type that is not known is text, too: its bytes behind `unknown:\x`.
 */
export function rowData(columns: readonly Column[], row: Row): Record<string, DataValue> {
  return Object.fromEntries(columns.map(({ name }, i) => [name, valueData(row.values[i])]));
}

function valueData({ type, text, unknown }: Value): DataValue {
  if (text === null || unknown) return text;
  if (NUMBERS.has(type)) return Number(text);
  switch (type) {
    case BOOL:
      return text === 't';
    case INT8:
    case XID8:
      return BigInt(text);
    case BYTEA:
      return bytesOf(text.slice('\\x'.length));
    default:
      return text;
  }
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}
