import type { Lsn } from '../wal/lsn.js';
import { INVALID_XID, type WalRecord } from '../wal/record.js';
import type { KeepColumn } from './columns.js';
import { packRows, unpackRows } from './packed-rows.js';
import type { Relation } from './relation.js';
import { RowsByEnd } from './rows-by-end.js';
import { Spare } from './spare.js';

/** Where a row was inserted, and by which record. */
export interface RowInsert {
  lsn: Lsn;
  /** The record's own xid: a subtransaction's, if one wrote it. */
  xid: number;
  block: number;
  /** Line pointer; the last one where a record inserts several rows (COPY). */
  offset: number;
}

/** What one transaction id did to the rows of one relation. */
export interface RowChanges {
  relation: Relation;
  xid: number;
  /** What it is a subtransaction of, where a record says so; else 0. */
  topXid: number;
  firstLsn: Lsn;
  lastLsn: Lsn;
  inserted: number;
  updated: number;
  deleted: number;
  /** Taken out by an UPDATE that put them into another partition. */
  moved: number;
  lastInsert: RowInsert | undefined;
  firstDelete: Lsn | undefined;
  lastDelete: Lsn | undefined;
  /** An insertion that INSERT … ON CONFLICT has neither confirmed nor withdrawn so far; not counted yet. */
  speculative: RowInsert | undefined;
  /** What became, as the first thing here, of a speculative insertion that came before. */
  settled: 'confirmed' | 'withdrawn' | undefined;
}

/**
 * {@link RowChanges} of a stretch of WAL, in the order of their first record: plain data, which
 * {@link RowChangesAt} reads. One array of numbers, for a segment may hold changes of 40,000 transactions
 * (docs/decisions/columns.md).
 */
export interface RowChangesTable {
  /** How many. */
  length: number;
  /** {@link ROW_SIZE} numbers for each, packed by {@link packRows}. */
  rows: Uint32Array;
  /** By their numbers in the rows. */
  relations: Relation[];
  /** By row, where there are any. */
  topXids: Map<number, number>;
  speculative: Map<number, RowInsert>;
  settled: Map<number, 'confirmed' | 'withdrawn'>;
}

const ROW_SIZE = 20;

/** So many rows of a transaction id are looked at one by one. */
const FEW = 8;

/** LSNs, the low half first, at even places; 0 where there is none. */
const FIRST_LSN = 0;
const LAST_LSN = 2;
const LAST_INSERT = 4;
const FIRST_DELETE = 6;
const LAST_DELETE = 8;
const RELATION = 10;
const XID = 11;
/**
 * One more than the number of the row before it with the same transaction id, unless that has ended; 0 for none. Only
 * while the table is put together.
 */
const PREVIOUS = 12;
const INSERTED = 13;
const UPDATED = 14;
const DELETED = 15;
const MOVED = 16;
/** Of the last INSERT. */
const BLOCK = 17;
const OFFSET = 18;
/** One more than the index of the event that ends the transaction id within the stretch; 0 where none does. */
const END = 19;

const spare = new Spare(
  () => new Uint32Array(64 * ROW_SIZE),
  ({ byteLength }) => byteLength,
);

/** Spare memory for so many numbers; where there is too little, as much as a builder would have made. */
function roomFor(size: number): Uint32Array<ArrayBuffer> {
  const room = spare.take();
  return room.length < size ? new Uint32Array(2 ** Math.ceil(Math.log2(size / ROW_SIZE)) * ROW_SIZE) : room;
}

/** Puts a {@link RowChangesTable} together, record by record. */
export class RowChangesBuilder {
  private rows = spare.take();
  private count = 0;
  private readonly relations: Relation[] = [];
  /** Their numbers, by key. */
  private readonly numbers = new Map<string, number>();
  private readonly topXids = new Map<number, number>();
  private readonly speculative = new Map<number, RowInsert>();
  private readonly settled = new Map<number, 'confirmed' | 'withdrawn'>();
  /** Of each transaction id that has not come to an end, its last row. */
  private readonly current = new Map<number, number>();
  /** Of those that changed many relations, their rows by the relations' numbers. */
  private readonly rowsOfMany = new Map<number, Map<number, number>>();

  /** Finds, or begins, the row that a record changes. */
  rowOf(record: WalRecord, relation: Relation): number {
    const number = this.numberOf(relation);
    const last = this.current.get(record.xid) ?? -1;
    const row = this.find(last, record.xid, number) ?? this.begin(record, number, last);
    this.setLsn(row, LAST_LSN, record);
    if (record.toplevelXid !== INVALID_XID && !this.topXids.has(row))
      this.topXids.set(row, record.toplevelXid);
    return row;
  }

