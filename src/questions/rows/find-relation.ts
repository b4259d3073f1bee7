import { matchesRelation, type RelationFilter } from '../../follow/relation.js';
import { endingXids } from '../../follow/transaction-end.js';
import type { RelationVersion } from '../../replay/catalog.js';
import type { CatalogRelation } from '../../replay/catalog-relation.js';
import { checkHasRows, filesOf, findTable, isOfTable, tablesOf } from '../../replay/find-table.js';
import type { ReplayedCluster } from '../../replay/replayed-cluster.js';
import { unknownDatabase, unknownTable } from '../../replay/unknown-name.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';

/** Which table is asked for: by name, for which it takes the database, or by its file. */
interface RelationWanted {
  table?: string | undefined;
  database?: string | undefined;
  relation?: RelationFilter | undefined;
}

/** A relation as a database knows it: its file may be one that all databases share. */
interface RelationInDatabase {
  relation: CatalogRelation;
  dbOid: number;
}

/** The table at the moment to which the cluster was replayed. @throws WalError where there is none, or none is known */
export async function findRelation(
  cluster: ReplayedCluster,
  { table, database, relation: filter }: RelationWanted,
): Promise<RelationInDatabase> {
  try {
    if (table === undefined) return await findByFile(cluster, filter);
    const dbOid = await findDatabase(cluster, database);
    return { relation: findTable(await cluster.catalog(dbOid), table), dbOid };
  } catch (error) {
    throw cluster.orUnread(error);
  }
}

async function findByFile(
  cluster: ReplayedCluster,
  filter: RelationFilter | undefined,
): Promise<RelationInDatabase> {
  for (const dbOid of cluster.databasesOf(filter)) {
    const catalog = await cluster.readableCatalog(dbOid);
    const relation = catalog?.relationWhere((file) => filter !== undefined && matchesRelation(filter, file));
    if (relation) return { relation, dbOid };
  }
  throw new WalError(
    'unknown-table',
    message`no table has that file at that moment: SELECT pg_relation_filenode('table') tells the one of now; or give the table by --table and --database`,
  );
}

async function findDatabase(cluster: ReplayedCluster, name: string | undefined): Promise<number> {
  if (name === undefined) throw new WalError('no-database', message`say in which database the table is`);
  const databases = await cluster.databases();
  const dbOid = databases.get(name);
  if (dbOid === undefined)
    throw unknownDatabase(message`there is no database ${name}`, name, databases.keys());
  return dbOid;
}

/** The last one that had the name, also where it was dropped. */
async function findFormerDatabase(cluster: ReplayedCluster, name: string | undefined): Promise<number> {
  const last = (await cluster.databasesEver()).findLast((one) => one.name === name);
  return last?.oid ?? findDatabase(cluster, name);
}

export async function nameOfDatabase(cluster: ReplayedCluster, dbOid: number): Promise<string> {
  for (const [name, oid] of await cluster.databases()) if (oid === dbOid) return name;
  return '';
}

/** All files that a table had, and what its database's catalogs say and said of relations. */
interface RelationHistory {
  files: RelFileLocator[];
  versions: RelationVersion[];
}

/** @throws WalError as {@link findRelation} */
export async function findHistory(
  cluster: ReplayedCluster,
  wanted: RelationWanted,
): Promise<RelationHistory> {
  try {
    return wanted.table === undefined
      ? await historyByFile(cluster, wanted.relation)
      : await historyByName(cluster, wanted.table, wanted.database);
  } catch (error) {
    throw cluster.orUnread(error);
  }
}

async function historyByName(
  cluster: ReplayedCluster,
  table: string,
  database: string | undefined,
): Promise<RelationHistory> {
  const versions = await cluster.relationVersions(await findFormerDatabase(cluster, database));
  const files = filesOf(versions, isOfTable(versions, table));
  if (files.length > 0) return { files, versions };
  throw unknownTable(
    message`there is no table ${table} in the backup, nor in the WAL after it`,
    table,
    versions,
  );
}

async function historyByFile(
  cluster: ReplayedCluster,
  filter: RelationFilter | undefined,
): Promise<RelationHistory> {
  for (const dbOid of cluster.databasesOf(filter)) {
    const versions = await cluster.relationVersions(dbOid);
    const files = filesOf(versions, ({ file }) => filter !== undefined && matchesRelation(filter, file));
    if (files.length > 0) return { files, versions };
  }
  throw new WalError(
    'unknown-table',
    message`no table has or had that file: SELECT pg_relation_filenode('table') tells the one of now; or give the table by --table and --database`,
  );
}

/**
 * The tables whose rows are a table's, and why some of those cannot be given. A table that is asked for by its file is
 * that one only.
 */
export async function tablesWithRows(
  cluster: ReplayedCluster,
  { relation, dbOid }: RelationInDatabase,
  { table: name }: RelationWanted,
): Promise<{ tables: CatalogRelation[]; problems: WalError[] }> {
  let all = [relation];
  try {
    if (name !== undefined) all = tablesOf(await cluster.catalog(dbOid), relation);
  } catch (error) {
    throw cluster.orUnread(error);
  }
  const tables: CatalogRelation[] = [];
  const problems: WalError[] = [];
  for (const table of all) {
    try {
      checkHasRows(table);
      tables.push(table);
    } catch (error) {
      if (!(error instanceof WalError)) throw error;
      problems.push(error);
    }
  }
  if (tables.length === 0) throw problems[0];
  return { tables, problems };
}

/** The columns of a table that the transaction dropped before whose end the cluster was replayed. */
export async function droppedIn(
  cluster: ReplayedCluster,
  { oid, file, columns }: CatalogRelation,
): Promise<string[]> {
  const { stoppedAt } = cluster.pass;
  if (stoppedAt === undefined) return [];
  const xids = new Set(endingXids(stoppedAt));
  const dropped = await cluster.droppedColumns(file.dbOid);
  return (
    dropped
      .filter(({ relation, xmin }) => relation === oid && xids.has(xmin))
      // one that the transaction had added itself is not among them
      .flatMap(({ number }) => columns[number - 1]?.name ?? [])
  );
}
