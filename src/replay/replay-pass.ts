import type { ConsistencyRule } from '../cluster/base-backup.js';
import { type PlacedTuple, TupleHeader, type TupleId } from '../heap/tuple.js';
import { isVisible, type Transactions } from '../heap/visibility.js';
import { DeletedRows } from '../questions/rows/deleted-rows.js';
import { decode } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import { formatTimestampIso } from '../wal/timestamp.js';
import { BackupCheckpoint } from './backup-checkpoint.js';
import { CATALOG_OIDS, Catalog, type RelationVersion, readDatabaseNames } from './catalog.js';
import type { ClusterFiles } from './cluster-files.js';
import { ClusterReplay } from './cluster-replay.js';
import { HeapReplay } from './heap-replay.js';
import { Recovery, type RecoveryStop, type StopTarget } from './recovery.js';
import type { ReplayedRelation } from './replayed-relation.js';

/**
 * Relations out of a base backup and the WAL after it, as they were at some moment: the WAL is replayed for
 * single relations, in as many passes as it takes to learn which ones are needed.
 */

/** Thrown where a relation is asked for that was not replayed yet. */
export class RelationNeeded extends Error {
  constructor(readonly file: RelFileLocator) {
    super(`relation ${formatLocator(file)} is needed`);
  }
}

const keyOf = formatLocator;

/** Without a backup nothing needs to become consistent. */
const NO_BACKUP: ConsistencyRule = { kind: 'min-recovery-point', lsn: 0n };

/** One reading of the WAL from the backup's start to the target, for some relations. */
export class ReplayPass {
  readonly cluster: ClusterReplay;
  readonly hasBackup: boolean;
  private readonly heap: HeapReplay;
  private readonly recovery: Recovery;
  /** Of the backup, where there is one. */
  private readonly checkpoint: BackupCheckpoint | undefined;
  /** The first record that was taken and the end of the last one. */
  firstLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  /** The transaction that the record ends at which the pass stopped: its ids, and the files that it drops. */
  stoppedAt: { xids: number[]; committed: boolean; dropped: readonly RelFileLocator[] } | undefined;

  constructor(
    target: StopTarget,
    files: ClusterFiles | undefined,
    major: number,
    readonly relations: readonly ReplayedRelation[],
  ) {
    this.cluster = new ClusterReplay(files, major);
    this.hasBackup = files !== undefined;
    const control = files?.control;
    this.heap = new HeapReplay({
      hintsLogged: control && (control.walLogHints || control.dataChecksumVersion > 0),
    });
    for (const relation of relations) this.heap.track(relation);
    const start = files?.base;
    this.checkpoint = start && new BackupCheckpoint(start);
    this.recovery = new Recovery(target, start?.consistency ?? NO_BACKUP, start?.startLsn ?? 0n);
  }

  /**
   * Takes the next record. @returns false when the target is reached: no more records are wanted
   * @throws WalError `other-timeline` where the WAL is not the one that the backup was made with
   */
  take(record: WalRecord): boolean {
    if (this.checkpoint?.take(record) === false) {
      throw new WalError(
        'other-timeline',
        `the WAL has no checkpoint of the backup's at its start: it is not the WAL that the backup was made with`,
        { lsn: record.lsn },
      );
    }
    const event = this.recovery.next(record);
    const { stop } = this.recovery;
    if (stop?.position === 'before') {
      if (event) this.noteStop(record);
      return false;
    }
    this.firstLsn ??= record.lsn;
    this.endLsn = record.endLsn;
    this.cluster.apply(record);
    this.heap.apply(record);
    return stop === undefined;
  }

  private noteStop(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Transaction' || !('twophaseXid' in data) || data.type === 'prepare') return;
    const committed = data.type === 'commit' || data.type === 'commit-prepared';
    const xids = [data.twophaseXid || record.xid, ...data.subxacts];
    this.stoppedAt = { xids, committed, dropped: data.xlocators };
  }

  /** Forgets what is known of all pages: WAL is missing, and what it changed is not known. */
  forgetPages(): void {
    for (const relation of this.relations) relation.forget();
  }

