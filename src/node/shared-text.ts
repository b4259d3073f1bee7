/** A little more than the pieces of a segment's text have. */
const PIECE_SIZE = 128 * 1024;
/** In front of the text: whether it is still needed. */
const FLAG_SIZE = 8;
const FREE = 0;
const TAKEN = 1;

/**
 * Text in memory that a worker and the main thread share. It is neither cloned, as there is much of it, nor
 * transferred: that detaches a buffer from its thread, after which V8 takes any buffer of that thread to be possibly
 * detached, and everything is slower. And it is used again, since fresh pages take longer than to fill them
 * (docs/decisions/threads.md).
 */
export class SharedText {
  /** All that there are, the one that was filled first in front. */
  private readonly pieces: SharedArrayBuffer[] = [];

  /** @returns the same text where other threads see it, until {@link releaseText} */
  copy(text: Uint8Array): Uint8Array {
    const needed = FLAG_SIZE + text.length;
    const [oldest] = this.pieces;
    const isFree = oldest !== undefined && Atomics.load(flagOf(oldest), 0) === FREE;
    if (isFree) this.pieces.shift();
    const piece = isFree && oldest.byteLength >= needed ? oldest : makePiece(needed);
    Atomics.store(flagOf(piece), 0, TAKEN);
    this.pieces.push(piece);
    const shared = new Uint8Array(piece, FLAG_SIZE, text.length);
    shared.set(text);
    return shared;
  }
}

/** Lets the worker use the memory of this text again. */
export function releaseText(pieces: readonly Uint8Array[]): void {
  for (const { buffer } of pieces) {
    if (buffer instanceof SharedArrayBuffer) Atomics.store(flagOf(buffer), 0, FREE);
  }
}

function makePiece(needed: number): SharedArrayBuffer {
  return new SharedArrayBuffer(Math.max(needed, FLAG_SIZE + PIECE_SIZE));
}

const flagOf = (piece: SharedArrayBuffer): Int32Array => new Int32Array(piece, 0, 1);
