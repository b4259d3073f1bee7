import type { ConsistencyRule } from '../cluster/base-backup.js';
import { type EndRecord, endingXids, transactionEnd } from '../follow/transaction-end.js';
import { HeapPage, spanEnd, spanStart } from '../heap/page.js';
import { TupleHeader, type TupleId } from '../heap/tuple.js';
import { isBorn } from '../heap/visibility.js';
import { readU16Array } from '../rmgr/arrays.js';
import type { DatabaseCreateFileCopy } from '../rmgr/database.js';
import { XLH_DELETE_IS_PARTITION_MOVE, XLH_DELETE_IS_SUPER } from '../rmgr/heap.js';
import { decode, type RecordData } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { MAIN_FORK, RecordPosition, type RelFileLocator, type WalRecord } from '../wal/record.js';
import { GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import {
  RM_DBASE_ID,
  RM_HEAP_ID,
  RM_HEAP2_ID,
  RM_RELMAP_ID,
  RM_SMGR_ID,
  RM_STANDBY_ID,
  RM_XACT_ID,
  RM_XLOG_ID,
} from '../wal/rmgr-id.js';
import { compareXids, withoutEpoch } from '../wal/xid.js';
import { BackupCheckpoint } from './backup-checkpoint.js';
import type { Pages } from './block-store.js';
import { CATALOG_OIDS } from './catalog.js';
import { ChangeLog } from './change-log.js';
import type { ClusterFiles } from './cluster-files.js';
import { ClusterReplay } from './cluster-replay.js';
import { CutContents } from './cut-contents.js';
import { HeapReplay } from './heap-replay.js';
import {
  CATALOGS_READ,
  FIRST_NORMAL_OID,
  isLive,
  LiveCatalog,
  type LiveRelation,
  type LiveTable,
  type QualifiedName,
} from './live-catalog.js';
import { LiveNames } from './live-names.js';
import { DETAILS_READ } from './object-details.js';
import { NAME_CATALOGS } from './object-names.js';
import { Recovery, type StopTarget } from './recovery.js';
import { ReplayedRelation } from './replayed-relation.js';
import { type TableDefinition, TableDefinitions } from './table-definitions.js';
import { type TableRemoval, TableRemovals } from './table-removals.js';
import { type ChangeKind, TupleChange, type TuplePlace } from './tuple-change.js';
import { TupleIndex } from './tuple-index.js';
import { isOfUsers } from './unknown-name.js';

/** Without a backup nothing needs to become consistent. */
const NO_BACKUP: ConsistencyRule = { kind: 'min-recovery-point', lsn: 0n };

const SMGR_TRUNCATE_HEAP = 1;

/** The catalogs that have names which values may print, and those that tell more of tables that were dropped. */
const NAMES = [...NAME_CATALOGS, ...DETAILS_READ, CATALOG_OIDS.database];

/** A file that is replayed, and what it is. */
interface FileState {
  relation: ReplayedRelation;
  /** Undefined as long as no catalog says what the file is. */
  role: 'catalog' | 'table' | 'toast' | undefined;
  /** The number of the table in the log, as the catalogs of {@link generation} have it. */
  number: number;
  generation: number;
  /** All numbers that it was given first: each as its table was then. */
  numbers: number[];
  /** The file whose blocks the backup has that are not known yet; undefined where all that there is is known. */
  source: RelFileLocator | undefined;
  /** The transaction that made it, 0 as long as it had no id; undefined where the WAL did not make the file. */
  createdBy: number | undefined;
}

/** A table as it was at one time or another. */
interface NumberedTable {
  /** Undefined where no catalog tells it, and when its file is gone. */
  table: LiveTable | undefined;
  file: RelFileLocator;
  isWanted: boolean;
  signature: string;
}

/** A change of a row, as far as it can be told without reading values. One object stands for one change after the other. */
export class RowChange extends TupleChange {
  constructor(private readonly tables: readonly NumberedTable[]) {
    super();
  }

  /** Undefined where the catalogs are not known. */
  get liveTable(): LiveTable | undefined {
    return this.tables[this.table].table;
  }

  get file(): RelFileLocator {
    return this.tables[this.table].file;
  }
}

/** What a transaction did, to be asked for before its end is applied. */
export interface CommittedChanges {
  end: EndRecord;
  /** From where the transaction was replicated, by the number of the origin; 0 where it was not. */
  origin: number;
  /** In the order of the WAL: each is good until the next one is asked for. */
  changes(): Iterable<RowChange | TableRemoval | TableDefinition>;
}

/** What is replayed, and how. */
export interface ChangeReplayOptions {
  version: number;
  /** Of the backup, where there is one. */
  files: ClusterFiles | undefined;
  pages: Pages;
  /** Gives relations the blocks that the backup has of these files. */
  load(relations: readonly { relation: ReplayedRelation; source: RelFileLocator }[]): Promise<void>;
  /** Whether changes of this table are asked for. */
  isWanted(table: LiveTable | undefined, file: RelFileLocator): boolean;
  /** Whether system catalogs and TOAST tables may be asked for. */
  withSystem: boolean;
  /** Whether the rows that tables lose all at once are asked for. */
  withRemovedRows?: boolean | undefined;
  /** Where the names that values print are to be found without their schema; by default as the server does. */
  searchPath?: readonly string[] | undefined;
  /** Whether changes of tables' definitions are asked for. */
  withDefinitions?: boolean | undefined;
  /** Tells what files are where no catalog is replayed: out of a later backup. */
  later?: Pick<ChangeReplay, 'catalogOf' | 'namesOf' | 'databaseName'> | undefined;
}

/**
 * Replays all tables through the WAL at once, and keeps what each transaction changes until it ends. Of a page nothing is
 * read from the backup before it is needed: the first record after the backup's start that touches it has its image.
 */
export class ChangeReplay {
  readonly cluster: ClusterReplay;
  readonly heap: HeapReplay;
  private readonly states = new Map<ReplayedRelation, FileState>();
  private readonly catalogs = new Map<number, LiveCatalog>();
  private readonly names = new WeakMap<LiveCatalog, LiveNames>();
  private readonly log: ChangeLog;
  /** Stands for one change after the other that is put into the log. */
  private readonly change = new TupleChange();
  private readonly recovery: Recovery;
  private readonly checkpoint: BackupCheckpoint | undefined;
  private readonly tables: NumberedTable[] = [];
  /** By signature. */
  private readonly numbers = new Map<string, number>();
  /** Transactions that changed catalogs and have not ended. */
  private readonly catalogXids = new Set<number>();
  /** Transactions that are prepared and have not ended, with their subtransactions. */
  private readonly prepared = new Set<number>();
  private readonly removals: TableRemovals;
  /** Undefined where definitions are not asked for, or no catalogs are replayed. */
  private readonly definitions: TableDefinitions | undefined;
  private readonly toast = new WeakMap<ReplayedRelation, TupleIndex>();
  private readonly cuts = new CutContents();
  /** Databases whose files are being written page by page, and the transactions that do. */
  private readonly unfinished = new Map<number, number>();
  /** Databases that were copied as files, by tablespace, and where the backup has what was copied. */
  private readonly copied = new Map<string, Omit<RelFileLocator, 'relNumber'>>();
  private databaseNames: TupleIndex | undefined;
  /** Grows where a transaction is rolled back that changed catalogs. */
  private rollbacks = 0;
  private sequence = 0;
  firstLsn: Lsn | undefined;
  private readonly position = new RecordPosition();
  /** What could not be read of files that are gone since. */
  private readonly goneProblems: WalError[] = [];
  /** Files that transactions removed of which it is not known what they were. */
  unknownRemovals = 0;

  constructor(private readonly options: ChangeReplayOptions) {
    const { files, version, pages } = options;
    this.cluster = new ClusterReplay(files, version);
    this.heap = new HeapReplay({
      hintsLogged: files?.logsHints,
      discover: (file) => this.discover(file),
    });
    this.log = new ChangeLog(pages);
    const base = files?.base;
    this.checkpoint = base && new BackupCheckpoint(base);
    const { isWanted } = options;
    const catalogOf = (dbOid: number): LiveCatalog | undefined => this.catalogOf(dbOid);
    this.removals = new TableRemovals({ catalogOf, isWanted });
    if (options.withDefinitions && files) {
      const nextSequence = (): number => this.sequence++;
      const generationOf = (dbOid: number): number => this.generationOf(dbOid);
      this.definitions = new TableDefinitions({ catalogOf, generationOf, isWanted, nextSequence });
    }
    this.recovery = new Recovery({ kind: 'latest' }, base?.consistency ?? NO_BACKUP, base?.startLsn ?? 0n);
  }

  get endLsn(): Lsn | undefined {
    return this.position.endLsn;
  }

  get hasBackup(): boolean {
    return this.options.files !== undefined;
  }

  /** The first transaction id that was not given yet when the backup began; undefined as long as the WAL has not told. */
  get nextXid(): number | undefined {
    const { record } = this.checkpoint ?? {};
    return record && withoutEpoch(record.nextXid);
  }

  /** From here on the backup's files are as of one moment. */
  get consistentLsn(): Lsn | undefined {
    return this.recovery.consistentLsn;
  }

  /** Takes in a relation of the backup's that was loaded whole. */
  addLoaded(relation: ReplayedRelation): void {
    this.heap.track(relation);
    this.states.set(relation, stateOf(relation, undefined));
  }

  /** Reads those catalogs that do not lie where they usually do. */
  async loadCatalogs(): Promise<void> {
    for (const [dbOid, map] of this.cluster.relationMaps) {
      const spcOid = this.cluster.tablespaces.get(dbOid);
      if (spcOid === undefined) continue;
      // pg_class and pg_attribute are mapped, and say what the others are
      for (const [oid, relNumber] of map) {
        const file = { spcOid, dbOid, relNumber };
        if (!CATALOGS_READ.includes(oid)) continue;
        this.catalogRelation(file);
        if (this.isLacking(file)) await this.load(file);
      }
      // which files the last of them lie in, those before tell
      for (let isNew = true; isNew; ) {
        isNew = false;
        for (const file of this.catalogOf(dbOid)?.files() ?? []) {
          this.catalogRelation(file);
          if (!this.isLacking(file)) continue;
          await this.load(file);
          isNew = true;
        }
      }
    }
    const relNumber = this.cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    if (relNumber === undefined) return;
    const file = { spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber };
    this.catalogRelation(file);
    if (this.isLacking(file)) await this.load(file);
  }

  /** Whether a table is called so at the end of what was read. */
  hasTable(isNamed: (name: QualifiedName) => boolean): boolean {
    return [...this.cluster.relationMaps.keys()].some((oid) => this.catalogOf(oid)?.hasTable(isNamed));
  }

  /** What databases are called at the end of what was read. */
  databases(): string[] {
    return [...(this.databaseIndex()?.keys(0) ?? [])].flatMap((oid) => this.databaseName(oid) ?? []);
  }

  /** Relations of users, as they are called at the end of what was read. */
  relations(): LiveRelation[] {
    const oids = [...this.cluster.relationMaps.keys()];
    return oids.flatMap(
      (oid) => this.catalogOf(oid)?.relationsNamed(({ schema }) => isOfUsers(schema)) ?? [],
    );
  }

  /** Whether a moment lies before the backup. */
  isBeforeBackup(moment: StopTarget): boolean {
    return this.checkpoint?.comesAfter(moment) ?? false;
  }

  /** What could not be read of what was needed. */
  get problems(): WalError[] {
    const relations = [...this.states.keys()].flatMap(({ problems }) => problems);
    return [...this.cluster.mapProblems.values(), ...this.goneProblems, ...relations];
  }

  /** The relation of a catalog's file: what was not known to be one is from now on. */
  private readonly catalogRelation = (file: RelFileLocator): ReplayedRelation => {
    const known = this.heap.known(file);
    const state = known && this.states.get(known);
    if (state) {
      state.role = 'catalog';
      return state.relation;
    }
    const { pages } = this.options;
    const relation = new ReplayedRelation(file, pages.newStore(), false, pages);
    this.states.set(relation, { ...stateOf(relation, this.sourceOf(file)), role: 'catalog' });
    this.heap.track(relation);
    return relation;
  };

  /** The catalogs of a database; undefined where they are not known. */
  catalogOf(dbOid: number): LiveCatalog | undefined {
    if (!this.hasBackup) return this.options.later?.catalogOf(dbOid);
    const known = this.catalogs.get(dbOid);
    if (known) return known;
    const { relationMaps, tablespaces } = this.cluster;
    const tablespace = tablespaces.get(dbOid);
    if (dbOid === 0 || tablespace === undefined || !relationMaps.has(dbOid)) return undefined;
    if (this.unfinished.has(dbOid)) return undefined;
    const { version } = this.options;
    const catalog = new LiveCatalog(version, { oid: dbOid, tablespace }, this.cluster, this.catalogRelation);
    this.catalogs.set(dbOid, catalog);
    return catalog;
  }

  /** The names of a database's objects; undefined where its catalogs are not known. */
  namesOf(dbOid: number): LiveNames | undefined {
    if (!this.hasBackup) return this.options.later?.namesOf(dbOid);
    const catalog = this.catalogOf(dbOid);
    const known = catalog && this.names.get(catalog);
    if (known || catalog === undefined) return known;
    const names = new LiveNames(catalog, this, this.options.searchPath);
    this.names.set(catalog, names);
    return names;
  }

  /** Grows where the catalogs of a database may have become others. */
  generationOf(dbOid: number): number {
    return (this.catalogOf(dbOid)?.generation ?? 0) + this.rollbacks;
  }

  /** The first record that names a file has come. */
  private discover(file: RelFileLocator): ReplayedRelation | undefined {
    if (file.dbOid === 0 && !this.options.withSystem && !this.mayName(file)) return undefined;
    const isKnown = !this.hasBackup && file.relNumber < FIRST_NORMAL_OID;
    if (isKnown && !this.options.withSystem) return undefined;
    const { pages } = this.options;
    const relation = new ReplayedRelation(file, pages.newStore(), false, pages);
    const state = stateOf(relation, this.hasBackup ? this.sourceOf(file) : undefined);
    if (this.classify(state) === 'ignore') return undefined;
    this.states.set(relation, state);
    return relation;
  }

  /** The file that the backup has of a file: of one of a database that was copied since, that which was copied. */
  private sourceOf(file: RelFileLocator): RelFileLocator {
    return { ...file, ...this.copied.get(placeKey(file)) };
  }

  /** Whether a shared file names databases or roles, or may come to: what VACUUM FULL fills has a new number. */
  private mayName({ relNumber }: RelFileLocator): boolean {
    if (!this.hasBackup) return false;
    const map = this.cluster.relationMaps.get(0);
    return relNumber >= FIRST_NORMAL_OID || NAMES.some((catalog) => relNumber === map?.get(catalog));
  }

  /** Finds out what a file is, as far as that can be told by now. */
  private classify(state: FileState): 'ignore' | 'keep' {
    const { file } = state.relation;
    const owner = this.catalogOf(file.dbOid)?.ownerOf(file);
    if (owner === undefined) {
      if (!this.hasBackup) state.role = 'table';
      return 'keep';
    }
    if (CATALOGS_READ.includes(owner.oid) || NAMES.includes(owner.oid)) {
      state.role = 'catalog';
      return 'keep';
    }
    if (owner.oid < FIRST_NORMAL_OID && !this.options.withSystem) return 'ignore';
    if (owner.kind === 't') state.role = 'toast';
    else if (owner.kind === 'r') state.role = 'table';
    else return 'ignore';
    return 'keep';
  }

  private stateOfBlock(file: RelFileLocator): FileState | undefined {
    const relation = this.heap.find(file);
    const state = relation && this.states.get(relation);
    if (state === undefined || state.role !== undefined) return state;
    if (this.classify(state) === 'keep') return state;
    this.heap.ignore(state.relation);
    state.relation.forget();
    this.states.delete(state.relation);
    return undefined;
  }

  /**
   * What a transaction changed that a record commits, before that record is applied.
   * @returns undefined for any other record, and where there is nothing
   */
  committed(record: WalRecord): CommittedChanges | undefined {
    if (record.rmid !== RM_XACT_ID) return undefined;
    const end = transactionEnd(record);
    if (end === undefined || end.status !== 'committed') return undefined;
    const xids = endingXids(end);
    const removals = this.removalsOf(end, xids);
    const definitions = this.definitions?.of(xids, record.lsn, removals) ?? [];
    if (removals.length + definitions.length === 0 && !this.log.hasAny(xids)) return undefined;
    const others = [...removals, ...definitions].sort((a, b) => a.sequence - b.sequence);
    return { end, origin: record.origin, changes: () => this.changesOf(xids, others) };
  }

  /** What a transaction id has changed since this was asked for last, whatever becomes of it. */
  *changesSoFar(xid: number): Generator<RowChange | TableRemoval | TableDefinition> {
    const truncated = this.removals.takeTruncated(xid);
    if (truncated.length === 0 && !this.log.hasAny([xid])) return;
    yield* this.changesOf([xid], truncated);
    this.log.drop(xid);
  }

  private changesOf(
    xids: readonly number[],
    others: readonly (TableRemoval | TableDefinition)[],
  ): Iterable<RowChange | TableRemoval | TableDefinition> {
    const changes = this.log.of(xids, new RowChange(this.tables));
    return others.length === 0 ? changes : among(changes, others);
  }

  /** The tables whose rows a commit removes. */
  private removalsOf(end: EndRecord, xids: readonly number[]): TableRemoval[] {
    if (this.hasBackup) return this.removals.of(xids, end.lsn, end.dropped);
    for (const { relNumber } of end.dropped) if (relNumber >= FIRST_NORMAL_OID) this.unknownRemovals++;
    return this.removals.of(xids, end.lsn, []);
  }

  /** Notes that a row of a catalog changed. */
  private markDefinition({ xid }: WalRecord, { relation }: FileState, tid: TupleId | undefined): void {
    const { file } = relation;
    const tuple = tid && relation.guard(tid, () => relation.find(tid));
    this.definitions?.mark(xid, file, tuple && this.catalogOf(file.dbOid)?.relationIn(file, tuple));
  }

  /** Keeps what a changed row of pg_class says of a table's file. */
  private noteFile(record: WalRecord, { relation: { file } }: FileState, { from, to }: TuplesChanged): void {
    const catalog = this.hasBackup ? this.catalogOf(file.dbOid) : undefined;
    if (from && to === undefined) {
      const dropped = catalog?.placeAt(file, from);
      if (dropped) this.removals.noteDrop(record.xid, this.sequence, dropped.oid, dropped.file);
      return;
    }
    const made = to && catalog?.placeAt(file, to);
    const relation = made && this.heap.known(made.file);
    const state = relation && this.states.get(relation);
    // a subtransaction may get its id no sooner than with this row
    if (state?.createdBy === 0) state.createdBy = record.xid;
    const emptied = from && to && catalog?.emptiedBy(file, from, to);
    if (emptied) this.noteTruncate(record, { table: emptied, file: emptied.file });
  }

  private noteTruncate(
    { xid, lsn }: WalRecord,
    what: Pick<TableRemoval, 'table' | 'file' | 'contents'>,
  ): void {
    this.removals.noteTruncate(xid, { sequence: this.sequence, lsn, ...what });
  }

  /** Applies a record. @returns a promise where blocks of the backup are needed first */
  take(record: WalRecord): Promise<void> | undefined {
    if (this.checkpoint?.take(record) === false) {
      throw new WalError(
        'other-timeline',
        message`the WAL has no checkpoint of the backup's at its start: it is not the WAL that the backup was made with`,
        { lsn: record.lsn },
      );
    }
    // which matters for nothing else
    if (this.recovery.consistentLsn === undefined) this.recovery.next(record);
    this.firstLsn ??= record.lsn;
    this.position.set(record);
    this.sequence++;
    switch (record.rmid) {
      case RM_HEAP_ID:
      case RM_HEAP2_ID:
      case RM_XLOG_ID:
        return this.takePages(record);
      case RM_XACT_ID:
        this.takeEnd(record);
        return undefined;
      case RM_SMGR_ID:
        this.takeFile(record);
        return undefined;
      case RM_DBASE_ID:
        return this.takeDatabase(record);
      case RM_RELMAP_ID:
        this.rollbacks++;
        this.cluster.apply(record);
        return undefined;
      case RM_STANDBY_ID:
        this.takeRunning(record);
        this.cluster.apply(record);
        return undefined;
      default:
        this.cluster.apply(record);
        return undefined;
    }
  }

  private takePages(record: WalRecord): Promise<void> | undefined {
    let lacking: FileState[] | undefined;
    for (const block of record.blocks) {
      if (block.fork !== MAIN_FORK) continue;
      const state = this.stateOfBlock(block.rel);
      if (state?.source === undefined || block.image?.apply || block.willInit) continue;
      if (state.relation.store.has(block.blockNumber)) continue;
      lacking ??= [];
      lacking.push(state);
    }
    if (lacking === undefined) {
      this.applyPages(record);
      return undefined;
    }
    return this.loadAll(lacking).then(() => this.applyPages(record));
  }

  private applyPages(record: WalRecord): void {
    if (record.rmid === RM_XLOG_ID) {
      this.takeStart(record);
      this.cluster.apply(record);
    }
    const data = this.heap.apply(record);
    if (data !== undefined && record.rmid !== RM_XLOG_ID) this.capture(record, data);
  }

  /** Loads what the backup has of these. */
  private async loadAll(states: readonly FileState[]): Promise<void> {
    const wanted = states.flatMap(({ relation, source }) => (source ? [{ relation, source }] : []));
    for (const state of states) state.source = undefined;
    if (wanted.length > 0) await this.options.load(wanted);
  }

  /** Gives a relation all blocks that the backup has of it, and has not been given yet. */
  async load(file: RelFileLocator): Promise<ReplayedRelation | undefined> {
    const relation = this.heap.find(file);
    const state = relation && this.states.get(relation);
    if (state) await this.loadAll([state]);
    return relation;
  }

  /** Whether the backup may have blocks of a file that were not needed so far. */
  isLacking(file: RelFileLocator): boolean {
    const relation = this.heap.find(file);
    return relation !== undefined && this.states.get(relation)?.source !== undefined;
  }

  /** Keeps what a record changed. */
  private capture(record: WalRecord, data: RecordData): void {
    const [block] = record.blocks;
    if (block === undefined || block.fork !== MAIN_FORK) return;
    const relation = this.heap.find(block.rel);
    const state = relation && this.states.get(relation);
    if (state === undefined) return;
    if (state.role === 'toast' && !this.options.withSystem) return;
    if (state.role === 'catalog' || state.role === undefined) {
      if (record.xid !== 0) this.catalogXids.add(record.xid);
      this.noteFile(record, state, tuplesOf(record, data));
      if (!this.options.withSystem && !this.options.withDefinitions) return;
    }
    if (data.rmgr === 'Heap') {
      const { from, to } = tuplesOf(record, data);
      switch (data.type) {
        case 'insert':
        case 'update':
        case 'hot-update':
          this.note(record, state, data.type === 'insert' ? 'insert' : 'update', from, to);
          break;
        case 'delete':
          if (data.flags & XLH_DELETE_IS_SUPER) this.takeBack(record, state, from!);
          else {
            const isMove = (data.flags & XLH_DELETE_IS_PARTITION_MOVE) !== 0;
            this.note(record, state, 'delete', from, undefined, isMove);
          }
      }
    } else if (data.rmgr === 'Heap2' && data.type === 'multi-insert') {
      const offsets = data.initPage
        ? Array.from({ length: data.ntuples }, (_, i) => i + 1)
        : readU16Array(record.main, 4, data.ntuples);
      for (const offset of offsets) {
        this.note(record, state, 'insert', undefined, { block: block.blockNumber, offset });
      }
    }
  }

  private note(
    record: WalRecord,
    state: FileState,
    kind: ChangeKind,
    from: TupleId | undefined,
    to: TupleId | undefined,
    isMove = false,
  ): void {
    if (state.role === 'catalog' && this.definitions) this.markDefinition(record, state, to ?? from);
    if (state.role !== 'table' && !this.options.withSystem) return;
    const number = this.tableNumber(state);
    if (!this.tables[number].isWanted) return;
    this.definitions?.takeSnapshots(record.lsn);
    const { change } = this;
    change.sequence = this.sequence++;
    change.lsnHi = record.lsnHi;
    change.lsnLo = record.lsnLo;
    change.kind = kind;
    change.table = number;
    change.fromBlock = from?.block ?? 0;
    change.fromOffset = from?.offset ?? 0;
    change.toBlock = to?.block ?? 0;
    change.toOffset = to?.offset ?? 0;
    change.isMove = isMove;
    this.place(change.old, state.relation, from);
    this.place(change.new, state.relation, to);
    this.log.add(record.xid, change);
  }

  /** Finds a tuple in its page. */
  private place(place: TuplePlace, relation: ReplayedRelation, tid: TupleId | undefined): void {
    place.clear();
    if (tid === undefined) return;
    const bytes = relation.store.open(tid.block);
    if (bytes === undefined) return;
    try {
      const span = new HeapPage(bytes).tupleSpan(tid.offset);
      if (span >= 0) place.set(bytes, spanStart(span), spanEnd(span));
    } catch (error) {
      relation.noteUnread(tid, error);
    }
  }

  private takeBack(record: WalRecord, state: FileState, tid: TupleId): void {
    this.log.takeBack(record.xid, this.tableNumber(state), tid);
  }

  /** The number of the table that a file is of now. */
  private tableNumber(state: FileState): number {
    const { file } = state.relation;
    const catalog = this.catalogOf(file.dbOid);
    const generation = this.generationOf(file.dbOid);
    if (state.generation === generation) return state.number;
    state.generation = generation;
    let table: LiveTable | undefined;
    try {
      table = catalog?.tableOf(file);
    } catch (error) {
      if (!(error instanceof WalError) || error.kind !== 'damage') throw error;
    }
    const signature = signatureOf(table, file);
    let number = this.numbers.get(signature);
    if (number === undefined) {
      number = this.tables.length;
      const isRead = table?.isTransient !== true && table?.kind !== 'm';
      const isWanted = isRead && this.options.isWanted(table, file);
      this.tables.push({ table, file, isWanted, signature });
      state.numbers.push(number);
      this.numbers.set(signature, number);
    } else this.tables[number].table = table;
    state.number = number;
    return number;
  }

  private takeEnd(record: WalRecord): void {
    const end = transactionEnd(record);
    this.cluster.apply(record);
    if (end === undefined) {
      this.notePrepared(record);
      return;
    }
    let isCatalogChange = false;
    for (const xid of endingXids(end)) {
      this.prepared.delete(xid);
      this.log.drop(xid);
      this.removals.forget(xid);
      this.cuts.forget(xid);
      this.definitions?.forget(xid);
      if (this.catalogXids.delete(xid)) isCatalogChange = true;
    }
    for (const [dbOid, xid] of this.unfinished) {
      if (endingXids(end).includes(xid)) this.unfinished.delete(dbOid);
    }
    if (isCatalogChange && end.status === 'aborted') this.rollbacks++;
    for (const file of end.dropped) {
      const relation = this.heap.known(file);
      this.heap.forget(file);
      if (relation === undefined) continue;
      this.goneProblems.push(...relation.problems);
      relation.truncate(0);
      for (const number of this.states.get(relation)?.numbers ?? []) this.forgetTable(number);
      this.states.delete(relation);
    }
  }

  /** Keeps no more of a table than that there was one: where many come and go, not all of them are to stay. */
  private forgetTable(number: number): void {
    const known = this.tables[number];
    known.table = undefined;
    if (this.numbers.get(known.signature) === number) this.numbers.delete(known.signature);
    known.signature = '';
  }

  private notePrepared(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Transaction' || data.type !== 'prepare') return;
    for (const xid of [record.xid, ...data.subxacts]) this.prepared.add(xid);
  }

  private takeFile(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr === 'Storage' && data.type === 'create' && data.forkNum === MAIN_FORK) {
      // one that is not replayed was another of the same number
      if (this.heap.known(data.rlocator) === undefined) this.heap.forget(data.rlocator);
      const relation = this.heap.find(data.rlocator);
      const state = relation && this.states.get(relation);
      if (state) {
        state.source = undefined;
        state.createdBy = record.xid;
      }
    }
    if (data.rmgr === 'Storage' && data.type === 'truncate' && data.flags & SMGR_TRUNCATE_HEAP) {
      this.noteCut(record, data.rlocator, data.blkno);
    }
    this.heap.apply(record);
  }

  private noteCut(record: WalRecord, file: RelFileLocator, blocks: number): void {
    const state = this.stateOfBlock(file);
    if (state === undefined) return;
    // blocks of the backup that are cut off must not come back
    if (blocks === 0) state.source = undefined;
    const { createdBy } = state;
    if (blocks > 0 || record.xid === 0 || createdBy === undefined) return;
    if (this.cluster.transactions.log.status(createdBy) === 'committed') return;
    // values of rows that were inserted before
    if (state.role === 'toast') this.keepContents(record, state);
    if (state.role !== 'table') return;
    const { table } = this.tables[this.tableNumber(state)];
    if (table === undefined || !this.removals.isMeant(table, file)) return;
    // a rewrite is held against its file as that was filled
    this.definitions?.takeSnapshots(record.lsn);
    const isKept = this.options.withRemovedRows || this.definitions !== undefined;
    const contents = isKept ? this.keepContents(record, state) : undefined;
    this.noteTruncate(record, { table, file: undefined, contents });
  }

  /** Puts an empty file in the place of one that is cut to nothing. @returns what there was */
  private keepContents({ xid }: WalRecord, state: FileState): ReplayedRelation | undefined {
    const { relation } = state;
    if (relation.store.blocks().length === 0) return undefined;
    const { pages } = this.options;
    const empty = new ReplayedRelation(relation.file, pages.newStore(), false, pages);
    empty.create();
    this.heap.forget(relation.file);
    this.heap.track(empty);
    this.states.delete(relation);
    this.states.set(empty, { ...state, relation: empty });
    this.cuts.keep(xid, this.sequence, relation);
    return relation;
  }

  /** A copy of another database's files is made of all of it that is known, and of the backup's for the rest. */
  private takeDatabase(record: WalRecord): Promise<void> | undefined {
    const data = decode(record);
    if (data.rmgr === 'Database' && data.type === 'create-file-copy') this.prepareCopy(data);
    if (data.rmgr === 'Database' && data.type === 'create-wal-log')
      this.unfinished.set(data.dbId, record.xid);
    this.cluster.apply(record);
    this.heap.apply(record);
    return undefined;
  }

  private prepareCopy({ dbId, tablespaceId, srcDbId, srcTablespaceId }: DatabaseCreateFileCopy): void {
    for (const source of [...this.heap.relationsOf(srcDbId)]) {
      if (source.file.spcOid !== srcTablespaceId) continue;
      const file = { ...source.file, dbOid: dbId, spcOid: tablespaceId };
      const { pages } = this.options;
      const relation = this.heap.find(file) ?? new ReplayedRelation(file, pages.newStore(), false, pages);
      this.heap.track(relation);
      const from = this.states.get(source);
      this.states.set(relation, { ...stateOf(relation, from?.source), role: from?.role });
    }
    this.catalogs.delete(dbId);
    const source = { spcOid: srcTablespaceId, dbOid: srcDbId };
    this.copied.set(
      placeKey({ spcOid: tablespaceId, dbOid: dbId }),
      this.copied.get(placeKey(source)) ?? source,
    );
  }

  /** A transaction that is not among those that run, and has no end, was cut off by a crash. */
  private takeRunning(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Standby' || data.type !== 'running-xacts') return;
    this.cutOff((xid) => compareXids(xid, data.oldestRunningXid) < 0);
  }

  /** Where a server has ended, or begun anew after a crash, no transaction runs but those that are prepared. */
  private takeStart(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'XLOG' || (data.type !== 'checkpoint-shutdown' && data.type !== 'end-of-recovery'))
      return;
    this.cutOff((xid) => !this.prepared.has(xid));
  }

  private cutOff(isGone: (xid: number) => boolean): void {
    for (const xid of [...this.log.xids(), ...this.catalogXids, ...this.removals.xids()]) {
      if (!isGone(xid)) continue;
      this.cluster.transactions.log.abort(xid);
      this.log.drop(xid);
      this.removals.forget(xid);
      this.cuts.forget(xid);
      this.definitions?.forget(xid);
      if (this.catalogXids.delete(xid)) this.rollbacks++;
    }
  }

  /** WAL is missing: what is known of pages does not hold any more, nor what has not ended. */
  forget(): void {
    for (const { relation } of this.states.values()) relation.forget();
    for (const xid of [...this.log.xids()]) this.log.drop(xid);
  }

  /** A file as it was at a place in the WAL, be it that all of it went since. */
  contentsAt(file: RelFileLocator, sequence: number): ReplayedRelation | undefined {
    return this.cuts.at(file, sequence) ?? this.heap.known(file);
  }

  /** The places of a TOAST table's chunks, by value, as they were at a place in the WAL, be it that all went since. */
  chunksOf(file: RelFileLocator, sequence: number): TupleIndex | undefined {
    const relation = this.cuts.at(file, sequence) ?? this.heap.find(file);
    if (relation === undefined) return undefined;
    const known = this.toast.get(relation);
    if (known) return known;
    const index = new TupleIndex(relation, [0]);
    this.toast.set(relation, index);
    return index;
  }

  /** The rows of a table's file that are there before a transaction ends, as it sees them itself. */
  *rowsSeenBy(xids: ReadonlySet<number>, relation: ReplayedRelation): Generator<Uint8Array> {
    const { transactions } = this.cluster;
    for (const { tuple, block, offset } of relation.tuples()) {
      const isSeen = relation.guard({ block, offset }, () => {
        const header = new TupleHeader(tuple);
        const { xmin } = header;
        const isOwn = !header.xminFrozen && xids.has(xmin);
        return isLive(header, this.cluster) && (isOwn || isBorn(header, transactions));
      });
      if (isSeen) yield tuple;
    }
  }

  /** What a database is called; undefined where it is not known. */
  databaseName(oid: number): string | undefined {
    if (!this.hasBackup) return this.options.later?.databaseName(oid);
    const index = this.databaseIndex();
    const [row] = (index?.find(0, oid) ?? []).flatMap((tid) => {
      const tuple = index!.relation.find(tid);
      return tuple && isLive(new TupleHeader(tuple), this.cluster) ? [tuple] : [];
    });
    if (row === undefined) return undefined;
    const at = row[22] + 4;
    const name = row.subarray(at, at + 64);
    const end = name.indexOf(0);
    return decodeText(end < 0 ? name : name.subarray(0, end));
  }

  private databaseIndex(): TupleIndex | undefined {
    const relNumber = this.cluster.relationMaps.get(0)?.get(CATALOG_OIDS.database);
    if (this.databaseNames?.relation.file.relNumber === relNumber) return this.databaseNames;
    const relation = relNumber && this.heap.find({ spcOid: GLOBAL_TABLESPACE, dbOid: 0, relNumber });
    if (relation) this.databaseNames = new TupleIndex(relation, [0]);
    return this.databaseNames;
  }
}

