import { HeapPage } from '../heap/page.js';
import { isRowProblem } from '../heap/row.js';
import { formatTupleId, type PlacedTuple, TupleHeader, type TupleId } from '../heap/tuple.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import { relationFile } from '../wal/relation-path.js';
import { BackupDamage } from './backup-damage.js';
import { BlockSet } from './block-set.js';
import { type BlockStore, MemoryPages, type Pages } from './block-store.js';
import { RemovedTuples } from './removed-tuples.js';
import { type UnknownRow, UnknownRows } from './unknown-rows.js';
import { type Place, UnreadPlaces } from './unread-places.js';

/** A relation's main fork while WAL is applied to it. */
export class ReplayedRelation {
  /** Blocks of which only what the WAL tells is known: they are in no backup and no image of them came yet. */
  private readonly partial = new BlockSet();
  private created = false;
  /** Counts changes. @internal */
  changes = 0;
  /** Of which relation it was made a copy, and how many changes both had seen then. */
  private copied: { source: ReplayedRelation; to: number; at: number } | undefined;
  private readonly unknown: UnknownRows;
  /** Tuples that went from their pages: pruned, vacuumed or truncated away; where they are kept. */
  readonly removed: RemovedTuples;

  /** What is damaged of it in the backup, and was not replaced so far. */
  readonly damage = new BackupDamage();
  private readonly unread = new UnreadPlaces();
  /** Told which blocks change, by whatever way. @internal */
  onChange: ((block: number) => void) | undefined;

  /** @param pages for what is to be kept besides the blocks */
  constructor(
    readonly file: RelFileLocator,
    readonly store: BlockStore,
    /** All of them, none, or which. */
    private readonly keepRemoved: boolean | ((placed: PlacedTuple) => boolean) = false,
    pages: Pages = new MemoryPages(),
  ) {
    this.removed = new RemovedTuples(pages);
    this.unknown = new UnknownRows(pages.newStore());
  }

  /** What is damaged of it in the backup, and what could not be read of its pages so far, each with its place. */
  get problems(): WalError[] {
    return [...this.damage.problems, ...this.unread.problems];
  }

  /** Whether rows are lacking of which nothing is known, as far as its pages were read. @internal */
  get hidesRows(): boolean {
    return this.damage.hidesRows || !this.unread.isEmpty;
  }

