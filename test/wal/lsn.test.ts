import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, formatLsnShort, parseLsn } from '../../src/wal/lsn.js';

describe('LSN', () => {
  it('prints eight digits after the slash', () => {
    expect(formatLsn(0x4000680n)).toBe('0/04000680');
    expect(formatLsn(0xab_0000_0001n)).toBe('AB/00000001');
    expect(formatLsn(2n ** 64n - 1n)).toBe('FFFFFFFF/FFFFFFFF');
  });

  it('prints as PostgreSQL before 19 does', () => {
    expect(formatLsnShort(0x4000680n)).toBe('0/4000680');
    expect(formatLsnShort(0n)).toBe('0/0');
  });

  it('reads both forms back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => {
        expect(parseLsn(formatLsn(lsn))).toBe(lsn);
        expect(parseLsn(formatLsnShort(lsn))).toBe(lsn);
        expect(parseLsn(formatLsn(lsn).toLowerCase())).toBe(lsn);
      }),
    );
  });

  it.each(['', '0', '0/', '/0', '0/0/0', '0/G', '123456789/0', '0/123456789', ' 0/0', '-1/0', '0x0/0'])(
    'refuses %j',
    (text) => {
      expect(parseLsn(text)).toBeUndefined();
    },
  );
});