/** Changes of rows with what else happened in between. */
function* among(
  changes: Iterable<RowChange>,
  others: readonly (TableRemoval | TableDefinition)[],
): Generator<RowChange | TableRemoval | TableDefinition> {
  let next = 0;
  for (const change of changes) {
    while (next < others.length && others[next].sequence < change.sequence) yield others[next++];
    yield change;
  }
  yield* others.slice(next);
}

const placeKey = ({ spcOid, dbOid }: Omit<RelFileLocator, 'relNumber'>): string => `${spcOid} ${dbOid}`;

const stateOf = (relation: ReplayedRelation, source: RelFileLocator | undefined): FileState => ({
  ...{ relation, source },
  role: undefined,
  ...{ number: -1, generation: -1, numbers: [], createdBy: undefined },
});

/** What a record ends and makes; both undefined of one that does not, or is about more than one row. */
interface TuplesChanged {
  from: TupleId | undefined;
  to: TupleId | undefined;
}

function tuplesOf(record: WalRecord, data: RecordData): TuplesChanged {
  const [block] = record.blocks;
  const at = (offset: number, { blockNumber } = block): TupleId => ({ block: blockNumber, offset });
  if (data.rmgr !== 'Heap') return { from: undefined, to: undefined };
  switch (data.type) {
    case 'insert':
      return { from: undefined, to: at(data.offnum) };
    case 'delete':
      return { from: at(data.offnum), to: undefined };
    case 'update':
    case 'hot-update': {
      const second = record.block(1);
      const old = second && second.fork === MAIN_FORK ? second : block;
      return { from: at(data.oldOffnum, old), to: at(data.newOffnum) };
    }
    default:
      return { from: undefined, to: undefined };
  }
}

/** Two tables are the same to whoever reads rows where this is. */
function signatureOf(table: LiveTable | undefined, file: RelFileLocator): string {
  if (table === undefined) return formatLocator(file);
  const { oid, schema, name, toast, isTransient, columns, keys, root, ancestors } = table;
  return JSON.stringify([
    formatLocator(file),
    ...[oid, schema, name, toast?.relNumber, isTransient, keys, root, ancestors],
    columns.map(({ missing, ...column }) => [Object.values(column), missing && Array.from(missing)]),
  ]);
}
