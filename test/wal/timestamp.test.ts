import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  civilTime,
  formatTimestampIso,
  POSTGRES_EPOCH_US,
  TIMESTAMP_INFINITY,
  TIMESTAMP_MINUS_INFINITY,
  timestampToUnixMs,
} from '../../src/wal/timestamp.js';

describe('timestamps', () => {
  it('agree with Date wherever Date reaches', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.integer({ min: 0, max: 999 }), (date, micros) => {
        const time = BigInt(date.getTime()) * 1000n - POSTGRES_EPOCH_US + BigInt(micros);
        const iso = date.toISOString();
        const expected = iso.replace('Z', `${String(micros).padStart(3, '0')}Z`);
        const year = date.getUTCFullYear();
        // Date prints the year 0 with four digits
        expect(formatTimestampIso(time)).toBe(year === 0 ? `+00${expected}` : expected);
        expect(timestampToUnixMs(time)).toBe(date.getTime());
      }),
      { numRuns: 2000 },
    );
  });

  it('hold from 4713 BC to 294276 AD', () => {
    // the ends that PostgreSQL documents for timestamp
    expect(civilTime(-211_813_488_000_000_000n)).toMatchObject({ year: -4713, month: 11, day: 24, hour: 0 });
    expect(civilTime(9_223_371_331_199_999_999n)).toEqual({
      year: 294_276,
      month: 12,
      day: 31,
      hour: 23,
      minute: 59,
      second: 59,
      microsecond: 999_999,
    });
  });

  it('name the infinities', () => {
    expect(formatTimestampIso(TIMESTAMP_INFINITY)).toBe('infinity');
    expect(formatTimestampIso(TIMESTAMP_MINUS_INFINITY)).toBe('-infinity');
  });

  it('shift by a zone', () => {
    expect(civilTime(0n, -7 * 3600)).toMatchObject({ year: 1999, month: 12, day: 31, hour: 17 });
  });
});
