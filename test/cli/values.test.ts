import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { countValue, lsnValue, parseXid } from '../../src/cli/values.js';

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

it('refuses wrong values with what they should look like', () => {
  expect(lsnValue('0/4000680')).toBe(0x4000680n);
  expect(() => lsnValue('4000680')).toThrow(InvalidArgumentError);
  expect(countValue('12')).toBe(12);
  for (const text of ['0', '-1', '1.5', 'x', '', '4294967296']) {
    expect(() => countValue(text)).toThrow(InvalidArgumentError);
  }
});
