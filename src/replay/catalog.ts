import { groupBy } from '../cluster/group-by.js';
import { isRowProblem } from '../heap/row.js';
import { FROZEN_XID, TupleHeader } from '../heap/tuple.js';
import { readArray } from '../heap/types/array.js';
import { builtinTypesOf } from '../heap/types/builtin.js';
import { type Column, datum, type Type } from '../heap/types/type.js';
import { noToast } from '../heap/varlena.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import { compareXids } from '../wal/xid.js';
import type { CatalogRelation } from './catalog-relation.js';
import {
  alignmentOf,
  attributeRelation,
  bootstrapColumns,
  type CatalogColumn,
  CatalogRow,
  type CatalogTuple,
  checkCatalogs,
} from './catalog-rows.js';
import { mayGoUnnamed, SEARCH_PATH } from './search-path.js';

/** The system catalogs of one database at one moment, read from their heap pages. */

export const CATALOG_OIDS = {
  type: 1247,
  attribute: 1249,
  class: 1259,
  database: 1262,
  namespace: 2615,
  index: 2610,
  inherits: 2611,
  enum: 3501,
  range: 3541,
} as const;

export interface Database {
  oid: number;
  /** Where relations without a tablespace of their own lie. */
  tablespace: number;
}

/** Gives the tuples of a relation's file that are visible at the moment in question; to be gone through once. */
export type VisibleTuples = (file: RelFileLocator) => Promise<Iterable<CatalogTuple>>;

/** Relfilenodes of mapped relations by oid: those of all databases and those of this one. */
interface RelationMaps {
  shared: ReadonlyMap<number, number>;
  local: ReadonlyMap<number, number>;
}

interface ClassRow {
  oid: number;
  name: string;
  namespace: number;
  kind: string;
  persistence: string;
  file: RelFileLocator;
  toast: number;
  /** How many columns it has, those that were dropped included. */
  attributeCount: number;
}

/** What a version of a row of pg_class says of a relation, of the present or of the past. */
export interface RelationVersion {
  oid: number;
  schema: string;
  name: string;
  /** `pg_class.relkind` */
  kind: string;
  unlogged: boolean;
  file: RelFileLocator;
  /** The oids of the tables that it is or was a partition of, or inherits or inherited from. */
  parents: readonly number[];
  /** The transaction that made this version; `FROZEN_XID` of one so old that its id may be another's by now. */
  xmin: number;
}

/** A column that was dropped: what pg_attribute tells of it. */
export interface DroppedColumn {
  /** Of the table. */
  relation: number;
  /** `attnum`: the first column has 1. */
  number: number;
  /** What it was called, where that is still in the catalog. */
  name: string | undefined;
  /** The transaction that dropped it; `FROZEN_XID` of one so old that its id may be another's by now. */
  xmin: number;
}

/** A row of pg_attribute, and the array that its missing value is the only element of. */
export interface AttributeRow {
  column: Column;
  missing: Uint8Array | undefined;
}

export function readAttribute(row: CatalogRow): AttributeRow {
  const column: Column = {
    name: row.name('attname'),
    type: row.oid('atttypid'),
    modifier: row.int4('atttypmod'),
    length: row.int2('attlen'),
    alignment: alignmentOf(row.char('attalign')),
    dropped: row.bool('attisdropped'),
    generated: row.char('attgenerated'),
    identity: row.char('attidentity'),
  };
  return { column, missing: row.bool('atthasmissing') ? row.stored('attmissingval') : undefined };
}

/** The column that a row of pg_attribute is of, with the value that it has in tuples older than itself. */
export function columnOf({ column, missing }: AttributeRow): Column {
  if (!missing || column.missing) return column;
  const [value] = readArray(datum(missing, { length: -1, alignment: 4 }, noToast), column).elements;
  column.missing = value ?? undefined;
  return column;
}

/** A row of pg_inherits: the oids of a table, and of a partition of it or of a table that inherits from it. */
interface Inheritance {
  parent: number;
  child: number;
}

