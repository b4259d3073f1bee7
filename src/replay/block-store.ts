import { BlockNumbers } from './block-numbers.js';

/** A record has fewer block references than this. */
export const MOST_OPEN = 64;

/** Where the blocks of one relation are kept while they are replayed. */
export interface BlockStore {
  /** The bytes of a block, to be changed only together with {@link write}; undefined for a block not there. */
  read(block: number): Uint8Array | undefined;
  /**
   * The same for as long as a record is applied: the bytes may be another block's when {@link MOST_OPEN} more were opened.
   * Saves memory and time where blocks come and go.
   */
  open(block: number): Uint8Array | undefined;
  has(block: number): boolean;
  write(block: number, bytes: Uint8Array): void;
  /** Drops all blocks from `block` on. Costs as much as there are of those. */
  truncate(block: number): void;
  /** The numbers of the blocks there are, ascending; those from `from` on. */
  blocks(from?: number): number[];
}

/** Blocks in memory, all of them. */
export class MemoryBlockStore implements BlockStore {
  /** Undefined where a block was cut off: a map from which a key is taken out and put in again gets slow. */
  private readonly pages = new Map<number, Uint8Array | undefined>();
  private readonly numbers = new BlockNumbers();

  read(block: number): Uint8Array | undefined {
    return this.pages.get(block);
  }

  open(block: number): Uint8Array | undefined {
    return this.pages.get(block);
  }

  has(block: number): boolean {
    return this.pages.get(block) !== undefined;
  }

  write(block: number, bytes: Uint8Array): void {
    if (this.pages.get(block) === undefined) this.numbers.add(block);
    this.pages.set(block, bytes);
  }

  truncate(from: number): void {
    for (let block = this.numbers.takeFrom(from); block !== undefined; block = this.numbers.takeFrom(from)) {
      this.pages.set(block, undefined);
    }
  }

  blocks(from = 0): number[] {
    return this.numbers.from(from);
  }
}

/** Keeps the blocks of any number of relations. */
export interface Pages {
  newStore(): BlockStore;
  /** Lets go of all of them. */
  close(): void;
}

/** All in memory. */
export class MemoryPages implements Pages {
  newStore(): BlockStore {
    return new MemoryBlockStore();
  }

  close(): void {}
}