  /**
   * The row of a transaction id for a relation. Nearly all change few relations; what changes many is found by number.
   * @param last the last row of the transaction id, or -1
   */
  private find(last: number, xid: number, relation: number): number | undefined {
    let row = last;
    for (let steps = 0; row >= 0; row = this.previous(row)) {
      if (this.rows[row * ROW_SIZE + RELATION] === relation) return row;
      if (++steps > FEW) return (this.rowsOfMany.get(xid) ?? this.indexRows(xid, last)).get(relation);
    }
    return undefined;
  }

  /** The row before this one with the same transaction id, or -1. */
  private previous(row: number): number {
    return this.rows[row * ROW_SIZE + PREVIOUS] - 1;
  }

  private numberOf(relation: Relation): number {
    const known = this.numbers.get(relation.key);
    if (known !== undefined) return known;
    const number = this.relations.push(relation) - 1;
    this.numbers.set(relation.key, number);
    return number;
  }

  private begin(record: WalRecord, relation: number, previous: number): number {
    const row = this.count++;
    if (this.rows.length < this.count * ROW_SIZE) {
      const grown = new Uint32Array(2 * this.rows.length);
      grown.set(this.rows);
      this.rows = grown;
    }
    for (let at = row * ROW_SIZE; at < this.count * ROW_SIZE; at++) this.rows[at] = 0;
    this.rows[row * ROW_SIZE + RELATION] = relation;
    this.rows[row * ROW_SIZE + XID] = record.xid;
    this.rows[row * ROW_SIZE + PREVIOUS] = previous + 1;
    this.setLsn(row, FIRST_LSN, record);
    this.current.set(record.xid, row);
    this.rowsOfMany.get(record.xid)?.set(relation, row);
    return row;
  }

  private indexRows(xid: number, last: number): Map<number, number> {
    const rows = new Map<number, number>();
    for (let row = last; row >= 0; row = this.previous(row)) {
      rows.set(this.rows[row * ROW_SIZE + RELATION], row);
    }
    this.rowsOfMany.set(xid, rows);
    return rows;
  }

  private setLsn(row: number, field: number, { lsnHi, lsnLo }: WalRecord): void {
    const at = row * ROW_SIZE + field;
    this.rows[at] = lsnLo;
    this.rows[at + 1] = lsnHi;
  }

  /** @param offset of the last of them */
  insert(row: number, record: WalRecord, rows: number, block: number, offset: number): void {
    const at = row * ROW_SIZE;
    this.rows[at + INSERTED] += rows;
    this.rows[at + BLOCK] = block;
    this.rows[at + OFFSET] = offset;
    this.setLsn(row, LAST_INSERT, record);
  }

  insertSpeculatively(row: number, { lsn, xid }: WalRecord, block: number, offset: number): void {
    this.speculative.set(row, { lsn, xid, block, offset });
  }

  /** A session has one speculative insertion at a time, which it settles before its next change. */
  settle(row: number, settled: 'confirmed' | 'withdrawn'): void {
    const speculative = this.speculative.get(row);
    if (speculative === undefined) {
      if (!this.settled.has(row)) this.settled.set(row, settled);
      return;
    }
    this.speculative.delete(row);
    if (settled === 'withdrawn') return;
    const { lsn, block, offset } = speculative;
    const at = row * ROW_SIZE;
    this.rows[at + INSERTED]++;
    this.rows[at + BLOCK] = block;
    this.rows[at + OFFSET] = offset;
    this.rows[at + LAST_INSERT] = Number(lsn & 0xffffffffn);
    this.rows[at + LAST_INSERT + 1] = Number(lsn >> 32n);
  }

  update(row: number): void {
    this.rows[row * ROW_SIZE + UPDATED]++;
  }

  delete(row: number, record: WalRecord): void {
    if (this.rows[row * ROW_SIZE + DELETED]++ === 0) this.setLsn(row, FIRST_DELETE, record);
    this.setLsn(row, LAST_DELETE, record);
  }

  moveAway(row: number): void {
    this.rows[row * ROW_SIZE + MOVED]++;
  }

  /** A transaction id has come to an end, by the event of this index: what comes under that number is another's. */
  end(xid: number, event: number): void {
    const last = this.current.get(xid);
    if (last === undefined) return;
    for (let row = last; row >= 0; row = this.previous(row)) this.rows[row * ROW_SIZE + END] = event + 1;
    this.current.delete(xid);
    this.rowsOfMany.delete(xid);
  }

  /** All transaction ids have come to an end, by no event of their own. */
  cut(): void {
    this.current.clear();
    this.rowsOfMany.clear();
  }

