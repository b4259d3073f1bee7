import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeapPage } from '../../src/heap/page.js';
import { RowReader } from '../../src/heap/row.js';
import { deformTuple, storedSize, TUPLE_HEADER_SIZE } from '../../src/heap/tuple.js';
import { builtinTypes } from '../../src/heap/types/builtin.js';
import { formatStored } from '../../src/heap/types/index.js';
import type { Column, Type } from '../../src/heap/types/type.js';
import { noToast } from '../../src/heap/varlena.js';
import { MemoryBlockStore } from '../../src/replay/block-store.js';
import { ReplayedRelation } from '../../src/replay/replayed-relation.js';
import { UTC } from '../../src/text/timezone.js';
import { OutOfBounds } from '../../src/wal/byte-view.js';
import { WalError } from '../../src/wal/error.js';

const context = { version: 18, timezone: UTC, type: (oid: number) => builtinTypes.get(oid) };
const VARLENA = { length: -1, alignment: 4 } as const;
const TEXT = 25;
const TSVECTOR = 3614;

/** What it throws, if anything, is a WalError. @returns its code */
function codeOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof WalError) return error.code;
    throw error;
  }
}

/** A tuple of one column. */
function tupleOf(data: Uint8Array, hoff = 24): Uint8Array {
  const tuple = new Uint8Array(24 + data.length);
  tuple[18] = 1;
  tuple[22] = hoff;
  tuple.set(data, 24);
  return tuple;
}

/** A page with three tuples. */
function pageOf(): HeapPage {
  const page = HeapPage.empty(8192);
  for (let offset = 1; offset <= 3; offset++) page.addItem(offset, tupleOf(Uint8Array.of(5, offset)));
  return page;
}

/** The places that are read of a page, and what is said of the others. */
function read(page: HeapPage): { places: number[]; problems: string[] } {
  const store = new MemoryBlockStore();
  store.write(7, page.bytes);
  const relation = new ReplayedRelation({ spcOid: 1663, dbOid: 5, relNumber: 16_384 }, store);
  const places = Array.from(relation.tuples(), ({ offset }) => offset);
  return { places, problems: relation.problems.map(({ message }) => message) };
}

it('bytes that end too early are a WalError', () => {
  expect(new OutOfBounds(1, 2, 3)).toMatchObject({ code: 'out-of-bounds', kind: 'damage' });
});

describe('a page', () => {
  const setItem = (page: HeapPage, offset: number, length: number): void =>
    new DataView(page.bytes.buffer).setUint32(28, (offset | (1 << 15) | (length << 17)) >>> 0, true);

  it.each([
    ['beyond the page', 8184, 64],
    ['among the line pointers', 24, 32],
    ['in the free space', 4096, 32],
    ['at a place that none is at', 8161, 31],
    ['without room for a header', 8168, 22],
  ])('gives what is sound of it, and tells of an item %s', (_, offset, length) => {
    const page = pageOf();
    setItem(page, offset, length);
    const { places, problems } = read(page);
    expect(places).toEqual([1, 3]);
    expect(problems).toEqual([
      expect.stringMatching(/^item 2 of block 7 of base\/5\/16384 cannot be read: item 2 /),
    ]);
  });

  it.each([
    ['pd_lower', 12, 9000],
    ['pd_lower', 12, 8],
    ['pd_upper', 14, 24],
    ['pd_special', 16, 9000],
    ['pd_special', 16, 8188],
    ['pd_upper', 14, 0],
  ])('is told where %s cannot be right', (_, at, value) => {
    const page = pageOf();
    new DataView(page.bytes.buffer).setUint16(at, value, true);
    const { places, problems } = read(page);
    expect(places).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(/^block 7 of base\/5\/16384 cannot be read: /)]);
  });

  it('is none, and no damage, where it was never written', () => {
    expect(read(new HeapPage(new Uint8Array(8192)))).toEqual({ places: [], problems: [] });
  });

  it('of many damaged items has the first told, and the number of the others', () => {
    const page = HeapPage.empty(8192);
    for (let offset = 1; offset <= 100; offset++) page.addItem(offset, tupleOf(Uint8Array.of(3)));
    for (let at = 24; at < 424; at += 4) page.bytes[at] = 1;
    const { problems } = read(page);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe('80 more things in base/5/16384 cannot be read');
  });

  it('of more damaged items than are told has those counted that are not replaced', () => {
    const store = new MemoryBlockStore();
    const relation = new ReplayedRelation({ spcOid: 1663, dbOid: 5, relNumber: 1259 }, store);
    for (const block of [7, 8]) {
      const page = HeapPage.empty(8192);
      for (let offset = 1; offset <= 100; offset++) page.addItem(offset, tupleOf(Uint8Array.of(3)));
      for (let at = 24; at < 424; at += 4) page.bytes[at] = 1;
      store.write(block, page.bytes);
    }
    // twice, as more than one looks at them
    expect([...relation.tuples(), ...relation.tuples()]).toEqual([]);
    expect(relation.problems.at(-1)?.message).toBe('180 more things in base/5/1259 cannot be read');
    relation.replace(7, pageOf());
    expect(relation.problems.map(({ message }) => message)).toEqual([
      '100 things in base/5/1259 cannot be read',
    ]);
    relation.replace(8, pageOf());
    expect(relation.problems).toEqual([]);
  });

  it('that was torn and is replaced is no damage, also where what it held is kept', () => {
    const torn = pageOf();
    setItem(torn, 24, 32);
    const store = new MemoryBlockStore();
    store.write(7, torn.bytes);
    const relation = new ReplayedRelation({ spcOid: 1663, dbOid: 5, relNumber: 1259 }, store, true);
    expect([...relation.tuples()]).toHaveLength(2);
    expect(relation.problems).toHaveLength(1);
    relation.replace(7, pageOf());
    expect([...relation.tuples()]).toHaveLength(3);
    expect(relation.problems).toEqual([]);
  });

  it('of which not all is known is known no better where it was copied', () => {
    const locator = { spcOid: 1663, dbOid: 5, relNumber: 1259 };
    const [source, copy] = [locator, { ...locator, dbOid: 6 }].map(
      (file) => new ReplayedRelation(file, new MemoryBlockStore()),
    );
    source.write(2, source.page(2, 8192));
    const row = { block: 2, offset: 1, xmin: 700, xmax: undefined, ctid: { block: 2, offset: 1 } };
    source.noteUnknown(row);
    copy.copy(source);
    expect(copy.isPartial(2)).toBe(true);
    expect([...copy.unknownRows()]).toEqual([row]);
  });

  it('is read or told, whatever was changed in it', () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 8191 }), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 50 }), (changes) => {
        const page = pageOf();
        for (const [at, byte] of changes) page.bytes[at % (at % 2 ? 8192 : 40)] = byte;
        expect(read(page).places.length).toBeLessThanOrEqual(3000);
      }),
    );
  });
});

