import { getUint16, getUint32 } from '../../heap/bytes.js';
import { writeDate, writeTimestamp } from '../../heap/types/datetime.js';
import { writeNumeric } from '../../heap/types/numeric.js';
import type { TypeContext } from '../../heap/types/type.js';
import type { JsonBuffer } from '../../text/json-buffer.js';
import { ascii } from '../../text/text-buffer.js';

/**
 * Writes a value straight from its bytes, between `start` and `end`, without the header of a varlena: what
 * {@link printedJson} makes of the text that the type's output function gives.
 * @returns false for what is no everyday value, of which something may be written that is to be taken back
 */
export type WriteJson = (
  out: JsonBuffer,
  bytes: Uint8Array,
  start: number,
  end: number,
  context: TypeContext,
) => boolean;

const QUOTE = ascii('"');
const TRUE = ascii('true');
const FALSE = ascii('false');

const int2: WriteJson = (out, bytes, start, end) => {
  if (end - start !== 2) return false;
  out.integer((getUint16(bytes, start) << 16) >> 16);
  return true;
};

const int4: WriteJson = (out, bytes, start, end) => {
  if (end - start !== 4) return false;
  out.integer(getUint32(bytes, start) | 0);
  return true;
};

const int8: WriteJson = (out, bytes, start, end) => {
  if (end - start !== 8) return false;
  out.bigInteger(getUint32(bytes, start), getUint32(bytes, start + 4) | 0);
  return true;
};

const oid: WriteJson = (out, bytes, start, end) => {
  if (end - start !== 4) return false;
  out.decimal(getUint32(bytes, start));
  return true;
};

const bool: WriteJson = (out, bytes, start, end) => {
  if (end - start !== 1 || bytes[start] > 1) return false;
  out.ascii(bytes[start] === 1 ? TRUE : FALSE);
  return true;
};

const text: WriteJson = (out, bytes, start, end) => {
  out.ascii(QUOTE);
  if (!out.characters(bytes, start, end)) return false;
  out.ascii(QUOTE);
  return true;
};

const date: WriteJson = (out, bytes, start, end) => {
  out.ascii(QUOTE);
  if (end - start !== 4 || !writeDate(out, getUint32(bytes, start) | 0)) return false;
  out.ascii(QUOTE);
  return true;
};

const timestampIn =
  (hasZone: boolean): WriteJson =>
  (out, bytes, start, end, { timezone }) => {
    out.ascii(QUOTE);
    if (end - start !== 8) return false;
    const time = (getUint32(bytes, start + 4) | 0) * 0x1_0000_0000 + getUint32(bytes, start);
    if (!writeTimestamp(out, time, hasZone ? timezone : undefined)) return false;
    out.ascii(QUOTE);
    return true;
  };

const WRITERS: ReadonlyMap<number, WriteJson> = new Map([
  ...[25, 114, 1042, 1043].map((type) => [type, text] as const),
  ...([
    [16, bool],
    [20, int8],
    [21, int2],
    [23, int4],
    [26, oid],
  ] as const),
  ...([
    [1082, date],
    [1114, timestampIn(false)],
    [1184, timestampIn(true)],
    [1700, writeNumeric],
  ] as const),
]);

/** How everyday values of a type are written; undefined where they go by way of their text. */
export const writerOf = (typeOid: number): WriteJson | undefined => WRITERS.get(typeOid);

const isNumber = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON has no NaN and no infinity: wal2json gives null, and the text goes beside it. */
const number = (value: string): string =>
  isNumber.test(value) ? value : `null,"text":${JSON.stringify(value)}`;

const integer = (value: string): string => value;

/** smallint, integer, bigint, oid; real, double precision, numeric; boolean; bytea, without its `\x`. */
const PRINTERS: ReadonlyMap<number, (value: string) => string> = new Map([
  ...[21, 23, 20, 26].map((type) => [type, integer] as const),
  ...[700, 701, 1700].map((type) => [type, number] as const),
  [16, (value: string) => (value === 't' ? 'true' : 'false')],
  [17, (value: string) => JSON.stringify(value.slice(2))],
]);

/** A value in JSON, as wal2json has values of its type, from what the type's output function prints. */
export const printedJson = (value: string, typeOid: number): string =>
  (PRINTERS.get(typeOid) ?? JSON.stringify)(value);
