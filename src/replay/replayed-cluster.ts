import { TupleHeader } from '../heap/tuple.js';
import type { ObjectType, TypeContext } from '../heap/types/type.js';
import { isVisible, type Transactions } from '../heap/visibility.js';
import { formatLocator } from '../rmgr/locator.js';
import { type ErrorCode, WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
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
import type { CatalogTuple } from './catalog-rows.js';
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
  /** Those that were asked for: what is wrong with others is of no matter. */
  private readonly read = new Set<ReplayedRelation>();
  private readonly catalogs = new Map<number, Catalog>();
  /** Why the catalogs of a database cannot be read at all. */
  private readonly unreadable = new Map<number, WalError>();

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
   * What transactions said that were rolled back is left out. Nothing at all of catalogs that cannot be read.
   */
  async relationVersions(dbOid: number): Promise<RelationVersion[]> {
    const catalog = await this.readableCatalog(dbOid);
    if (!catalog) return [];
    const isNow = (placed: CatalogTuple): boolean | undefined =>
      placed.relation.guard(placed, () => isVisible(new TupleHeader(placed.tuple), this.transactions));
    const classFile = catalog.fileOf(CATALOG_OIDS.class);
    const all = await this.allTuples(classFile, CATALOG_OIDS.class);
    const past = all.filter((placed) => isNow(placed) === false);
    const [schemas, inherits] = [
      await this.allTuples(catalog.fileOf(CATALOG_OIDS.namespace), CATALOG_OIDS.namespace),
      await this.allTuples(catalog.fileOf(CATALOG_OIDS.inherits), CATALOG_OIDS.inherits),
    ];
    return [...catalog.relationVersions([...past, ...(await this.visible(classFile))], schemas, inherits)];
  }

  /** The columns that transactions dropped, those among them that have not ended yet; none that were rolled back. */
  async droppedColumns(dbOid: number): Promise<DroppedColumn[]> {
    const catalog = await this.readableCatalog(dbOid);
    if (!catalog) return [];
    const tuples = await this.allTuples(catalog.fileOf(CATALOG_OIDS.attribute), CATALOG_OIDS.attribute);
    return [...catalog.droppedColumns(tuples)];
  }

  /** The tables that indexes are and were of, by the oids of both. */
  async indexedTables(dbOid: number): Promise<ReadonlyMap<number, number>> {
    const catalog = await this.readableCatalog(dbOid);
    if (!catalog) return new Map();
    return catalog.indexedTables(
      await this.allTuples(catalog.fileOf(CATALOG_OIDS.index), CATALOG_OIDS.index),
    );
  }

  /** The tuples of a system catalog, also those that are gone; none that never counted. */
  private async allTuples(file: RelFileLocator, catalog: number): Promise<CatalogTuple[]> {
    const now = await this.relation(file);
    // where the catalog itself was rewritten, what it said before is in the file that it has in a new database
    const before = this.relations.get(formatLocator({ ...file, relNumber: catalog }));
    const relations = new Set([before, now]);
    // it need not be there any more
    if (before && before.store.blocks().length > 0) this.read.add(before);
    const all = [...relations].flatMap((relation) =>
      relation ? Array.from(relation.allTuples(), (one) => ({ ...one, relation })) : [],
    );
    const isAborted = ({ tuple }: CatalogTuple): boolean =>
      this.transactions.log.status(new TupleHeader(tuple).xmin) === 'aborted';
    return all.filter((tuple) => !isAborted(tuple));
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

  /** What could not be read of the catalogs so far, each with its place. */
  get problems(): WalError[] {
    const { mapProblems } = this.pass.cluster;
    return [
      ...new Set([...mapProblems.values(), ...this.unreadable.values()]),
      ...[...this.read].flatMap((relation) => relation.problems),
      ...[...this.catalogs.values()].flatMap((catalog) => catalog.problems),
    ];
  }

  /**
   * An error that says that there is no such thing, or what is lacking of it, where the catalogs cannot all be read: it
   * may be in the rest.
   * @returns any other as it is
   */
  orUnread(error: unknown): unknown {
    const isLack = error instanceof WalError && (error.kind === 'damage' || ABSENT.has(error.code));
    const [first, ...others] = this.problems;
    if (!isLack || first === undefined) return error;
    const more = others.length === 0 ? '' : message` (and ${others.length} more)`;
    const text = message`${error.said}, as far as the catalogs can be read: ${first.said}${more}`;
    return new WalError('incomplete-names', text, { file: first.file, cause: error });
  }

  get transactions(): Transactions {
    return this.pass.cluster.transactions;
  }

  /** A relation, replayed now where it was not yet. */
  private async relation(file: RelFileLocator): Promise<ReplayedRelation> {
    await this.replay([file]);
    const relation = this.relations.get(formatLocator(file))!;
    this.read.add(relation);
    return relation;
  }

  /** Relations that the first pass has replayed on the way, by their files; undefined where it has not all of them. */
  followed(files: readonly RelFileLocator[]): ReplayedRelation[] | undefined {
    const found = files.flatMap((file) => this.pass.followed?.relation(file) ?? []);
    return found.length === files.length ? found : undefined;
  }

  /** Replays those files that were not yet, all in one pass. */
  private async replay(files: readonly RelFileLocator[]): Promise<void> {
    for (const file of files) {
      if (!this.relations.has(formatLocator(file))) this.addRelations(this.followed([file]) ?? []);
    }
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
    all.sort((a, b) => compareXids(new TupleHeader(a.tuple).xmin, new TupleHeader(b.tuple).xmin));
    const rows = [
      ...readDatabaseRows(this.version, all),
      ...readDatabaseRows(this.version, await this.visible(this.databaseFile)),
    ];
    return [...new Map(rows.map((row) => [`${row.oid} ${row.name}`, row])).values()];
  }

  private get databaseFile(): RelFileLocator {
    const { relationMaps, mapProblems } = this.pass.cluster;
    const relNumber = relationMaps.get(0)?.get(CATALOG_OIDS.database);
    const damaged = mapProblems.get(0);
    if (relNumber === undefined && damaged) throw damaged;
    if (relNumber === undefined)
      throw new WalError('corrupt-catalog', message`global/pg_filenode.map has no file for pg_database`);
    return { spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber };
  }

  /** The system catalogs of a database. */
  async catalog(dbOid: number): Promise<Catalog> {
    const known = this.catalogs.get(dbOid);
    if (known) return known;
    const { relationMaps, mapProblems, tablespaces } = this.pass.cluster;
    const local = relationMaps.get(dbOid);
    const damaged = mapProblems.get(dbOid);
    if (!local && damaged) throw damaged;
    const tablespace = tablespaces.get(dbOid);
    if (!local || tablespace === undefined) {
      throw new WalError(
        'unknown-database',
        message`neither the backup nor the WAL has the catalogs of database ${dbOid}`,
      );
    }
    const maps = { shared: relationMaps.get(0) ?? new Map<number, number>(), local };
    const database = { oid: dbOid, tablespace };
    const catalog = await Catalog.read(this.version, database, maps, (file) => this.visible(file));
    this.catalogs.set(dbOid, catalog);
    return catalog;
  }

  /** The same; undefined, and among the problems, where they cannot be read at all. */
  async readableCatalog(dbOid: number): Promise<Catalog | undefined> {
    try {
      return await this.catalog(dbOid);
    } catch (error) {
      if (!(error instanceof WalError) || error.kind !== 'damage') throw error;
      this.unreadable.set(dbOid, error);
      return undefined;
    }
  }

  private async visible(file: RelFileLocator): Promise<Iterable<CatalogTuple>> {
    return visibleTuples(await this.relation(file), this.transactions);
  }

  /** Databases that there may be catalogs of; with a filter, where the relation may be. */
  databasesOf(filter?: { dbOid?: number }): number[] {
    const all = [...this.pass.cluster.tablespaces.keys()].filter((oid) => oid !== 0);
    return filter?.dbOid === undefined ? all : all.filter((oid) => oid === filter.dbOid);
  }
}

const ABSENT: ReadonlySet<ErrorCode> = new Set(['unknown-table', 'unknown-database', 'partitioned-table']);

function* visibleTuples(relation: ReplayedRelation, transactions: Transactions): Generator<CatalogTuple> {
  for (const placed of relation.tuples()) {
    const isSeen = relation.guard(placed, () => isVisible(new TupleHeader(placed.tuple), transactions));
    if (isSeen) yield { ...placed, relation };
  }
}