const inheritanceOf = (row: CatalogRow): Inheritance => ({
  parent: row.oid('inhparent'),
  child: row.oid('inhrelid'),
});

export class Catalog {
  private readonly classes = new Map<number, ClassRow>();
  /** Rows of pg_attribute by the relation that they are of: few of these are asked for. */
  private readonly attributeTuples = new Map<number, CatalogTuple[]>();
  private readonly attributes = new Map<number, AttributeRow[]>();
  private attributeColumns: CatalogColumn[] = [];
  private readonly schemas = new Map<number, string>();
  private readonly types = new Map<number, Type | (() => Type)>();
  /** Why relations that exist cannot be given, other than for rows of the catalogs that cannot be read. */
  readonly problems: WalError[] = [];
  /** By the oids of the parents. */
  private children: ReadonlyMap<number, readonly Inheritance[]> = new Map();

  private constructor(
    readonly version: number,
    readonly database: Database,
    private readonly maps: RelationMaps,
    private readonly tuples: VisibleTuples,
  ) {}

  /**
   * Reads the catalogs of a database. A row that is damaged is left out, and noted with its relation.
   * @throws WalError where nothing can be read of a catalog, or not all are at hand
   */
  static async read(
    version: number,
    database: Database,
    maps: RelationMaps,
    tuples: VisibleTuples,
  ): Promise<Catalog> {
    const catalog = new Catalog(version, database, maps, tuples);
    await catalog.readAttributes();
    await catalog.readClasses();
    await catalog.readSchemas();
    await catalog.readInheritance();
    await catalog.readTypes();
    return catalog;
  }

  /** What all relations are called. */
  names(): { schema: string; name: string; kind: string }[] {
    return Array.from(this.classes.values(), (row) => ({
      schema: this.schemaOf(row),
      name: row.name,
      kind: row.kind,
    }));
  }

  /** Tables of that name, in every schema or the given one; of several, those in the search path come first. */
  relationsNamed(name: string, schema?: string): CatalogRelation[] {
    const found = [...this.classes.values()]
      .filter((row) => row.name === name && 'rmptf'.includes(row.kind))
      .map((row) => this.relation(row.oid)!)
      .filter((relation) =>
        schema === undefined ? mayGoUnnamed(relation.schema) : relation.schema === schema,
      );
    const rank = ({ schema }: CatalogRelation): number => {
      const place = SEARCH_PATH.indexOf(schema);
      return place === -1 ? SEARCH_PATH.length : place;
    };
    return found.sort((a, b) => rank(a) - rank(b));
  }

  relation(oid: number): CatalogRelation | undefined {
    const row = this.classes.get(oid);
    if (!row) return undefined;
    const { name, kind, persistence, file, toast } = row;
    return {
      oid,
      schema: this.schemaOf(row),
      name,
      kind,
      persistence,
      file,
      toast,
      columns: this.columns(oid),
    };
  }

  private schemaOf({ namespace }: ClassRow, former?: ReadonlyMap<number, string>): string {
    return this.schemas.get(namespace) ?? former?.get(namespace) ?? String(namespace);
  }

  /** The partitions of a table, and the tables that inherit from it. One that is damaged is among the problems. */
  childrenOf(oid: number): CatalogRelation[] {
    return (this.children.get(oid) ?? []).flatMap(({ child }) => {
      try {
        return this.relation(child) ?? [];
      } catch (error) {
        if (!isRowProblem(error)) throw error;
        this.problems.push(error);
        return [];
      }
    });
  }

  /** The relation whose file is the one in question. */
  relationWhere(isWanted: (file: RelFileLocator) => boolean): CatalogRelation | undefined {
    for (const row of this.classes.values()) if (isWanted(row.file)) return this.relation(row.oid);
    return undefined;
  }

