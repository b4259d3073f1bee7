import type { TypeName } from '../heap/types/format-type.js';
import { CATALOG_OIDS } from './catalog.js';
import type { CatalogRow } from './catalog-rows.js';
import {
  ATTRIBUTE_DEFAULT,
  CONSTRAINT,
  INDEX,
  type LiveCatalog,
  PARTITIONED_TABLE,
  type QualifiedName,
  SEQUENCE,
  treeIn,
} from './live-catalog.js';

/** What the catalogs say of a table besides what its rows need. */

/** A foreign key, its columns by name. */
export interface ForeignKey {
  /** Of the table that has it. */
  oid: number;
  name: string;
  table: QualifiedName;
  columns: readonly string[];
  parent: QualifiedName;
  parentColumns: readonly string[];
  /** `MATCH FULL` */
  isFull: boolean;
  /** As pg_constraint has them: `a`, `r`, `c`, `n` or `d`. */
  onUpdate: string;
  onDelete: string;
  /** Which columns SET NULL and SET DEFAULT are about; all where there are none (since 15). */
  deletedColumns: readonly string[];
  deferrable: boolean;
  deferred: boolean;
  validated: boolean;
  /** Since 18. */
  enforced: boolean;
  /** It is one of the partitioned table that this is a partition of. */
  isInherited: boolean;
  /** The last column is a period (since 18). */
  hasPeriod: boolean;
}

/** A sequence, as CREATE SEQUENCE makes it. */
export interface SequenceDefinition extends QualifiedName {
  type: TypeName | undefined;
  start: bigint;
  increment: bigint;
  most: bigint;
  least: bigint;
  cache: bigint;
  cycles: boolean;
  /** Since 15. */
  isUnlogged: boolean;
}

/** The expressions of defaults by the number of their column, as `pg_node_tree` has them; undefined where that is elsewhere. */
export function defaultTrees(catalog: LiveCatalog, table: number): Map<number, string | undefined> {
  return new Map(
    catalog
      .rows(ATTRIBUTE_DEFAULT, 0, table)
      .map((row) => [row.int2('adnum'), treeIn(row, 'adbin')] as const),
  );
}

/** @returns undefined where there is no such sequence */
export function sequenceDefinition(catalog: LiveCatalog, oid: number): SequenceDefinition | undefined {
  const name = catalog.nameOf(oid);
  const row = catalog.rows(SEQUENCE, 0, oid).at(-1);
  if (name === undefined || row === undefined) return undefined;
  return {
    ...name,
    type: catalog.typeName(row.oid('seqtypid')),
    ...{ start: row.int8('seqstart'), increment: row.int8('seqincrement') },
    ...{ most: row.int8('seqmax'), least: row.int8('seqmin'), cache: row.int8('seqcache') },
    cycles: row.bool('seqcycle'),
    isUnlogged: classRow(catalog, oid)?.char('relpersistence') === 'u',
  };
}

/** The foreign keys that a table has, and those of other tables that refer to it. */
export function foreignKeys(catalog: LiveCatalog, table: number): { own: ForeignKey[]; toIt: ForeignKey[] } {
  const own = catalog.rows(CONSTRAINT, 0, table).filter(isForeignKey);
  const toIt = catalog
    .rows(CONSTRAINT, 1, table)
    // those of partitions come with the one of their table
    .filter((row) => isForeignKey(row) && row.oid('conrelid') !== table && parentOf(row) === 0);
  const all = (rows: readonly CatalogRow[]): ForeignKey[] =>
    rows.flatMap((row) => foreignKey(catalog, row) ?? []);
  return { own: all(own), toIt: all(toIt) };
}

const isForeignKey = (row: CatalogRow): boolean => row.char('contype') === 'f';

/** Since 11. */
const parentOf = (row: CatalogRow): number => (row.stored('conparentid') ? row.oid('conparentid') : 0);

