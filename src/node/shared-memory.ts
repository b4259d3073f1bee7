import type { Column } from '../follow/columns.js';

/** A little more than the pieces of a segment's text have. What is much smaller is cheaply cloned. */
const PIECE_SIZE = 128 * 1024;
const SMALL = PIECE_SIZE / 2;
/** In front of what is kept: whether it is still needed. */
const FLAG_SIZE = 8;
const FREE = 0;
const TAKEN = 1;

/**
 * Memory that a worker and the main thread share, for what a scan tells: text and columns. These are neither cloned, as
 * there is much of them, nor transferred: that detaches a buffer from its thread, after which V8 takes any buffer of
 * that thread to be possibly detached, and everything is slower. And it is used again, since fresh pages take longer
 * than to fill them, and what is no longer used is given back late (docs/decisions/threads.md).
 */
export class SharedMemory {
  /** All that there are of a size, the one that was filled first in front. */
  private readonly pieces = new Map<number, SharedArrayBuffer[]>();
  private kept: SharedArrayBuffer[] = [];

  /** @returns the same where other threads see it, until {@link release} */
  readonly keep = <T extends Column>(column: T): T => {
    if (column.byteLength < SMALL) return column.slice() as T;
    const piece = this.take(FLAG_SIZE + sizeFor(column.byteLength));
    const Type = column.constructor as new (buffer: SharedArrayBuffer, offset: number, length: number) => T;
    const shared = new Type(piece, FLAG_SIZE, column.length);
    shared.set(column as Uint8Array & BigUint64Array);
    return shared;
  };

  /** What was kept since this was asked last, to be released together. */
  takeKept(): SharedArrayBuffer[] {
    const { kept } = this;
    this.kept = [];
    return kept;
  }

  private take(size: number): SharedArrayBuffer {
    const pieces = this.pieces.get(size) ?? [];
    this.pieces.set(size, pieces);
    const isFree = pieces.length > 0 && Atomics.load(flagOf(pieces[0]), 0) === FREE;
    const piece = isFree ? pieces.shift()! : new SharedArrayBuffer(size);
    Atomics.store(flagOf(piece), 0, TAKEN);
    pieces.push(piece);
    this.kept.push(piece);
    return piece;
  }
}

/** Lets the thread that kept these use the memory again. */
export function release(kept: readonly SharedArrayBuffer[]): void {
  for (const piece of kept) Atomics.store(flagOf(piece), 0, FREE);
}

/** Few sizes, so that a piece fits the next segment as well; pages that are never written to take no memory. */
const sizeFor = (bytes: number): number =>
  PIECE_SIZE * 2 ** Math.ceil(Math.log2(Math.max(1, bytes / PIECE_SIZE)));

const flagOf = (piece: SharedArrayBuffer): Int32Array => new Int32Array(piece, 0, 1);
