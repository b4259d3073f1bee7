import type { KeepColumn } from '../../follow/columns.js';
import { isSameFile, type Relation, relationOf } from '../../follow/relation.js';
import type { RelationAt } from '../../follow/relation-at.js';
import { type RowSink, scanPart, type WalPart, type WalScan } from '../../follow/scanner.js';
import { Spare } from '../../follow/spare.js';
import type { Segment } from '../../reader/segment.js';
import {
  XLH_DELETE_IS_PARTITION_MOVE,
  XLH_DELETE_IS_SUPER,
  XLH_DELETE_NO_LOGICAL,
  XLOG_HEAP_DELETE,
  XLOG_HEAP_HOT_UPDATE,
  XLOG_HEAP_OPMASK,
  XLOG_HEAP_UPDATE,
} from '../../rmgr/heap.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID } from '../../wal/rmgr-id.js';

/**
 * How many rows transaction ids deleted and updated in relations, in the order of the first record of each. In
 * columns, as transaction events are: a segment may hold 60,000 of these.
 */
export interface RowCountColumns {
  /** Of the first record, and of the last one. */
  lsns: BigUint64Array;
  lastLsns: BigUint64Array;
  xids: Uint32Array;
  /** Where {@link IncidentRows.relations} has the relation. */
  relations: Uint32Array;
  deleted: Uint32Array;
  updated: Uint32Array;
  /** One more than the index of the event that ends the transaction id within the stretch; 0 where none does. */
  ends: Uint32Array;
}

/** What the records of a stretch of WAL say of rows. */
export interface IncidentRows {
  counts: RowCountColumns;
  relations: Relation[];
  /** Keys of relations that records of indexes and sequences go to. */
  indexes: string[];
}

/** What is kept of one segment: plain data. */
export type IncidentPart = WalPart<IncidentRows>;

export const incidentScan = (endLsn?: Lsn): WalScan<IncidentRows> => ({
  endLsn,
  newSink: () => new RowCountsSink(),
});

/** Scans one segment on its own, up to where its WAL ends for this purpose. */
export const scanForIncidents = (segment: Segment, endLsn: Lsn, keep?: KeepColumn): IncidentPart =>
  scanPart(segment, incidentScan(endLsn), keep);

/**
 * `flags` of `xl_heap_delete`: what an INSERT … ON CONFLICT withdrew, rows that went to another partition, and what
 * REPACK (CONCURRENTLY) repeats.
 */
const DELETE_FLAGS = 7;
const NO_DELETION = XLH_DELETE_IS_SUPER | XLH_DELETE_IS_PARTITION_MOVE | XLH_DELETE_NO_LOGICAL;

class RowCountsSink implements RowSink<IncidentRows> {
  private readonly rows = new RowCountsBuilder();
  private readonly indexes = new Set<string>();
  /** The index that the last record of an index went to: most go where the one before went. */
  private lastIndex: RelFileLocator = { spcOid: 0, dbOid: 0, relNumber: 0 };

  build(keep: KeepColumn): IncidentRows {
    return { ...this.rows.build(keep), indexes: [...this.indexes] };
  }

  take(record: WalRecord, at: RelationAt): boolean {
    if (record.rmid !== RM_HEAP_ID) return true;
    switch (record.info & XLOG_HEAP_OPMASK) {
      case XLOG_HEAP_DELETE:
        if (record.mainLength <= DELETE_FLAGS) return false;
        if ((record.main.u8(DELETE_FLAGS) & NO_DELETION) === 0) this.rows.add('deleted', record, at);
        break;
      case XLOG_HEAP_UPDATE:
      case XLOG_HEAP_HOT_UPDATE:
        this.rows.add('updated', record, at);
    }
    return true;
  }

  end(xid: number, event: number): void {
    this.rows.end(xid, event);
  }

  cut(): void {
    this.rows.cut();
  }

  takeIndex(record: WalRecord, at: RelationAt): void {
    if (!at.seek(record) || isSameFile(at, this.lastIndex)) return;
    const { spcOid, dbOid, relNumber } = at;
    this.lastIndex = { spcOid, dbOid, relNumber };
    this.indexes.add(formatLocator(at));
  }
}

/** A transaction changes rows of few relations as a rule: of more, a map tells the row of one. */
const FEW = 8;

