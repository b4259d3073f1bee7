import { describe, expect, it } from 'vitest';
import { exactTime, TIME_PATTERN, timeToIso } from '../../src/web/app/parts/times.js';
import { hexLines } from '../../src/web/app/records/hex-lines.js';
import {
  lastTop,
  type RowList,
  scrollAt,
  scrollHeight,
  topAfter,
  topAt,
} from '../../src/web/app/records/row-scroll.js';

/** The lowest limit of a browser: Firefox's. */
const BROWSER_LIMIT = 17_000_000;

describe.each([1, 10, 1000, 285_714, 285_715, 5_000_000, 1_000_000_000])('a list of %i rows', (count) => {
  const list: RowList = { count, rowHeight: 28, viewport: 565 };

  it('fits into a page, and all of it can be reached', () => {
    expect(scrollHeight(list)).toBeLessThan(BROWSER_LIMIT);
    expect(topAt(list, 0)).toBe(0);
    const end = Math.max(0, scrollHeight(list) - list.viewport);
    expect(topAt(list, end)).toBeCloseTo(lastTop(list), 6);
    expect(topAt(list, end) + list.viewport / list.rowHeight).toBeGreaterThanOrEqual(Math.min(count, 20.1));
    for (const share of [0.1, 0.5, 0.9]) {
      const top = lastTop(list) * share;
      expect(topAt(list, scrollAt(list, top))).toBeCloseTo(top, 4);
    }
  });

  it('goes row by row with a wheel, and stays within', () => {
    const middle = lastTop(list) / 2;
    const at = scrollAt(list, middle);
    const next = topAfter(list, middle, at, at + 280);
    expect(next).toBeCloseTo(Math.min(lastTop(list), middle + (lastTop(list) === 0 ? 0 : 10)), 4);
    expect(topAfter(list, 0, 100, 0)).toBe(0);
    expect(topAfter(list, lastTop(list), at, at + 500)).toBeLessThanOrEqual(lastTop(list));
  });
});

it('lines of bytes are cut where fields are', () => {
  const bytes = Uint8Array.from({ length: 37 }, (_, i) => i);
  const fields = [
    { offset: 0, length: 4, name: 'xl_tot_len', value: '37' },
    { offset: 4, length: 30, name: 'main data', value: null },
    { offset: 34, length: 3, name: 'rest', value: null },
  ];
  const parts = (count: number) =>
    hexLines(bytes, fields, 0, count).map((line) =>
      line.parts.map((part) => [part.field, ...part.bytes].join()),
    );
  expect(parts(2)).toEqual([
    ['0,0,1,2,3', '1,4,5,6,7,8,9,10,11,12,13,14,15'],
    ['1,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31'],
  ]);
  expect(parts(9)[2]).toEqual(['1,32,33', '2,34,35,36']);
  expect(hexLines(bytes, [], 0, 9)).toHaveLength(3);
  expect(hexLines(bytes, fields, 2, 9)).toEqual(hexLines(bytes, fields, 0, 9).slice(2));
});

describe('times', () => {
  const whole = new RegExp(`^(?:${TIME_PATTERN})$`, 'v');

  it.each([
    ['2026-11-22', '2026-11-22T00:00:00Z'],
    ['2026-11-22 10:13', '2026-11-22T10:13:00Z'],
    ['2026-11-22 10:13:48.518208', '2026-11-22T10:13:48.518208Z'],
    ['2026-11-22T10:13:48Z', '2026-11-22T10:13:48Z'],
    ['2026-11-22 10:13:48+01', '2026-11-22T10:13:48+01:00'],
    ['2026-11-22 10:13:48.5 +0530', '2026-11-22T10:13:48.5+05:30'],
    ['2026-11-22 10:13 UTC', '2026-11-22T10:13:00Z'],
  ])('%s', (written, iso) => {
    expect(written).toMatch(whole);
    expect(timeToIso(written)).toBe(iso);
    expect(iso).toMatch(whole);
    expect(timeToIso(iso)).toBe(iso);
  });

  it.each(['', 'yesterday', '22/11/2026', '2026-11-22 10', '2026-11-22 10:13 CET'])('none: %s', (text) => {
    expect(text).not.toMatch(whole);
  });

  it('keep their microseconds', () => {
    expect(exactTime('2026-11-22T10:13:48.518208Z', 'utc')).toBe('2026-11-22 10:13:48.518208+00');
  });
});
