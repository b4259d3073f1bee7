import { RowChangesAt, type RowChangesTable } from '../../follow/row-changes.js';
import type { TransactionEvents } from '../../follow/transaction-events.js';
import type { Lsn } from '../../wal/lsn.js';
import type { ColumnsOf } from './parquet.js';

/** The table `changes`. @param from of the segment */
export function changeRows(
  table: RowChangesTable,
  events: TransactionEvents,
  from: Lsn,
): ColumnsOf<'changes'> {
  const rows = new RowChangesAt(table);
  const columns = rows.columns(from);
  rows.release();
  const topXids = new Uint32Array(table.length);
  for (const [row, topXid] of table.topXids) topXids[row] = topXid;
  const relations = (field: 'spcOid' | 'dbOid' | 'relNumber'): Uint32Array => {
    const values = Uint32Array.from(table.relations, (relation) => relation[field]);
    return columns.relation.map((number) => values[number]);
  };
  const places = Int32Array.from(events.lsns, (lsn) => Number(lsn - from));
  return {
    xid: columns.xid,
    top_xid: topXids,
    tablespace: relations('spcOid'),
    database: relations('dbOid'),
    relfilenode: relations('relNumber'),
    first_at: columns.firstAt,
    last_at: columns.lastAt,
    end_at: Int32Array.from(columns.end, (end) => (end === 0 ? 0 : places[end - 1])),
    inserted: columns.inserted,
    updated: columns.updated,
    deleted: columns.deleted,
    moved: columns.moved,
    last_insert_at: columns.lastInsertAt,
    last_insert_block: columns.lastInsertBlock,
    last_insert_offset: columns.lastInsertOffset,
    first_delete_at: columns.firstDeleteAt,
    last_delete_at: columns.lastDeleteAt,
  };
}