function foreignKey(catalog: LiveCatalog, row: CatalogRow): ForeignKey | undefined {
  const [child, parent] = [row.oid('conrelid'), row.oid('confrelid')];
  const [table, parentName] = [catalog.nameOf(child), catalog.nameOf(parent)];
  const columns = catalog.columnNames(child, row.int2s('conkey'));
  const parentColumns = catalog.columnNames(parent, row.int2s('confkey'));
  const deletedColumns = catalog.columnNames(child, row.int2s('confdelsetcols'));
  if (!table || !parentName || !columns || !parentColumns || !deletedColumns) return undefined;
  return {
    ...{
      oid: child,
      name: row.name('conname'),
      table,
      columns,
      parent: parentName,
      parentColumns,
      deletedColumns,
    },
    isFull: row.char('confmatchtype') === 'f',
    ...{ onUpdate: row.char('confupdtype'), onDelete: row.char('confdeltype') },
    ...{ deferrable: row.bool('condeferrable'), deferred: row.bool('condeferred') },
    validated: row.bool('convalidated'),
    isInherited: parentOf(row) !== 0,
    enforced: row.stored('conenforced') === undefined || row.bool('conenforced'),
    hasPeriod: row.stored('conperiod') !== undefined && row.bool('conperiod'),
  };
}

/** A column of an index. */
export interface IndexColumn {
  /** `attnum` of the table's; 0 of an expression. */
  number: number;
  /** The oid of a collation that is not that of the column; 0 otherwise. */
  collation: number;
  operatorClass: number;
  /** Parameters of the operator class. */
  options: readonly string[];
  isDescending: boolean;
  nullsFirst: boolean;
  /** Of an exclusion constraint: the oid of the operator; 0 otherwise. */
  excludes: number;
}

/** A constraint that an index is for. */
export interface IndexConstraint {
  oid: number;
  /** `p`, `u` or `x`, as pg_constraint has it. */
  kind: string;
  name: string;
  deferrable: boolean;
  deferred: boolean;
  /** The last column is a period (since 18). */
  hasPeriod: boolean;
}

/** An index. */
export interface IndexDefinition extends QualifiedName {
  oid: number;
  constraint: IndexConstraint | undefined;
  isUnique: boolean;
  /** Since 15. */
  nullsNotDistinct: boolean;
  isValid: boolean;
  isClustered: boolean;
  isReplicaIdentity: boolean;
  columns: readonly IndexColumn[];
  /** The numbers of columns that are in it, and no part of its key. */
  included: readonly number[];
  /** As `pg_node_tree` has them; `lost` where they lie elsewhere. */
  expressions: string | undefined;
  predicate: string | undefined;
  isLost: boolean;
  storage: StorageDetails;
}

/** How pg_class says that a relation is stored. */
export interface StorageDetails {
  /** `name=value` */
  options: readonly string[];
  /** 0 for that of the database. */
  tablespace: number;
  accessMethod: number;
}

function storageOf(row: CatalogRow): StorageDetails {
  return {
    options: row.texts('reloptions'),
    tablespace: row.oid('reltablespace'),
    accessMethod: row.oid('relam'),
  };
}

/** All indexes of a table, those of its constraints first, in the order in which they were made. */
export function indexDefinitions(catalog: LiveCatalog, table: number): IndexDefinition[] {
  const constraints = new Map(
    catalog
      .rows(CONSTRAINT, 0, table)
      .filter((row) => 'pux'.includes(row.char('contype')))
      .map((row) => [row.oid('conindid'), row]),
  );
  const collations = new Map(
    attributesOf(catalog, table).map((row) => [row.int2('attnum'), row.oid('attcollation')]),
  );
  const all = catalog.rows(INDEX, 0, table).flatMap((row): IndexDefinition[] => {
    const oid = row.oid('indexrelid');
    const relation = classRow(catalog, oid);
    const name = catalog.nameOf(oid);
    if (relation === undefined || name === undefined) return [];
    const keys = row.int2('indnkeyatts');
    const numbers = row.int2s('indkey');
    const [own, classes, flags] = [row.oids('indcollation'), row.oids('indclass'), row.int2s('indoption')];
    const constraint = constraints.get(oid);
    const operators = constraint?.oids('conexclop') ?? [];
    const attributes = attributesOf(catalog, oid);
    const columns = numbers.slice(0, keys).map(
      (number, i): IndexColumn => ({
        ...{ number, operatorClass: classes[i], excludes: operators[i] ?? 0 },
        collation: own[i] === (collations.get(number) ?? 0) ? 0 : own[i],
        options: attributes.find((one) => one.int2('attnum') === i + 1)?.texts('attoptions') ?? [],
        isDescending: (flags[i] & INDOPTION_DESC) !== 0,
        nullsFirst: (flags[i] & INDOPTION_NULLS_FIRST) !== 0,
      }),
    );
    const [expressions, predicate] = [treeIn(row, 'indexprs'), treeIn(row, 'indpred')];
    const isLost =
      (expressions === undefined && row.stored('indexprs') !== undefined) ||
      (predicate === undefined && row.stored('indpred') !== undefined);
    return [
      {
        ...{ oid, ...name, columns, included: numbers.slice(keys), expressions, predicate, isLost },
        constraint: constraint && indexConstraint(constraint),
        isUnique: row.bool('indisunique'),
        nullsNotDistinct: flagIn(row, 'indnullsnotdistinct'),
        ...{ isValid: row.bool('indisvalid'), isClustered: row.bool('indisclustered') },
        isReplicaIdentity: row.bool('indisreplident'),
        storage: storageOf(relation),
      },
    ];
  });
  const place = ({ constraint }: IndexDefinition): number => 'puxi'.indexOf(constraint?.kind ?? 'i');
  return all.sort((a, b) => place(a) - place(b) || a.oid - b.oid);
}

