import { HeapPage } from '../heap/page.js';
import { TUPLE_HEADER_SIZE, TupleHeader, type TupleId } from '../heap/tuple.js';
import { BLCKSZ, INVALID_XID } from '../wal/record.js';
import { BlockSet } from './block-set.js';
import type { BlockStore } from './block-store.js';

/** A row that is known to be there, of which the input does not hold the values. */
export interface UnknownRow extends TupleId {
  /** The transaction that made it, where the WAL says so. */
  xmin: number | undefined;
  /** The transaction that updated or deleted it, where the WAL says so. */
  xmax: number | undefined;
  /** As in a tuple: itself where it was deleted, the new version where it was updated. */
  ctid: TupleId;
}

/**
 * Rows without values, by their places: in pages of tuples that are nothing but headers. A page has room for as many
 * of those as PostgreSQL puts rows into one (`MaxHeapTuplesPerPage`, src/include/access/htup_details.h).
 */
export class UnknownRows implements Iterable<UnknownRow> {
  private readonly blocks = new BlockSet();

  constructor(private readonly store: BlockStore) {}

  note(row: UnknownRow): void {
    const { block, offset } = row;
    const page = this.page(block) ?? HeapPage.empty(BLCKSZ);
    if (page.tuple(offset) === undefined) page.addItem(offset, new Uint8Array(TUPLE_HEADER_SIZE));
    const header = new TupleHeader(page.tuple(offset)!);
    if (row.xmin !== undefined) header.xmin = row.xmin;
    header.xmax = row.xmax ?? INVALID_XID;
    header.ctid = row.ctid;
    this.blocks.add(block);
    this.store.write(block, page.bytes);
  }

  remove(block: number, offsets: readonly number[]): void {
    const page = this.page(block);
    if (page === undefined) return;
    for (const offset of offsets) if (page.tuple(offset) !== undefined) page.setUnused(offset);
    page.repairFragmentation(MERGING_VERSION);
    this.store.write(block, page.bytes);
  }

  /** Drops those of a block. */
  forget(block: number): void {
    if (!this.blocks.delete(block)) return;
    this.store.write(block, HeapPage.empty(BLCKSZ).bytes);
  }

  truncate(from: number): void {
    for (const block of this.store.blocks(from)) this.blocks.delete(block);
    this.store.truncate(from);
  }

  at({ block, offset }: TupleId): UnknownRow | undefined {
    const tuple = this.page(block)?.tuple(offset);
    return tuple && rowOf(block, offset, new TupleHeader(tuple));
  }

  /** In the order of their places. */
  *[Symbol.iterator](): Generator<UnknownRow> {
    for (const block of this.store.blocks()) {
      const page = this.page(block);
      if (page === undefined) continue;
      for (let offset = 1; offset <= page.itemCount; offset++) {
        const tuple = page.tuple(offset);
        if (tuple) yield rowOf(block, offset, new TupleHeader(tuple));
      }
    }
  }

  private page(block: number): HeapPage | undefined {
    const bytes = this.blocks.has(block) ? this.store.read(block) : undefined;
    return bytes && new HeapPage(bytes);
  }
}

/** Of the versions whose pages lose line pointers at their end that are not used. */
const MERGING_VERSION = 15;

function rowOf(block: number, offset: number, { xmin, xmax, ctid }: TupleHeader): UnknownRow {
  return { block, offset, xmin: xmin || undefined, xmax: xmax || undefined, ctid };
}
