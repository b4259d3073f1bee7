import { isSameFile, type Relation, relationOf } from '../../follow/relation.js';
import type { RelationAt } from '../../follow/relation-at.js';
import { type RowSink, scanPart, type WalPart, type WalScan } from '../../follow/scanner.js';
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
export const scanForIncidents = (segment: Segment, endLsn: Lsn): IncidentPart =>
  scanPart(segment, incidentScan(endLsn));

/**
 * `flags` of `xl_heap_delete`: what an INSERT … ON CONFLICT withdrew, rows that went to another partition, and what
 * REPACK (CONCURRENTLY) repeats.
 */
const DELETE_FLAGS = 7;
const NO_DELETION = XLH_DELETE_IS_SUPER | XLH_DELETE_IS_PARTITION_MOVE | XLH_DELETE_NO_LOGICAL;

/** What a transaction id did to the rows of a relation. */
interface RowTally extends RelFileLocator {
  xid: number;
  firstLo: number;
  firstHi: number;
  lastLo: number;
  lastHi: number;
  deleted: number;
  updated: number;
  end: number;
}

class RowCountsSink implements RowSink<IncidentRows> {
  private readonly rows: RowTally[] = [];
  /** Those of transaction ids that have not come to an end. */
  private readonly current = new Map<number, CountsByRelation>();
  private last: RowTally | undefined;
  private readonly indexes = new Set<string>();
  /** The index that the last record of an index went to: most go where the one before went. */
  private lastIndex: RelFileLocator = { spcOid: 0, dbOid: 0, relNumber: 0 };

  build(): IncidentRows {
    return { ...columnsOf(this.rows), indexes: [...this.indexes] };
  }

  take(record: WalRecord, at: RelationAt): boolean {
    if (record.rmid !== RM_HEAP_ID) return true;
    switch (record.info & XLOG_HEAP_OPMASK) {
      case XLOG_HEAP_DELETE:
        if (record.mainLength <= DELETE_FLAGS) return false;
        if ((record.main.u8(DELETE_FLAGS) & NO_DELETION) === 0) this.countsOf(record, at).deleted++;
        break;
      case XLOG_HEAP_UPDATE:
      case XLOG_HEAP_HOT_UPDATE:
        this.countsOf(record, at).updated++;
    }
    return true;
  }

  private countsOf(record: WalRecord, at: RelationAt): RowTally {
    const counts = this.find(record, at);
    counts.lastLo = record.lsnLo;
    counts.lastHi = record.lsnHi;
    return counts;
  }

  private find({ xid, lsnLo, lsnHi }: WalRecord, at: RelationAt): RowTally {
    const { last } = this;
    if (last !== undefined && last.xid === xid && isSameFile(last, at)) return last;
    let ofXid = this.current.get(xid);
    if (ofXid === undefined) {
      ofXid = new CountsByRelation();
      this.current.set(xid, ofXid);
    }
    let counts = ofXid.get(at);
    if (counts === undefined) {
      const { spcOid, dbOid, relNumber } = at;
      counts = {
        xid,
        spcOid,
        dbOid,
        relNumber,
        firstLo: lsnLo,
        firstHi: lsnHi,
        lastLo: lsnLo,
        lastHi: lsnHi,
        deleted: 0,
        updated: 0,
        end: 0,
      };
      this.rows.push(counts);
      ofXid.add(counts);
    }
    this.last = counts;
    return counts;
  }

  end(xid: number, event: number): void {
    const ofXid = this.current.get(xid);
    if (ofXid === undefined) return;
    ofXid.end(event);
    this.current.delete(xid);
    if (this.last?.xid === xid) this.last = undefined;
  }

  cut(): void {
    this.current.clear();
    this.last = undefined;
  }

  takeIndex(record: WalRecord, at: RelationAt): void {
    if (!at.seek(record) || isSameFile(at, this.lastIndex)) return;
    const { spcOid, dbOid, relNumber } = at;
    this.lastIndex = { spcOid, dbOid, relNumber };
    this.indexes.add(formatLocator(at));
  }
}

/** Nearly all transactions change rows of fewer relations, which a list tells sooner than a map that is to be made. */
const FEW = 8;

/** The counts of a transaction, by relation. */
class CountsByRelation {
  private readonly few: RowTally[] = [];
  private many: Map<string, RowTally> | undefined;

  get(rel: RelFileLocator): RowTally | undefined {
    return this.many ? this.many.get(formatLocator(rel)) : this.few.find((one) => isSameFile(one, rel));
  }

  add(counts: RowTally): void {
    if (this.many) this.many.set(formatLocator(counts), counts);
    else if (this.few.push(counts) > FEW) {
      this.many = new Map(this.few.map((one) => [formatLocator(one), one]));
    }
  }

  end(event: number): void {
    for (const counts of this.many?.values() ?? this.few) counts.end = event + 1;
  }
}

function columnsOf(rows: readonly RowTally[]): Pick<IncidentRows, 'counts' | 'relations'> {
  const counts: RowCountColumns = {
    lsns: new BigUint64Array(rows.length),
    lastLsns: new BigUint64Array(rows.length),
    xids: new Uint32Array(rows.length),
    relations: new Uint32Array(rows.length),
    deleted: new Uint32Array(rows.length),
    updated: new Uint32Array(rows.length),
    ends: new Uint32Array(rows.length),
  };
  // in halves, since bigints would have to be made for each (docs/decisions/records.md)
  const first = new Uint32Array(counts.lsns.buffer);
  const last = new Uint32Array(counts.lastLsns.buffer);
  const relations: Relation[] = [];
  const places = new Map<string, number>();
  rows.forEach((row, i) => {
    const key = formatLocator(row);
    let place = places.get(key);
    if (place === undefined) {
      place = relations.push(relationOf(row)) - 1;
      places.set(key, place);
    }
    first[2 * i] = row.firstLo;
    first[2 * i + 1] = row.firstHi;
    last[2 * i] = row.lastLo;
    last[2 * i + 1] = row.lastHi;
    counts.xids[i] = row.xid;
    counts.relations[i] = place;
    counts.deleted[i] = row.deleted;
    counts.updated[i] = row.updated;
    counts.ends[i] = row.end;
  });
  return { counts, relations };
}
