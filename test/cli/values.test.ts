import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { countValue, lsnValue } from '../../src/cli/values.js';

it('refuses wrong values with what they should look like', () => {
  expect(lsnValue('0/4000680')).toBe(0x4000680n);
  expect(() => lsnValue('4000680')).toThrow(InvalidArgumentError);
  expect(countValue('12')).toBe(12);
  for (const text of ['0', '-1', '1.5', 'x', '', '4294967296']) {
    expect(() => countValue(text)).toThrow(InvalidArgumentError);
  }
});
