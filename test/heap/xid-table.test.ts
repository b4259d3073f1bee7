import fc from 'fast-check';
import { expect, it } from 'vitest';
import { XidStates, XidTimes } from '../../src/heap/xid-table.js';

const end = fc.record({
  xid: fc.oneof(fc.nat(50), fc.integer({ min: 0xffffff00, max: 0xffffffff })),
  state: fc.integer({ min: 1, max: 3 }),
  time: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
});

it('what was last said of each transaction id is kept', () => {
  fc.assert(
    fc.property(fc.array(end), (ends) => {
      const states = new XidStates();
      const times = new XidTimes();
      for (const { xid, state, time } of ends) {
        states.set(xid, state);
        times.set(xid, time);
      }
      const last = new Map(ends.map((one) => [one.xid, one]));
      for (let xid = 0; xid < 100; xid++) {
        const known = last.get(xid);
        expect([states.stateOf(xid), times.timeOf(xid)]).toEqual([known?.state ?? 0, known?.time ?? 0n]);
      }
      for (const [xid, { state, time }] of last) {
        expect([states.stateOf(xid), times.timeOf(xid)]).toEqual([state, time]);
      }
    }),
  );
});

it.each([1, 4096, 0x10001])('a million ids %i apart are found at once', (step) => {
  const states = new XidStates();
  const times = new XidTimes();
  for (let i = 0; i < 1_000_000; i++) {
    states.set((i * step) >>> 0, 1 + (i % 3));
    times.set((i * step) >>> 0, BigInt(i));
  }
  for (let i = 0; i < 1_000_000; i += 997) {
    expect(states.stateOf((i * step) >>> 0)).toBe(1 + (i % 3));
    expect(times.timeOf((i * step) >>> 0)).toBe(BigInt(i));
  }
});
