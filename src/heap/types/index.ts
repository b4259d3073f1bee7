import type { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { type FetchToast, noToast } from '../varlena.js';
import { arrayElementType, formatArray, readArray } from './array.js';
import { checkOf, outputOf } from './builtin.js';
import { compositeType, formatComposite, readComposite } from './composite.js';
import { formatRange, rangeType, readMultirange, readRange, type StoredRange } from './range.js';
import { formatMinmaxMulti, MINMAX_MULTI_SUMMARY, minmaxMultiType } from './summaries.js';
import { corruptValue, datum, type Type, type TypeContext, UnknownType } from './type.js';

/**
 * Deeper nesting is taken for damage: what an array or a row consists of is said by the value itself, while types of
 * columns nest no deeper than people define them.
 */
const MAX_DEPTH = 100;

/** A domain over a domain over …: more levels than this are taken for a circle in damaged catalogs. */
const MAX_DOMAINS = 32;

/**
 * Prints a stored value as PostgreSQL's output function of its type does.
 * @param stored the bytes in the tuple, with the header of a varlena
 * @throws UnknownType where the type, or that of a part, is not known
 * @throws WalError where the bytes are damaged or a TOAST value is not at hand
 */
export function formatStored(
  stored: Uint8Array,
  type: Type,
  context: TypeContext,
  fetch: FetchToast = noToast,
): string {
  return formatDatum(datum(stored, type, fetch), type, context, 0);
}

/**
 * Whether stored bytes are a value of a type: throws what {@link formatStored} would, with less work where that can be.
 */
export function checkStored(stored: Uint8Array, type: Type, context: TypeContext, fetch: FetchToast): void {
  const value = datum(stored, type, fetch);
  const check = type.kind === 'base' ? checkOf(type.oid) : undefined;
  if (check) check(value);
  else formatDatum(value, type, context, 0);
}

/** A value within another one, which is not in a TOAST table of its own. */
function formatPart(stored: Uint8Array, type: Type, context: TypeContext, depth: number): string {
  return formatDatum(datum(stored, type, noToast), type, context, depth);
}

function formatDatum(v: ByteView, type: Type, context: TypeContext, depth: number): string {
  if (depth > MAX_DEPTH) throw new WalError('corrupt-value', message`a value is nested too deeply`);
  switch (type.kind) {
    case 'base': {
      if (type.oid === MINMAX_MULTI_SUMMARY) {
        const element = typeOf(minmaxMultiType(v), context);
        return formatMinmaxMulti(v, element, (item) => formatPart(item, element, context, depth + 1));
      }
      const output = outputOf(type.oid);
      if (!output) throw new UnknownType(type.oid);
      return output(v, context);
    }
    case 'domain':
      return formatDatum(v, domainBase(type, context), context, depth);
    case 'enum': {
      const label = type.labels.get(v.u32(0));
      if (label === undefined) throw new UnknownType(type.oid);
      return label;
    }
    case 'array': {
      const element = typeOf(arrayElementType(v), context);
      const array = readArray(v, element);
      const texts = array.elements.map((item) => item && formatPart(item, element, context, depth + 1));
      return formatArray(array, texts, element.delimiter);
    }
    case 'range': {
      checkRangeType(v, type);
      const subtype = typeOf(type.subtype, context);
      return formatBounds(readRange(v, subtype), subtype, context, depth);
    }
    case 'multirange': {
      checkRangeType(v, type);
      const range = typeOf(type.range, context);
      if (range.kind !== 'range') throw new UnknownType(type.oid);
      const subtype = typeOf(range.subtype, context);
      const ranges = readMultirange(v, subtype).map((item) => formatBounds(item, subtype, context, depth));
      return `{${ranges.join(',')}}`;
    }
    case 'composite': {
      const actual = typeOf(compositeType(v), context);
      if (actual.kind !== 'composite') throw new UnknownType(type.oid);
      const values = readComposite(v, actual.columns);
      const texts = actual.columns.flatMap((column, i) => {
        if (column.dropped) return [];
        const value = values[i];
        return [value && formatPart(value, typeOf(column.type, context), context, depth + 1)];
      });
      return formatComposite(texts);
    }
  }
}

function checkRangeType(v: ByteView, { oid, name }: Type): void {
  if (rangeType(v) !== oid) throw corruptValue(message`a range of type ${rangeType(v)} for a ${name}`);
}

function formatBounds(range: StoredRange, subtype: Type, context: TypeContext, depth: number): string {
  const print = (bound: Uint8Array | undefined) => bound && formatPart(bound, subtype, context, depth + 1);
  return formatRange(range.flags, print(range.lower), print(range.upper));
}

function typeOf(oid: number, context: TypeContext): Type {
  const type = context.type(oid);
  if (!type) throw new UnknownType(oid);
  return type;
}

/** What a domain is in the end. */
function domainBase(type: Type, context: TypeContext): Type {
  let base = type;
  for (let level = 0; base.kind === 'domain'; level++) {
    if (level === MAX_DOMAINS) throw new UnknownType(type.oid);
    base = typeOf(base.base, context);
  }
  return base;
}
