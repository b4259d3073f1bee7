import type { Segment } from './segment.js';

/** Memory that assembled records are put into: bytes with the same as words and as a view. */
interface Memory {
  bytes: Uint8Array;
  words: Int32Array;
  view: DataView;
}

/** Small memory is used again after it was collected; larger slabs take fresh pages (docs/decisions/records.md). */
const SLAB_SIZE = 32 * 1024;
/** Records up to this length share a slab. */
const SHARED_LENGTH = SLAB_SIZE / 2;

export const align8 = (value: number): number => (value + 7) & ~7;

function makeMemory(size: number): Memory {
  const bytes = new Uint8Array(align8(size));
  return { bytes, words: new Int32Array(bytes.buffer), view: new DataView(bytes.buffer) };
}

/**
 * Where records that page ends interrupt are put together. Most are short, so many share a slab.
 */
export class RecordAssembly {
  private slab = makeMemory(0);
  private used = 0;

  /** @param transient a slab is written over when it is full; else never, so that records in it stay valid */
  constructor(private readonly transient: boolean) {}

  /** Begins a record of `total` bytes with `piece`, which is what its first page holds of it. */
  begin(segment: Segment, offset: number, total: number, piece: Uint8Array): PartialRecord {
    if (total <= SHARED_LENGTH) {
      if (this.used + total > this.slab.bytes.length) {
        if (!this.transient || this.slab.bytes.length === 0) this.slab = makeMemory(SLAB_SIZE);
        this.used = 0;
      }
      const base = this.used;
      this.used = align8(base + total);
      return new PartialRecord(segment, offset, total, this.slab, base, piece);
    }
    // the length may be garbage still: memory follows the bytes that come
    return new PartialRecord(segment, offset, total, makeMemory(SLAB_SIZE), 0, piece);
  }
}

/** A record being put together from several pages. */
export class PartialRecord {
  got = 0;
  /** Its header is complete and right. */
  headerChecked = false;

  constructor(
    /** Where it begins. */
    readonly segment: Segment,
    readonly offset: number,
    /** `xl_tot_len` */
    readonly total: number,
    public memory: Memory,
    /** Where it begins in {@link memory}. */
    readonly base: number,
    piece: Uint8Array,
  ) {
    this.append(piece);
  }

  /** Adds the next piece; the caller has checked that it does not run over {@link total}. */
  append(piece: Uint8Array): void {
    const needed = this.base + this.got + piece.length;
    if (needed > this.memory.bytes.length) {
      const grown = makeMemory(Math.max(needed, Math.min(this.total, 2 * this.memory.bytes.length)));
      grown.bytes.set(this.memory.bytes.subarray(0, this.got));
      this.memory = grown;
    }
    this.memory.bytes.set(piece, this.base + this.got);
    this.got += piece.length;
  }

  /** What there is of it. */
  get bytes(): Uint8Array {
    return this.memory.bytes.slice(this.base, this.base + this.got);
  }
}
