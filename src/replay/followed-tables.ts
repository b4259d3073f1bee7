import { isSameFile, matchesRelation, type RelationFilter } from '../follow/relation.js';
import { RelationAt } from '../follow/relation-at.js';
import { TupleHeader } from '../heap/tuple.js';
import { decode } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { MAIN_FORK, type RelFileLocator, type WalRecord } from '../wal/record.js';
import { GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import { RM_HEAP_ID, RM_HEAP2_ID, RM_SMGR_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import { CATALOG_OIDS, readDatabaseRows } from './catalog.js';
import type { ClusterReplay } from './cluster-replay.js';
import { tableNamed } from './find-table.js';
import { HeapReplay } from './heap-replay.js';
import { isLive, LiveCatalog, type LiveRelation, type QualifiedName } from './live-catalog.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** The tables that a question is about: by name in a database, or by a file. */
export interface TablesWanted {
  table?: string | undefined;
  database?: string | undefined;
  relation?: RelationFilter | undefined;
}

/** What tables are followed with. */
export interface FollowedTablesOptions {
  version: number;
  wanted: TablesWanted;
  cluster: ClusterReplay;
  hintsLogged: boolean;
  /** The relation of a catalog's file, replayed up to now; undefined where it is not replayed. */
  catalogFile(file: RelFileLocator): ReplayedRelation | undefined;
  /** Replays more catalogs from the start of the WAL on. */
  addCatalogs(files: readonly RelFileLocator[]): Promise<void>;
  newRelation(file: RelFileLocator): ReplayedRelation;
  /** Gives relations the blocks that the backup has of them. */
  load(relations: readonly ReplayedRelation[]): Promise<void>;
}

/** The catalogs that are to be at hand when all is replayed. */
const CATALOGS: readonly number[] = Object.values(CATALOG_OIDS).filter(
  (oid) => oid !== CATALOG_OIDS.database,
);

/**
 * Replays the files of tables in the same pass as the catalogs that tell which these are. At its start that is told by
 * the backup's catalogs, and of a file that the WAL makes by the catalogs as they are when its first page comes. It is a
 * guess, for the backup's catalogs are of no single moment, and who asks at the end may mean another table: what is
 * followed is all that is known of a file, or it is not followed, and has to be replayed again.
 */
export class FollowedTables {
  private readonly heap: HeapReplay;
  private readonly catalogs = new Map<number, LiveCatalog>();
  private readonly relations = new Map<string, ReplayedRelation>();
  /** Files that the WAL has made, and has no page of so far; by relfilenode. */
  private readonly fresh = new Map<number, RelFileLocator[]>();
  private readonly at = new RelationAt();
  private readonly isNamed: (name: QualifiedName) => boolean;

  private constructor(private readonly options: FollowedTablesOptions) {
    this.heap = new HeapReplay({ hintsLogged: options.hintsLogged });
    const { table } = options.wanted;
    this.isNamed = table === undefined ? () => false : tableNamed(table);
  }

  /** To be called when the catalogs are as the backup has them. */
  static async begin(options: FollowedTablesOptions): Promise<FollowedTables> {
    const followed = new FollowedTables(options);
    try {
      for (const dbOid of followed.databases()) await followed.addDatabase(dbOid);
      const files = [...followed.catalogs.values()].flatMap((catalog) => followed.filesIn(catalog));
      for (const file of files) followed.add(options.newRelation(file));
      if (files.length > 0) await options.load([...followed.relations.values()]);
    } catch (error) {
      followed.giveUp(error);
    }
    return followed;
  }

  /** What the WAL has told so far of a file that is followed; undefined of any other. */
  relation(file: RelFileLocator): ReplayedRelation | undefined {
    const known = this.relations.get(formatLocator(file));
    return known ?? (this.takeFresh(file) ? this.create(file) : undefined);
  }

  /** Takes the next record, after the catalogs have. */
  take(record: WalRecord): void {
    try {
      if (record.rmid === RM_SMGR_ID) this.takeFile(record);
      else if (this.fresh.size > 0) this.takePages(record);
      this.heap.apply(record);
    } catch (error) {
      this.giveUp(error);
    }
  }

  /** What cannot be followed is replayed again, and then said what is wrong with it. @throws what tells nothing of the input */
  private giveUp(error: unknown): void {
    if (!(error instanceof WalError) || error.kind === 'system') throw error;
    for (const { file } of this.relations.values()) this.heap.forget(file);
    this.relations.clear();
    this.catalogs.clear();
    this.fresh.clear();
  }

  private add(relation: ReplayedRelation): ReplayedRelation {
    this.heap.track(relation);
    this.relations.set(formatLocator(relation.file), relation);
    return relation;
  }

  /** Follows a file from the record on that made it. */
  private create(file: RelFileLocator): ReplayedRelation {
    const relation = this.add(this.options.newRelation(file));
    relation.create();
    return relation;
  }

  private databases(): number[] {
    const { version, wanted, cluster, catalogFile } = this.options;
    if (wanted.table === undefined) {
      const { dbOid } = wanted.relation ?? {};
      return [...cluster.tablespaces.keys()].filter((oid) => oid !== 0 && (dbOid ?? oid) === oid);
    }
    const relNumber = cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    const relation =
      relNumber === undefined ? undefined : catalogFile({ spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber });
    if (relation === undefined) return [];
    const live = Array.from(relation.tuples(), (placed) => ({ ...placed, relation })).filter(({ tuple }) =>
      isLive(new TupleHeader(tuple), cluster),
    );
    const rows = readDatabaseRows(version, live);
    return rows.filter(({ name }) => name === wanted.database).map(({ oid }) => oid);
  }

  private async addDatabase(oid: number): Promise<void> {
    const { version, cluster, catalogFile, addCatalogs } = this.options;
    const tablespace = cluster.tablespaces.get(oid);
    const map = cluster.relationMaps.get(oid);
    if (tablespace === undefined || map === undefined) return;
    const relationOf = (file: RelFileLocator): ReplayedRelation | undefined =>
      catalogFile(file) ?? this.relations.get(formatLocator(file));
    const catalog = new LiveCatalog(version, { oid, tablespace }, cluster, relationOf);
    this.catalogs.set(oid, catalog);
    // those that do not lie where they usually do; which files the last of them are in, those before tell
    for (let isDone = false; !isDone; ) {
      const files = CATALOGS.flatMap((one) => catalog.fileOf(one) ?? []).filter((file) => !catalogFile(file));
      if (files.length > 0) await addCatalogs(files);
      isDone = files.length === 0;
    }
  }

  /** The files of the tables, as the catalogs have them now. */
  private filesIn(catalog: LiveCatalog): RelFileLocator[] {
    const { relation: filter } = this.options.wanted;
    const named = catalog.relationsNamed(this.isNamed);
    const found = new Map(named.map((relation) => [relation.oid, relation]));
    // a map goes on to what is added while it is gone through
    for (const oid of found.keys()) this.addRelations(found, catalog, catalog.childrenOf(oid));
    for (const owner of filter === undefined ? [] : catalog.ownersOf(filter.relNumber)) {
      if (matchesRelation(filter!, owner.file)) found.set(owner.oid, owner);
    }
    this.addRelations(
      found,
      catalog,
      [...found.values()].map(({ toast }) => toast),
    );
    return [...found.values()].filter(holdsRows).map(({ file }) => file);
  }

  private addRelations(
    found: Map<number, LiveRelation>,
    catalog: LiveCatalog,
    oids: readonly number[],
  ): void {
    for (const oid of oids) {
      const relation = oid === 0 ? undefined : catalog.relation(oid);
      if (relation) found.set(oid, relation);
    }
  }

  /** Keeps in mind the files that are made. */
  private takeFile(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Storage' || data.type !== 'create' || data.forkNum !== MAIN_FORK) return;
    const file = data.rlocator;
    if (!this.catalogs.has(file.dbOid) || this.relations.has(formatLocator(file))) return;
    const known = this.fresh.get(file.relNumber) ?? [];
    this.fresh.set(file.relNumber, known);
    if (!known.some((one) => isSameFile(one, file))) known.push(file);
  }

  /** Finds out of which relation files are that have their first page. */
  private takePages(record: WalRecord): void {
    const { rmid } = record;
    if (rmid === RM_XLOG_ID) for (const { rel } of record.blocks) this.classify(rel);
    else if ((rmid === RM_HEAP_ID || rmid === RM_HEAP2_ID) && this.at.seek(record)) {
      if (this.fresh.has(this.at.relNumber)) this.classify(record.blocks[0].rel);
    }
  }

  private classify(file: RelFileLocator): void {
    if (this.takeFresh(file) && this.isWanted(file)) this.create(file);
  }

  /** Whether a file is fresh: it is not any more. */
  private takeFresh(file: RelFileLocator): boolean {
    const known = this.fresh.get(file.relNumber);
    const place = known === undefined ? -1 : known.findIndex((one) => isSameFile(one, file));
    if (place < 0) return false;
    known!.splice(place, 1);
    if (known!.length === 0) this.fresh.delete(file.relNumber);
    return true;
  }

  /** Whether a file may have rows of the tables: it is one of theirs, or a rewrite fills it for one. */
  private isWanted(file: RelFileLocator): boolean {
    const catalog = this.catalogs.get(file.dbOid)!;
    const owner = catalog.ownerOf(file);
    const related = new Map(owner && holdsRows(owner) ? [[owner.oid, owner]] : []);
    for (const one of related.values()) {
      if (this.isMeant(one)) return true;
      this.addRelations(related, catalog, [one.rewritten, tableOfToast(one), ...catalog.parentsOf(one.oid)]);
    }
    return false;
  }

  private isMeant(relation: LiveRelation): boolean {
    const { relation: filter } = this.options.wanted;
    if (filter !== undefined && matchesRelation(filter, relation.file)) return true;
    return this.isNamed(relation) || CATALOGS.includes(relation.oid);
  }
}

const holdsRows = ({ kind }: LiveRelation): boolean => 'rmt'.includes(kind);

/** The oid of the table that a relation is the TOAST table of, by its name (`create_toast_table`, toasting.c); else 0. */
function tableOfToast({ kind, name }: LiveRelation): number {
  return kind === 't' ? Number(/^pg_toast_(\d{1,10})$/.exec(name)?.[1] ?? 0) : 0;
}
