import { XLH_DELETE_IS_SUPER, XLH_INSERT_IS_SPECULATIVE } from '../../rmgr/heap.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID } from '../../wal/rmgr-id.js';

/**
 * Which rows were inserted and taken back by INSERT … ON CONFLICT: it inserts a row speculatively, and deletes it where an
 * index has the same key by then (`heap_abort_speculative`, src/backend/access/heap/heapam.c).
 */
export class TakenBack {
  /** By transaction id and place: where those were inserted of which it is not known yet. */
  private readonly pending = new Map<number, Map<string, Lsn>>();
  private readonly lsns = new Set<Lsn>();

  /** Takes in one record after the other. */
  take(record: WalRecord): void {
    const { rmid, xid, lsn } = record;
    if (rmid !== RM_HEAP_ID) return;
    const data = decode(record);
    if (data.rmgr !== 'Heap') return;
    if (data.type === 'insert' && data.flags & XLH_INSERT_IS_SPECULATIVE) {
      const places = this.pending.get(xid) ?? new Map<string, Lsn>();
      this.pending.set(xid, places.set(placeOf(record, data.offnum), lsn));
    } else if (data.type === 'confirm') {
      this.pending.get(xid)?.delete(placeOf(record, data.offnum));
    } else if (data.type === 'delete' && data.flags & XLH_DELETE_IS_SUPER) {
      const place = placeOf(record, data.offnum);
      const inserted = this.pending.get(xid)?.get(place);
      if (inserted !== undefined) this.lsns.add(inserted);
      this.pending.get(xid)?.delete(place);
    }
  }

  /** What is pending of a transaction that has ended stays so. */
  end(xid: number): void {
    this.pending.delete(xid);
  }

  /** Those changes that came to stay. */
  *without<T extends { lsn: Lsn }>(changes: Iterable<T>): Generator<T> {
    for (const change of changes) if (!this.lsns.has(change.lsn)) yield change;
  }
}

function placeOf({ blocks: [block] }: WalRecord, offset: number): string {
  if (block === undefined) return '';
  const { rel, blockNumber } = block;
  return `${rel.spcOid} ${rel.dbOid} ${rel.relNumber} ${blockNumber} ${offset}`;
}
