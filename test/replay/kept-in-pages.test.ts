import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacedTuple } from '../../src/heap/tuple.js';
import { MemoryBlockStore, MemoryPages } from '../../src/replay/block-store.js';
import { ByteLog } from '../../src/replay/byte-log.js';
import { RemovedTuples } from '../../src/replay/removed-tuples.js';
import { type UnknownRow, UnknownRows } from '../../src/replay/unknown-rows.js';

/** What stands for lists in memory gives what lists would. */

const tuple = fc.record({
  block: fc.oneof(fc.nat(3), fc.constant(0xfffffffe)),
  offset: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(2042)),
  tuple: fc.uint8Array({ maxLength: 5000 }),
});

const inPlaceOrder = (all: readonly PlacedTuple[]): PlacedTuple[] =>
  all.toSorted((a, b) => a.block - b.block || a.offset - b.offset);

it('tuples that went are had again, in the order of going and by their places', () => {
  fc.assert(
    fc.property(fc.array(tuple), (all) => {
      const removed = new RemovedTuples(new MemoryPages());
      for (const one of all) removed.add(one);
      expect([...removed]).toEqual(all);
      expect(Array.from(removed.entries(), ([entry]) => removed.read(entry))).toEqual(
        all.map((one) => one.tuple),
      );
      expect(removed.blocks().flatMap((block) => [...removed.of(block)])).toEqual(inPlaceOrder(all));
    }),
    { numRuns: 50 },
  );
});

it('bytes of a log are had again, over the ends of pages, too', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20_000 }), { maxLength: 8 }), (pieces) => {
      const log = new ByteLog(new MemoryBlockStore());
      const places = pieces.map((piece) => log.append(piece));
      for (const [i, piece] of pieces.entries()) expect(log.read(places[i], piece.length)).toEqual(piece);
    }),
    { numRuns: 50 },
  );
});

describe('blocks of a store', () => {
  const step = fc.record({ block: fc.nat(30), cut: fc.boolean() });

  it('are there in order until they are cut off', () => {
    fc.assert(
      fc.property(fc.array(step), fc.nat(30), (steps, from) => {
        const store = new MemoryBlockStore();
        let expected = new Set<number>();
        for (const { block, cut } of steps) {
          if (cut) {
            store.truncate(block);
            expected = new Set([...expected].filter((one) => one < block));
          } else {
            store.write(block, new Uint8Array(1));
            expected.add(block);
          }
        }
        const sorted = [...expected].sort((a, b) => a - b);
        expect(store.blocks()).toEqual(sorted);
        expect(store.blocks(from)).toEqual(sorted.filter((block) => block >= from));
      }),
    );
  });
});

describe('rows without values', () => {
  const row = (block: number, offset: number, xmin?: number, xmax?: number): UnknownRow => ({
    ...{ block, offset, xmin, xmax, ctid: { block, offset } },
  });

  it('are kept as many as a page has room for, and forgotten with it', () => {
    const rows = new UnknownRows(new MemoryBlockStore());
    const all = [2, 0].flatMap((block) => Array.from({ length: 291 }, (_, i) => row(block, i + 1, 7, 9)));
    for (const one of all) rows.note(one);
    expect([...rows]).toEqual(inOrder(all));
    expect(rows.at({ block: 0, offset: 291 })).toEqual(row(0, 291, 7, 9));
    rows.forget(2);
    expect([...rows]).toEqual(inOrder(all).slice(0, 291));
    rows.remove(0, [1, 2]);
    // the place is given to another one
    rows.note(row(0, 2, undefined, 11));
    expect([...rows].slice(0, 2)).toEqual([row(0, 2, undefined, 11), row(0, 3, 7, 9)]);
    rows.truncate(0);
    expect([...rows]).toEqual([]);
  });

  it('keep who made them when they go', () => {
    const rows = new UnknownRows(new MemoryBlockStore());
    rows.note(row(1, 1, 7));
    rows.note(row(1, 1, undefined, 9));
    expect([...rows]).toEqual([row(1, 1, 7, 9)]);
  });

  const inOrder = (all: readonly UnknownRow[]): UnknownRow[] =>
    all.toSorted((a, b) => a.block - b.block || a.offset - b.offset);
});
