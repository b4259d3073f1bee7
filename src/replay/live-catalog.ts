import {
  HEAP_XMAX_COMMITTED,
  HEAP_XMAX_IS_MULTI,
  HEAP_XMIN_COMMITTED,
  HEAP_XMIN_INVALID,
  type PlacedTuple,
  TupleHeader,
  type TupleId,
} from '../heap/tuple.js';
import { builtinTypesOf } from '../heap/types/builtin.js';
import type { TypeName } from '../heap/types/format-type.js';
import type { Column, Type } from '../heap/types/type.js';
import { updater } from '../heap/visibility.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import {
  type AttributeRow,
  CATALOG_OIDS,
  columnOf,
  type Database,
  readAttribute,
  readType,
} from './catalog.js';
import { bootstrapColumns, type CatalogColumn, CatalogRow } from './catalog-rows.js';
import type { ClusterReplay } from './cluster-replay.js';
import type { ReplayedRelation } from './replayed-relation.js';
import { TupleIndex } from './tuple-index.js';

/** pg_index, pg_constraint, pg_attrdef, pg_sequence and pg_partitioned_table. */
export const INDEX = 2610;
export const CONSTRAINT = 2606;
export const ATTRIBUTE_DEFAULT = 2604;
export const SEQUENCE = 2224;
export const PARTITIONED_TABLE = 3350;

/** The catalogs that are read while the WAL goes by, and the numbers that their rows are looked up by. */
const LOOKUPS: ReadonlyMap<number, readonly string[]> = new Map([
  [CATALOG_OIDS.class, ['oid', 'relfilenode', 'relrewrite']],
  [CATALOG_OIDS.attribute, ['attrelid']],
  [CATALOG_OIDS.type, ['oid']],
  [CATALOG_OIDS.namespace, ['oid']],
  [CATALOG_OIDS.inherits, ['inhrelid', 'inhparent']],
  [CATALOG_OIDS.enum, ['enumtypid']],
  [CATALOG_OIDS.range, ['rngtypid']],
  [INDEX, ['indrelid']],
  [CONSTRAINT, ['conrelid', 'confrelid']],
  [ATTRIBUTE_DEFAULT, ['adrelid']],
  [SEQUENCE, ['seqrelid']],
  [PARTITIONED_TABLE, ['partrelid']],
]);

/** Those whose rows are of a table, by whose oid they are looked up first. */
const OF_TABLES = [CATALOG_OIDS.class, CATALOG_OIDS.attribute, CATALOG_OIDS.inherits, INDEX, CONSTRAINT];

/** The oids of the catalogs that are read. */
export const CATALOGS_READ: readonly number[] = [...LOOKUPS.keys()];

/** Up to this oid the objects are those that every cluster has (`FirstNormalObjectId`, src/include/access/transam.h). */
export const FIRST_NORMAL_OID = 16384;

/** A column of a table, and what SQL has to know of it. */
export interface LiveColumn extends Column {
  notNull: boolean;
  hasDefault: boolean;
  /** It is a parent's, too. */
  isInherited: boolean;
  /** The type as SQL spells it, with its schema unless that is `pg_catalog`; undefined where it is not known. */
  typeName: TypeName | undefined;
}

/** Columns by which a row of a table is told from every other. */
export interface TableKey {
  kind: 'primary' | 'replica-identity' | 'unique';
  /** Their numbers, as `attnum` counts them, from 1. */
  columns: readonly number[];
}

/** What a table is called. */
export interface QualifiedName {
  schema: string;
  name: string;
}

/** How a partitioned table is split. */
export interface PartitionKey {
  /** `pg_partitioned_table.partstrat`: `r`, `l` or `h`. */
  strategy: string;
  /** Numbers of columns, from 1; 0 of an expression. */
  columns: readonly number[];
}

/** What makes a table a partition. */
export interface PartitionOf {
  /** The partitioned table that it is directly of. */
  oid: number;
  parent: QualifiedName;
  /** Which rows are its, as `pg_node_tree` has it; undefined where that cannot be read. */
  bound: string | undefined;
}

