import fc from 'fast-check';
import { expect, it } from 'vitest';
import { XidTable } from '../../src/heap/xid-table.js';

const end = fc.record({
  xid: fc.oneof(fc.nat(50), fc.integer({ min: 0xffffff00, max: 0xffffffff })),
  state: fc.integer({ min: 1, max: 3 }),
  time: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
});

it('a table of transaction ids keeps what was last said of each', () => {
  fc.assert(
    fc.property(fc.array(end), (ends) => {
      const table = new XidTable();
      for (const { xid, state, time } of ends) table.set(xid, state, time);
      const last = new Map(ends.map((one) => [one.xid, one]));
      for (const [xid, { state, time }] of last) {
        expect([table.stateOf(xid), table.timeOf(xid)]).toEqual([state, time]);
      }
      expect([table.stateOf(77), table.timeOf(77)]).toEqual([0, 0n]);
    }),
  );
});

it.each([1, 4096, 0x10001])('a million ids %i apart are found at once', (step) => {
  const table = new XidTable();
  for (let i = 0; i < 1_000_000; i++) table.set((i * step) >>> 0, 1 + (i % 3), BigInt(i));
  for (let i = 0; i < 1_000_000; i += 997) expect(table.timeOf((i * step) >>> 0)).toBe(BigInt(i));
});
