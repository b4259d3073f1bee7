import { HeapPage } from '../heap/page.js';
import { formatTupleId, type PlacedTuple, TupleHeader, type TupleId } from '../heap/tuple.js';
import { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { BackupDamage } from './backup-damage.js';
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

/** A relation's main fork while WAL is applied to it. */
export class ReplayedRelation {
  /** Blocks of which only what the WAL tells is known: they are in no backup and no image of them came yet. */
  private readonly partial = new Set<number>();
  private created = false;
  private readonly unknown = new Map<number, Map<number, UnknownRow>>();

  /** Tuples that went from their pages: pruned, vacuumed or truncated away; where they are kept. */
  readonly removed: PlacedTuple[] = [];

  /** What is damaged of it in the backup, and was not replaced so far. */
  readonly damage = new BackupDamage();

  constructor(
    readonly file: RelFileLocator,
    readonly store: BlockStore,
    /** All of them, none, or which. */
    private readonly keepRemoved: boolean | ((placed: PlacedTuple) => boolean) = false,
  ) {}

  private noteRemoved(placed: PlacedTuple): void {
    const { keepRemoved } = this;
    const { block, offset, tuple } = placed;
    if (typeof keepRemoved === 'function' ? keepRemoved(placed) : keepRemoved)
      this.removed.push({ block, offset, tuple: tuple.slice() });
  }

  /** The page of a block; an empty, partial one where nothing is known of it. */
  page(block: number, blockSize: number): HeapPage {
    const bytes = this.store.read(block);
    if (bytes) {
      const page = new HeapPage(bytes);
      if (!page.isNew) return page;
    }
    this.partial.add(block);
    return HeapPage.empty(blockSize);
  }

  isPartial(block: number): boolean {
    return this.partial.has(block);
  }

  /** Whether nothing of it is lacking, for the WAL has it from its beginning. */
  get isWhole(): boolean {
    return this.created && this.partial.size === 0;
  }

  /** Nothing that is known of it holds any more. */
  forget(): void {
    this.truncate(0);
    this.created = false;
  }

  /** The file is made, empty. */
  create(): void {
    this.truncate(0);
    this.created = true;
  }

  /** Puts a whole new page in the place of what was known of a block. */
  replace(block: number, page: HeapPage): void {
    const before = this.keepRemoved ? this.store.read(block) : undefined;
    if (before) {
      this.reportRemoved(block, new HeapPage(before), (offset, old) => {
        const now = page.tuple(offset);
        return !now || new TupleHeader(now).xmin !== new TupleHeader(old).xmin;
      });
    }
    this.partial.delete(block);
    this.unknown.delete(block);
    this.damage.replaced(block);
    this.store.write(block, page.bytes);
  }

  private reportRemoved(
    block: number,
    page: HeapPage,
    isRemoved: (offset: number, tuple: Uint8Array) => boolean,
  ): void {
    for (let offset = 1; offset <= page.itemCount; offset++) {
      const tuple = page.tuple(offset);
      if (tuple && isRemoved(offset, tuple)) this.noteRemoved({ block, offset, tuple });
    }
  }

  /** To be called before items of a page go. */
  removing(block: number, page: HeapPage, offsets: readonly number[]): void {
    for (const offset of offsets) {
      const tuple = page.tuple(offset);
      if (tuple) this.noteRemoved({ block, offset, tuple });
      this.unknown.get(block)?.delete(offset);
    }
  }

  truncate(block: number): void {
    for (const number of this.store.blocks()) {
      if (number < block) continue;
      const bytes = this.keepRemoved ? this.store.read(number) : undefined;
      if (bytes) this.reportRemoved(number, new HeapPage(bytes), () => true);
      this.partial.delete(number);
      this.unknown.delete(number);
    }
    this.store.truncate(block);
    this.damage.truncated(block);
  }

  /** Notes what is known of a row without values. */
  noteUnknown(row: UnknownRow): void {
    const rows = this.unknown.get(row.block) ?? new Map<number, UnknownRow>();
    const known = rows.get(row.offset);
    rows.set(row.offset, { ...row, xmin: row.xmin ?? known?.xmin });
    this.unknown.set(row.block, rows);
  }

  /** Rows without values, in the order of their places. */
  unknownRows(): UnknownRow[] {
    const rows = [...this.unknown.values()].flatMap((rows) => [...rows.values()]);
    return rows.sort((a, b) => a.block - b.block || a.offset - b.offset);
  }

  /** The tuple at a place. @throws WalError where there is none */
  tuple(tid: TupleId): Uint8Array {
    const tuple = this.find(tid);
    if (!tuple) throw new WalError('corrupt-page', `there is no tuple at ${formatTupleId(tid)}`);
    return tuple;
  }

  /** The tuple at a place, if there is one. */
  find({ block, offset }: TupleId): Uint8Array | undefined {
    const bytes = this.store.read(block);
    return bytes && new HeapPage(bytes).tuple(offset);
  }

  /** All tuples of all pages, in the order of their places. */
  *tuples(): Generator<PlacedTuple> {
    for (const block of this.store.blocks()) {
      const bytes = this.store.read(block);
      if (!bytes) continue;
      const page = new HeapPage(bytes);
      for (let offset = 1; offset <= page.itemCount; offset++) {
        const tuple = page.tuple(offset);
        if (tuple) yield { block, offset, tuple };
      }
    }
  }
}