/** `INDOPTION_*` (PostgreSQL: src/include/catalog/pg_index.h). */
const INDOPTION_DESC = 1;
const INDOPTION_NULLS_FIRST = 2;

const indexConstraint = (row: CatalogRow): IndexConstraint => ({
  ...{ oid: row.oid('oid'), kind: row.char('contype'), name: row.name('conname') },
  ...{ deferrable: row.bool('condeferrable'), deferred: row.bool('condeferred') },
  hasPeriod: flagIn(row, 'conperiod'),
});

/** What a version before that flag does not have is not so. */
const flagIn = (row: CatalogRow, name: string): boolean => row.stored(name) !== undefined && row.bool(name);

const classRow = (catalog: LiveCatalog, oid: number): CatalogRow | undefined =>
  catalog.rows(CATALOG_OIDS.class, 0, oid).at(-1);

const attributesOf = (catalog: LiveCatalog, relation: number): CatalogRow[] =>
  catalog
    .rows(CATALOG_OIDS.attribute, 0, relation)
    .filter((row) => row.int2('attnum') > 0 && !row.bool('attisdropped'));

/** A NOT NULL or CHECK constraint. */
export interface CheckConstraint {
  oid: number;
  name: string;
  /** `n` (since 18) or `c`. */
  kind: string;
  /** The column of a NOT NULL. */
  column: number | undefined;
  /** Of a CHECK, as `pg_node_tree` has it; undefined where it lies elsewhere. */
  tree: string | undefined;
  validated: boolean;
  /** Since 18. */
  enforced: boolean;
  noInherit: boolean;
  /** It is one of the table's own, be it one of its parents as well. */
  isLocal: boolean;
  isInherited: boolean;
}

export function checkConstraints(catalog: LiveCatalog, table: number): CheckConstraint[] {
  const rows = catalog.rows(CONSTRAINT, 0, table).filter((row) => 'cn'.includes(row.char('contype')));
  return rows
    .map((row) => ({
      ...{ oid: row.oid('oid'), name: row.name('conname'), kind: row.char('contype') },
      column: row.char('contype') === 'n' ? row.int2s('conkey')[0] : undefined,
      tree: treeIn(row, 'conbin'),
      ...{ validated: row.bool('convalidated'), noInherit: row.bool('connoinherit') },
      enforced: row.stored('conenforced') === undefined || row.bool('conenforced'),
      isLocal: row.bool('conislocal'),
      isInherited: inheritCount(row, 'coninhcount') > 0,
    }))
    .sort((a, b) => a.oid - b.oid);
}

/** An int4, since 16 or 17 an int2. */
const inheritCount = (row: CatalogRow, name: string): number =>
  row.stored(name)?.length === 2 ? row.int2(name) : row.int4(name);

/** What pg_attribute says of a column besides what its values need. */
export interface ColumnDetails {
  number: number;
  name: string;
  /** The oid of a collation that is not that of its type; 0 otherwise. */
  collation: number;
  /** The oid of the one that it has, be it that of its type; 0 for none. */
  ownCollation: number;
  /** `attstorage`; undefined where it is that of its type. */
  storage: string | undefined;
  /** `attcompression`, since 14; empty for none of its own. */
  compression: string;
  /** How much ANALYZE looks at; undefined where it is not said. */
  statistics: number | undefined;
  options: readonly string[];
  isLocal: boolean;
}