/** A table as the catalogs have it at one moment. */
export interface LiveTable extends QualifiedName {
  oid: number;
  /** `pg_class.relkind` */
  kind: string;
  /** `pg_class.relpersistence` */
  persistence: string;
  file: RelFileLocator;
  /** The file of its TOAST table. */
  toast: RelFileLocator | undefined;
  /** It is one that a rewrite fills, and that goes away then. */
  isTransient: boolean;
  isSystem: boolean;
  /** In the order of `attnum`, those that were dropped included. */
  columns: readonly LiveColumn[];
  /** All keys, the one that a row is best found by first. */
  keys: readonly TableKey[];
  /** The partitioned tables that it is a partition of, and the tables that it inherits from: the nearest first. */
  ancestors: readonly QualifiedName[];
  /** The table that it is a partition of, at whatever level. */
  root: QualifiedName | undefined;
  partitionKey: PartitionKey | undefined;
  partitionOf: PartitionOf | undefined;
  /** What its columns are made of. */
  type(oid: number): Type | undefined;
}

/** What pg_class says of a relation. */
export interface LiveRelation extends QualifiedName {
  oid: number;
  /** `pg_class.relkind` */
  kind: string;
  file: RelFileLocator;
  /** The oid of its TOAST table; 0 where it has none. */
  toast: number;
  /** The oid of the table that it is filled for by a rewrite; 0 where it is of none. */
  rewritten: number;
}

/**
 * The catalogs of one database while WAL is applied to them. What a transaction did is seen as soon as it is in the WAL,
 * unless it was rolled back: whoever changes a table's definition lets no one else change its rows before it ends, so
 * that the rows that go by are of the definition that was given last.
 */
export class LiveCatalog {
  /** Grows with each change of the catalogs. */
  generation = 0;
  private readonly indexes = new Map<number, TupleIndex>();
  /** Where catalogs lie that are not mapped, as long as what this was told from is as it was. */
  private readonly catalogFiles = new Map<number, RelFileLocator>();
  private basis: readonly unknown[] = [];
  private classChanges = 0;
  private readonly columns = new Map<number, CatalogColumn[]>();
  /** Transactions that are taken for not having been. */
  private undone: ReadonlySet<number> | undefined;

  /** @param relationOf gives the relation of a file, replayed up to now */
  constructor(
    readonly version: number,
    readonly database: Database,
    private readonly cluster: ClusterReplay,
    private readonly relationOf: (file: RelFileLocator) => ReplayedRelation | undefined,
  ) {}

  /** The files of the catalogs that are read, as far as they can be told now. */
  files(): RelFileLocator[] {
    return CATALOGS_READ.flatMap((catalog) => this.fileOf(catalog) ?? []);
  }

  /** The file that a catalog lies in now; undefined where that cannot be told. */
  fileOf(catalog: number): RelFileLocator | undefined {
    const { oid: dbOid, tablespace: spcOid } = this.database;
    const mapped = this.cluster.relationMaps.get(dbOid)?.get(catalog);
    if (mapped !== undefined) return { spcOid, dbOid, relNumber: mapped };
    if (catalog === CATALOG_OIDS.class || catalog === CATALOG_OIDS.attribute) return undefined;
    if (this.undone !== undefined) return this.classFileOf(catalog);
    this.checkFiles();
    const known = this.catalogFiles.get(catalog) ?? this.classFileOf(catalog);
    if (known) this.catalogFiles.set(catalog, known);
    return known;
  }

  /** Forgets where catalogs lie when pg_class may say something else, or lies elsewhere itself. */
  private checkFiles(): void {
    const { relationMaps, transactions } = this.cluster;
    const now = [
      relationMaps.get(0),
      relationMaps.get(this.database.oid),
      transactions.log.aborts,
      this.classChanges,
    ];
    if (now.every((one, i) => one === this.basis[i])) return;
    this.basis = now;
    this.catalogFiles.clear();
  }

  private classFileOf(catalog: number): RelFileLocator | undefined {
    const row = this.rows(CATALOG_OIDS.class, 0, catalog).at(-1);
    return row && this.classFile(row);
  }

