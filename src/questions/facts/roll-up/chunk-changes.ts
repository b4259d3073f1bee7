import type { Relation } from '../../../follow/relation.js';
import type { RowChanges } from '../../../follow/row-changes.js';
import type { RowsByEnd } from '../../../follow/rows-by-end.js';
import type { Lsn } from '../../../wal/lsn.js';
import type { ChangeColumns } from '../changes.js';
import type { ChunkEvents } from './chunk-events.js';
import type { RelationSum } from './relation-sum.js';

/** The changes of a chunk, of which most are summed up without an object for each. */
export class ChunkChanges {
  /** By row: it is to be summed up. */
  private readonly isSummed: Uint8Array;

  /** @param from where places are counted from */
  constructor(
    private readonly rows: ChangeColumns,
    private readonly from: Lsn,
  ) {
    this.isSummed = new Uint8Array(rows.columns.xid.length);
  }

  /** Whether the rows of an event, beginning with one, have no insertion that is open or was settled elsewhere. */
  areSettled(first: number, byEnd: RowsByEnd): boolean {
    const { speculative, settled } = this.rows;
    if (speculative.size + settled.size === 0) return true;
    for (let row = first; row >= 0; row = byEnd.after(row)) {
      if (speculative.has(row) || settled.has(row)) return false;
    }
    return true;
  }

  /** Notes that the rows of an event are to be summed up. */
  sumUp(first: number, byEnd: RowsByEnd): void {
    const { inserted, updated, deleted, moved } = this.rows.columns;
    for (let row = first; row >= 0; row = byEnd.after(row)) {
      if (inserted[row] + updated[row] + deleted[row] + moved[row] > 0) this.isSummed[row] = 1;
    }
  }

  of(first: number, byEnd: RowsByEnd): RowChanges[] {
    const all: RowChanges[] = [];
    for (let row = first; row >= 0; row = byEnd.after(row)) all.push(this.at(row));
    return all;
  }

  at(row: number): RowChanges {
    const { columns, relations, topXids, speculative, settled } = this.rows;
    const xid = columns.xid[row];
    const { inserted, deleted } = columns;
    const lastInsert = {
      ...{ lsn: this.lsnOf(columns.lastInsertAt[row]), xid },
      ...{ block: columns.lastInsertBlock[row], offset: columns.lastInsertOffset[row] },
    };
    return {
      ...{ relation: relations[columns.relation[row]], xid, topXid: topXids.get(row) ?? 0 },
      ...{ firstLsn: this.lsnOf(columns.firstAt[row]), lastLsn: this.lsnOf(columns.lastAt[row]) },
      ...{ inserted: inserted[row], updated: columns.updated[row], deleted: deleted[row] },
      moved: columns.moved[row],
      lastInsert: inserted[row] === 0 ? undefined : lastInsert,
      firstDelete: deleted[row] === 0 ? undefined : this.lsnOf(columns.firstDeleteAt[row]),
      lastDelete: deleted[row] === 0 ? undefined : this.lsnOf(columns.lastDeleteAt[row]),
      ...{ speculative: speculative.get(row), settled: settled.get(row) },
    };
  }

  private lsnOf(place: number): Lsn {
    return this.from + BigInt(place);
  }

  /**
   * Adds what is summed up to the sums of relations: of each so many of the newest one by one, since these may stay
   * rows.
   */
  addTo(sumOf: (relation: Relation) => RelationSum, events: ChunkEvents, newest: number): void {
    const { columns, relations } = this.rows;
    const older = new OlderSums(relations.length, columns);
    const counts = new Uint32Array(relations.length);
    for (let row = columns.xid.length - 1; row >= 0; row--) {
      if (this.isSummed[row] === 0) continue;
      const number = columns.relation[row];
      const event = columns.end[row] - 1;
      if (++counts[number] > newest) older.add(row, events.isCommit(event));
      else sumOf(relations[number]).add(this.at(row), events.at(event));
    }
    for (const [number, relation] of relations.entries()) {
      if (counts[number] <= newest) continue;
      const { insertRow, deleteRow, ...sums } = older.of(number);
      const endOf = (row: number) => ({ changes: this.at(row), end: events.at(columns.end[row] - 1) });
      sumOf(relation).addSums({
        ...sums,
        insert: insertRow < 0 ? undefined : endOf(insertRow),
        removal: deleteRow < 0 ? undefined : endOf(deleteRow),
      });
    }
  }
}

/** Sums of a chunk's relations, by their numbers. */
class OlderSums {
  private readonly committed: Uint32Array;
  private readonly aborted: Uint32Array;
  private readonly changed: Uint32Array;
  private readonly most: Uint32Array;
  /** The row with the last INSERT of those that committed, and that of the last commit of those that deleted; or -1. */
  private readonly insertRow: Int32Array;
  private readonly deleteRow: Int32Array;

  constructor(
    relations: number,
    private readonly columns: ChangeColumns['columns'],
  ) {
    this.committed = new Uint32Array(relations);
    this.aborted = new Uint32Array(relations);
    this.changed = new Uint32Array(relations);
    this.most = new Uint32Array(relations);
    this.insertRow = new Int32Array(relations).fill(-1);
    this.deleteRow = new Int32Array(relations).fill(-1);
  }

  add(row: number, isCommit: boolean): void {
    const { relation, inserted, updated, deleted, lastInsertAt, end } = this.columns;
    const number = relation[row];
    const rows = deleted[row] + updated[row];
    if (rows > 0) this.changed[number] = 1;
    if (!isCommit) {
      this.aborted[number]++;
      return;
    }
    this.committed[number]++;
    if (rows > this.most[number]) this.most[number] = rows;
    const insert = this.insertRow[number];
    if (inserted[row] > 0 && (insert < 0 || lastInsertAt[row] > lastInsertAt[insert])) {
      this.insertRow[number] = row;
    }
    const removal = this.deleteRow[number];
    if (deleted[row] > 0 && (removal < 0 || end[row] > end[removal])) this.deleteRow[number] = row;
  }

  of(number: number) {
    return {
      ...{ committed: this.committed[number], aborted: this.aborted[number] },
      ...{ isChanged: this.changed[number] === 1, mostRows: this.most[number] },
      ...{ insertRow: this.insertRow[number], deleteRow: this.deleteRow[number] },
    };
  }
}