  /** The type of an oid, built-in or defined by users. */
  readonly type = (oid: number): Type | undefined => {
    const entry = this.types.get(oid);
    if (typeof entry !== 'function') return entry ?? builtinTypesOf(this.version).get(oid);
    const type = entry();
    this.types.set(oid, type);
    return type;
  };

  /** @throws WalError `corrupt-catalog` where not all of its columns are known */
  private columns(relation: number): Column[] {
    const attributes = this.attributesOf(relation);
    const { name, attributeCount } = this.classes.get(relation) ?? {};
    if (attributeCount !== undefined && attributes.length !== attributeCount) {
      const text = message`pg_class has ${attributeCount} columns of ${String(name)}, and pg_attribute the first ${attributes.length} of them`;
      throw new WalError('corrupt-catalog', text);
    }
    return attributes.map(columnOf);
  }

  /** What pg_attribute says of a relation's columns, up to the first one of which it says nothing. */
  private attributesOf(relation: number): AttributeRow[] {
    const known = this.attributes.get(relation);
    if (known) return known;
    const found: AttributeRow[] = [];
    const tuples = this.attributeTuples.get(relation) ?? [];
    const rows = readRows(tuples, this.attributeColumns, (row) => {
      const number = row.int2('attnum');
      if (number > 0) found[number - 1] = readAttribute(row);
    });
    for (const _ of rows);
    const attributes: AttributeRow[] = [];
    while (found[attributes.length] !== undefined) attributes.push(found[attributes.length]);
    this.attributes.set(relation, attributes);
    return attributes;
  }

  /** The columns of a system catalog, as far as they are known. */
  private catalogColumns(catalog: number): CatalogColumn[] {
    return this.attributesOf(catalog).map(({ column }) => column);
  }

  /** What the rows of a system catalog say. One that cannot be read is left out, and noted with its relation. */
  async read<T>(catalog: number, read: (row: CatalogRow) => T): Promise<T[]> {
    const columns = this.catalogColumns(catalog);
    return [...readRows(await this.tuples(this.fileOf(catalog)), columns, read)];
  }

  /** Where a system catalog lies. */
  fileOf(catalog: number): RelFileLocator {
    const known = this.classes.get(catalog);
    if (known) return known.file;
    return this.mappedFile(catalog, this.maps.local, this.database.tablespace, this.database.oid);
  }

  private mappedFile(
    oid: number,
    map: ReadonlyMap<number, number>,
    spcOid: number,
    dbOid: number,
  ): RelFileLocator {
    const relNumber = map.get(oid);
    if (!relNumber)
      throw new WalError('corrupt-catalog', message`pg_filenode.map has no file for relation ${oid}`);
    return { spcOid, dbOid, relNumber };
  }

  private async readAttributes(): Promise<void> {
    const tuples = [...(await this.tuples(this.fileOf(CATALOG_OIDS.attribute)))];
    this.attributeColumns = bootstrapColumns(this.version, tuples);
    for (const placed of tuples) {
      const relation = placed.relation.guard(placed, () => attributeRelation(placed.tuple));
      if (relation === undefined) continue;
      const known = this.attributeTuples.get(relation);
      if (known) known.push(placed);
      else this.attributeTuples.set(relation, [placed]);
    }
  }

  private async readClasses(): Promise<void> {
    await this.read(CATALOG_OIDS.class, (row) => this.classes.set(row.oid('oid'), this.classRow(row)));
  }

  private async readSchemas(): Promise<void> {
    await this.read(CATALOG_OIDS.namespace, (row) => this.schemas.set(row.oid('oid'), row.name('nspname')));
  }

  private async readInheritance(): Promise<void> {
    this.children = groupBy(await this.read(CATALOG_OIDS.inherits, inheritanceOf), ({ parent }) => parent);
  }

  private classRow(row: CatalogRow): ClassRow {
    return {
      oid: row.oid('oid'),
      name: row.name('relname'),
      namespace: row.oid('relnamespace'),
      kind: row.char('relkind'),
      persistence: row.char('relpersistence'),
      file: this.classFile(row),
      toast: row.oid('reltoastrelid'),
      attributeCount: row.int2('relnatts'),
    };
  }

