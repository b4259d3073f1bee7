import { TupleHeader } from '../heap/tuple.js';
import { isVisible, type Transactions } from '../heap/visibility.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import {
  CATALOG_OIDS,
  Catalog,
  type DroppedColumn,
  type RelationVersion,
  readDatabaseNames,
} from './catalog.js';
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
    const schemas = await this.allTuples(catalog.fileOf(CATALOG_OIDS.namespace), CATALOG_OIDS.namespace);
    return [...catalog.relationVersions([...past, ...(await this.visible(classFile))], schemas)];
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
    const placed = [...relations].flatMap((one) => (one ? [...one.removed, ...one.tuples()] : []));
    const isAborted = (tuple: Uint8Array): boolean =>
      this.transactions.log.status(new TupleHeader(tuple).xmin) === 'aborted';
    return placed.map(({ tuple }) => tuple).filter((tuple) => !isAborted(tuple));
  }

  /** The files that a relation's pages come from where its database was copied, or moved, since the backup. */
  copySources(file: RelFileLocator): RelFileLocator[] {
    const { copiedFrom } = this.pass.cluster;
    const sources = new Map<string, RelFileLocator>();
    for (let next = file; ; ) {
      const place = copiedFrom.get(`${next.spcOid}/${next.dbOid}`);
      if (!place) break;
      next = { ...next, ...place };
      if (formatLocator(next) === formatLocator(file) || sources.has(formatLocator(next))) break;
      sources.set(formatLocator(next), next);
    }
    return [...sources.values()];
  }

  /** What to replay next when a file is needed: of a database that came with the WAL all catalogs, at their usual files. */
  private lacking(file: RelFileLocator): RelFileLocator[] {
    const usual = Object.values(CATALOG_OIDS).map((relNumber) => ({ ...file, relNumber }));
    const files = new Map([file, ...usual].map((one) => [formatLocator(one), one]));
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
    const known = this.relations.get(formatLocator(file));
    if (known) return known;
    this.addRelations(await this.replayMore(this.lacking(file)));
    return this.relations.get(formatLocator(file))!;
  }

  /** The databases by name. */
  async databases(): Promise<Map<string, number>> {
    const relNumber = this.pass.cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    if (relNumber === undefined)
      throw new WalError('not-a-backup', 'the backup has no global/pg_filenode.map');
    return readDatabaseNames(await this.visible({ spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber }));
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
