import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRows, unpackRows } from '../../src/follow/packed-rows.js';

const number = fc.oneof(fc.constantFrom(0, 1, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));

describe('packed rows', () => {
  it('are the same again, but for the number that is not kept', () => {
    const cases = fc.integer({ min: 1, max: 32 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        spare: fc.nat(size - 1),
        rows: fc.array(fc.array(number, { minLength: size, maxLength: size }), { maxLength: 20 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ size, spare, rows }) => {
        const packed = packRows(Uint32Array.from(rows.flat()), rows.length, size, spare);
        expect(packed.length).toBeLessThanOrEqual(rows.length * size);
        const unpacked = new Uint32Array(rows.length * size).fill(99);
        unpackRows(packed, rows.length, size, unpacked);
        const wanted = rows.flatMap((row) => row.map((value, i) => (i === spare ? 0 : value)));
        expect([...unpacked]).toEqual(wanted);
      }),
    );
  });

  it('hold what differs from the row before', () => {
    const rows = Uint32Array.of(5, 6, 7, 0, 5, 6, 7, 0, 5, 9, 7, 0);
    expect([...packRows(rows, 3, 4, 3)]).toEqual([0b111, 5, 6, 7, 0, 0b10, 9]);
  });
});
