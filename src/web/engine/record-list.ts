import type { Lsn } from '../../wal/lsn.js';

/** As many LSNs are in one piece of memory. */
const CHUNK = 1 << 16;

/** LSNs in rising order, 8 bytes each: there may be tens of millions. */
export class LsnList {
  /** High and low halves in turn. */
  private readonly chunks: Uint32Array[] = [];
  length = 0;

  push(hi: number, lo: number): void {
    const at = this.length % CHUNK;
    if (at === 0) this.chunks.push(new Uint32Array(2 * CHUNK));
    const chunk = this.chunks[this.chunks.length - 1];
    chunk[2 * at] = hi;
    chunk[2 * at + 1] = lo;
    this.length++;
  }

  at(index: number): Lsn {
    const chunk = this.chunks[Math.floor(index / CHUNK)];
    const at = 2 * (index % CHUNK);
    return (BigInt(chunk[at]) << 32n) | BigInt(chunk[at + 1]);
  }

  /** Forgets all from one on. */
  cut(length: number): void {
    this.chunks.length = Math.ceil(length / CHUNK);
    this.length = length;
  }

  /** The index of the first one that is not before an LSN; the length where all are. */
  indexOf(lsn: Lsn): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) < lsn) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