  private classFile(row: CatalogRow): RelFileLocator {
    const oid = row.oid('oid');
    const shared = row.bool('relisshared');
    const relNumber = row.oid('relfilenode');
    const spcOid = row.oid('reltablespace') || this.database.tablespace;
    const dbOid = shared ? 0 : this.database.oid;
    const map = shared ? this.maps.shared : this.maps.local;
    return relNumber !== 0 || !map.has(oid)
      ? { spcOid, dbOid, relNumber }
      : this.mappedFile(oid, map, spcOid, dbOid);
  }

  /**
   * What tuples of pg_class say, whether they are visible or not.
   * @param namespaceTuples those of pg_namespace, for schemas that are gone
   * @param inheritsTuples those of pg_inherits
   */
  *relationVersions(
    classTuples: Iterable<CatalogTuple>,
    namespaceTuples: Iterable<CatalogTuple>,
    inheritsTuples: Iterable<CatalogTuple>,
  ): Generator<RelationVersion> {
    const former = this.lastNames(namespaceTuples);
    const inheritsColumns = this.catalogColumns(CATALOG_OIDS.inherits);
    const pairs = groupBy(readRows(inheritsTuples, inheritsColumns, inheritanceOf), ({ child }) => child);
    const parents = new Map(Array.from(pairs, ([child, of]) => [child, of.map(({ parent }) => parent)]));
    yield* readRows(classTuples, this.catalogColumns(CATALOG_OIDS.class), (read, { tuple }) => {
      const row = this.classRow(read);
      const { oid, name, kind, persistence, file } = row;
      const unlogged = persistence === 'u';
      const { xmin, xminFrozen } = new TupleHeader(tuple);
      return {
        ...{ oid, schema: this.schemaOf(row, former), name, kind, unlogged, file },
        parents: parents.get(oid) ?? [],
        xmin: xminFrozen ? FROZEN_XID : xmin,
      };
    });
  }

  /** The columns that were dropped, out of tuples of pg_attribute, whether they are visible or not. */
  *droppedColumns(attributeTuples: Iterable<CatalogTuple>): Generator<DroppedColumn> {
    const names = new Map<string, string>();
    const columns = this.catalogColumns(CATALOG_OIDS.attribute);
    const found = readRows(attributeTuples, columns, (row, { tuple }): DroppedColumn[] => {
      const [relation, number] = [row.oid('attrelid'), row.int2('attnum')];
      const { xmin, xminFrozen } = new TupleHeader(tuple);
      if (row.bool('attisdropped')) {
        return [{ relation, number, name: undefined, xmin: xminFrozen ? FROZEN_XID : xmin }];
      }
      names.set(`${relation} ${number}`, row.name('attname'));
      return [];
    });
    for (const one of [...found].flat()) yield { ...one, name: names.get(`${one.relation} ${one.number}`) };
  }

  /** The tables that indexes are of, by the oids of both, out of tuples of pg_index, whether they are visible or not. */
  indexedTables(indexTuples: Iterable<CatalogTuple>): Map<number, number> {
    const columns = this.catalogColumns(CATALOG_OIDS.index);
    return new Map(
      readRows(indexTuples, columns, (row) => [row.oid('indexrelid'), row.oid('indrelid')] as const),
    );
  }

  /** What schemas were called last, by oid. */
  private lastNames(namespaceTuples: Iterable<CatalogTuple>): Map<number, string> {
    const columns = this.catalogColumns(CATALOG_OIDS.namespace);
    const byAge = [...namespaceTuples].sort((a, b) =>
      compareXids(new TupleHeader(a.tuple).xmin, new TupleHeader(b.tuple).xmin),
    );
    return new Map(readRows(byAge, columns, (row) => [row.oid('oid'), row.name('nspname')]));
  }

