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
  const ends = Int32Array.from(events.lsns, (lsn) => Number(lsn - from));
  const topXids = new Uint32Array(table.length);
  for (const [row, topXid] of table.topXids) topXids[row] = topXid;
  const numbers = (field: 'spcOid' | 'dbOid' | 'relNumber'): Uint32Array => {
    const values = Uint32Array.from(table.relations, (relation) => relation[field]);
    return Uint32Array.from(order, (row) => values[all.relation[row]]);
  };
  const sorted = (column: Uint32Array): Uint32Array => Uint32Array.from(order, (row) => column[row]);
  /** Where there is a place: how far behind the first record. */
  const after = (column: Int32Array, count?: Uint32Array): Int32Array =>
    Int32Array.from(order, (row) => (count?.[row] === 0 ? 0 : column[row] - all.firstAt[row]));
  const { inserted, deleted } = all;
  const places = new Uint32Array(table.length);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  const columns = {
    xid: sorted(all.xid),
    top_xid: sorted(topXids),
    tablespace: numbers('spcOid'),
    database: numbers('dbOid'),
    relfilenode: numbers('relNumber'),
    first_at: Int32Array.from(order, (row) => all.firstAt[row]),
    last_after: after(all.lastAt),
    end_after: Int32Array.from(order, (row) =>
      all.end[row] === 0 ? 0 : ends[all.end[row] - 1] - all.firstAt[row],
    ),
    inserted: sorted(inserted),
    updated: sorted(all.updated),
    deleted: sorted(deleted),
    moved: sorted(all.moved),
    last_insert_after: after(all.lastInsertAt, inserted),
    last_insert_block: sorted(all.lastInsertBlock),
    last_insert_offset: sorted(all.lastInsertOffset),
    first_delete_after: after(all.firstDeleteAt, deleted),
    last_delete_after: after(all.lastDeleteAt, deleted),
  };
  return { columns, places };
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
