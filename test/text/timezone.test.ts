import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePosixTz } from '../../src/text/posix-tz.js';
import { formatCtime, formatTimestampTz, UTC } from '../../src/text/timezone.js';
import { parseTzif } from '../../src/text/tzif.js';
import { WalError } from '../../src/wal/error.js';
import { TIMESTAMP_INFINITY, TIMESTAMP_MINUS_INFINITY } from '../../src/wal/timestamp.js';

/** 2025-12-24 17:53:45.880038 UTC */
const DELETED_AT = 819_914_025_880_038n;

describe('formatTimestampTz', () => {
  // The expected texts come from a C program that does what compat.c does, linked with glibc 2.36.
  it.each([
    [DELETED_AT, '2025-12-24 17:53:45.880038 UTC'],
    [0n, '2000-01-01 00:00:00.000000 UTC'],
    [-1n, '2000-01-01 00:00:00.-00001 UTC'],
    [-880_038n, '2000-01-01 00:00:00.-880038 UTC'],
    [-62_135_596_800_000_000n, '31-01-01 00:00:00.000000 UTC'],
    [-93_135_596_800_000_000n, '-952-08-25 16:53:20.000000 UTC'],
    [TIMESTAMP_INFINITY, '294277-01-09 04:00:54.775807 UTC'],
    [TIMESTAMP_MINUS_INFINITY, '-290278-12-22 19:59:06.-775808 UTC'],
  ])('prints %s as the C code does', (time, text) => {
    expect(formatTimestampTz(time, UTC)).toBe(text);
  });

  it('shifts by the offset that holds at that time', () => {
    const athens = parsePosixTz('EET-2EEST,M3.5.0/3,M10.5.0/4');
    expect(formatTimestampTz(DELETED_AT, athens)).toBe('2025-12-24 19:53:45.880038 EET');
    expect(formatTimestampTz(DELETED_AT - 15_552_000_000_000n, athens)).toBe(
      '2025-06-27 20:53:45.880038 EEST',
    );
  });
});

describe('formatCtime', () => {
  it.each([
    [1_766_598_825, 'Wed Dec 24 17:53:45 2025'],
    [0, 'Thu Jan  1 00:00:00 1970'],
    [-1, 'Wed Dec 31 23:59:59 1969'],
    [-62_135_596_801, 'Sun Dec 31 23:59:59 0'],
  ])('prints %s seconds as %s', (seconds, text) => {
    expect(formatCtime(seconds, UTC)).toBe(text);
  });
});

describe('parsePosixTz', () => {
  const MAY_2025 = 1_746_684_800; // 2025-05-08 06:13:20 UTC
  const NOVEMBER_2025 = 1_762_684_800; // 2025-11-09 10:40:00 UTC

  // Again what glibc 2.36 says, its handling of broken rules included.
  it.each([
    ['ABC5', -18_000, 'ABC', -18_000, 'ABC'],
    ['<+0330>-3:30', 12_600, '+0330', 12_600, '+0330'],
    ['<+02>-2:30:15', 9015, '+02', 9015, '+02'],
    ['ABC25', -86_400, 'ABC', -86_400, 'ABC'],
    ['EST5EDT', -14_400, 'EDT', -18_000, 'EST'],
    ['EST5EDT,M3.2.0', -14_400, 'EDT', -18_000, 'EST'],
    ['EST5EDT,J60,J300', -14_400, 'EDT', -18_000, 'EST'],
    ['EST5EDT,59/26,300/-3', -14_400, 'EDT', -18_000, 'EST'],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', 36_000, 'AEST', 39_600, 'AEDT'],
    ['XXX3EDT4,0/0,J365/23', -14_400, 'EDT', -14_400, 'EDT'],
    ['ABC5DEF0,M3.2.0,M11.1.0', 0, 'DEF', -18_000, 'ABC'],
    ['EST5EDT4,xx', -14_400, 'EDT', -14_400, 'EDT'],
    ['EST5ED', 0, '', 0, ''],
    ['EST-', 0, 'EST', 0, 'EST'],
    ['Foo/Bar', 0, 'Foo', 0, 'Foo'],
    ['A1C5', 0, '', 0, ''],
    ['<a b>5', 0, '', 0, ''],
  ])('%s', (text, mayOffset, mayName, novemberOffset, novemberName) => {
    const zone = parsePosixTz(text);
    expect(zone.at(MAY_2025)).toMatchObject({ offset: mayOffset, abbreviation: mayName });
    expect(zone.at(NOVEMBER_2025)).toMatchObject({ offset: novemberOffset, abbreviation: novemberName });
  });

  it('changes at the second the rule says', () => {
    const zone = parsePosixTz('EST5EDT,M3.2.0,M11.1.0');
    const start = Date.UTC(2025, 2, 9, 7) / 1000;
    const end = Date.UTC(2025, 10, 2, 6) / 1000;
    expect([start - 1, start, end - 1, end].map((at) => zone.at(at).abbreviation)).toEqual([
      'EST',
      'EDT',
      'EDT',
      'EST',
    ]);
  });

  it('reads any text', () => {
    const piece = fc.constantFrom(
      'EST',
      '5',
      'EDT',
      ',',
      'M3.2.0',
      'M13.9.9',
      'J60',
      '/2',
      '-',
      ':',
      '<',
      '>',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), fc.integer(), (parts, at) => {
        const { offset } = parsePosixTz(parts.join('')).at(at);
        return Number.isInteger(offset);
      }),
    );
  });
});