  private classFile(row: CatalogRow): RelFileLocator {
    const isShared = row.bool('relisshared');
    const dbOid = isShared ? 0 : this.database.oid;
    const spcOid = row.oid('reltablespace') || this.database.tablespace;
    const relNumber =
      row.oid('relfilenode') || (this.cluster.relationMaps.get(dbOid)?.get(row.oid('oid')) ?? 0);
    return { spcOid, dbOid, relNumber };
  }

  private index(catalog: number): TupleIndex | undefined {
    const known = this.indexes.get(catalog);
    const file = this.fileOf(catalog);
    if (known && file?.relNumber === known.relation.file.relNumber) return known;
    const relation = file && this.relationOf(file);
    const columns = relation && this.catalogColumns(catalog, relation);
    if (!columns) return undefined;
    const offsets = LOOKUPS.get(catalog)!.map((name) => offsetOf(columns, name));
    const index = new TupleIndex(relation, offsets, () => {
      this.generation++;
      if (catalog === CATALOG_OIDS.class) this.classChanges++;
    });
    this.indexes.set(catalog, index);
    return index;
  }

  /** The columns of a catalog: they stay what they are as long as there is the cluster. */
  private catalogColumns(catalog: number, relation: ReplayedRelation): CatalogColumn[] | undefined {
    const known = this.columns.get(catalog);
    if (known) return known;
    // what lies elsewhere than usually is read when it is known where
    if (relation.store.blocks().length === 0) return undefined;
    const columns =
      catalog === CATALOG_OIDS.attribute
        ? bootstrapColumns(this.version, withRelation(relation))
        : this.attributes(catalog).map(({ column }) => column);
    if (columns.length === 0) return undefined;
    this.columns.set(catalog, columns);
    return columns;
  }

  /** Rows of a catalog that have this number. @param way which of the numbers that its rows are looked up by */
  rows(catalog: number, way: number, key: number, columns = this.columns.get(catalog)): CatalogRow[] {
    const index = this.index(catalog);
    if (index === undefined) return [];
    columns ??= this.columns.get(catalog)!;
    return index.find(way, key).flatMap(
      (tid) =>
        index.relation.guard(tid, () => {
          const tuple = index.relation.find(tid);
          return tuple && this.holds(tuple) ? [CatalogRow.of(tuple, columns)] : [];
        }) ?? [],
    );
  }

  /** All rows of a catalog, of transactions that run, too. */
  read<T>(catalog: number, read: (row: CatalogRow) => T): T[] {
    const file = this.fileOf(catalog);
    const relation = file && this.relationOf(file);
    const columns = relation && this.catalogColumns(catalog, relation);
    if (!columns) return [];
    return Array.from(relation.tuples()).flatMap(({ tuple, block, offset }) => {
      const rows = (): T[] => (this.holds(tuple) ? [read(CatalogRow.of(tuple, columns))] : []);
      return relation.guard({ block, offset }, rows) ?? [];
    });
  }

  /** Whether a row stands, of transactions that run, too. */
  private holds(tuple: Uint8Array): boolean {
    const header = new TupleHeader(tuple);
    const { undone } = this;
    if (undone !== undefined) {
      if (undone.has(header.xmin) && !header.xminFrozen) return false;
      const xid = updater(header, this.cluster.transactions);
      if (xid !== undefined && undone.has(xid)) return true;
    }
    return isLive(header, this.cluster);
  }

  /** The relation that a row of a catalog's file is about; undefined of catalogs whose rows are of something else. */
  relationIn(file: RelFileLocator, tuple: Uint8Array): number | undefined {
    for (const catalog of OF_TABLES) {
      const index = this.index(catalog);
      if (index?.relation.file.relNumber === file.relNumber) return index.keyOf(tuple, 0);
    }
    return undefined;
  }

  /** What was so before these transactions, which have not ended yet. */
  before<T>(xids: readonly number[], read: () => T): T {
    this.undone = new Set(xids);
    try {
      return read();
    } finally {
      this.undone = undefined;
    }
  }

