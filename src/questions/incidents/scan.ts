import { type DatabaseUse, DatabaseUseBuilder } from '../../follow/database-use.js';
import { type FileUse, FileUseBuilder } from '../../follow/file-use.js';
import { RelationAt, relationKey } from '../../follow/relation-at.js';
import { isCut, type TransactionEvents, TransactionEventsBuilder } from '../../follow/transaction-events.js';
import type { Segment } from '../../reader/segment.js';
import { readSpan, type WalSpan } from '../../reader/span.js';
import {
  XLH_DELETE_IS_PARTITION_MOVE,
  XLH_DELETE_IS_SUPER,
  XLOG_HEAP_DELETE,
  XLOG_HEAP_HOT_UPDATE,
  XLOG_HEAP_INPLACE,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
  XLOG_HEAP_UPDATE,
} from '../../rmgr/heap.js';
import { XLOG_HEAP2_MULTI_INSERT } from '../../rmgr/heap2.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../../wal/record.js';
import {
  RM_BRIN_ID,
  RM_BTREE_ID,
  RM_DBASE_ID,
  RM_HEAP_ID,
  RM_HEAP2_ID,
  RM_XACT_ID,
  RM_XLOG_ID,
} from '../../wal/rmgr-id.js';

/**
 * How many rows transaction ids deleted and updated in relations, in the order of the first record of each. In
 * columns, as {@link TransactionEvents} are: a segment may hold 60,000 of these.
 */
export interface RowCountColumns {
  lsns: BigUint64Array;
  xids: Uint32Array;
  /** Where {@link names} has the relation. */
  relations: Uint32Array;
  deleted: Uint32Array;
  updated: Uint32Array;
  /** `tablespace/database/relfilenode` */
  names: string[];
}

/** What the records of one segment say, or one record that runs over from a segment into the next. */
export interface IncidentChunk {
  rows: RowCountColumns;
  events: TransactionEvents;
  files: FileUse;
  /** Relations that records of indexes and sequences go to. */
  indexes: string[];
  databases: DatabaseUse;
  undecodable: Lsn[];
}

/** What is kept of one segment: plain data. */
export interface IncidentPart {
  span: WalSpan;
  chunk: IncidentChunk;
}

/** Scans one segment on its own, up to where its WAL ends for this purpose. */
export function scanForIncidents(segment: Segment, endLsn: Lsn): IncidentPart {
  const scanner = new Scanner();
  const span = readSpan(segment, { endLsn }, (record) => scanner.take(record));
  return { span, chunk: scanner.build() };
}

/** The same of a record that was put together. */
export function incidentChunkOf(record: WalRecord): IncidentChunk {
  const scanner = new Scanner();
  scanner.take(record);
  return scanner.build();
}

/** `flags` of `xl_heap_delete`: what an INSERT … ON CONFLICT withdrew, and rows that went to another partition. */
const DELETE_FLAGS = 7;
const NO_DELETION = XLH_DELETE_IS_SUPER | XLH_DELETE_IS_PARTITION_MOVE;

interface RowCounts {
  lsn: Lsn;
  xid: number;
  spcOid: number;
  dbOid: number;
  relNumber: number;
  deleted: number;
  updated: number;
}

class Scanner {
  private readonly rows: RowCounts[] = [];
  /** Those of transaction ids that have not come to an end. */
  private readonly current = new Map<number, CountsByRelation>();
  private last: RowCounts | undefined;
  private readonly events = new TransactionEventsBuilder((xid) => this.end(xid));
  private readonly files = new FileUseBuilder();
  private readonly indexes = new Set<string>();
  /** The index that the last record of an index went to: most go where the one before went. */
  private lastIndex = { spcOid: 0, dbOid: 0, relNumber: 0 };
  private readonly databases = new DatabaseUseBuilder();
  private readonly undecodable: Lsn[] = [];
  private readonly at = new RelationAt();

  build(): IncidentChunk {
    return {
      rows: columnsOf(this.rows),
      events: this.events.build(),
      files: this.files.build(),
      indexes: [...this.indexes],
      databases: this.databases.build(),
      undecodable: this.undecodable,
    };
  }

