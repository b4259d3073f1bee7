import { groupBy } from '../cluster/group-by.js';
import { rewrittenOid } from '../follow/catalog-row.js';
import type { CataloguedFiles } from '../follow/removal.js';
import { FROZEN_XID } from '../heap/tuple.js';
import { formatLocator } from '../rmgr/locator.js';
import type { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { compareXids } from '../wal/xid.js';
import type { DroppedColumn, RelationVersion } from './catalog.js';
import { allCatalogued, cataloguedFiles } from './catalogued-files.js';
import { filesOf, isOfTable } from './find-table.js';
import type { ReplayedCluster } from './replayed-cluster.js';

/** `pg_class.relkind`: what has rows of its own, or partitions that have them. */
const TABLE_KINDS: ReadonlySet<string> = new Set(['r', 'p', 'm']);

const SYSTEM_SCHEMA = /^(?:pg_catalog|pg_toast|information_schema|pg_temp_\d+|pg_toast_temp_\d+)$/;

/** What a relation is called. */
export interface RelationName {
  /** Empty for relations that all databases share. */
  database: string;
  schema: string;
  name: string;
}

/** A column that a table lost by ALTER TABLE … DROP COLUMN. */
export interface ColumnDrop {
  /** The table's, then. */
  file: RelFileLocator;
  /** Its name, or which one it was where the catalogs do not tell the name any more. */
  column: string;
}

/**
 * What the files in WAL belong to: the names of all relations that were there at some time since a base backup. A
 * relation that was renamed has its last name; one that was dropped, the one it had.
 */
export class RelationNames {
  private readonly byFile = new Map<string, RelationName>();
  private readonly ownerByFile = new Map<string, RelationName>();
  private readonly unlogged = new Map<string, boolean>();
  /** Of the databases that have or had a name. */
  private readonly versions = new Map<string, (readonly RelationVersion[])[]>();
  /** What databases are called, or were called last, by oid. */
  readonly databases = new Map<number, string>();
  /** What the catalogs of all databases tell of files. @internal */
  catalogued: CataloguedFiles | undefined;
  /** The columns that tables lost, by the transactions that dropped them. */
  readonly columnDrops = new Map<number, ColumnDrop[]>();

  /** @internal */
  static async of(cluster: ReplayedCluster): Promise<RelationNames> {
    const names = new RelationNames();
    // a backup can be of some databases only
    const known = new Set(cluster.databasesOf());
    const read = new Map<number, readonly RelationVersion[]>();
    const indexed = new Map<number, ReadonlyMap<number, number>>();
    for (const { name, oid } of await cluster.databasesEver()) {
      if (!known.has(oid)) continue;
      names.databases.set(oid, name);
      const versions = read.get(oid) ?? (await cluster.relationVersions(oid));
      const tables = indexed.get(oid) ?? (await cluster.indexedTables(oid));
      read.set(oid, versions);
      indexed.set(oid, tables);
      names.add(name, versions, tables);
    }
    for (const [oid, versions] of read) names.addColumnDrops(versions, await cluster.droppedColumns(oid));
    const { firstLsn, endLsn } = cluster.pass;
    const within =
      firstLsn === undefined || endLsn === undefined ? undefined : { from: firstLsn, to: endLsn };
    names.problems = cluster.problems;
    names.catalogued = { ...allCatalogued([...read.values()].map(cataloguedFiles)), within };
    return names;
  }

  /** What is wrong with the catalogs, so that not all names are known. @internal */
  problems: readonly WalError[] = [];

  /** @param indexed the tables that indexes are of, by the oids of both */
  private add(
    database: string,
    versions: readonly RelationVersion[],
    indexed: ReadonlyMap<number, number>,
  ): void {
    this.versions.set(database, [...(this.versions.get(database) ?? []), versions]);
    for (const { file, unlogged } of versions) this.unlogged.set(formatLocator(file), unlogged);
    const transient = transientTables(versions);
    // a rewrite leaves the old file with a table that has no name of its own
    const named = versions.filter(({ oid, name }) => !transient.has(oid) && !isToastOf(transient, name));
    const passing = versions.filter(({ oid, name }) => transient.has(oid) || isToastOf(transient, name));
    const names = new Map(named.map(({ oid, schema, name }) => [oid, { schema, name }]));
    const last = new Map(versions.map((version) => [version.oid, version]));
    for (const { oid: relation, name, schema, file } of [...passing, ...named]) {
      if (file.relNumber === 0) continue;
      const key = formatLocator(file);
      const of = { database: file.dbOid === 0 ? '' : database };
      const oid = rewrittenOid(name);
      const own = (oid === undefined ? undefined : names.get(oid)) ?? { schema, name };
      this.byFile.set(key, { ...of, ...own });
      const owner = ownerOf(relation, last, indexed);
      const ownerName = owner === undefined ? undefined : names.get(owner);
      if (ownerName !== undefined) this.ownerByFile.set(key, { ...of, ...ownerName });
    }
  }

  private addColumnDrops(versions: readonly RelationVersion[], dropped: readonly DroppedColumn[]): void {
    const byOid = groupBy(versions, ({ oid }) => oid);
    for (const { relation, number, name, xmin } of dropped) {
      const file = fileBefore(xmin, byOid.get(relation) ?? []);
      if (xmin === FROZEN_XID || file === undefined) continue;
      const drops = this.columnDrops.get(xmin) ?? [];
      drops.push({ file, column: name ?? `number ${number}` });
      this.columnDrops.set(xmin, drops);
    }
  }

  /** @param file `tablespace/database/relfilenode` */
  nameOf(file: string): RelationName | undefined {
    return this.byFile.get(file);
  }

  /** The tables that TOAST tables and indexes belong to, by the files of these, as {@link nameOf} takes it. */
  get owners(): ReadonlyMap<string, RelationName> {
    return this.ownerByFile;
  }

  /** Whether the file is one of an unlogged relation; undefined where it is not known. @param file as of {@link nameOf} */
  isUnlogged(file: string): boolean | undefined {
    return this.unlogged.get(file);
  }

  /** The names by file, as {@link nameOf} takes it. */
  get all(): ReadonlyMap<string, RelationName> {
    return this.byFile;
  }

  has(database: string): boolean {
    return this.versions.has(database);
  }

  /** Whether there was such a table, also one that has no file. */
  hasTable(table: string, database: string): boolean {
    return (this.versions.get(database) ?? []).some((versions) => versions.some(isOfTable(versions, table)));
  }

  /** What its catalogs said of relations at any time. */
  relationsOf(database: string): RelationVersion[] {
    return (this.versions.get(database) ?? []).flat();
  }

  /** The tables, partitioned ones and materialized views that were there, each once, but for the system's own. */
  get tables(): RelationName[] {
    const tables = new Map<string, RelationName>();
    for (const [database, all] of this.versions) {
      for (const { schema, name, kind } of all.flat()) {
        if (!TABLE_KINDS.has(kind) || SYSTEM_SCHEMA.test(schema) || rewrittenOid(name) !== undefined)
          continue;
        tables.set(JSON.stringify([database, schema, name]), { database, schema, name });
      }
    }
    return [...tables.values()];
  }

  /**
   * The files that a table had, its partitions and the tables that inherit from it, and those of former tables of that
   * name; none where there was no such table.
   */
  filesOf(table: string, database: string): RelFileLocator[] {
    const all = this.versions.get(database) ?? [];
    const files = all.flatMap((versions) => filesOf(versions, isOfTable(versions, table)));
    return [...new Map(files.map((file) => [formatLocator(file), file])).values()];
  }
}

/** The file that a table had when a transaction ended. */
function fileBefore(xid: number, versions: readonly RelationVersion[]): RelFileLocator | undefined {
  const files = versions.filter(({ file }) => file.relNumber !== 0);
  const made = files.filter(({ xmin }) => xmin === FROZEN_XID || compareXids(xmin, xid) <= 0);
  const isYounger = (a: RelationVersion, b: RelationVersion): boolean =>
    b.xmin === FROZEN_XID || (a.xmin !== FROZEN_XID && compareXids(a.xmin, b.xmin) >= 0);
  return made.reduce<RelationVersion | undefined>((a, b) => (a && !isYounger(b, a) ? a : b), undefined)?.file;
}

/** The oids of the tables that rewrites made for their own use. */
const transientTables = (versions: readonly RelationVersion[]): ReadonlySet<number> =>
  new Set(versions.filter(({ name }) => rewrittenOid(name) !== undefined).map(({ oid }) => oid));

/** Whether it is the name of a TOAST table, or of the index of one, that belongs to one of these tables. */
function isToastOf(tables: ReadonlySet<number>, name: string): boolean {
  const oid = toastedOid(name);
  return oid !== undefined && tables.has(oid);
}

/** The oid that a TOAST table, or the index of one, has its name of: the table's (create_toast_table: catalog/toasting.c). */
function toastedOid(name: string): number | undefined {
  const match = /^pg_toast_(\d{1,10})(?:_index)?$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/**
 * The oid of the table that a TOAST table or an index belongs to, be that the index of a TOAST table or what a rewrite
 * made for its own use; undefined of others.
 * @param relations by oid
 * @param indexed the tables that indexes are of
 */
function ownerOf(
  relation: number,
  relations: ReadonlyMap<number, RelationVersion>,
  indexed: ReadonlyMap<number, number>,
): number | undefined {
  const indexedTable = indexed.get(relation);
  const { schema, name } = relations.get(indexedTable ?? relation) ?? {};
  const toasted = schema === 'pg_toast' && name !== undefined ? toastedOid(name) : undefined;
  const table = toasted ?? indexedTable;
  const tableName = table === undefined ? undefined : relations.get(table)?.name;
  return tableName === undefined ? table : (rewrittenOid(tableName) ?? table);
}

/** `database.schema.table`, in double quotes where SQL needs them. */
export function formatRelationName({ database, schema, name }: RelationName): string {
  const parts = database === '' ? [schema, name] : [database, schema, name];
  return parts.map(quoteWhereNeeded).join('.');
}

const quoteWhereNeeded = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
