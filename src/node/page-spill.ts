import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockNumbers } from '../replay/block-numbers.js';
import type { BlockStore, Pages } from '../replay/block-store.js';
import { BLCKSZ } from '../wal/record.js';

/** So many pages stay in memory before the least used ones go to a temporary file (docs/decisions/reading.md). */
const DEFAULT_LIMIT = 8_192;

interface CachedPage {
  bytes: Uint8Array;
  dirty: boolean;
  /** Since the hand last came by. */
  used: boolean;
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
  private file: { folder: string; descriptor: number } | undefined;
  private nextSlot = 0;

  /** @param limit pages in memory */
  constructor(private readonly limit = DEFAULT_LIMIT) {}

  newStore(): BlockStore {
    return new SpilledBlocks(this);
  }

  newSlot(): number {
    return this.nextSlot++;
  }

  read(slot: number): Uint8Array {
    const page = this.cached[slot];
    if (page) {
      page.used = true;
      return page.bytes;
    }
    const bytes = new Uint8Array(BLCKSZ);
    readSync(this.spillFile(), bytes, 0, BLCKSZ, slot * BLCKSZ);
    this.put(slot, bytes, false);
    return bytes;
  }

  write(slot: number, bytes: Uint8Array): void {
    const page = this.cached[slot];
    if (page) Object.assign(page, { bytes, dirty: true, used: true });
    else this.put(slot, bytes, true);
  }

  /** What is in a slot is of no use any more. */
  drop(slot: number): void {
    const page = this.cached[slot];
    if (page) page.dirty = false;
  }

  private put(slot: number, bytes: Uint8Array, dirty: boolean): void {
    this.cached[slot] = { bytes, dirty, used: true };
    if (this.ring.length < this.limit) this.ring.push(slot);
    else this.ring[this.takeOut()] = slot;
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
      this.cached[slot] = undefined;
      if (page.dirty) writeSync(this.spillFile(), page.bytes, 0, BLCKSZ, slot * BLCKSZ);
      return at;
    }
  }

  private spillFile(): number {
    if (!this.file) {
      const folder = mkdtempSync(join(tmpdir(), 'walscan-'));
      this.file = { folder, descriptor: openSync(join(folder, 'pages'), 'w+', 0o600) };
      // where an open file may be without a name, nothing is left behind, however the process ends
      if (process.platform !== 'win32') rmSync(folder, { recursive: true });
    }
    return this.file.descriptor;
  }

  close(): void {
    this.cached.length = 0;
    this.ring.length = 0;
    this.hand = 0;
    if (!this.file) return;
    closeSync(this.file.descriptor);
    rmSync(this.file.folder, { recursive: true, force: true });
    this.file = undefined;
  }
}

/** The blocks of one relation among the pages of a {@link PageSpill}. */
class SpilledBlocks implements BlockStore {
  /**
   * The slot of each block; of one that was cut off, -1 less that. Nothing is deleted: a map from which a key is taken
   * out and put in again takes ever longer to find it.
   */
  private readonly slots = new Map<number, number>();
  private readonly numbers = new BlockNumbers();

  constructor(private readonly pages: PageSpill) {}

  read(block: number): Uint8Array | undefined {
    const slot = this.slots.get(block) ?? -1;
    return slot < 0 ? undefined : this.pages.read(slot);
  }

  write(block: number, bytes: Uint8Array): void {
    const known = this.slots.get(block);
    const slot = known === undefined ? this.pages.newSlot() : Math.max(known, -1 - known);
    if (slot !== known) {
      this.slots.set(block, slot);
      this.numbers.add(block);
    }
    this.pages.write(slot, bytes);
  }

  truncate(from: number): void {
    for (let block = this.numbers.takeFrom(from); block !== undefined; block = this.numbers.takeFrom(from)) {
      const slot = this.slots.get(block)!;
      this.pages.drop(slot);
      this.slots.set(block, -1 - slot);
    }
  }

  blocks(from = 0): number[] {
    return this.numbers.from(from);
  }
}
