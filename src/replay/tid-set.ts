import type { TupleId } from '../heap/tuple.js';

/** As many bits as a block has room for tuples, at first. */
const BYTES = 40;

/** Places of tuples: a bit for each, by block. */
export class TidSet {
  private readonly blocks = new Map<number, Uint8Array>();

  has({ block, offset }: TupleId): boolean {
    const bits = this.blocks.get(block);
    return bits !== undefined && ((bits[offset >> 3] ?? 0) & (1 << (offset & 7))) !== 0;
  }

  add({ block, offset }: TupleId): void {
    const at = offset >> 3;
    let bits = this.blocks.get(block);
    if (bits === undefined || at >= bits.length) {
      const grown = new Uint8Array(Math.max(BYTES, 2 * at));
      if (bits !== undefined) grown.set(bits);
      this.blocks.set(block, grown);
      bits = grown;
    }
    bits[at] |= 1 << (offset & 7);
  }

  /** Takes out those of a block. @returns how many there were */
  forget(block: number): number {
    const bits = this.blocks.get(block);
    if (bits === undefined) return 0;
    let count = 0;
    for (const byte of bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
    bits.fill(0);
    return count;
  }
}
