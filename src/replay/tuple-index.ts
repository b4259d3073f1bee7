import { getUint32 } from '../heap/bytes.js';
import { HeapPage } from '../heap/page.js';
import { isRowProblem } from '../heap/row.js';
import { TUPLE_HEADER_SIZE, type TupleId } from '../heap/tuple.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** Places of tuples are kept as one number: there are fewer items in a page than this. */
const ITEMS = 4096;

/** A tuple's keys, one for each way to find it by; undefined where it has none. */
type Keys = (number | undefined)[];

/**
 * The tuples of a relation by numbers in them, kept as the relation changes: pages that did are looked at again when the
 * next tuple is asked for.
 */
export class TupleIndex {
  private readonly changed = new Set<number>();
  private readonly keysIn = new Map<number, { place: number; keys: Keys }[]>();
  private readonly places: Map<number, Set<number>>[];

  /** @param offsets where in a tuple's data the numbers of 4 bytes lie that it is to be found by */
  constructor(
    readonly relation: ReplayedRelation,
    private readonly offsets: readonly number[],
    onChange: () => void = () => {},
  ) {
    this.places = offsets.map(() => new Map());
    relation.onChange = (block) => {
      this.changed.add(block);
      onChange();
    };
    for (const block of relation.store.blocks()) this.changed.add(block);
  }

  /** Where tuples lie that have this number, of all that are in pages, visible or not. */
  find(way: number, key: number): TupleId[] {
    this.refresh();
    const places = this.places[way].get(key);
    return places === undefined ? [] : Array.from(places, tidOf);
  }

  /** The numbers by which tuples can be found one way. */
  keys(way: number): Iterable<number> {
    this.refresh();
    return this.places[way].keys();
  }

  /** The number in a tuple that it is found by one way. */
  keyOf(tuple: Uint8Array, way: number): number | undefined {
    const at = tuple[HOFF] + this.offsets[way];
    return at + 4 <= tuple.length ? getUint32(tuple, at) : undefined;
  }

  private refresh(): void {
    if (this.changed.size === 0) return;
    for (const block of this.changed) {
      this.forget(block);
      this.take(block);
    }
    this.changed.clear();
  }

  private forget(block: number): void {
    for (const { place, keys } of this.keysIn.get(block) ?? []) {
      keys.forEach((key, way) => {
        const places = key === undefined ? undefined : this.places[way].get(key);
        places?.delete(place);
        if (key !== undefined && places?.size === 0) this.places[way].delete(key);
      });
    }
    this.keysIn.delete(block);
  }

  private take(block: number): void {
    const bytes = this.relation.store.open(block);
    if (bytes === undefined) return;
    const entries: { place: number; keys: Keys }[] = [];
    const page = new HeapPage(bytes);
    const count = this.relation.guard({ block }, () => page.itemCount) ?? 0;
    for (let offset = 1; offset <= count; offset++) {
      const keys = this.keysOf(page, offset);
      if (keys === undefined) continue;
      const place = block * ITEMS + offset;
      entries.push({ place, keys });
      keys.forEach((key, way) => {
        if (key === undefined) return;
        const places = this.places[way].get(key);
        if (places) places.add(place);
        else this.places[way].set(key, new Set([place]));
      });
    }
    this.keysIn.set(block, entries);
  }

  private keysOf(page: HeapPage, offset: number): Keys | undefined {
    try {
      const tuple = page.tuple(offset);
      if (tuple === undefined) return undefined;
      const data = tuple[HOFF];
      if (data < TUPLE_HEADER_SIZE) return undefined;
      return this.offsets.map((at) =>
        data + at + 4 <= tuple.length ? getUint32(tuple, data + at) : undefined,
      );
    } catch (error) {
      if (isRowProblem(error)) return undefined;
      throw error;
    }
  }
}

/** Where `t_hoff` is in a tuple's header. */
const HOFF = 22;

const tidOf = (place: number): TupleId => ({ block: Math.floor(place / ITEMS), offset: place % ITEMS });
