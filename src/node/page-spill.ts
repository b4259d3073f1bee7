import { BlockNumbers } from '../replay/block-numbers.js';
import { type BlockStore, MOST_OPEN, type Pages } from '../replay/block-store.js';
import { BLCKSZ } from '../wal/record.js';
import { type FileSystem, TemporaryFile } from './temporary-file.js';

/** So many pages stay in memory before those not used lately go to a temporary file (docs/decisions/reading.md). */
const DEFAULT_LIMIT = 8_192;

/** So many pages' bytes wait to be used again: where pages come that were not read from the file, more and more are left over. */
const IDLE_LIMIT = 512;

interface CachedPage {
  bytes: Uint8Array;
  dirty: boolean;
  /** Since the hand last came by. */
  used: boolean;
  /** Somebody else may have the bytes for longer than a record is applied. */
  shared: boolean;
}

/**
 * Keeps the pages of any number of relations, those that do not fit into memory in a temporary file, which goes
 * away with {@link PageSpill.close}.
 */
export class PageSpill implements Pages {
  /** By slot, those that are in memory. */
  private readonly cached: (CachedPage | undefined)[] = [];
  /** Their slots, in a ring: the hand goes round and takes out the first one that was not used since it last came by. */
  private readonly ring: number[] = [];
  private hand = 0;
  private file: TemporaryFile | undefined;
  private slots = 0;
  private readonly free: number[] = [];
  /** Bytes of pages that were taken out, the last ones of which may still be looked at. */
  private readonly idle: Uint8Array[] = [];

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
    const page = this.page(slot);
    page.shared = true;
    return page.bytes;
  }

  /** As {@link BlockStore.open}. @throws WalError `temporary-file` */
  open(slot: number): Uint8Array {
    return this.page(slot).bytes;
  }

  private page(slot: number): CachedPage {
    const page = this.cached[slot];
    if (page) {
      page.used = true;
      return page;
    }
    const bytes = this.idle.length > MOST_OPEN ? this.idle.shift()! : new Uint8Array(BLCKSZ);
    this.spillFile().read(bytes, slot * BLCKSZ);
    return this.put(slot, bytes, false);
  }

  /** @throws WalError `temporary-file` */
  write(slot: number, bytes: Uint8Array): void {
    const page = this.cached[slot];
    if (page === undefined) {
      this.put(slot, bytes, true).shared = true;
      return;
    }
    if (page.bytes !== bytes) page.shared = true;
    page.bytes = bytes;
    page.dirty = true;
    page.used = true;
  }

  /** Lets another page have the slot. */
  drop(slot: number): void {
    const page = this.cached[slot];
    if (page) page.dirty = false;
    this.free.push(slot);
  }

  private put(slot: number, bytes: Uint8Array, dirty: boolean): CachedPage {
    const page = { bytes, dirty, used: true, shared: false };
    this.cached[slot] = page;
    if (this.ring.length < this.limit) this.ring.push(slot);
    else this.ring[this.takeOut()] = slot;
    return page;
  }

  /** @returns the place in the ring that is free then */
  private takeOut(): number {
    for (;;) {
      const at = this.hand;
      this.hand = (at + 1) % this.limit;
      const slot = this.ring[at];
      const page = this.cached[slot]!;
      if (page.used) {
        page.used = false;
        continue;
      }
      if (page.dirty) this.spillFile().write(page.bytes, slot * BLCKSZ);
      this.cached[slot] = undefined;
      if (!page.shared && this.idle.length < IDLE_LIMIT) this.idle.push(page.bytes);
      return at;
    }
  }

  private spillFile(): TemporaryFile {
    this.file ??= new TemporaryFile(this.fs);
    return this.file;
  }

  close(): void {
    this.cached.length = 0;
    this.ring.length = 0;
    this.idle.length = 0;
    this.hand = 0;
    this.file?.close();
    this.file = undefined;
  }
}

const CUT_OFF = -1;

/** The blocks of one relation among the pages of a {@link PageSpill}. */
class SpilledBlocks implements BlockStore {
  /**
   * The slot of each block, {@link CUT_OFF} of one that was. Nothing is deleted: a map from which a key is taken out and
   * put in again takes ever longer to find it.
   */
  private readonly slots = new Map<number, number>();
  private readonly numbers = new BlockNumbers();
  /** What was asked for last: a record asks for its block several times. */
  private lastBlock = -1;
  private lastSlot = CUT_OFF;

  constructor(private readonly pages: PageSpill) {}

  read(block: number): Uint8Array | undefined {
    const slot = this.slotOf(block);
    return slot === CUT_OFF ? undefined : this.pages.read(slot);
  }

  open(block: number): Uint8Array | undefined {
    const slot = this.slotOf(block);
    return slot === CUT_OFF ? undefined : this.pages.open(slot);
  }

  has(block: number): boolean {
    return this.slotOf(block) !== CUT_OFF;
  }

  write(block: number, bytes: Uint8Array): void {
    let slot = this.slotOf(block);
    if (slot === CUT_OFF) {
      slot = this.pages.newSlot();
      this.setSlot(block, slot);
      this.numbers.add(block);
    }
    this.pages.write(slot, bytes);
  }

  private slotOf(block: number): number {
    if (block !== this.lastBlock) {
      this.lastBlock = block;
      this.lastSlot = this.slots.get(block) ?? CUT_OFF;
    }
    return this.lastSlot;
  }

  private setSlot(block: number, slot: number): void {
    this.slots.set(block, slot);
    this.lastBlock = block;
    this.lastSlot = slot;
  }

  truncate(from: number): void {
    for (let block = this.numbers.takeFrom(from); block !== undefined; block = this.numbers.takeFrom(from)) {
      this.pages.drop(this.slotOf(block));
      this.setSlot(block, CUT_OFF);
    }
  }

  blocks(from = 0): number[] {
    return this.numbers.from(from);
  }
}