/** Puts {@link RowCountColumns} together, record by record. */
class RowCountsBuilder {
  private counts = spare.take();
  private size = this.counts.xids.length;
  /** LSNs in halves, since bigints would have to be made for each (docs/decisions/records.md). */
  private first = new Uint32Array(this.counts.lsns.buffer);
  private lastOnes = new Uint32Array(this.counts.lastLsns.buffer);
  /** One more than the row before it with the same transaction id, unless that has ended; 0 for none. */
  private previous = new Uint32Array(this.size);
  private count = 0;
  private readonly relations: Relation[] = [];
  /** Their numbers, by key. */
  private readonly numbers = new Map<string, number>();
  /** The relation of the last record: most changes go where the one before went. */
  private lastRelation = -1;
  /** Of each transaction id that has not come to an end, its last row. */
  private readonly current = new Map<number, number>();
  /** Of those that changed rows of many relations, the rows by relation. */
  private readonly many = new Map<number, Map<number, number>>();

  add(what: 'deleted' | 'updated', record: WalRecord, at: RelationAt): void {
    const row = this.rowOf(record, this.numberOf(at));
    this.counts[what][row]++;
    this.lastOnes[2 * row] = record.lsnLo;
    this.lastOnes[2 * row + 1] = record.lsnHi;
  }

  private numberOf(at: RelationAt): number {
    const { lastRelation } = this;
    if (lastRelation >= 0 && isSameFile(this.relations[lastRelation], at)) return lastRelation;
    const key = formatLocator(at);
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.relations.push(relationOf(at)) - 1;
      this.numbers.set(key, number);
    }
    this.lastRelation = number;
    return number;
  }

  private rowOf(record: WalRecord, relation: number): number {
    const { xid } = record;
    const known = this.many.get(xid);
    if (known !== undefined) return known.get(relation) ?? this.begin(record, relation);
    let steps = 0;
    for (let row = this.current.get(xid) ?? -1; row >= 0; row = this.previous[row] - 1) {
      if (this.counts.relations[row] === relation) return row;
      steps++;
    }
    if (steps >= FEW) this.many.set(xid, this.rowsOf(xid));
    return this.begin(record, relation);
  }

  private rowsOf(xid: number): Map<number, number> {
    const rows = new Map<number, number>();
    for (let row = this.current.get(xid) ?? -1; row >= 0; row = this.previous[row] - 1) {
      rows.set(this.counts.relations[row], row);
    }
    return rows;
  }

  private begin({ xid, lsnLo, lsnHi }: WalRecord, relation: number): number {
    const row = this.count++;
    if (row === this.size) this.grow();
    this.first[2 * row] = lsnLo;
    this.first[2 * row + 1] = lsnHi;
    this.counts.xids[row] = xid;
    this.counts.relations[row] = relation;
    this.counts.deleted[row] = 0;
    this.counts.updated[row] = 0;
    this.counts.ends[row] = 0;
    this.previous[row] = (this.current.get(xid) ?? -1) + 1;
    this.current.set(xid, row);
    this.many.get(xid)?.set(relation, row);
    return row;
  }

  private grow(): void {
    const { counts, previous } = this;
    this.size *= 2;
    this.counts = columnsOf(this.size);
    for (const [name, column] of Object.entries(this.counts)) {
      column.set(counts[name as keyof RowCountColumns] as Uint32Array & BigUint64Array);
    }
    this.first = new Uint32Array(this.counts.lsns.buffer);
    this.lastOnes = new Uint32Array(this.counts.lastLsns.buffer);
    this.previous = new Uint32Array(this.size);
    this.previous.set(previous);
  }

  end(xid: number, event: number): void {
    for (let row = this.current.get(xid) ?? -1; row >= 0; row = this.previous[row] - 1) {
      this.counts.ends[row] = event + 1;
    }
    this.current.delete(xid);
    this.many.delete(xid);
  }

  cut(): void {
    this.current.clear();
    this.many.clear();
  }

  /** No more can be added after that. */
  build(keep: KeepColumn): Pick<IncidentRows, 'counts' | 'relations'> {
    const { counts, count, relations } = this;
    const built = {
      counts: {
        lsns: keep(counts.lsns.subarray(0, count)),
        lastLsns: keep(counts.lastLsns.subarray(0, count)),
        xids: keep(counts.xids.subarray(0, count)),
        relations: keep(counts.relations.subarray(0, count)),
        deleted: keep(counts.deleted.subarray(0, count)),
        updated: keep(counts.updated.subarray(0, count)),
        ends: keep(counts.ends.subarray(0, count)),
      },
      relations,
    };
    spare.giveBack(counts);
    return built;
  }
}

const spare = new Spare(
  () => columnsOf(64),
  (columns) => Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0),
);

function columnsOf(size: number): RowCountColumns {
  return {
    lsns: new BigUint64Array(size),
    lastLsns: new BigUint64Array(size),
    xids: new Uint32Array(size),
    relations: new Uint32Array(size),
    deleted: new Uint32Array(size),
    updated: new Uint32Array(size),
    ends: new Uint32Array(size),
  };
}