  get stop(): RecoveryStop | undefined {
    return this.recovery.stop;
  }

  /** Whether the target lies before the backup, which has newer data then. */
  isBeforeBackup(target: StopTarget): boolean {
    return this.checkpoint?.comesAfter(target) ?? false;
  }

  /** From here on the backup's files are as of one moment. */
  get consistentLsn(): Lsn | undefined {
    return this.recovery.consistentLsn;
  }
}

/** The relations that were replayed to one and the same moment. */
export class ReplayedCluster {
  private readonly relations = new Map<string, ReplayedRelation>();
  private readonly catalogs = new Map<number, Catalog>();

  constructor(
    readonly major: number,
    /** The pass that was made first; later ones end at the same place. */
    readonly pass: ReplayPass,
  ) {
    this.addRelations(pass.relations);
  }

  /**
   * All that pg_class says, and said since the backup, of the relations of a database: what it says now comes last.
   * What transactions said that were rolled back is left out.
   * @throws RelationNeeded
   */
  relationVersions(dbOid: number): RelationVersion[] {
    const catalog = this.catalog(dbOid);
    const isNow = (tuple: Uint8Array): boolean => isVisible(new TupleHeader(tuple), this.transactions);
    const classFile = catalog.fileOf(CATALOG_OIDS.class);
    const past = this.allTuples(classFile, CATALOG_OIDS.class).filter((tuple) => !isNow(tuple));
    const schemas = this.allTuples(catalog.fileOf(CATALOG_OIDS.namespace), CATALOG_OIDS.namespace);
    return [...catalog.relationVersions([...past, ...this.visible(classFile)], schemas)];
  }

  /** The tuples of a system catalog, also those that are gone; none that never counted. @throws RelationNeeded */
  private allTuples(file: RelFileLocator, catalog: number): Uint8Array[] {
    const now = this.relation(file);
    // where the catalog itself was rewritten, what it said before is in the file that it has in a new database
    const before = this.relations.get(keyOf({ ...file, relNumber: catalog }));
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
      if (keyOf(next) === keyOf(file) || sources.has(keyOf(next))) break;
      sources.set(keyOf(next), next);
    }
    return [...sources.values()];
  }

  /** What to replay next when a file is needed: of a database that came with the WAL all catalogs, at their usual files. */
  lacking(file: RelFileLocator): RelFileLocator[] {
    const usual = Object.values(CATALOG_OIDS).map((relNumber) => ({ ...file, relNumber }));
    const files = new Map([file, ...usual].map((one) => [keyOf(one), one]));
    for (const key of this.relations.keys()) files.delete(key);
    for (const one of [...files.values()]) {
      for (const source of this.copySources(one)) files.set(keyOf(source), source);
    }
    return [...files.values()];
  }

  addRelations(relations: readonly ReplayedRelation[]): void {
    for (const relation of relations) this.relations.set(keyOf(relation.file), relation);
  }

  get transactions(): Transactions {
    return this.pass.cluster.transactions;
  }

  /** @throws RelationNeeded */
  relation(file: RelFileLocator): ReplayedRelation {
    const relation = this.relations.get(keyOf(file));
    if (!relation) throw new RelationNeeded(file);
    return relation;
  }

  /** The databases by name. @throws RelationNeeded */
  databases(): Map<string, number> {
    const relNumber = this.pass.cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    if (relNumber === undefined)
      throw new WalError('not-a-backup', 'the backup has no global/pg_filenode.map');
    return readDatabaseNames(this.visible({ spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber }));
  }

  /** The system catalogs of a database. @throws RelationNeeded */
  catalog(dbOid: number): Catalog {
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
    const catalog = new Catalog(this.major, { oid: dbOid, tablespace }, maps, (file) => this.visible(file));
    this.catalogs.set(dbOid, catalog);
    return catalog;
  }

  private *visible(file: RelFileLocator): Generator<Uint8Array> {
    for (const { tuple } of this.relation(file).tuples()) {
      if (isVisible(new TupleHeader(tuple), this.transactions)) yield tuple;
    }
  }

  /** Databases that there may be catalogs of; with a filter, where the relation may be. */
  databasesOf(filter?: { dbOid?: number }): number[] {
    const all = [...this.pass.cluster.tablespaces.keys()].filter((oid) => oid !== 0);
    return filter?.dbOid === undefined ? all : all.filter((oid) => oid === filter.dbOid);
  }
}