  /** Of a relation's columns the names, by their numbers; undefined where one has none. */
  columnNames(relation: number, numbers: readonly number[]): string[] | undefined {
    const rows = this.attributeRows(relation);
    const names = numbers.map((number) => rows[number - 1]?.name('attname'));
    return names.every((name) => name !== undefined) ? names : undefined;
  }

  private attributes(relation: number): AttributeRow[] {
    return this.attributeRows(relation).map(readAttribute);
  }

  private attributeRows(relation: number): CatalogRow[] {
    const found: CatalogRow[] = [];
    for (const row of this.rows(CATALOG_OIDS.attribute, 0, relation)) {
      const number = row.int2('attnum');
      if (number > 0) found[number - 1] = row;
    }
    const known: CatalogRow[] = [];
    while (found[known.length] !== undefined) known.push(found[known.length]);
    return known;
  }

  /** What pg_class says of a file; undefined where it says nothing. */
  ownerOf(file: RelFileLocator): LiveRelation | undefined {
    const row = this.classOfFile(file);
    return row && this.relationOfRow(row);
  }

  /** The relations whose files have a number, wherever these lie. */
  ownersOf(relNumber: number): LiveRelation[] {
    return this.rows(CATALOG_OIDS.class, 1, relNumber).map((row) => this.relationOfRow(row));
  }

  /** The relation of that oid as it is now. */
  relation(oid: number): LiveRelation | undefined {
    const row = this.rows(CATALOG_OIDS.class, 0, oid).at(-1);
    return row && this.relationOfRow(row);
  }

  private relationOfRow(row: CatalogRow): LiveRelation {
    return {
      ...{ oid: row.oid('oid'), kind: row.char('relkind'), file: this.classFile(row) },
      ...{ schema: this.schemaName(row.oid('relnamespace')), name: row.name('relname') },
      toast: row.oid('reltoastrelid'),
      rewritten: this.version >= 11 ? row.oid('relrewrite') : 0,
    };
  }

  /** The tables that a table is a partition of, or inherits from, at the next level. */
  parentsOf(oid: number): number[] {
    return this.rows(CATALOG_OIDS.inherits, 0, oid).map((row) => row.oid('inhparent'));
  }

  /** Its partitions, and the tables that inherit from it, at the next level. */
  childrenOf(oid: number): number[] {
    return this.rows(CATALOG_OIDS.inherits, 1, oid).map((row) => row.oid('inhrelid'));
  }

  /** The relations that are called so now. Of rows of others no more is taken apart than their names. */
  relationsNamed(isNamed: (name: QualifiedName) => boolean): LiveRelation[] {
    const index = this.index(CATALOG_OIDS.class);
    if (index === undefined) return [];
    const all = this.columns.get(CATALOG_OIDS.class)!;
    const columns = all.slice(0, all.findIndex(({ name }) => name === 'relnamespace') + 1);
    const schemas = new Map<number, string>();
    return Array.from(index.keys(0)).flatMap((oid) => {
      const row = this.rows(CATALOG_OIDS.class, 0, oid, columns).at(-1);
      if (row === undefined) return [];
      const namespace = row.oid('relnamespace');
      const schema = schemas.get(namespace) ?? this.schemaName(namespace);
      schemas.set(namespace, schema);
      return isNamed({ schema, name: row.name('relname') }) ? (this.relation(oid) ?? []) : [];
    });
  }

  private classOfFile({ spcOid, dbOid, relNumber }: RelFileLocator): CatalogRow | undefined {
    const found = this.rows(CATALOG_OIDS.class, 1, relNumber).find((row) => {
      const file = this.classFile(row);
      return file.spcOid === spcOid && file.dbOid === dbOid;
    });
    if (found) return found;
    for (const [oid, mapped] of this.cluster.relationMaps.get(dbOid) ?? []) {
      if (mapped === relNumber) return this.rows(CATALOG_OIDS.class, 0, oid).at(-1);
    }
    return undefined;
  }