  /** Reads what is in a page; where that cannot be read, notes why, and gives undefined. @internal */
  guard<T>(place: Place, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.noteUnread(place, error);
      return undefined;
    }
  }

  /** Notes why what is at a place cannot be read. @throws what is no problem of the bytes @internal */
  noteUnread(place: Place, error: unknown): void {
    if (!isRowProblem(error)) throw error;
    const { block, offset } = place;
    this.unread.note(place, () => {
      const what = offset === undefined ? message`block ${block}` : message`item ${offset} of block ${block}`;
      const file = relationFile(this.file, block);
      const text = message`${what} of ${file} cannot be read: ${error.said}`;
      return new WalError(error.code, text, { file, cause: error });
    });
  }

  private noteRemoved(placed: PlacedTuple): void {
    const { keepRemoved } = this;
    if (typeof keepRemoved === 'function' ? keepRemoved(placed) : keepRemoved) this.removed.add(placed);
  }

  /** The page of a block while a record is applied to it; an empty, partial one where nothing is known of it. */
  page(block: number, blockSize: number): HeapPage {
    const bytes = this.store.open(block);
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
    return this.created && this.partial.isEmpty;
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

  /** Keeps a page that was changed. */
  write(block: number, page: HeapPage): void {
    this.store.write(block, page.bytes);
    this.changes++;
    this.onChange?.(block);
  }

  /** Takes in a block of the backup's. @returns false where the WAL has told all of it by now */
  load(block: number, bytes: Uint8Array): boolean {
    if (this.store.has(block)) return false;
    this.store.write(block, bytes);
    this.onChange?.(block);
    return true;
  }

  /** Becomes a copy of another file, as CREATE DATABASE makes one. What has not changed since the last time is left. */
  copy(source: ReplayedRelation): void {
    const { copied } = this;
    if (copied?.source === source && copied.to === source.changes && copied.at === this.changes) return;
    this.truncate(0);
    for (const block of source.store.blocks()) {
      const bytes = source.store.read(block);
      if (bytes) this.store.write(block, bytes.slice());
      this.onChange?.(block);
      if (source.isPartial(block)) this.partial.add(block);
    }
    for (const row of source.unknownRows()) this.noteUnknown(row);
    this.damage.copyFrom(source.damage);
    this.copied = { source, to: source.changes, at: this.changes };
  }

  /** Puts a whole new page in the place of what was known of a block. */
  replace(block: number, page: HeapPage): void {
    const before = this.keepRemoved ? this.store.read(block) : undefined;
    if (before) {
      this.reportRemoved(block, before, ({ offset, tuple: old }) => {
        const now = this.guard({ block, offset }, () => page.tuple(offset));
        return !now || new TupleHeader(now).xmin !== new TupleHeader(old).xmin;
      });
    }
    this.partial.delete(block);
    this.unknown.forget(block);
    this.damage.replaced(block);
    // a page that was torn while it was copied is as it should be now
    this.unread.forget(block);
    this.write(block, page);
  }

  private reportRemoved(block: number, page: Uint8Array, isRemoved: (placed: PlacedTuple) => boolean): void {
    for (const placed of this.tuplesOf(block, page)) if (isRemoved(placed)) this.noteRemoved(placed);
  }

  /** To be called before items of a page go. */
  removing(block: number, page: HeapPage, offsets: readonly number[]): void {
    // a damaged record may name an item as often as it likes
    for (const offset of new Set(offsets)) {
      const tuple = this.guard({ block, offset }, () => page.tuple(offset));
      if (tuple) this.noteRemoved({ block, offset, tuple });
    }
    this.unknown.remove(block, offsets);
  }

  truncate(from: number): void {
    for (const block of this.store.blocks(from)) {
      const bytes = this.keepRemoved ? this.store.read(block) : undefined;
      if (bytes) this.reportRemoved(block, bytes, () => true);
      this.partial.delete(block);
      this.onChange?.(block);
    }
    this.unknown.truncate(from);
    this.store.truncate(from);
    this.damage.truncated(from);
    this.changes++;
  }

  /** Notes what is known of a row without values. */
  noteUnknown(row: UnknownRow): void {
    this.unknown.note(row);
  }

  /** The row without values at a place, if there is one. */
  unknownAt(tid: TupleId): UnknownRow | undefined {
    return this.unknown.at(tid);
  }

  /** Rows without values, in the order of their places. */
  unknownRows(): Iterable<UnknownRow> {
    return this.unknown;
  }

  /** The tuple at a place. @throws WalError where there is none */
  tuple(tid: TupleId): Uint8Array {
    const tuple = this.find(tid);
    if (!tuple) throw new WalError('corrupt-page', message`there is no tuple at ${formatTupleId(tid)}`);
    return tuple;
  }

  /** The tuple at a place, if there is one. @throws WalError where its page is damaged */
  find({ block, offset }: TupleId): Uint8Array | undefined {
    const bytes = this.store.read(block);
    return bytes && new HeapPage(bytes).tuple(offset);
  }

  /** All tuples of all pages, in the order of their places; what is damaged is left out, and among the problems. */
  *tuples(): Generator<PlacedTuple> {
    for (const block of this.store.blocks()) yield* this.tuplesIn(block);
  }

  private *tuplesIn(block: number): Generator<PlacedTuple> {
    const bytes = this.store.read(block);
    if (bytes) yield* this.tuplesOf(block, bytes);
  }

  private *tuplesOf(block: number, bytes: Uint8Array): Generator<PlacedTuple> {
    const page = new HeapPage(bytes);
    const count = this.guard({ block }, () => {
      page.check();
      return page.itemCount;
    });
    for (let offset = 1; offset <= (count ?? 0); offset++) {
      let tuple: Uint8Array | undefined;
      try {
        tuple = page.tuple(offset);
      } catch (error) {
        this.noteUnread({ block, offset }, error);
      }
      if (tuple) yield { block, offset, tuple };
    }
  }

  /** The tuples that went from their pages, then those that are in them. */
  *allTuples(): Generator<PlacedTuple> {
    yield* this.removed;
    yield* this.tuples();
  }

  /** The same in the order of their places; at each those that went come first, in the order in which they did. */
  *history(): Generator<PlacedTuple> {
    const removed = new Set(this.removed.blocks());
    const blocks = new Set([...removed, ...this.store.blocks()]);
    for (const block of [...blocks].sort((a, b) => a - b)) {
      if (removed.has(block)) yield* this.historyOf(block);
      else yield* this.tuplesIn(block);
    }
  }

  private *historyOf(block: number): Generator<PlacedTuple> {
    const present = this.tuplesIn(block);
    let next = present.next();
    for (const gone of this.removed.of(block)) {
      for (; !next.done && next.value.offset < gone.offset; next = present.next()) yield next.value;
      yield gone;
    }
    for (; !next.done; next = present.next()) yield next.value;
  }
}
