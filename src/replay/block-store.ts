/** Where the blocks of one relation are kept while they are replayed. */
export interface BlockStore {
  /** The bytes of a block, to be changed only together with {@link write}; undefined for a block not there. */
  read(block: number): Uint8Array | undefined;
  write(block: number, bytes: Uint8Array): void;
  /** Drops all blocks from `block` on. */
  truncate(block: number): void;
  /** The numbers of the blocks there are, ascending. */
  blocks(): number[];
}

/** Blocks in memory, all of them. */
export class MemoryBlockStore implements BlockStore {
  private readonly pages = new Map<number, Uint8Array>();

  read(block: number): Uint8Array | undefined {
    return this.pages.get(block);
  }

  write(block: number, bytes: Uint8Array): void {
    this.pages.set(block, bytes);
  }

  truncate(block: number): void {
    for (const number of this.pages.keys()) if (number >= block) this.pages.delete(number);
  }

  blocks(): number[] {
    return [...this.pages.keys()].sort((a, b) => a - b);
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