  /** No more can be added after that. */
  build(keep: KeepColumn): RowChangesTable {
    const { count: length, relations, topXids, speculative, settled } = this;
    const rows = keep(packRows(this.rows, length, ROW_SIZE, PREVIOUS));
    spare.giveBack(this.rows);
    return { length, rows, relations, topXids, speculative, settled };
  }
}

/** {@link RowChanges} in columns. Places are in bytes from a position; 0 stands for none. */
export interface RowChangesColumns {
  xid: Uint32Array;
  /** Where {@link RowChangesTable.relations} has the relation. */
  relation: Uint32Array;
  /** One more than the index of the event that ends the transaction id within the stretch; 0 where none does. */
  end: Uint32Array;
  firstAt: Int32Array;
  lastAt: Int32Array;
  inserted: Uint32Array;
  updated: Uint32Array;
  deleted: Uint32Array;
  moved: Uint32Array;
  lastInsertAt: Int32Array;
  lastInsertBlock: Uint32Array;
  lastInsertOffset: Uint32Array;
  firstDeleteAt: Int32Array;
  lastDeleteAt: Int32Array;
}

const changesColumns = (length: number): RowChangesColumns => ({
  xid: new Uint32Array(length),
  relation: new Uint32Array(length),
  end: new Uint32Array(length),
  firstAt: new Int32Array(length),
  lastAt: new Int32Array(length),
  inserted: new Uint32Array(length),
  updated: new Uint32Array(length),
  deleted: new Uint32Array(length),
  moved: new Uint32Array(length),
  lastInsertAt: new Int32Array(length),
  lastInsertBlock: new Uint32Array(length),
  lastInsertOffset: new Uint32Array(length),
  firstDeleteAt: new Int32Array(length),
  lastDeleteAt: new Int32Array(length),
});

/** Reads a {@link RowChangesTable}, until its {@link release}: stands for one row after the other. */
export class RowChangesAt implements Omit<RowChanges, 'relation'> {
  readonly length: number;
  private at = 0;
  private row = 0;
  private readonly rows: Uint32Array<ArrayBuffer>;
  private readonly lsns: BigUint64Array;

  constructor(private readonly table: RowChangesTable) {
    this.length = table.length;
    this.rows = roomFor(this.length * ROW_SIZE);
    unpackRows(table.rows, this.length, ROW_SIZE, this.rows);
    this.lsns = new BigUint64Array(this.rows.buffer);
  }

  /** Lets its memory be used for another table. */
  release(): void {
    spare.giveBack(this.rows);
  }

  /** Moves to this row. */
  seek(row: number): this {
    this.row = row;
    this.at = row * ROW_SIZE;
    return this;
  }

  /** How far the position in a field lies behind another one, whose low half is given; 0 where there is none. */
  private distance(field: number, fromLo: number): number {
    const lo = this.rows[this.at + field];
    return lo === 0 && this.rows[this.at + field + 1] === 0 ? 0 : (lo - fromLo) >>> 0;
  }

  /** All rows in columns. @param from a position before all of theirs, at most 2^31 bytes */
  columns(from: Lsn): RowChangesColumns {
    const { length } = this;
    const columns = changesColumns(length);
    const fromLo = Number(from & 0xffffffffn);
    for (let row = 0; row < length; row++) {
      this.seek(row);
      columns.xid[row] = this.rows[this.at + XID];
      columns.relation[row] = this.rows[this.at + RELATION];
      columns.end[row] = this.rows[this.at + END];
      columns.firstAt[row] = this.distance(FIRST_LSN, fromLo);
      columns.lastAt[row] = this.distance(LAST_LSN, fromLo);
      columns.inserted[row] = this.rows[this.at + INSERTED];
      columns.updated[row] = this.rows[this.at + UPDATED];
      columns.deleted[row] = this.rows[this.at + DELETED];
      columns.moved[row] = this.rows[this.at + MOVED];
      columns.lastInsertAt[row] = this.distance(LAST_INSERT, fromLo);
      columns.lastInsertBlock[row] = this.rows[this.at + BLOCK];
      columns.lastInsertOffset[row] = this.rows[this.at + OFFSET];
      columns.firstDeleteAt[row] = this.distance(FIRST_DELETE, fromLo);
      columns.lastDeleteAt[row] = this.distance(LAST_DELETE, fromLo);
    }
    return columns;
  }

  private lsn(field: number): Lsn | undefined {
    return this.lsns[(this.at + field) >> 1] || undefined;
  }

  get relation(): Relation {
    return this.table.relations[this.rows[this.at + RELATION]];
  }

  get xid(): number {
    return this.rows[this.at + XID];
  }

  get topXid(): number {
    return this.table.topXids.get(this.row) ?? INVALID_XID;
  }

  get firstLsn(): Lsn {
    return this.lsns[(this.at + FIRST_LSN) >> 1];
  }

