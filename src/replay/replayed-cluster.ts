import { TupleHeader } from '../heap/tuple.js';
import type { ObjectType, TypeContext } from '../heap/types/type.js';
import { isVisible, type Transactions } from '../heap/visibility.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import { compareXids } from '../wal/xid.js';
import {
  CATALOG_OIDS,
  Catalog,
  type DatabaseRow,
  type DroppedColumn,
  type RelationVersion,
  readDatabaseRows,
} from './catalog.js';
import { catalogsOf, ObjectNames } from './object-names.js';
import type { ReplayPass } from './replay-pass.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** Replays more relations to the same moment. */
type ReplayMore = (files: RelFileLocator[]) => Promise<readonly ReplayedRelation[]>;

/**
 * A base backup and the WAL after it as they were at some moment. The WAL is replayed for single relations, in as many
 * passes as it takes to learn which ones are needed.
 */
export class ReplayedCluster {
  private readonly relations = new Map<string, ReplayedRelation>();
  private readonly catalogs = new Map<number, Catalog>();

  constructor(
    readonly version: number,
    /** The pass that was made first; later ones end at the same place. */
    readonly pass: ReplayPass,
    private readonly replayMore: ReplayMore,
  ) {
    this.addRelations(pass.relations);
  }

  /**
   * All that pg_class says, and said since the backup, of the relations of a database: what it says now comes last.
   * What transactions said that were rolled back is left out.
   */
  async relationVersions(dbOid: number): Promise<RelationVersion[]> {
    const catalog = await this.catalog(dbOid);
    const isNow = (tuple: Uint8Array): boolean => isVisible(new TupleHeader(tuple), this.transactions);
    const classFile = catalog.fileOf(CATALOG_OIDS.class);
    const all = await this.allTuples(classFile, CATALOG_OIDS.class);
    const past = all.filter((tuple) => !isNow(tuple));
    const [schemas, inherits] = [
      await this.allTuples(catalog.fileOf(CATALOG_OIDS.namespace), CATALOG_OIDS.namespace),
      await this.allTuples(catalog.fileOf(CATALOG_OIDS.inherits), CATALOG_OIDS.inherits),
    ];
    return [...catalog.relationVersions([...past, ...(await this.visible(classFile))], schemas, inherits)];
  }

  /** The columns that transactions dropped, those among them that have not ended yet; none that were rolled back. */
  async droppedColumns(dbOid: number): Promise<DroppedColumn[]> {
    const catalog = await this.catalog(dbOid);
    const tuples = await this.allTuples(catalog.fileOf(CATALOG_OIDS.attribute), CATALOG_OIDS.attribute);
    return [...catalog.droppedColumns(tuples)];
  }

  /** The tuples of a system catalog, also those that are gone; none that never counted. */
  private async allTuples(file: RelFileLocator, catalog: number): Promise<Uint8Array[]> {
    const now = await this.relation(file);
    // where the catalog itself was rewritten, what it said before is in the file that it has in a new database
    const before = this.relations.get(formatLocator({ ...file, relNumber: catalog }));
    const relations = new Set([before, now]);
    const placed = [...relations].flatMap((one) => (one ? [...one.allTuples()] : []));
    const isAborted = (tuple: Uint8Array): boolean =>
      this.transactions.log.status(new TupleHeader(tuple).xmin) === 'aborted';
    return placed.map(({ tuple }) => tuple).filter((tuple) => !isAborted(tuple));
  }

  /** The files that a relation's pages come from where its database was copied, or moved, since the backup. */
  copySources(file: RelFileLocator): RelFileLocator[] {
    const { copiedFrom } = this.pass.cluster;
    const sources = new Map([[formatLocator(file), file]]);
    // a map goes on to what is added while it is gone through
    for (const { spcOid, dbOid } of sources.values()) {
      for (const place of copiedFrom.get(`${spcOid}/${dbOid}`)?.values() ?? []) {
        const source = { ...file, ...place };
        sources.set(formatLocator(source), source);
      }
    }
    sources.delete(formatLocator(file));
    return [...sources.values()];
  }