  /**
   * The table that an update of pg_class gave an empty file, as it was before; undefined of any other update. TRUNCATE does
   * so: unlike a file that a rewrite filled it was never that of a transient table (`make_new_heap`, cluster.c), and unlike
   * one that went to another tablespace it lies where the one before it does.
   */
  emptiedBy(file: RelFileLocator, from: TupleId, to: TupleId): LiveTable | undefined {
    const [before, after] = [this.classRowAt(file, from), this.classRowAt(file, to)];
    if (before === undefined || after === undefined || after.char('relkind') !== 'r') return undefined;
    const oid = after.oid('oid');
    const [old, made] = [this.classFile(before), this.classFile(after)];
    if (before.oid('oid') !== oid || old.relNumber === made.relNumber || old.spcOid !== made.spcOid)
      return undefined;
    if (this.transientFiles(oid).includes(made.relNumber)) return undefined;
    const table = this.tableWith(oid);
    return table && { ...table, file: old };
  }

  /** The files that transient tables had which filled, or fill, a new one of this table. */
  private transientFiles(oid: number): number[] {
    const index = this.index(CATALOG_OIDS.class);
    return (index?.find(2, oid) ?? []).flatMap(
      (tid) => this.classRowAt(index!.relation.file, tid)?.oid('relfilenode') ?? [],
    );
  }

  /** A table's oid and file as a row of pg_class has them; undefined where a file is not that of pg_class. */
  placeAt(file: RelFileLocator, tid: TupleId): { oid: number; file: RelFileLocator } | undefined {
    const row = this.classRowAt(file, tid);
    return row && { oid: row.oid('oid'), file: this.classFile(row) };
  }

  /** A row of pg_class, be it one that does not stand any more; undefined where a file is not that of pg_class. */
  private classRowAt(file: RelFileLocator, tid: TupleId): CatalogRow | undefined {
    const index = this.index(CATALOG_OIDS.class);
    if (index === undefined || index.relation.file.relNumber !== file.relNumber) return undefined;
    return index.relation.guard(tid, () => {
      const tuple = index.relation.find(tid);
      return tuple && CatalogRow.of(tuple, this.columns.get(CATALOG_OIDS.class)!);
    });
  }

  /** Whether a table is called so now. */
  hasTable(isNamed: (name: QualifiedName) => boolean): boolean {
    return this.relationsNamed(isNamed).some(({ kind }) => 'rmtp'.includes(kind));
  }

  /** The table that a file is of; undefined of one that pg_class does not name, or that has no rows. */
  tableOf(file: RelFileLocator): LiveTable | undefined {
    const row = this.classOfFile(file);
    if (row === undefined || !'rmt'.includes(row.char('relkind'))) return undefined;
    return this.table(row);
  }

  /** The table of that oid as it is now. */
  tableWith(oid: number): LiveTable | undefined {
    const row = this.rows(CATALOG_OIDS.class, 0, oid).at(-1);
    return row && this.table(row);
  }

  private table(row: CatalogRow): LiveTable {
    const oid = row.oid('oid');
    const toastOid = row.oid('reltoastrelid');
    const toast = toastOid === 0 ? undefined : this.rows(CATALOG_OIDS.class, 0, toastOid).at(-1);
    const types = new Map<number, Type>();
    const rows = this.attributeRows(oid);
    const columns = rows.map((one): LiveColumn => {
      const column = columnOf(readAttribute(one));
      this.collect(column.type, types);
      return {
        ...column,
        notNull: one.bool('attnotnull'),
        hasDefault: one.bool('atthasdef'),
        isInherited: (this.version >= 16 ? one.int2('attinhcount') : one.int4('attinhcount')) > 0,
        typeName: column.dropped ? undefined : this.typeName(column.type),
      };
    });
    if (columns.length !== row.int2('relnatts')) {
      const text = message`pg_class has ${row.int2('relnatts')} columns of ${row.name('relname')}, and pg_attribute ${columns.length} of them`;
      throw new WalError('corrupt-catalog', text);
    }
    const { ancestors, root } = this.ancestors(oid);
    return {
      ...{ oid, name: row.name('relname'), schema: this.schemaName(row.oid('relnamespace')) },
      ...{ kind: row.char('relkind'), persistence: row.char('relpersistence'), file: this.classFile(row) },
      toast: toast && this.classFile(toast),
      isTransient: this.version >= 11 && row.oid('relrewrite') !== 0,
      isSystem: oid < FIRST_NORMAL_OID,
      ...{ columns, keys: this.keys(oid, row.char('relreplident')), ancestors, root },
      ...{ partitionKey: this.partitionKey(oid, row), partitionOf: this.partitionOf(oid, row) },
      type: (type) => types.get(type) ?? builtinTypesOf(this.version).get(type),
    };
  }