  get lastLsn(): Lsn {
    return this.lsns[(this.at + LAST_LSN) >> 1];
  }

  get inserted(): number {
    return this.rows[this.at + INSERTED];
  }

  get updated(): number {
    return this.rows[this.at + UPDATED];
  }

  get deleted(): number {
    return this.rows[this.at + DELETED];
  }

  get moved(): number {
    return this.rows[this.at + MOVED];
  }

  get lastInsert(): RowInsert | undefined {
    const lsn = this.lsn(LAST_INSERT);
    if (lsn === undefined) return undefined;
    return { lsn, xid: this.xid, block: this.rows[this.at + BLOCK], offset: this.rows[this.at + OFFSET] };
  }

  get firstDelete(): Lsn | undefined {
    return this.lsn(FIRST_DELETE);
  }

  get lastDelete(): Lsn | undefined {
    return this.lsn(LAST_DELETE);
  }

  get speculative(): RowInsert | undefined {
    return this.table.speculative.get(this.row);
  }

  get settled(): 'confirmed' | 'withdrawn' | undefined {
    return this.table.settled.get(this.row);
  }

  /** The index of the event that ends the transaction id within the table's stretch of WAL; -1 where none does. */
  get endEvent(): number {
    return this.rows[this.at + END] - 1;
  }

  /** The row by itself. */
  get changes(): RowChanges {
    const { relation, xid, topXid, firstLsn, lastLsn, inserted, updated, deleted, moved } = this;
    const { lastInsert, firstDelete, lastDelete, speculative, settled } = this;
    return {
      relation,
      xid,
      topXid,
      firstLsn,
      lastLsn,
      inserted,
      updated,
      deleted,
      moved,
      lastInsert,
      firstDelete,
      lastDelete,
      speculative,
      settled,
    };
  }

  /** The rows by the events that end their transaction ids, of which there are so many. */
  byEnd(events: number): RowsByEnd {
    return new RowsByEnd(events, this.length, (row) => this.seek(row).endEvent);
  }
}

/** The changes of the same transaction id to the same relation, of which `b` come later. */
export function concatChanges(a: RowChanges, b: RowChanges): RowChanges {
  const both: RowChanges = {
    relation: a.relation,
    xid: a.xid,
    topXid: a.topXid || b.topXid,
    firstLsn: a.firstLsn,
    lastLsn: b.lastLsn,
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    deleted: a.deleted + b.deleted,
    moved: a.moved + b.moved,
    lastInsert: b.lastInsert ?? a.lastInsert,
    firstDelete: a.firstDelete ?? b.firstDelete,
    lastDelete: b.lastDelete ?? a.lastDelete,
    speculative: b.speculative,
    settled: a.settled,
  };
  const pending = a.speculative;
  if (pending !== undefined && b.settled === 'confirmed') {
    both.inserted++;
    both.lastInsert = b.lastInsert ?? pending;
  }
  if (pending !== undefined && b.settled === undefined) both.speculative ??= pending;
  return both;
}

/** Makes a table of columns: the reverse of {@link RowChangesAt.columns}. */
export function tableOfColumns(
  columns: RowChangesColumns,
  from: Lsn,
  rest: Omit<RowChangesTable, 'length' | 'rows'>,
  keep: KeepColumn,
): RowChangesTable {
  const { length } = columns.xid;
  const rows = new Uint32Array(Math.max(1, length) * ROW_SIZE);
  const setPlace = (at: number, place: number): void => {
    if (place === 0) return;
    const lsn = from + BigInt(place);
    rows[at] = Number(lsn & 0xffffffffn);
    rows[at + 1] = Number(lsn >> 32n);
  };
  for (let row = 0; row < length; row++) {
    const at = row * ROW_SIZE;
    setPlace(at + FIRST_LSN, columns.firstAt[row]);
    setPlace(at + LAST_LSN, columns.lastAt[row]);
    setPlace(at + LAST_INSERT, columns.lastInsertAt[row]);
    setPlace(at + FIRST_DELETE, columns.firstDeleteAt[row]);
    setPlace(at + LAST_DELETE, columns.lastDeleteAt[row]);
    rows[at + RELATION] = columns.relation[row];
    rows[at + XID] = columns.xid[row];
    rows[at + INSERTED] = columns.inserted[row];
    rows[at + UPDATED] = columns.updated[row];
    rows[at + DELETED] = columns.deleted[row];
    rows[at + MOVED] = columns.moved[row];
    rows[at + BLOCK] = columns.lastInsertBlock[row];
    rows[at + OFFSET] = columns.lastInsertOffset[row];
    rows[at + END] = columns.end[row];
  }
  return { ...rest, length, rows: keep(packRows(rows, length, ROW_SIZE, PREVIOUS)) };
}