  /** What to replay next when files are needed: of a database that came with the WAL all catalogs, at their usual files. */
  private lacking(wanted: readonly RelFileLocator[]): RelFileLocator[] {
    const usual = wanted.flatMap((file) =>
      Object.values(CATALOG_OIDS).map((relNumber) => ({ ...file, relNumber })),
    );
    const files = new Map([...wanted, ...usual].map((one) => [formatLocator(one), one]));
    for (const key of this.relations.keys()) files.delete(key);
    for (const one of [...files.values()]) {
      for (const source of this.copySources(one)) files.set(formatLocator(source), source);
    }
    return [...files.values()];
  }

  private addRelations(relations: readonly ReplayedRelation[]): void {
    for (const relation of relations) this.relations.set(formatLocator(relation.file), relation);
  }

  get transactions(): Transactions {
    return this.pass.cluster.transactions;
  }

  /** A relation, replayed now where it was not yet. */
  private async relation(file: RelFileLocator): Promise<ReplayedRelation> {
    await this.replay([file]);
    return this.relations.get(formatLocator(file))!;
  }

  /** Replays those files that were not yet, all in one pass. */
  private async replay(files: readonly RelFileLocator[]): Promise<void> {
    const lacking = files.filter((file) => !this.relations.has(formatLocator(file)));
    if (lacking.length > 0) this.addRelations(await this.replayMore(this.lacking(lacking)));
  }

  /** Names of a database's objects, as values of these types print them. */
  async objectNames(dbOid: number, types: ReadonlySet<ObjectType>): Promise<TypeContext['objectName']> {
    if (types.size === 0) return undefined;
    const catalog = await this.catalog(dbOid);
    await this.replay(Array.from(catalogsOf(types), (oid) => catalog.fileOf(oid)));
    return (await ObjectNames.read(catalog, types)).name;
  }

  /** The databases by name. */
  async databases(): Promise<Map<string, number>> {
    const rows = readDatabaseRows(this.version, await this.visible(this.databaseFile));
    return new Map(rows.map(({ name, oid }) => [name, oid]));
  }

  /** The databases that there were at some time since the backup, by each name that they had: those of now come last. */
  async databasesEver(): Promise<DatabaseRow[]> {
    const all = await this.allTuples(this.databaseFile, CATALOG_OIDS.database);
    all.sort((a, b) => compareXids(new TupleHeader(a).xmin, new TupleHeader(b).xmin));
    const rows = [
      ...readDatabaseRows(this.version, all),
      ...readDatabaseRows(this.version, await this.visible(this.databaseFile)),
    ];
    return [...new Map(rows.map((row) => [`${row.oid} ${row.name}`, row])).values()];
  }

  private get databaseFile(): RelFileLocator {
    const relNumber = this.pass.cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    if (relNumber === undefined)
      throw new WalError('not-a-backup', 'the backup has no global/pg_filenode.map');
    return { spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber };
  }

  /** The system catalogs of a database. */
  async catalog(dbOid: number): Promise<Catalog> {
    const known = this.catalogs.get(dbOid);
    if (known) return known;
    const { relationMaps, tablespaces } = this.pass.cluster;
    const local = relationMaps.get(dbOid);
    const tablespace = tablespaces.get(dbOid);
    if (!local || tablespace === undefined) {
      throw new WalError(
        'unknown-database',
        `neither the backup nor the WAL has the catalogs of database ${dbOid}`,
      );
    }
    const maps = { shared: relationMaps.get(0) ?? new Map<number, number>(), local };
    const database = { oid: dbOid, tablespace };
    const catalog = await Catalog.read(this.version, database, maps, (file) => this.visible(file));
    this.catalogs.set(dbOid, catalog);
    return catalog;
  }

  private async visible(file: RelFileLocator): Promise<Iterable<Uint8Array>> {
    return visibleTuples(await this.relation(file), this.transactions);
  }

  /** Databases that there may be catalogs of; with a filter, where the relation may be. */
  databasesOf(filter?: { dbOid?: number }): number[] {
    const all = [...this.pass.cluster.tablespaces.keys()].filter((oid) => oid !== 0);
    return filter?.dbOid === undefined ? all : all.filter((oid) => oid === filter.dbOid);
  }
}

function* visibleTuples(relation: ReplayedRelation, transactions: Transactions): Generator<Uint8Array> {
  for (const { tuple } of relation.tuples()) {
    if (isVisible(new TupleHeader(tuple), transactions)) yield tuple;
  }
}