export function columnDetails(catalog: LiveCatalog, table: number): ColumnDetails[] {
  return attributesOf(catalog, table).map((row) => {
    const type = catalog.rows(CATALOG_OIDS.type, 0, row.oid('atttypid')).at(-1);
    const [collation, storage] = [row.oid('attcollation'), row.char('attstorage')];
    const target = row.stored('attstattarget') && inheritCount(row, 'attstattarget');
    return {
      ...{ number: row.int2('attnum'), name: row.name('attname'), isLocal: row.bool('attislocal') },
      ownCollation: collation,
      collation: collation === type?.oid('typcollation') ? 0 : collation,
      storage: storage === type?.char('typstorage') ? undefined : storage,
      compression: row.stored('attcompression') ? row.char('attcompression') : '',
      statistics: target !== undefined && target >= 0 ? target : undefined,
      options: row.texts('attoptions'),
    };
  });
}

/** What pg_class and its like say of a table besides its columns. */
export interface TableDetails {
  storage: StorageDetails;
  /** Of its TOAST table: `name=value`. */
  toastOptions: readonly string[];
  /** The oid of the composite type that it is of; 0 for none. */
  ofType: number;
  owner: number;
  /** `relreplident` */
  replicaIdentity: string;
  hasRowSecurity: boolean;
  /** Its owner is under it as well. */
  forcesRowSecurity: boolean;
  hasRights: boolean;
  /** Tables that it inherits from, in their order; those that it is a partition of are none. */
  parents: readonly InheritedTable[];
  /** Of a partitioned table: operator classes and collations of the columns that it is split by. */
  partitionClasses: readonly number[];
  partitionCollations: readonly number[];
  /** Of these columns as they are. */
  columns: readonly ColumnDetails[];
}

export interface InheritedTable extends QualifiedName {
  columns: readonly string[];
  hasDefaults: boolean;
}

/** @returns undefined where there is no such table */
export function tableDetails(catalog: LiveCatalog, table: number): TableDetails | undefined {
  const row = classRow(catalog, table);
  if (row === undefined) return undefined;
  const toast = classRow(catalog, row.oid('reltoastrelid'));
  const key = catalog.rows(PARTITIONED_TABLE, 0, table).at(-1);
  return {
    storage: storageOf(row),
    toastOptions: row.oid('reltoastrelid') === 0 ? [] : (toast?.texts('reloptions') ?? []),
    ...{ ofType: row.oid('reloftype'), owner: row.oid('relowner') },
    replicaIdentity: row.char('relreplident'),
    ...{ hasRowSecurity: row.bool('relrowsecurity'), forcesRowSecurity: row.bool('relforcerowsecurity') },
    hasRights: row.stored('relacl') !== undefined,
    parents: row.bool('relispartition') ? [] : parentsOf(catalog, table),
    partitionClasses: key?.oids('partclass') ?? [],
    partitionCollations: key?.oids('partcollation') ?? [],
    columns: columnDetails(catalog, table),
  };
}

/** The expressions that a partitioned table is split by, as `pg_node_tree` has them; undefined for none. */
export function partitionExpressions(catalog: LiveCatalog, table: number): string | undefined {
  const row = catalog.rows(PARTITIONED_TABLE, 0, table).at(-1);
  return row && treeIn(row, 'partexprs');
}

function parentsOf(catalog: LiveCatalog, table: number): InheritedTable[] {
  const rows = catalog.rows(CATALOG_OIDS.inherits, 0, table);
  const inOrder = rows.sort((a, b) => a.int4('inhseqno') - b.int4('inhseqno'));
  return inOrder.flatMap((row) => {
    const oid = row.oid('inhparent');
    const name = catalog.nameOf(oid);
    const attributes = attributesOf(catalog, oid).sort((a, b) => a.int2('attnum') - b.int2('attnum'));
    if (name === undefined) return [];
    return {
      ...name,
      columns: attributes.map((one) => one.name('attname')),
      hasDefaults: attributes.some((one) => one.bool('atthasdef')),
    };
  });
}
