import { matchesRelation, type RelationFilter } from '../../follow/relation.js';
import { endingXids } from '../../follow/transaction-end.js';
import type { CatalogRelation } from '../../replay/catalog-relation.js';
import { findTable } from '../../replay/find-table.js';
import type { ReplayPass } from '../../replay/replay-pass.js';
import type { ReplayedCluster } from '../../replay/replayed-cluster.js';
import { WalError } from '../../wal/error.js';

/** A relation as a database knows it: its file may be one that all databases share. */
export interface RelationInDatabase {
  relation: CatalogRelation;
  dbOid: number;
}

export async function findDatabase(cluster: ReplayedCluster, name: string | undefined): Promise<number> {
  if (name === undefined) throw new WalError('no-database', 'say in which database the table is');
  const dbOid = (await cluster.databases()).get(name);
  if (dbOid === undefined) throw new WalError('unknown-database', `there is no database ${name}`);
  return dbOid;
}

/** The last one that had the name, also where it was dropped. */
export async function findFormerDatabase(
  cluster: ReplayedCluster,
  name: string | undefined,
): Promise<number> {
  const last = (await cluster.databasesEver()).findLast((one) => one.name === name);
  return last?.oid ?? findDatabase(cluster, name);
}

export async function findByName(
  cluster: ReplayedCluster,
  dbOid: number,
  table: string,
): Promise<RelationInDatabase> {
  return { relation: findTable(await cluster.catalog(dbOid), table), dbOid };
}

export async function findByFile(
  cluster: ReplayedCluster,
  filter: RelationFilter | undefined,
): Promise<RelationInDatabase> {
  for (const dbOid of cluster.databasesOf(filter)) {
    const catalog = await cluster.readableCatalog(dbOid);
    const relation = catalog?.relationWhere((file) => filter !== undefined && matchesRelation(filter, file));
    if (relation) return { relation, dbOid };
  }
  throw new WalError('unknown-table', 'no table has that file at that moment');
}

export async function nameOfDatabase(cluster: ReplayedCluster, dbOid: number): Promise<string> {
  for (const [name, oid] of await cluster.databases()) if (oid === dbOid) return name;
  return '';
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

/** Whether the transaction before whose end a pass stopped drops a database. */
export function dropsDatabase({ stoppedAt, cluster }: ReplayPass, dbOid: number): boolean {
  const xids = stoppedAt === undefined ? [] : endingXids(stoppedAt);
  return xids.some((xid) => cluster.databasesDropped.get(xid)?.has(dbOid));
}
