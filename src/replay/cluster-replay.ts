import {
  endingXids,
  isBareCommit,
  isBareEnd,
  type TransactionEnd,
  transactionEnd,
} from '../follow/transaction-end.js';
import { MultixactLog } from '../heap/multixact.js';
import { TransactionLog, type Transactions } from '../heap/visibility.js';
import type { DatabaseCreateFileCopy } from '../rmgr/database.js';
import { decode } from '../rmgr/index.js';
import type { WalError } from '../wal/error.js';
import { BLCKSZ, type RelFileLocator, type WalRecord } from '../wal/record.js';
import {
  RM_DBASE_ID,
  RM_MULTIXACT_ID,
  RM_RELMAP_ID,
  RM_STANDBY_ID,
  RM_XACT_ID,
  RM_XLOG_ID,
} from '../wal/rmgr-id.js';
import { withoutEpoch } from '../wal/xid.js';
import type { ClusterFiles } from './cluster-files.js';
import { readRelationMap } from './relation-map.js';

const RELEVANT: ReadonlySet<number> = new Set([
  RM_XLOG_ID,
  RM_DBASE_ID,
  RM_MULTIXACT_ID,
  RM_RELMAP_ID,
  RM_STANDBY_ID,
]);

/** Where files of a database lie. */
type DatabasePlace = Pick<RelFileLocator, 'spcOid' | 'dbOid'>;

/** What a cluster is besides its relations, while WAL is applied to it: who committed, and where catalogs lie. */
export class ClusterReplay {
  readonly transactions: Transactions;
  private readonly log: TransactionLog;
  private readonly multixacts: MultixactLog;
  /** By database, 0 for the shared one. */
  readonly relationMaps: Map<number, ReadonlyMap<number, number>>;
  /** What is wrong with the relation maps that the backup has, and the WAL did not write anew. */
  readonly mapProblems: Map<number, WalError>;
  /** The default tablespace of each database. */
  readonly tablespaces: Map<number, number>;
  /** The databases whose files transactions removed, by transaction id. */
  readonly databasesDropped = new Map<number, Set<number>>();
  /** Where the files of a database in a tablespace were copied from, whenever they were, by `tablespace/database`. */
  readonly copiedFrom = new Map<string, Map<string, DatabasePlace>>();

  /**
   * @param files of the backup; without them only what the WAL says is known
   * @param keepsTimes whether the times of commits are kept
   */
  constructor(files: ClusterFiles | undefined, version: number, keepsTimes = false) {
    const pages = (folder: Parameters<ClusterFiles['slruPages']>[0]) =>
      files?.slruPages(folder) ?? (() => undefined);
    this.log = new TransactionLog(pages('pg_xact'), BLCKSZ, pages('pg_commit_ts'), keepsTimes);
    const offsets = pages('pg_multixact/offsets');
    this.multixacts = new MultixactLog(offsets, pages('pg_multixact/members'), BLCKSZ, version);
    this.transactions = { log: this.log, multixactMembers: this.multixacts.members };
    const { maps, problems } = files?.relationMaps() ?? { maps: new Map(), problems: new Map() };
    this.relationMaps = maps;
    this.mapProblems = problems;
    this.tablespaces = new Map(files?.tablespaces);
  }

  apply(record: WalRecord): void {
    if (record.rmid === RM_XACT_ID) {
      // most are of this kind: nothing is made of them that is thrown away again
      if (isBareEnd(record) && isBareCommit(record)) {
        this.log.commit(record.xid, this.log.keepsTimes ? record.main.i64(0) : undefined);
      } else this.end(transactionEnd(record));
      return;
    }
    if (!RELEVANT.has(record.rmid)) return;
    const data = decode(record);
    if (data.type === 'undecodable' || data.type === 'unknown') return;
    switch (data.rmgr) {
      case 'MultiXact':
        if (data.type === 'create-id') this.multixacts.create(data.mid, data.members);
        break;
      case 'RelMap':
        this.mapProblems.delete(data.dbid);
        this.relationMaps.set(data.dbid, readRelationMap(data.map, record.version));
        if (data.dbid !== 0) this.tablespaces.set(data.dbid, data.tsid);
        break;
      case 'Database':
        if (data.type === 'create-file-copy') this.copyDatabase(data);
        if (data.type === 'drop') this.noteDropped(record.xid, data.dbId);
        break;
      case 'XLOG':
        if (data.type === 'checkpoint-shutdown') this.log.completeFrom(withoutEpoch(data.nextXid));
        break;
      case 'Standby':
        if (data.type === 'running-xacts') this.log.completeFrom(data.nextXid);
    }
  }

  private noteDropped(xid: number, database: number): void {
    const known = this.databasesDropped.get(xid) ?? new Set();
    this.databasesDropped.set(xid, known.add(database));
  }

  private end(end: TransactionEnd | undefined): void {
    if (end === undefined) return;
    for (const xid of endingXids(end)) {
      if (end.status === 'committed') this.log.commit(xid, end.time);
      else this.log.abort(xid);
    }
  }

  /**
   * The files that a database has in one tablespace: CREATE DATABASE copies them for each tablespace, the default
   * one to that of the new database; ALTER DATABASE … SET TABLESPACE copies the default one of the same database.
   */
  private copyDatabase(copy: DatabaseCreateFileCopy): void {
    const { dbId, tablespaceId, srcDbId, srcTablespaceId } = copy;
    const place = `${tablespaceId}/${dbId}`;
    const source = { dbOid: srcDbId, spcOid: srcTablespaceId };
    const sources = this.copiedFrom.get(place) ?? new Map<string, DatabasePlace>();
    this.copiedFrom.set(place, sources.set(`${srcTablespaceId}/${srcDbId}`, source));
    const map = this.relationMaps.get(srcDbId);
    if (map) {
      this.mapProblems.delete(dbId);
      this.relationMaps.set(dbId, map);
    }
    if (this.tablespaces.get(srcDbId) === srcTablespaceId) this.tablespaces.set(dbId, tablespaceId);
  }
}