  /** What a relation is called; undefined where there is none. */
  nameOf(relation: number): QualifiedName | undefined {
    const row = this.rows(CATALOG_OIDS.class, 0, relation).at(-1);
    return row && { schema: this.schemaName(row.oid('relnamespace')), name: row.name('relname') };
  }

  schemaName(oid: number): string {
    return this.rows(CATALOG_OIDS.namespace, 0, oid).at(-1)?.name('nspname') ?? String(oid);
  }

  private ancestors(oid: number): Pick<LiveTable, 'ancestors' | 'root'> {
    const found = new Map<number, QualifiedName>();
    let root: QualifiedName | undefined;
    // a set goes on to what is added while it is gone through: each is looked at once, also in a circle
    const seen = new Set([oid]);
    for (const child of seen) {
      for (const parent of this.parentsOf(child)) {
        const name = seen.has(parent) ? undefined : this.nameOf(parent);
        seen.add(parent);
        if (!name) continue;
        found.set(parent, name);
        if (this.rows(CATALOG_OIDS.class, 0, parent).at(-1)?.char('relkind') === 'p') root = name;
      }
    }
    return { ancestors: [...found.values()], root };
  }

  private partitionKey(oid: number, row: CatalogRow): PartitionKey | undefined {
    const key = row.char('relkind') === 'p' ? this.rows(PARTITIONED_TABLE, 0, oid).at(-1) : undefined;
    return key && { strategy: key.char('partstrat'), columns: key.int2s('partattrs') };
  }

  private partitionOf(oid: number, row: CatalogRow): PartitionOf | undefined {
    if (!row.bool('relispartition')) return undefined;
    const parent = this.rows(CATALOG_OIDS.inherits, 0, oid).at(-1)?.oid('inhparent');
    const name = parent === undefined ? undefined : this.nameOf(parent);
    return parent === undefined || name === undefined
      ? undefined
      : { oid: parent, parent: name, bound: treeIn(row, 'relpartbound') };
  }

  /** Unique indexes over columns alone, of all rows; a primary key, then the replica identity, then those without nulls. */
  private keys(oid: number, identity: string): TableKey[] {
    const keys = this.rows(INDEX, 0, oid).flatMap((row): TableKey[] => {
      if (!isOfColumns(row) || !row.bool('indisunique') || !row.bool('indimmediate')) return [];
      const columns = row.int2s('indkey').slice(0, this.version >= 11 ? row.int2('indnkeyatts') : undefined);
      if (columns.length === 0 || columns.some((number) => number < 1)) return [];
      const isIdentity = identity === 'i' && row.bool('indisreplident');
      const kind = row.bool('indisprimary') ? 'primary' : isIdentity ? 'replica-identity' : 'unique';
      return [{ kind, columns }];
    });
    const order = ['primary', 'replica-identity', 'unique'];
    return keys.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  }

