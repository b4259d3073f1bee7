import { MemoryPages } from '../../src/replay/block-store.js';

/** Counts the pages that are read, and whether all are let go of. */
export class CountedPages extends MemoryPages {
  reads = 0;
  isClosed = false;

  override newStore() {
    const store = super.newStore();
    const read = store.read.bind(store);
    store.read = (block) => {
      this.reads++;
      return read(block);
    };
    return store;
  }

  override close(): void {
    this.isClosed = true;
  }
}
