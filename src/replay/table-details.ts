import type { TypeName } from '../heap/types/format-type.js';
import type { CatalogRow } from './catalog-rows.js';
import {
  ATTRIBUTE_DEFAULT,
  CONSTRAINT,
  INDEX,
  isOfColumns,
  type LiveCatalog,
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

/** A key that may be checked at the end of a transaction: no row is found by it. */
export interface DeferrableKey {
  isPrimary: boolean;
  columns: readonly string[];
  deferred: boolean;
}

export function deferrableKeys(catalog: LiveCatalog, table: number): DeferrableKey[] {
  return catalog.rows(CONSTRAINT, 0, table).flatMap((row): DeferrableKey[] => {
    const kind = row.char('contype');
    const columns = catalog.columnNames(table, row.int2s('conkey'));
    if (!'pu'.includes(kind) || !row.bool('condeferrable') || columns === undefined) return [];
    return [{ isPrimary: kind === 'p', columns, deferred: row.bool('condeferred') }];
  });
}

/** Names of what consists of expressions, or is there for speed: constraints, and indexes that are no keys. */
export function otherParts(
  catalog: LiveCatalog,
  table: number,
): { constraints: string[]; indexes: string[] } {
  const all = catalog.rows(CONSTRAINT, 0, table);
  const isExpression = (row: CatalogRow): boolean => 'cx'.includes(row.char('contype'));
  const constraints = all.filter(isExpression).map((row) => row.name('conname'));
  const indexes = catalog.rows(INDEX, 0, table).flatMap((row) => {
    const isKey = isOfColumns(row) && row.bool('indisunique');
    const name = isKey ? undefined : catalog.nameOf(row.oid('indexrelid'))?.name;
    // an exclusion constraint's index has its name
    return name === undefined || constraints.includes(name) ? [] : [name];
  });
  return { constraints, indexes };
}
