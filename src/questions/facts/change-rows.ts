import { RowChangesAt, type RowChangesTable } from '../../follow/row-changes.js';
import type { TransactionEvents } from '../../follow/transaction-events.js';
import type { Lsn } from '../../wal/lsn.js';
import type { ColumnsOf } from './parquet.js';

/**
 * The table `changes`: by relation, then in the order of the first record, so that what is asked of one relation lies
 * together, and neighbours are alike.
 * @param from of the segment
 * @returns where each row of the table given is now, beside the columns
 */
export function changeRows(
  table: RowChangesTable,
  events: TransactionEvents,
  from: Lsn,
): { columns: ColumnsOf<'changes'>; places: Uint32Array } {
  const rows = new RowChangesAt(table);
  const all = rows.columns(from);
  rows.release();
  const order = orderOf(all.relation, table.relations.length);
  const { inserted, deleted, firstAt } = all;
  const ends = Int32Array.from(events.lsns, (lsn) => Number(lsn - from));
  const topXids = new Uint32Array(table.length);
  for (const [row, topXid] of table.topXids) topXids[row] = topXid;
  const places = new Uint32Array(table.length);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  const numbers = (field: 'spcOid' | 'dbOid' | 'relNumber'): Uint32Array =>
    inOrder(
      order,
      valuesOf(
        all.relation,
        Uint32Array.from(table.relations, (one) => one[field]),
      ),
    );
  const columns = {
    xid: inOrder(order, all.xid),
    top_xid: inOrder(order, topXids),
    tablespace: numbers('spcOid'),
    database: numbers('dbOid'),
    relfilenode: numbers('relNumber'),
    first_at: placesInOrder(order, firstAt),
    last_after: placesInOrder(order, behind(all.lastAt, firstAt)),
    end_after: placesInOrder(order, behind(endsOf(all.end, ends), firstAt, all.end)),
    inserted: inOrder(order, inserted),
    updated: inOrder(order, all.updated),
    deleted: inOrder(order, deleted),
    moved: inOrder(order, all.moved),
    last_insert_after: placesInOrder(order, behind(all.lastInsertAt, firstAt, inserted)),
    last_insert_block: inOrder(order, all.lastInsertBlock),
    last_insert_offset: inOrder(order, all.lastInsertOffset),
    first_delete_after: placesInOrder(order, behind(all.firstDeleteAt, firstAt, deleted)),
    last_delete_after: placesInOrder(order, behind(all.lastDeleteAt, firstAt, deleted)),
  };
  return { columns, places };
}

// loops, since `Uint32Array.from` with a function takes ten times as long

function inOrder(order: Uint32Array, column: Uint32Array): Uint32Array {
  const sorted = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[i] = column[order[i]];
  return sorted;
}

function placesInOrder(order: Uint32Array, column: Int32Array): Int32Array {
  const sorted = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[i] = column[order[i]];
  return sorted;
}

function valuesOf(numbers: Uint32Array, values: Uint32Array): Uint32Array {
  const of = new Uint32Array(numbers.length);
  for (let i = 0; i < of.length; i++) of[i] = values[numbers[i]];
  return of;
}

/** Where the events are that end transaction ids. */
function endsOf(numbers: Uint32Array, places: Int32Array): Int32Array {
  const of = new Int32Array(numbers.length);
  for (let i = 0; i < of.length; i++) if (numbers[i] !== 0) of[i] = places[numbers[i] - 1];
  return of;
}

/** How far behind the first record. @param count 0 where there is no place */
function behind(column: Int32Array, first: Int32Array, count?: Uint32Array): Int32Array {
  const distances = new Int32Array(column.length);
  for (let i = 0; i < column.length; i++) {
    if (count === undefined || count[i] !== 0) distances[i] = column[i] - first[i];
  }
  return distances;
}

/** Rows by the number of their relation, those of one in their order. */
function orderOf(relations: Uint32Array, count: number): Uint32Array {
  const next = new Uint32Array(count + 1);
  for (const relation of relations) next[relation + 1]++;
  for (let i = 0; i < count; i++) next[i + 1] += next[i];
  const order = new Uint32Array(relations.length);
  for (let row = 0; row < relations.length; row++) order[next[relations[row]]++] = row;
  return order;
}