  private async readTypes(): Promise<void> {
    const labels = new Map<number, Map<number, string>>();
    await this.read(CATALOG_OIDS.enum, (row) => {
      const type = row.oid('enumtypid');
      const known = labels.get(type) ?? new Map<number, string>();
      labels.set(type, known.set(row.oid('oid'), row.name('enumlabel')));
    });
    const subtypes = new Map<number, number>();
    const ranges = new Map<number, number>();
    await this.read(CATALOG_OIDS.range, (row) => {
      subtypes.set(row.oid('rngtypid'), row.oid('rngsubtype'));
      // multiranges since 14
      if (this.version >= 14) ranges.set(row.oid('rngmultitypid'), row.oid('rngtypid'));
    });
    const parts: TypeParts = {
      labels: (oid) => labels.get(oid) ?? new Map(),
      subtype: (oid) => subtypes.get(oid) ?? 0,
      range: (oid) => ranges.get(oid) ?? 0,
      columns: (relation) => this.columns(relation),
    };
    await this.read(CATALOG_OIDS.type, (row) => {
      const oid = row.oid('oid');
      if (!builtinTypesOf(this.version).has(oid)) this.types.set(oid, readType(row, parts));
    });
  }
}

/** What else catalogs say of types. */
export interface TypeParts {
  /** Of an enum: what its values are called, by their oids. */
  labels(type: number): ReadonlyMap<number, string>;
  /** Of a range; 0 where it is not known. */
  subtype(type: number): number;
  /** Of a multirange; 0 where it is not known. */
  range(type: number): number;
  /** Of a composite type: those of its relation. */
  columns(relation: number): readonly Column[];
}

/** What a row of pg_type says, once it is asked for: a column's type may be the very one that it is a column of. */
export function readType(row: CatalogRow, parts: TypeParts): () => Type {
  const oid = row.oid('oid');
  const common = {
    oid,
    name: row.name('typname'),
    length: row.int2('typlen'),
    alignment: alignmentOf(row.char('typalign')),
    delimiter: row.char('typdelim'),
  };
  switch (row.char('typtype')) {
    case 'e':
      return () => ({ ...common, kind: 'enum', labels: parts.labels(oid) });
    case 'd': {
      const base = row.oid('typbasetype');
      return () => ({ ...common, kind: 'domain', base });
    }
    case 'r':
      return () => ({ ...common, kind: 'range', subtype: parts.subtype(oid) });
    case 'm':
      return () => ({ ...common, kind: 'multirange', range: parts.range(oid) });
    case 'c': {
      const relation = row.oid('typrelid');
      return () => ({ ...common, kind: 'composite', columns: parts.columns(relation) });
    }
    default: {
      const element = row.oid('typelem');
      return () =>
        element !== 0 && common.length === -1
          ? { ...common, kind: 'array', element }
          : { ...common, kind: 'base' };
    }
  }
}

/** What rows say, each read by itself: one that cannot be is noted where it was found, and left out. */
function* readRows<T>(
  tuples: Iterable<CatalogTuple>,
  columns: CatalogColumn[],
  read: (row: CatalogRow, tuple: CatalogTuple) => T,
): Generator<T> {
  for (const tuple of tuples) {
    const found = tuple.relation.guard(tuple, () => ({
      value: read(CatalogRow.of(tuple.tuple, columns), tuple),
    }));
    if (found) yield found.value;
  }
}

/** A row of pg_database. */
export interface DatabaseRow {
  oid: number;
  name: string;
}

/** The first columns of pg_database, in every version since 12. @throws WalError `unsupported-version` before */
export function readDatabaseRows(version: number, tuples: Iterable<CatalogTuple>): DatabaseRow[] {
  checkCatalogs(version);
  const columns: CatalogColumn[] = [
    { name: 'oid', length: 4, alignment: 4 },
    { name: 'datname', length: 64, alignment: 1 },
  ];
  return [...readRows(tuples, columns, (row) => ({ oid: row.oid('oid'), name: row.name('datname') }))];
}
