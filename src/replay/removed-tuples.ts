import type { PlacedTuple } from '../heap/tuple.js';
import { BLCKSZ } from '../wal/record.js';
import type { BlockStore, Pages } from './block-store.js';
import { ByteLog } from './byte-log.js';

/** Before each tuple in the log: where the next one of the same place is (8 bytes), block, offset, length. */
const NEXT = 0;
const BLOCK = 8;
const OFFSET = 12;
const LENGTH = 14;
const HEADER_SIZE = 16;

/** Of each place: where its first tuple is, and its last one, each with 1 added; 0 for none. */
const FIRST = 0;
const LAST = 8;
const PLACE_SIZE = 16;
const PLACES_PER_PAGE = BLCKSZ / PLACE_SIZE;
/** Enough for the line pointers that a page has room for, 2,042. */
const PAGES_PER_BLOCK = 4;

/**
 * Tuples that went from their pages, by their places: in pages, so that memory does not grow with them. A log of all has
 * those of one place linked in the order in which they went; pages beside it have the two ends of each.
 */
export class RemovedTuples implements Iterable<PlacedTuple> {
  private readonly log: ByteLog;
  private readonly places: BlockStore;

  constructor(pages: Pages) {
    this.log = new ByteLog(pages.newStore());
    this.places = pages.newStore();
  }

  add({ block, offset, tuple }: PlacedTuple): void {
    const entry = new Uint8Array(HEADER_SIZE + tuple.length);
    const header = new DataView(entry.buffer);
    header.setUint32(BLOCK, block, true);
    header.setUint16(OFFSET, offset, true);
    header.setUint16(LENGTH, tuple.length, true);
    entry.set(tuple, HEADER_SIZE);
    const at = this.log.append(entry);
    const number = pageOf(block, offset);
    const page = this.places.read(number) ?? new Uint8Array(BLCKSZ);
    const ends = endsIn(page, offset);
    const last = ends.getFloat64(LAST, true);
    if (last === 0) ends.setFloat64(FIRST, at + 1, true);
    else this.setNext(last - 1, at + 1);
    ends.setFloat64(LAST, at + 1, true);
    this.places.write(number, page);
  }

  private setNext(at: number, next: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, next, true);
    this.log.write(at + NEXT, bytes);
  }

  /** All, in the order in which they went. */
  *[Symbol.iterator](): Generator<PlacedTuple> {
    for (const [, placed] of this.entries()) yield placed;
  }

  /** The same, each with what {@link read} finds it by. */
  *entries(): Generator<[number, PlacedTuple]> {
    for (let at = 0; at < this.log.length; ) {
      const { placed } = this.entry(at);
      yield [at, placed];
      at += HEADER_SIZE + placed.tuple.length;
    }
  }

  /** The tuple of one of the {@link entries}. */
  read(entry: number): Uint8Array {
    return this.entry(entry).placed.tuple;
  }

  /** The numbers of the blocks that tuples went from, ascending. */
  blocks(): number[] {
    const blocks = this.places.blocks().map((page) => Math.floor(page / PAGES_PER_BLOCK));
    return blocks.filter((block, i) => block !== blocks[i - 1]);
  }

  /** Those that went from a block, by their places; at each in the order in which they went. */
  *of(block: number): Generator<PlacedTuple> {
    for (let number = block * PAGES_PER_BLOCK; number < (block + 1) * PAGES_PER_BLOCK; number++) {
      const page = this.places.read(number);
      if (page === undefined) continue;
      const ends = new DataView(page.buffer, page.byteOffset, page.length);
      for (let at = 0; at < page.length; at += PLACE_SIZE) {
        for (let next = ends.getFloat64(at + FIRST, true); next !== 0; ) {
          const entry = this.entry(next - 1);
          yield entry.placed;
          next = entry.next;
        }
      }
    }
  }

  private entry(at: number): { next: number; placed: PlacedTuple } {
    const bytes = this.log.read(at, HEADER_SIZE);
    const header = new DataView(bytes.buffer, bytes.byteOffset);
    const tuple = this.log.read(at + HEADER_SIZE, header.getUint16(LENGTH, true));
    const placed = { block: header.getUint32(BLOCK, true), offset: header.getUint16(OFFSET, true), tuple };
    return { next: header.getFloat64(NEXT, true), placed };
  }
}

const pageOf = (block: number, offset: number): number =>
  block * PAGES_PER_BLOCK + Math.floor(offset / PLACES_PER_PAGE);

const endsIn = (page: Uint8Array, offset: number): DataView =>
  new DataView(page.buffer, page.byteOffset + (offset % PLACES_PER_PAGE) * PLACE_SIZE, PLACE_SIZE);
