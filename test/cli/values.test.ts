import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { countValue, lsnValue, parseTime, parseXid, timeValue } from '../../src/cli/values.js';
import { localTimeZone } from '../../src/node/timezone.js';
import { UTC } from '../../src/text/timezone.js';
import { formatTimestampIso } from '../../src/wal/timestamp.js';

function iso(text: string, zone = UTC): string | undefined {
  const time = parseTime(text, zone);
  return time === undefined ? undefined : formatTimestampIso(time);
}

/** What `recovery_target_xid` of 15 and 18 is taken for (see the tests of plan against servers) and what 19 refuses. */
describe('a transaction id', () => {
  it.each([
    ['3', 3],
    ['727', 727],
    ['4294967295', 4_294_967_295],
    ['4294968023', 4_294_968_023],
    ['18446744073709551615', 0xffff_ffff_ffff_ffffn],
    ['0x2d7', 727],
    ['0X2D7', 727],
    ['01327', 727],
  ])('%s', (text, expected) => expect(parseXid(text)).toBe(expected));

  it.each([
    '',
    '2',
    '0',
    '4294967296',
    '4294967298',
    '18446744073709551616',
    '-727',
    '727x',
    '08',
    '0x',
    '7.0',
  ])('is not: %j', (text) => expect(parseXid(text)).toBeUndefined());
});

describe('a time', () => {
  it.each([
    ['2025-12-24 17:53:45.880038+00', '2025-12-24T17:53:45.880038Z'],
    ['2025-12-24T17:53:45.880038Z', '2025-12-24T17:53:45.880038Z'],
    ['2025-12-24 17:53:45.88 UTC', '2025-12-24T17:53:45.880000Z'],
    ['2025-12-24 10:53:45-07', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 23:23:45+05:30', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 23:23:45+0530', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 17:53', '2025-12-24T17:53:00.000000Z'],
    [' 2025-12-24 ', '2025-12-24T00:00:00.000000Z'],
    ['2024-02-29 12:00', '2024-02-29T12:00:00.000000Z'],
    ['0050-01-01', '0050-01-01T00:00:00.000000Z'],
    ['0099-12-31 12:00', '0099-12-31T12:00:00.000000Z'],
    ['1999-12-31 23:59:59.999999Z', '1999-12-31T23:59:59.999999Z'],
  ])('%s', (text, expected) => expect(iso(text)).toBe(expected));

  it.each([
    '',
    'now',
    '2025-12-24 17',
    '2025-02-29',
    '0000-01-01',
    '2025-13-01',
    '2025-12-24 24:00',
    '2025-12-24 17:60',
    '24.12.2025',
  ])('is not: %j', (text) => expect(iso(text)).toBeUndefined());

  it('without a zone is local, summer and winter', () => {
    const zone = localTimeZone({ TZ: 'CET-1CEST,M3.5.0,M10.5.0/3' });
    expect(iso('2025-12-24 18:00', zone)).toBe('2025-12-24T17:00:00.000000Z');
    expect(iso('2025-07-24 18:00', zone)).toBe('2025-07-24T16:00:00.000000Z');
    expect(iso('2025-07-24 18:00Z', zone)).toBe('2025-07-24T18:00:00.000000Z');
  });
});

it('refuses wrong values with what they should look like', () => {
  expect(lsnValue('0/4000680')).toBe(0x4000680n);
  expect(() => lsnValue('4000680')).toThrow(InvalidArgumentError);
  expect(countValue('12')).toBe(12);
  for (const text of ['0', '-1', '1.5', 'x', '', '4294967296']) {
    expect(() => countValue(text)).toThrow(InvalidArgumentError);
  }
  expect(() => timeValue(UTC)('yesterday')).toThrow(InvalidArgumentError);
});
