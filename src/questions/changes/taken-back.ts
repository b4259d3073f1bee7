import {
  XLH_DELETE_IS_SUPER,
  XLH_INSERT_IS_SPECULATIVE,
  XLH_INSERT_ON_TOAST_RELATION,
} from '../../rmgr/heap.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID, RM_HEAP2_ID } from '../../wal/rmgr-id.js';

/**
 * Which rows were inserted and taken back by INSERT … ON CONFLICT: it inserts a row speculatively, and deletes it where an
 * index has the same key by then (`heap_abort_speculative`, src/backend/access/heap/heapam.c). Chunks of the row's values
 * are inserted before it as any others, and deleted with it; before 14 nothing tells that they are such.
 */
export class TakenBack {
  /** By transaction id and place: where those were inserted of which it is not known yet. */
  private readonly pending = new Map<number, Map<string, Lsn>>();
  /** The same of chunks of which the row did not come yet that they are of, or is pending. */
  private readonly chunks = new Map<number, Map<string, Lsn>>();
  private readonly lsns = new Set<Lsn>();

  /** Takes in one record after the other. */
  take(record: WalRecord): void {
    const { rmid, xid, lsn } = record;
    if (rmid !== RM_HEAP_ID && rmid !== RM_HEAP2_ID) return;
    const data = decode(record);
    if (data.rmgr === 'Heap2' && data.type === 'multi-insert') this.chunks.delete(xid);
    if (data.rmgr !== 'Heap') return;
    if (data.type === 'insert' && data.flags & XLH_INSERT_ON_TOAST_RELATION) {
      note(this.chunks, xid, placeOf(record, data.offnum), lsn);
    } else if (data.type === 'insert' && data.flags & XLH_INSERT_IS_SPECULATIVE) {
      note(this.pending, xid, placeOf(record, data.offnum), lsn);
    } else if (data.type === 'delete' && data.flags & XLH_DELETE_IS_SUPER) {
      const place = placeOf(record, data.offnum);
      for (const places of [this.pending.get(xid), this.chunks.get(xid)]) {
        const inserted = places?.get(place);
        if (inserted !== undefined) this.lsns.add(inserted);
        places?.delete(place);
      }
    } else {
      if (data.type === 'confirm') this.pending.get(xid)?.delete(placeOf(record, data.offnum));
      this.chunks.delete(xid);
    }
  }

  /** What is pending of a transaction that has ended stays so. */
  end(xid: number): void {
    this.pending.delete(xid);
    this.chunks.delete(xid);
  }

  /** Those changes that came to stay. */
  *without<T extends { lsn: Lsn }>(changes: Iterable<T>): Generator<T> {
    for (const change of changes) if (!this.lsns.has(change.lsn)) yield change;
  }
}

function note(all: Map<number, Map<string, Lsn>>, xid: number, place: string, lsn: Lsn): void {
  const places = all.get(xid) ?? new Map<string, Lsn>();
  all.set(xid, places.set(place, lsn));
}

function placeOf({ blocks: [block] }: WalRecord, offset: number): string {
  if (block === undefined) return '';
  const { rel, blockNumber } = block;
  return `${rel.spcOid} ${rel.dbOid} ${rel.relNumber} ${blockNumber} ${offset}`;
}
