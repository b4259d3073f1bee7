import {
  deformTuple,
  type Layout,
  type PlacedTuple,
  type Stored,
  type StoredAttribute,
  TupleHeader,
} from '../heap/tuple.js';
import { readArray } from '../heap/types/array.js';
import { datum } from '../heap/types/type.js';
import { noToast } from '../heap/varlena.js';
import { decodeText } from '../text/encoding.js';
import { ByteView } from '../wal/byte-view.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { Place } from './unread-places.js';

/** A tuple of a system catalog, with the catalog, which keeps account of those that cannot be read. */
export interface CatalogTuple extends PlacedTuple {
  relation: { guard<T>(place: Place, read: () => T): T | undefined };
}

/** A column of a system catalog, as pg_attribute describes it. */
export interface CatalogColumn extends StoredAttribute {
  name: string;
}

const places = new WeakMap<readonly CatalogColumn[], ReadonlyMap<string, number>>();

/** Which of the columns has a name; -1 where none does. */
function placeOf(columns: readonly CatalogColumn[], name: string): number {
  let known = places.get(columns);
  if (known === undefined) {
    known = new Map(columns.map((column, i) => [column.name, i]));
    places.set(columns, known);
  }
  return known.get(name) ?? -1;
}

/** A row of a system catalog, its columns read by name. */
export class CatalogRow {
  constructor(
    private readonly columns: readonly CatalogColumn[],
    private readonly values: readonly Stored[],
  ) {}

  static of(tuple: Uint8Array, columns: readonly CatalogColumn[]): CatalogRow {
    return new CatalogRow(columns, deformTuple(tuple, columns));
  }

  /** The stored bytes of a column; undefined for null, and for a column that this version does not have. */
  stored(name: string): Uint8Array | undefined {
    return this.values[placeOf(this.columns, name)] ?? undefined;
  }

  private view(name: string): ByteView {
    const stored = this.stored(name);
    if (!stored) throw new WalError('corrupt-catalog', message`a system catalog lacks a value for ${name}`);
    return ByteView.of(stored);
  }

  oid(name: string): number {
    return this.view(name).u32(0);
  }

  int8(name: string): bigint {
    return this.view(name).i64(0);
  }

  int2(name: string): number {
    return this.view(name).i16(0);
  }

  int4(name: string): number {
    return this.view(name).i32(0);
  }

  float4(name: string): number {
    return this.view(name).f32(0);
  }

  bool(name: string): boolean {
    return this.view(name).u8(0) !== 0;
  }

  /** A "char": one character, or none for zero. */
  char(name: string): string {
    const byte = this.view(name).u8(0);
    return byte === 0 ? '' : String.fromCharCode(byte);
  }

  /** An int2vector, or an array of int2; none for null. */
  int2s(name: string): number[] {
    return this.items(name, 2, (v, at) => v.i16(at));
  }

  /** An oidvector; none for null. */
  oids(name: string): number[] {
    return this.items(name, 4, (v, at) => v.u32(at));
  }

  /** What an array without nulls, of one dimension, consists of (PostgreSQL: src/include/utils/array.h). */
  private items(name: string, size: number, read: (v: ByteView, at: number) => number): number[] {
    const stored = this.stored(name);
    if (!stored) return [];
    const v = datum(stored, VARLENA, noToast);
    if (v.length < 20) return [];
    const count = v.u32(12);
    v.bytes(20, count * size);
    return Array.from({ length: count }, (_, i) => read(v, 20 + i * size));
  }

  /** An array of texts; none for null. @throws WalError where it is in a TOAST table, or damaged */
  texts(name: string): string[] {
    const stored = this.stored(name);
    if (!stored) return [];
    const { elements } = readArray(datum(stored, VARLENA, noToast), VARLENA);
    return elements.flatMap((one) => (one ? decodeText(datum(one, VARLENA, noToast).bytes(0)) : []));
  }

  /** A text; undefined for null. @throws WalError where it is in a TOAST table */
  text(name: string): string | undefined {
    const stored = this.stored(name);
    return stored && decodeText(datum(stored, VARLENA, noToast).bytes(0));
  }

  name(name: string): string {
    return decodeText(this.view(name).cstring(0));
  }
}

const VARLENA: Layout = { length: -1, alignment: 4 };

const ALIGNMENTS: Record<string, Layout['alignment']> = { c: 1, s: 2, i: 4, d: 8 };

/** `typalign` or `attalign` in bytes. */
export function alignmentOf(code: string): Layout['alignment'] {
  const alignment = ALIGNMENTS[code];
  if (!alignment)
    throw new WalError('corrupt-catalog', message`unknown alignment "${code}" in a system catalog`);
  return alignment;
}

/**
 * Where the columns that describe a column lie in a row of pg_attribute; all other catalogs are described by it,
 * itself included (PostgreSQL: src/include/catalog/pg_attribute.h).
 */
const ATTRIBUTE_LAYOUTS = [
  { since: 18, attlen: 72, attnum: 74, attalign: 83 },
  { since: 16, attlen: 72, attnum: 74, attalign: 87 },
  { since: 14, attlen: 76, attnum: 78, attalign: 93 },
  { since: 12, attlen: 76, attnum: 78, attalign: 94 },
];

const ATTRIBUTE_RELATION = 1249;

/**
 * Up to 11, oids are no columns of the catalogs but stand before them (`HEAP_HASOID`, htup_details.h).
 * @throws WalError `unsupported-version`
 */
function attributeLayout(version: number): (typeof ATTRIBUTE_LAYOUTS)[number] {
  const layout = ATTRIBUTE_LAYOUTS.find(({ since }) => version >= since);
  if (layout) return layout;
  throw new WalError(
    'unsupported-version',
    message`the catalogs of PostgreSQL ${version} cannot be read, but only those of 12 and later: name the table by its relfilenode`,
  );
}

/** @throws WalError `unsupported-version` where catalogs cannot be read */
export function checkCatalogs(version: number): void {
  attributeLayout(version);
}

/** Which relation a row of pg_attribute is of: its first column. @throws WalError `corrupt-tuple` */
export function attributeRelation(tuple: Uint8Array): number {
  const at = new TupleHeader(tuple).hoff;
  if (at + 4 > tuple.length) throw new WalError('corrupt-tuple', message`a row of pg_attribute is too short`);
  return (tuple[at] | (tuple[at + 1] << 8) | (tuple[at + 2] << 16) | (tuple[at + 3] << 24)) >>> 0;
}

/** The columns of pg_attribute, out of its own rows. */
export function bootstrapColumns(version: number, tuples: Iterable<CatalogTuple>): CatalogColumn[] {
  const layout = attributeLayout(version);
  const columns: CatalogColumn[] = [];
  for (const placed of tuples) {
    placed.relation.guard(placed, () => {
      if (attributeRelation(placed.tuple) !== ATTRIBUTE_RELATION) return;
      const tuple = ByteView.of(placed.tuple);
      const row = tuple.slice(tuple.u8(22));
      const number = row.i16(layout.attnum);
      if (number < 1) return;
      columns[number - 1] = {
        name: decodeText(row.cstring(4, 64)),
        length: row.i16(layout.attlen),
        alignment: alignmentOf(String.fromCharCode(row.u8(layout.attalign))),
      };
    });
  }
  if (columns.length === 0 || Object.keys(columns).length !== columns.length) {
    throw new WalError('corrupt-catalog', message`pg_attribute does not describe itself`);
  }
  return columns;
}