  /** Takes in a type and all that it consists of. */
  private collect(oid: number, types: Map<number, Type>): void {
    const pending = [oid];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (types.has(next)) continue;
      const type = this.typeOf(next, types);
      if (type === undefined) continue;
      types.set(next, type);
      if (type.kind === 'array') pending.push(type.element);
      if (type.kind === 'domain') pending.push(type.base);
      if (type.kind === 'range') pending.push(type.subtype);
      if (type.kind === 'multirange') pending.push(type.range);
      if (type.kind === 'composite') pending.push(...type.columns.map((column) => column.type));
    }
  }

  /** A type as it is now. */
  type(oid: number): Type | undefined {
    return this.typeOf(oid, new Map());
  }

  private typeOf(oid: number, types: ReadonlyMap<number, Type>): Type | undefined {
    const known = types.get(oid) ?? builtinTypesOf(this.version).get(oid);
    if (known || oid === 0) return known;
    const row = this.rows(CATALOG_OIDS.type, 0, oid).at(-1);
    if (!row) return undefined;
    return readType(row, {
      labels: (type) =>
        new Map(this.rows(CATALOG_OIDS.enum, 0, type).map((one) => [one.oid('oid'), one.name('enumlabel')])),
      subtype: (type) => this.rows(CATALOG_OIDS.range, 0, type).at(-1)?.oid('rngsubtype') ?? 0,
      range: (type) => this.rangeOf(type),
      columns: (relation) => this.attributes(relation).map(columnOf),
    })();
  }

  /** Of a multirange: pg_range has few rows. */
  private rangeOf(multirange: number): number {
    const index = this.index(CATALOG_OIDS.range);
    for (const key of index?.keys(0) ?? []) {
      const row = this.rows(CATALOG_OIDS.range, 0, key).at(-1);
      if (this.version >= 14 && row?.oid('rngmultitypid') === multirange) return key;
    }
    return 0;
  }

  /** A type as SQL spells it; undefined where there is none. */
  typeName(oid: number, isElement = false): TypeName | undefined {
    const row = this.rows(CATALOG_OIDS.type, 0, oid).at(-1);
    if (!row) return undefined;
    const element = row.oid('typelem');
    const isVector = oid === 22 || oid === 30;
    const isArray =
      !isVector && element !== 0 && row.int2('typlen') === -1 && row.char('typcategory') === 'A';
    // no array has arrays for elements, but in damaged catalogs
    if (isArray && isElement) return undefined;
    if (isArray) {
      const name = this.typeName(element, true);
      return name && { ...name, isArray: true };
    }
    return {
      schema: this.schemaName(row.oid('typnamespace')),
      name: row.name('typname'),
      isArray: false,
      oid,
    };
  }
}

/** An expression's tree; undefined where it lies in a TOAST table, or is damaged. */
export function treeIn(row: CatalogRow, column: string): string | undefined {
  try {
    return row.text(column);
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}

/** Whether an index is one of all rows, and of columns alone. */
export const isOfColumns = (row: CatalogRow): boolean =>
  row.bool('indisvalid') && row.stored('indpred') === undefined && row.stored('indexprs') === undefined;

/** Where a column of fixed place lies in the data of a catalog's rows. @throws WalError `corrupt-catalog` */
function offsetOf(columns: readonly CatalogColumn[], name: string): number {
  let at = 0;
  for (const column of columns) {
    at = (at + column.alignment - 1) & -column.alignment;
    if (column.name === name) return at;
    if (column.length < 0) break;
    at += column.length;
  }
  throw new WalError('corrupt-catalog', message`a system catalog has no column ${name} at a fixed place`);
}

function* withRelation(relation: ReplayedRelation): Generator<PlacedTuple & { relation: ReplayedRelation }> {
  for (const placed of relation.tuples()) yield { ...placed, relation };
}

/** Whether a tuple stands: what made it was not rolled back, and nothing but what was rolled back has ended it. */
export function isLive(header: TupleHeader, { transactions }: Pick<ClusterReplay, 'transactions'>): boolean {
  const { log } = transactions;
  const { infomask, xmin } = header;
  if (!header.xminFrozen && !(infomask & HEAP_XMIN_COMMITTED)) {
    if (infomask & HEAP_XMIN_INVALID || xmin === 0 || log.status(xmin) === 'aborted') return false;
  }
  const xid = updater(header, transactions);
  if (xid === undefined) return true;
  const isHinted = (infomask & HEAP_XMAX_COMMITTED) !== 0 && (infomask & HEAP_XMAX_IS_MULTI) === 0;
  return !isHinted && log.status(xid) === 'aborted';
}
