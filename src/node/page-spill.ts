import type { BlockStore, Pages } from '../replay/block-store.js';
import { BLCKSZ } from '../wal/record.js';
import { NumberHeap } from './number-heap.js';
import { type FileSystem, TemporaryFile } from './temporary-file.js';

/** So many pages stay in memory before the least used ones go to a temporary file (docs/decisions/reading.md). */
const DEFAULT_LIMIT = 32_768;

/**
 * Keeps the pages of any number of relations, those that do not fit into memory in a temporary file, which goes
 * away with {@link PageSpill.close}.
 */
export class PageSpill implements Pages {
  private readonly cached = new Map<number, { bytes: Uint8Array; dirty: boolean }>();
  private file: TemporaryFile | undefined;
  private slots = 0;
  private readonly free: number[] = [];

  /** @param limit pages in memory */
  constructor(
    private readonly limit = DEFAULT_LIMIT,
    private readonly fs?: FileSystem,
  ) {}

  newStore(): BlockStore {
    return new SpilledBlocks(this);
  }

  newSlot(): number {
    return this.free.pop() ?? this.slots++;
  }

  /** @throws WalError `temporary-file` */
  read(slot: number): Uint8Array {
    const known = this.cached.get(slot);
    if (known) {
      // moved to the end: the first one of the map is always the least used
      this.cached.delete(slot);
      this.cached.set(slot, known);
      return known.bytes;
    }
    const bytes = new Uint8Array(BLCKSZ);
    this.spillFile().read(bytes, slot * BLCKSZ);
    this.put(slot, bytes, false);
    return bytes;
  }

  /** @throws WalError `temporary-file` */
  write(slot: number, bytes: Uint8Array): void {
    this.cached.delete(slot);
    this.put(slot, bytes, true);
  }

  /** Lets another page have the slot. */
  drop(slot: number): void {
    this.cached.delete(slot);
    this.free.push(slot);
  }

  private put(slot: number, bytes: Uint8Array, dirty: boolean): void {
    this.cached.set(slot, { bytes, dirty });
    if (this.cached.size <= this.limit) return;
    const [oldest] = this.cached;
    const [oldSlot, page] = oldest;
    if (page.dirty) this.spillFile().write(page.bytes, oldSlot * BLCKSZ);
    this.cached.delete(oldSlot);
  }

  private spillFile(): TemporaryFile {
    this.file ??= new TemporaryFile(this.fs);
    return this.file;
  }

  close(): void {
    this.cached.clear();
    this.file?.close();
    this.file = undefined;
  }
}

/** The blocks of one relation among the pages of a {@link PageSpill}. */
class SpilledBlocks implements BlockStore {
  private readonly slots = new Map<number, number>();
  /** The keys of `slots`: to truncate a relation a thousand times takes no longer than to write its blocks. */
  private readonly numbers = new NumberHeap();

  constructor(private readonly pages: PageSpill) {}

  read(block: number): Uint8Array | undefined {
    const slot = this.slots.get(block);
    return slot === undefined ? undefined : this.pages.read(slot);
  }

  write(block: number, bytes: Uint8Array): void {
    let slot = this.slots.get(block);
    if (slot === undefined) {
      slot = this.pages.newSlot();
      this.slots.set(block, slot);
      this.numbers.add(block);
    }
    this.pages.write(slot, bytes);
  }

  truncate(from: number): void {
    for (
      let block = this.numbers.largest;
      block !== undefined && block >= from;
      block = this.numbers.largest
    ) {
      this.numbers.removeLargest();
      this.pages.drop(this.slots.get(block)!);
      this.slots.delete(block);
    }
  }

  blocks(): number[] {
    return [...this.slots.keys()].sort((a, b) => a - b);
  }
}
