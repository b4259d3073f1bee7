import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatF, formatG } from '../../src/text/printf.js';

// what C's printf prints
describe('formatF', () => {
  it.each([
    [0, '0.000000'],
    [-0, '-0.000000'],
    [-1, '-1.000000'],
    [1500, '1500.000000'],
    [0.1, '0.100000'],
    [0.0078125, '0.007812'],
    [0.0234375, '0.023438'],
    [0.9999995, '1.000000'],
    [999999.9999999, '1000000.000000'],
    [1e-7, '0.000000'],
    [123456789.1234568, '123456789.123457'],
    [1e21, '1000000000000000000000.000000'],
    [-1.5e22, '-15000000000000000000000.000000'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d', (value, text) => expect(formatF(value)).toBe(text));

  it('is never further off than half of the last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), (value) => {
        expect(Math.abs(Number(formatF(value)) - value)).toBeLessThanOrEqual(
          Math.max(5.1e-7, Math.abs(value) * 1e-15),
        );
      }),
    );
  });
});

describe('formatG', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [-1, '-1'],
    [100, '100'],
    [123456, '123456'],
    [999999, '999999'],
    [1e6, '1e+06'],
    [1234567, '1.23457e+06'],
    [1000005, '1e+06'],
    [1000015, '1.00002e+06'],
    [999999.5, '1e+06'],
    [0.0001, '0.0001'],
    [0.00012345678, '0.000123457'],
    [0.00001, '1e-05'],
    [0.1, '0.1'],
    [1.5, '1.5'],
    [1e100, '1e+100'],
    [5e-324, '4.94066e-324'],
    [1.7976931348623157e308, '1.79769e+308'],
    [Number.NaN, 'NaN'],
  ])('%d', (value, text) => expect(formatG(value)).toBe(text));

  it('has six significant digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.abs(Number(formatG(value)) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.1e-6);
      }),
    );
  });
});