/** A TZif file of version 2 with one block of each width, made for these tests. */
function tzif(transitions: [time: number, type: number][], types: [number, boolean][], footer: string) {
  const block = (timeSize: number) => {
    const bytes = new Uint8Array(44 + transitions.length * (timeSize + 1) + types.length * (6 + 4));
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode('TZif2'));
    view.setUint32(32, transitions.length);
    view.setUint32(36, types.length);
    view.setUint32(40, types.length * 4);
    let at = 44;
    for (const [time] of transitions) {
      if (timeSize === 8) view.setBigInt64(at, BigInt(time));
      else view.setInt32(at, time);
      at += timeSize;
    }
    for (const [, type] of transitions) bytes[at++] = type;
    types.forEach(([offset, isDaylight], i) => {
      view.setInt32(at, offset);
      bytes[at + 4] = isDaylight ? 1 : 0;
      bytes[at + 5] = i * 4;
      at += 6;
    });
    types.forEach((_, i) => {
      bytes.set(new TextEncoder().encode(`TY${i}`), at + i * 4);
    });
    return bytes;
  };
  return Uint8Array.from([...block(4), ...block(8), ...new TextEncoder().encode(`\n${footer}\n`)]);
}

describe('parseTzif', () => {
  const file = tzif(
    [
      [-5_000_000_000, 1],
      [1000, 2],
    ],
    [
      [7200, true],
      [-600, false],
      [3600, true],
    ],
    'AAA-4',
  );

  it('follows the transitions, their 64-bit times included', () => {
    const zone = parseTzif(file);
    const names = [-5_000_000_001, -5_000_000_000, 999].map((at) => zone.at(at).abbreviation);
    expect(names).toEqual(['TY1', 'TY1', 'TY1']);
    expect(zone.at(1000)).toMatchObject({ offset: 14_400, abbreviation: 'AAA' });
  });

  it('stays with the last transition where there is no rule after it', () => {
    const zone = parseTzif(tzif([[1000, 0]], [[7200, true]], ''));
    expect(zone.at(999)).toMatchObject({ offset: 7200, abbreviation: 'TY0' });
    expect(zone.at(1e12)).toMatchObject({ offset: 7200, abbreviation: 'TY0' });
  });

  it('is of its first type where there is no transition, whatever the footer says, as in glibc', () => {
    const zone = parseTzif(tzif([], [[-18_000, false]], 'EST5EDT,M3.2.0,M11.1.0'));
    expect(zone.at(1_746_684_800)).toMatchObject({ offset: -18_000, abbreviation: 'TY0' });
  });

  it('says why other bytes are none', () => {
    expect(() => parseTzif(new TextEncoder().encode('root:x:0:0'.repeat(10)))).toThrow('begin with TZif');
    expect(() => parseTzif(file.subarray(0, 150))).toThrow('this is no time zone file');
  });

  it('throws nothing but WalError on mutated bytes', () => {
    const mutation = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 6 }), fc.nat(file.length), (mutations, length) => {
        const bytes = file.slice(0, length);
        for (const [at, value] of mutations) if (at < length) bytes[at] = value;
        try {
          parseTzif(bytes).at(500);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      }),
    );
  });
});