  take(record: WalRecord): void {
    switch (record.rmid) {
      case RM_HEAP_ID:
        this.heap(record);
        break;
      case RM_HEAP2_ID:
        if ((record.info & XLOG_HEAP_OPMASK) !== XLOG_HEAP2_MULTI_INSERT || !this.at.seek(record)) break;
        this.files.addRow(record, this.at);
        break;
      case RM_XACT_ID:
        if (!this.events.add(record)) this.undecodable.push(record.lsn);
        break;
      case RM_XLOG_ID:
        if (isCut(record)) {
          this.events.addCut(record);
          this.current.clear();
          this.last = undefined;
        } else this.files.add(record);
        break;
      case RM_DBASE_ID:
        this.databases.add(record);
        break;
      default:
        if (record.rmid >= RM_BTREE_ID && record.rmid <= RM_BRIN_ID) this.index(record);
        this.files.add(record);
    }
  }

  private heap(record: WalRecord): void {
    const { at } = this;
    switch (record.info & XLOG_HEAP_OPMASK) {
      case XLOG_HEAP_INSERT:
        if (at.seek(record)) this.files.addRow(record, at);
        break;
      case XLOG_HEAP_DELETE:
        if (record.mainLength <= DELETE_FLAGS) this.undecodable.push(record.lsn);
        else if ((record.main.u8(DELETE_FLAGS) & NO_DELETION) === 0 && at.seek(record)) {
          this.countsOf(record).deleted++;
        }
        break;
      case XLOG_HEAP_UPDATE:
      case XLOG_HEAP_HOT_UPDATE:
        if (at.seek(record)) this.countsOf(record).updated++;
        break;
      case XLOG_HEAP_INPLACE:
        if (at.seek(record)) this.databases.addHeap(record, at);
    }
  }

  private countsOf({ xid, lsn }: WalRecord): RowCounts {
    const { spcOid, dbOid, relNumber } = this.at;
    const { last } = this;
    if (last !== undefined && last.xid === xid && isOf(last, this.at)) return last;
    let ofXid = this.current.get(xid);
    if (ofXid === undefined) {
      ofXid = new CountsByRelation();
      this.current.set(xid, ofXid);
    }
    let counts = ofXid.get(this.at);
    if (counts === undefined) {
      counts = { lsn, xid, spcOid, dbOid, relNumber, deleted: 0, updated: 0 };
      this.rows.push(counts);
      ofXid.add(counts);
    }
    this.last = counts;
    return counts;
  }

  private end(xid: number): void {
    this.current.delete(xid);
    if (this.last?.xid === xid) this.last = undefined;
  }

  private index(record: WalRecord): void {
    const { at, lastIndex } = this;
    if (!at.seek(record)) return;
    const { spcOid, dbOid, relNumber } = at;
    if (relNumber === lastIndex.relNumber && dbOid === lastIndex.dbOid && spcOid === lastIndex.spcOid) return;
    this.lastIndex = { spcOid, dbOid, relNumber };
    this.indexes.add(relationKey(at));
  }
}

const isOf = (one: RelFileLocator, { spcOid, dbOid, relNumber }: RelFileLocator): boolean =>
  one.relNumber === relNumber && one.dbOid === dbOid && one.spcOid === spcOid;

/** Nearly all transactions change rows of fewer relations: a map for each of them would take longer than it saves. */
const FEW = 8;

/** The counts of a transaction, by relation. */
class CountsByRelation {
  private readonly few: RowCounts[] = [];
  private many: Map<string, RowCounts> | undefined;

  get(rel: RelFileLocator): RowCounts | undefined {
    return this.many ? this.many.get(relationKey(rel)) : this.few.find((one) => isOf(one, rel));
  }

  add(counts: RowCounts): void {
    if (this.many) this.many.set(relationKey(counts), counts);
    else if (this.few.push(counts) > FEW) {
      this.many = new Map(this.few.map((one) => [relationKey(one), one]));
    }
  }
}

function columnsOf(rows: readonly RowCounts[]): RowCountColumns {
  const columns: RowCountColumns = {
    lsns: new BigUint64Array(rows.length),
    xids: new Uint32Array(rows.length),
    relations: new Uint32Array(rows.length),
    deleted: new Uint32Array(rows.length),
    updated: new Uint32Array(rows.length),
    names: [],
  };
  const places = new Map<string, number>();
  rows.forEach((row, i) => {
    const name = relationKey(row);
    let place = places.get(name);
    if (place === undefined) {
      place = columns.names.push(name) - 1;
      places.set(name, place);
    }
    columns.lsns[i] = row.lsn;
    columns.xids[i] = row.xid;
    columns.relations[i] = place;
    columns.deleted[i] = row.deleted;
    columns.updated[i] = row.updated;
  });
  return columns;
}
