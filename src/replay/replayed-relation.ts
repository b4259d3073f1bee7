import { HeapPage } from '../heap/page.js';
import { isRowProblem } from '../heap/row.js';
import { formatTupleId, type PlacedTuple, TupleHeader, type TupleId } from '../heap/tuple.js';
import { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { relationFile } from '../wal/relation-path.js';
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

/** So many things that are damaged are told one by one, of a relation. */
const MOST_PROBLEMS = 20;

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

  /** What could not be read so far, by its place. */
  private readonly damages = new Map<string, WalError>();

  /** What is damaged of it in the backup, and what could not be read of its pages so far, each with its place. */
  get problems(): WalError[] {
    const all = [...this.damages.values()];
    const told = [...this.damage.problems, ...all.slice(0, MOST_PROBLEMS)];
    if (all.length <= MOST_PROBLEMS) return told;
    const [{ code, file }] = all;
    const more = `${all.length - MOST_PROBLEMS} more things in ${file} cannot be read`;
    return [...told, new WalError(code, more, { file })];
  }

  /** Reads what is in a page; where that cannot be read, notes why, and gives undefined. */
  guard<T>(place: { block: number; offset?: number }, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.noteDamage(place, error);
      return undefined;
    }
  }

  /** @throws what is no problem of the bytes */
  private noteDamage({ block, offset }: { block: number; offset?: number }, error: unknown): void {
    if (!isRowProblem(error)) throw error;
    const place = offset === undefined ? `block ${block}` : `item ${offset} of block ${block}`;
    if (this.damages.has(place)) return;
    const file = relationFile(this.file, block);
    const message = `${place} of ${file} cannot be read: ${error.message}`;
    this.damages.set(place, new WalError(error.code, message, { file, cause: error }));
  }

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
      this.reportRemoved(block, before, ({ offset, tuple: old }) => {
        const now = this.guard({ block, offset }, () => page.tuple(offset));
        return !now || new TupleHeader(now).xmin !== new TupleHeader(old).xmin;
      });
    }
    this.partial.delete(block);
    this.unknown.delete(block);
    this.damage.replaced(block);
    this.store.write(block, page.bytes);
  }

  private reportRemoved(block: number, page: Uint8Array, isRemoved: (placed: PlacedTuple) => boolean): void {
    for (const placed of this.tuplesOf(block, page)) if (isRemoved(placed)) this.noteRemoved(placed);
  }

  /** To be called before items of a page go. */
  removing(block: number, page: HeapPage, offsets: readonly number[]): void {
    for (const offset of offsets) {
      const tuple = this.guard({ block, offset }, () => page.tuple(offset));
      if (tuple) this.noteRemoved({ block, offset, tuple });
      this.unknown.get(block)?.delete(offset);
    }
  }

  truncate(block: number): void {
    for (const number of this.store.blocks()) {
      if (number < block) continue;
      const bytes = this.keepRemoved ? this.store.read(number) : undefined;
      if (bytes) this.reportRemoved(number, bytes, () => true);
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

  /** The tuple at a place, if there is one. @throws WalError where its page is damaged */
  find({ block, offset }: TupleId): Uint8Array | undefined {
    const bytes = this.store.read(block);
    return bytes && new HeapPage(bytes).tuple(offset);
  }

  /** All tuples of all pages, in the order of their places; what is damaged is left out, and among the problems. */
  *tuples(): Generator<PlacedTuple> {
    for (const block of this.store.blocks()) {
      const bytes = this.store.read(block);
      if (bytes) yield* this.tuplesOf(block, bytes);
    }
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
        this.noteDamage({ block, offset }, error);
      }
      if (tuple) yield { block, offset, tuple };
    }
  }
}