/** A row that is there or was removed, whose values cannot be had. */
export interface MissingRow {
  tid: TupleId;
  reason: string;
}

/** A tuple to read, or why it cannot be said whether it belongs to the answer. */
export type Selected = { kind: 'tuple'; placed: PlacedTuple } | { kind: 'missing'; row: MissingRow };

/** The rows that a transaction that starts at this moment sees, in ctid order. */
export function* selectVisible(relation: ReplayedRelation, transactions: Transactions): Generator<Selected> {
  yield* select(relation, (tuple) => isVisible(tuple, transactions));
  for (const { xmin, xmax, ...row } of relation.unknownRows()) {
    if (xmin !== undefined && transactions.log.status(xmin) !== 'committed') continue;
    if (xmax !== undefined && transactions.log.status(xmax) === 'committed') continue;
    yield { kind: 'missing', row: missing(row) };
  }
}

/** The rows that transactions deleted (not those that they updated), as they were before, in ctid order. */
export function* selectDeleted(
  relation: ReplayedRelation,
  transactions: Transactions,
  xids: ReadonlySet<number>,
): Generator<Selected> {
  const deleted = new DeletedRows(relation, transactions, xids);
  yield* select(relation, (_, placed) => deleted.has(placed));
  for (const tid of deleted.withoutValues()) yield { kind: 'missing', row: missing(tid) };
}

const missing = ({ block, offset }: TupleId): MissingRow => ({
  tid: { block, offset },
  reason: 'values are not in the WAL given',
});

function* select(
  relation: ReplayedRelation,
  wanted: (tuple: TupleHeader, placed: PlacedTuple) => boolean,
): Generator<Selected> {
  for (const placed of relation.tuples()) {
    try {
      if (wanted(new TupleHeader(placed.tuple), placed)) yield { kind: 'tuple', placed };
    } catch (error) {
      if (!(error instanceof WalError) || error.kind !== 'undecided') throw error;
      yield { kind: 'missing', row: { tid: placed, reason: error.message } };
    }
  }
}

/** Says why the target was not reached, or not in a state that can be answered from. */
export function checkTarget(pass: ReplayPass, target: StopTarget): void {
  if (pass.isBeforeBackup(target)) {
    throw new WalError(
      'target-before-backup',
      `${describeTarget(target)} lies before the backup, whose data are newer: take an older backup`,
    );
  }
  if (pass.hasBackup && pass.endLsn === undefined && !pass.stop) {
    throw new WalError('target-not-reached', "the WAL has no record from the backup's start on");
  }
  if (
    target.kind !== 'latest' &&
    !pass.stop &&
    !(target.kind === 'lsn' && (pass.endLsn ?? 0n) >= target.lsn)
  ) {
    const end = pass.endLsn === undefined ? 'there is none' : `it ends at ${formatLsn(pass.endLsn)}`;
    throw new WalError(
      'target-not-reached',
      `the WAL does not reach ${describeTarget(target, 'a transaction that ended after ')}: ${end}`,
    );
  }
  if (pass.consistentLsn === undefined) {
    const end = pass.stop ? formatLsn(pass.stop.lsn) : 'the end of the WAL';
    throw new WalError(
      'backup-not-consistent',
      `the backup was still being taken at ${end}: what it holds is of no single moment before its end`,
    );
  }
}

/** @param beforeTime what to say before a time: that alone is nothing that WAL reaches */
function describeTarget(target: StopTarget, beforeTime = ''): string {
  switch (target.kind) {
    case 'lsn':
      return formatLsn(target.lsn);
    case 'xid':
      return `the end of transaction ${target.xid}`;
    case 'name':
      return `the restore point "${target.name}"`;
    case 'time':
      return beforeTime + formatTimestampIso(target.time);
    default:
      return 'its target';
  }
}