describe('a tuple', () => {
  it.each([
    ['data where none begin', tupleOf(Uint8Array.of(5, 65), 25)],
    ['data within its header', tupleOf(Uint8Array.of(5, 65), TUPLE_HEADER_SIZE - 1)],
    ['data behind its end', tupleOf(Uint8Array.of(5, 65), 240)],
    ['a value that is longer', tupleOf(Uint8Array.of(0xff, 65))],
    ['half a header of a value', tupleOf(Uint8Array.of(0, 0))],
    ['a value shorter than its header', tupleOf(Uint8Array.of(8, 0, 0, 0))],
    ['an unknown kind of pointer', tupleOf(Uint8Array.of(1, 7))],
    ['a pointer that is cut off', tupleOf(Uint8Array.of(1, 18, 0))],
  ])('with %s is refused', (_, tuple) => {
    expect(codeOf(() => deformTuple(tuple, [VARLENA]))).toMatch(/^(?:corrupt-tuple|out-of-bounds)$/);
  });

  it('with a C string that does not end is refused', () => {
    const layout = { length: -2, alignment: 1 } as const;
    expect(codeOf(() => storedSize(Uint8Array.of(65, 66), 0, layout))).toBe('corrupt-tuple');
    expect(storedSize(Uint8Array.of(65, 0, 66), 0, layout)).toBe(2);
  });
});

describe('values', () => {
  it('of every type are printed or refused, whatever their bytes are', () => {
    const types = [...builtinTypes.values()];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 120 }), (type: Type, bytes) => {
        const stored = type.length > 0 ? bytes.subarray(0, type.length) : withHeader(bytes);
        codeOf(() => formatStored(stored, type, context));
      }),
      { numRuns: 3000 },
    );
  });

  function withHeader(bytes: Uint8Array): Uint8Array {
    const stored = new Uint8Array(bytes.length + 4);
    new DataView(stored.buffer).setUint32(0, stored.length << 2, true);
    stored.set(bytes, 4);
    return stored;
  }

  it('whose words all lie at one place do not take the product of their numbers', () => {
    const words = 20_000;
    const positions = 60_000;
    const bytes = new Uint8Array(4 + words * 4 + 4 + positions * 2);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, words, true);
    // each has positions, of which there are as many as there can be, and no letter
    for (let i = 0; i < words; i++) view.setUint32(4 + i * 4, 1, true);
    view.setUint16(4 + words * 4, positions, true);
    const type = builtinTypes.get(TSVECTOR)!;
    expect(codeOf(() => formatStored(withHeader(bytes), type, context))).toBe('corrupt-value');
  });

  it('whose text no string can hold are missing, with the reason', () => {
    const column: Column = {
      ...{ name: 'a', type: TEXT, modifier: -1, dropped: false, generated: '', identity: '' },
      ...VARLENA,
    };
    const tooLong = (): never => {
      throw new RangeError('Invalid string length');
    };
    const row = { block: 0, offset: 1, tuple: tupleOf(Uint8Array.of(5, 65)) };
    const type = {
      ...builtinTypes.get(TEXT)!,
      get kind(): 'base' {
        return tooLong();
      },
    };
    const reader = new RowReader([column], { ...context, type: () => type }, noToast);
    expect(codeOf(() => reader.read(row))).toBe('value-too-large');
  });
});
