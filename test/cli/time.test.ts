import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readDigits, readTime } from '../../src/cli/time/read.js';
import { formatTimestamptz } from '../../src/heap/types/datetime.js';
import { localTimeZone, namedZone } from '../../src/node/timezone.js';
import { formatCtime, formatTimestampTz, type TimeZone, UTC } from '../../src/text/timezone.js';
import { WalError } from '../../src/wal/error.js';
import { formatTimestampIso, POSTGRES_EPOCH_US, type TimestampTz } from '../../src/wal/timestamp.js';

const hasZoneFiles = existsSync('/usr/share/zoneinfo/zone.tab');

/** A Thursday. */
const NOW = Date.UTC(2026, 10, 26, 15, 45, 30, 123);

const zoneOf = (name: string): TimeZone => namedZone(name) ?? localTimeZone({ TZ: name });

async function iso(text: string, zone = 'UTC'): Promise<string | undefined> {
  const read = await readTime(text, zoneOf(zone), NOW);
  return read && formatTimestampIso(read.time);
}

async function notesOf(text: string, zone = 'UTC'): Promise<string[]> {
  return (await readTime(text, zoneOf(zone), NOW))?.notes.map(String) ?? [];
}

const ofUnix = (seconds: number): TimestampTz => BigInt(seconds) * 1_000_000n - POSTGRES_EPOCH_US;

describe('a time in digits', () => {
  it.each([
    ['2025-12-24 17:53:45.880038+00', '2025-12-24T17:53:45.880038Z'],
    ['2025-12-24T17:53:45.880038Z', '2025-12-24T17:53:45.880038Z'],
    ['2025-12-24 17:53:45.88 UTC', '2025-12-24T17:53:45.880000Z'],
    ['2025-12-24 17:53:45,123 GMT', '2025-12-24T17:53:45.123000Z'],
    ['2025-12-24T17:53:45.880038499Z', '2025-12-24T17:53:45.880038Z'],
    ['2025-12-24T17:53:45.9999996Z', '2025-12-24T17:53:46.000000Z'],
    ['2025-12-24 10:53:45-07', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 23:23:45+05:30', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 23:23:45 +0530', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 14:23:45-0330', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 14:23:45-330', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 22:53:45+5', '2025-12-24T17:53:45.000000Z'],
    ['1883-11-18 12:00:00-04:56:02', '1883-11-18T16:56:02.000000Z'],
    ['20251224T175345Z', '2025-12-24T17:53:45.000000Z'],
    ['20251224T1753', '2025-12-24T17:53:00.000000Z'],
    ['2025-12-24 5:53 PM', '2025-12-24T17:53:00.000000Z'],
    ['2025-12-24 12:05am', '2025-12-24T00:05:00.000000Z'],
    ['2025-12-24 17:53', '2025-12-24T17:53:00.000000Z'],
    ['2025-12-24 24:00', '2025-12-25T00:00:00.000000Z'],
    ['2016-12-31 23:59:60', '2017-01-01T00:00:00.000000Z'],
    [' 2025-12-24 ', '2025-12-24T00:00:00.000000Z'],
    ['2024-02-29 12:00', '2024-02-29T12:00:00.000000Z'],
    ['0050-01-01', '0050-01-01T00:00:00.000000Z'],
    ['0099-12-31 12:00', '0099-12-31T12:00:00.000000Z'],
    ['1999-12-31 23:59:59.999999Z', '1999-12-31T23:59:59.999999Z'],
    ['294276-12-31 23:59:59.999999+00', '+294276-12-31T23:59:59.999999Z'],
    ['2025-12-24 12:53:45 America/Lima', '2025-12-24T17:53:45.000000Z'],
    ['2025-12-24 18:53:45 europe/berlin', '2025-12-24T17:53:45.000000Z'],
    ['2025-07-24 19:53:45 Europe/Berlin', '2025-07-24T17:53:45.000000Z'],
    ['2025-07-24 14:53:45 America/Argentina/Buenos_Aires', '2025-07-24T17:53:45.000000Z'],
  ])('%s', async (text, expected) => {
    expect(await iso(text)).toBe(expected);
    expect(await notesOf(text)).toEqual([]);
  });

  it.each([
    ['', /empty/],
    ['  ', /empty/],
    ['infinity', /infinity/],
    ['-infinity', /infinity/],
    ['2025-02-29', /there is no day 2025-02-29/],
    ['0000-01-01', /there is no day/],
    ['2025-13-01', /there is no day/],
    ['2025-12-24 24:01', /no such time of day/],
    ['2025-12-24 17:60', /no such time of day/],
    ['2025-12-24 17:53 pm', /no such time of day/],
    ['294277-01-01', /out of the range/],
    ['999999-01-01', /out of the range/],
    ['2025-12-24 17:53+16', /less than 16 hours/],
    ['2025-12-24 17:53 Europe/Nowhere', /Europe\/Nowhere is no time zone.*such as \+02/],
    ['2025-12-24 17:53 XYZ', /XYZ is no time zone/],
    ['2025-12-24 17:53 UTC+3', /east of Greenwich for some and west/],
  ])('that there is not: %j', async (text, message) => {
    await expect(iso(text)).rejects.toThrow(message);
  });

  it.each(['2025-12-24 17', '2025-12', 'nothing', '1', '12:53:45 foo'])('is not: %j', async (text) =>
    expect(await iso(text)).toBeUndefined(),
  );

  it('without a zone is local, summer and winter', async () => {
    const zone = 'CET-1CEST,M3.5.0,M10.5.0/3';
    expect(await iso('2025-12-24 18:00', zone)).toBe('2025-12-24T17:00:00.000000Z');
    expect(await iso('2025-07-24 18:00', zone)).toBe('2025-07-24T16:00:00.000000Z');
    expect(await iso('2025-07-24 18:00Z', zone)).toBe('2025-07-24T18:00:00.000000Z');
    expect(await iso('2025-07-24 18:00 cest', zone)).toBe('2025-07-24T16:00:00.000000Z');
    expect(await iso('2025-07-24 18:00 CET', zone)).toBe('2025-07-24T17:00:00.000000Z');
    expect(await iso('2025-07-24 18:00 -03', '<-03>3')).toBe('2025-07-24T21:00:00.000000Z');
  });
});

describe.skipIf(!hasZoneFiles)('an abbreviation', () => {
  it.each([
    ['Asia/Kolkata', '2025-12-24 17:53:45 IST', '2025-12-24T12:23:45.000000Z'],
    ['Asia/Jerusalem', '2025-12-24 17:53:45 IST', '2025-12-24T15:53:45.000000Z'],
    ['Europe/Dublin', '2025-07-24 17:53:45 IST', '2025-07-24T16:53:45.000000Z'],
    ['Asia/Shanghai', '2025-12-24 17:53:45 CST', '2025-12-24T09:53:45.000000Z'],
    ['America/Chicago', '2025-12-24 17:53:45 CST', '2025-12-24T23:53:45.000000Z'],
    ['America/Sao_Paulo', '2025-12-24 17:53:45 -03', '2025-12-24T20:53:45.000000Z'],
  ])('means what it means in the zone in force: %s, %s', async (zone, text, expected) => {
    expect(await iso(text, zone)).toBe(expected);
  });

  it.each([
    ['2025-12-24 17:53:45 EST', '2025-12-24T22:53:45.000000Z'],
    ['2025-12-24 17:53:45 CET', '2025-12-24T16:53:45.000000Z'],
    // of the abbreviation, not of the zone of this name, which is on summer time then
    ['2025-07-24 17:53:45 CET', '2025-07-24T16:53:45.000000Z'],
    ['2025-07-24 17:53:45 cest', '2025-07-24T15:53:45.000000Z'],
    ['2025-07-24 17:53:45 JST', '2025-07-24T08:53:45.000000Z'],
  ])('means what it means everywhere else: %s', async (text, expected) => {
    expect(await iso(text)).toBe(expected);
  });

  it('that means one thing here and another one there is told', async () => {
    await expect(iso('2025-12-24 17:53:45 IST')).rejects.toThrow(
      /^IST is (?=.*\+05:30 in Asia\/Kolkata)(?=.*\+02 in Asia\/Jerusalem).*give the offset/,
    );
  });
});

describe('where clocks are changed', () => {
  it('takes the later of two, as PostgreSQL does, and says so', async () => {
    expect(await iso('2026-11-01 01:30', 'America/New_York')).toBe('2026-11-01T06:30:00.000000Z');
    const [note, ...more] = await notesOf('2026-11-01 01:30', 'America/New_York');
    expect(more).toEqual([]);
    expect(note).toMatch(/twice: 2026-11-01 01:30:00-05 .* is taken.*not 2026-11-01 01:30:00-04 /);
    expect(await notesOf('2026-11-01 01:30-04', 'America/New_York')).toEqual([]);
    expect(await notesOf('2026-11-01 02:00', 'America/New_York')).toEqual([]);
    expect(await notesOf('2026-11-01 00:59:59', 'America/New_York')).toEqual([]);
    expect(await notesOf('2026-11-01 01:30 America/New_York')).toEqual([note]);
  });

  it('goes over what no clock showed, as PostgreSQL does, and says so', async () => {
    expect(await iso('2026-03-08 02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000000Z');
    expect(await notesOf('2026-03-08 02:30', 'America/New_York')).toEqual([
      expect.stringContaining('put forward over that time: 2026-03-08 03:30:00-04 is taken'),
    ]);
  });
});

describe('what is printed is read', () => {
  /** The next change of the clocks in the year after `unixSeconds`, or the end of that year. */
  function changeAfter(unixSeconds: number, zone: TimeZone): number {
    const { offset } = zone.at(unixSeconds);
    let [before, after] = [unixSeconds, unixSeconds + 604_800];
    while (zone.at(after).offset === offset && after < unixSeconds + 31_536_000) {
      [before, after] = [after, after + 604_800];
    }
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (zone.at(middle).offset === offset) before = middle;
      else after = middle;
    }
    return after;
  }

  const names = Intl.supportedValuesOf('timeZone');
  const second = fc.integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2036, 0) / 1000 });
  const near = fc.option(fc.integer({ min: -7200, max: 7200 }));
  const micros = fc.integer({ min: 0, max: 999_999 });

  it('as the same moment, in every zone, over the years and where clocks are changed', () => {
    expect(names.length).toBeGreaterThan(400);
    fc.assert(
      fc.property(fc.constantFrom(...names), second, near, micros, (name, seconds, away, fraction) => {
        const zone = namedZone(name)!;
        const at = away === null ? seconds : changeAfter(seconds, zone) + away;
        const time = ofUnix(at) + BigInt(fraction);
        for (const text of [formatTimestamptz(time, zone), formatTimestampIso(time)]) {
          expect(readDigits(text, zone)).toEqual({ time, notes: [] });
        }
        const read = readDigits(formatTimestampTz(time, zone), zone);
        if (read?.time === time) return;
        // 'MSK' twice when it was put back in 2014: then both are told
        expect(read?.notes.map(String)).toEqual([
          expect.stringContaining(formatTimestamptz(ofUnix(at), zone)),
        ]);
      }),
      { numRuns: 2500 },
    );
  });

  it.skipIf(!hasZoneFiles)('but for an hour with the same abbreviation twice, which is told', () => {
    const zone = zoneOf('Europe/Moscow');
    const early = Date.UTC(2014, 9, 25, 21, 30) / 1000;
    const text = formatTimestampTz(ofUnix(early), zone);
    expect(text).toBe('2014-10-26 01:30:00.000000 MSK');
    expect(readDigits(text, zone)?.notes.map(String)).toEqual([
      expect.stringMatching(/01:30:00\+03.*01:30:00\+04/),
    ]);
  });

  it('before 2000, where a fraction is printed as C has it', () => {
    for (const time of [-1n, -880_038n, -1_000_000n, -86_400_000_001n]) {
      expect(readDigits(formatTimestampTz(time, UTC), UTC)?.time).toBe(time);
    }
  });

  it('as pg_controldata prints it', async () => {
    const at = Date.UTC(2026, 10, 2, 3, 4, 5) / 1000;
    for (const name of ['UTC', 'America/Lima', 'Asia/Kolkata']) {
      const zone = zoneOf(name);
      expect((await readTime(formatCtime(at, zone), zone, NOW))?.time).toBe(ofUnix(at));
    }
  });
});

describe('a time in words', () => {
  it.each([
    ['now', '2026-11-26T15:45:30.123000Z'],
    ['today', '2026-11-26T00:00:00.000000Z'],
    ['yesterday', '2026-11-25T00:00:00.000000Z'],
    ['Yesterday 18:00', '2026-11-25T18:00:00.000000Z'],
    ['yesterday at 6pm', '2026-11-25T18:00:00.000000Z'],
    ['yesterday 6 PM', '2026-11-25T18:00:00.000000Z'],
    ['18:00 yesterday', '2026-11-25T18:00:00.000000Z'],
    ['yesterday noon', '2026-11-25T12:00:00.000000Z'],
    ['yesterday 10:13:39.123456', '2026-11-25T10:13:39.123456Z'],
    ['2 hours ago', '2026-11-26T13:45:30.123000Z'],
    ['90s ago', '2026-11-26T15:44:00.123000Z'],
    ['2 days ago', '2026-11-24T15:45:30.123000Z'],
    ['last friday 9am', '2026-11-20T09:00:00.000000Z'],
    ['last friday', '2026-11-20T00:00:00.000000Z'],
    ['22/11/2026 10:13', '2026-11-22T10:13:00.000000Z'],
    ['11/22/2026 10:13', '2026-11-22T10:13:00.000000Z'],
    ['22.11.2026 10:13:39.636074', '2026-11-22T10:13:39.636074Z'],
    ['22/11/2026', '2026-11-22T00:00:00.000000Z'],
    ['11/11/2026', '2026-11-11T00:00:00.000000Z'],
    ['2026/11/22 10:13', '2026-11-22T10:13:00.000000Z'],
    ['22 November 2026 10:13', '2026-11-22T10:13:00.000000Z'],
    ['Sun Nov 22 10:13:39.5 2026', '2026-11-22T10:13:39.500000Z'],
    ['Sun Nov 22 07:13:39.5 2026 -03', '2026-11-22T10:13:39.500000Z'],
    ['10:13', '2026-11-26T10:13:00.000000Z'],
    ['yesterday 18:00 +02:00', '2026-11-25T16:00:00.000000Z'],
    ['yesterday 18:00-03', '2026-11-25T21:00:00.000000Z'],
    ['22/11/2026 10:13 America/Lima', '2026-11-22T15:13:00.000000Z'],
    ['22/11/2026 10:13:39.5 Z', '2026-11-22T10:13:39.500000Z'],
  ])('%s', async (text, expected) => {
    expect(await iso(text)).toBe(expected);
    expect(await notesOf(text)).toEqual([expect.stringMatching(/is read as \d{4}-\d\d-\d\d \d\d:.*\+00$/)]);
  });

  it.skipIf(!hasZoneFiles)('with the abbreviation of a zone', async () => {
    expect(await iso('yesterday 18:00 EST')).toBe('2026-11-25T23:00:00.000000Z');
    expect(await iso('yesterday 18:00 IST', 'Asia/Kolkata')).toBe('2026-11-25T12:30:00.000000Z');
    await expect(iso('yesterday 18:00 IST')).rejects.toThrow('IST is');
  });

  it('is by the clock of the zone in force', async () => {
    // it is Friday, 27 November, 00:45 there
    expect(await iso('yesterday 18:00', 'Asia/Tokyo')).toBe('2026-11-26T09:00:00.000000Z');
    expect(await iso('2 hours ago', 'Asia/Tokyo')).toBe('2026-11-26T13:45:30.123000Z');
    expect(await notesOf('yesterday 18:00', 'Asia/Tokyo')).toEqual([
      '"yesterday 18:00" is read as 2026-11-26 18:00:00+09',
    ]);
  });

  it('counts the hours that have passed where clocks were changed', async () => {
    const now = Date.UTC(2026, 2, 8, 7, 30); // 03:30, half an hour after 02:00 became 03:00
    vi.stubEnv('TZ', 'America/New_York');
    const read = await readTime('1 hour ago', zoneOf('America/New_York'), now);
    expect(formatTimestampIso(read!.time)).toBe('2026-03-08T06:30:00.000000Z');
    expect(process.env).toMatchObject({ TZ: 'America/New_York' });
    vi.unstubAllEnvs();
    const twice = await readTime('today 01:30', zoneOf('America/New_York'), Date.UTC(2026, 10, 1, 20));
    expect(twice?.notes.map(String)).toEqual([
      expect.stringContaining('is read as 2026-11-01 01:30:00-05'),
      expect.stringContaining('twice'),
    ]);
  });

  it.each([
    ['05/06/2026', /^05\/06\/2026 is 2026-06-05 for some and 2026-05-06 for others/],
    ['5/6/2026 at 10:13', /2026-06-05 for some/],
    ['22/11/26', /year with four digits/],
    ['22 Nov 26', /year, with four digits/],
    ['22 Nov 10:13', /year, with four digits/],
    ['5/6', /year, with four digits/],
    ['31-01-01 00:00:00', /year with four digits/],
    ['yesterday evening', /hour/],
    ['this morning', /hour/],
    ['midnight', /the day, and 00:00 or 24:00/],
    ['yesterday midnight', /the day, and 00:00 or 24:00/],
    ['friday', /which, as in "last friday"/],
    ['sat 10:00', /which, as in "last friday"/],
    ['Sat 21 Nov 2025 10:13', /another day of the week/],
  ])('that may be one of several is told: %s', async (text, message) => {
    await expect(iso(text)).rejects.toThrow(message);
  });

  it.each([
    'antes',
    'before yesterday evening we deployed',
    'yesterday to today',
    'yesterday 18:00 - 19:00',
    'today 25:00',
    '31/02/2026',
    'November 2026',
    '2 hours ago EST',
  ])('is not: %s', async (text) => expect(await iso(text)).toBeUndefined());
});

it('reads or refuses any text', async () => {
  const piece = fc.constantFrom(
    ...['2026', '-', '11', '22', 'T', ' ', '10:13', ':39', '.5', '+', '03', 'EST', 'UTC', 'America/Lima'],
    ...[
      'now',
      'yesterday',
      'ago',
      '2',
      '99999999999',
      'hours',
      'days',
      'months',
      'last',
      'friday',
      '/',
      '.',
      'Nov',
      'pm',
    ],
    ...['infinity', 'Z', 'at', 'noon', 'in', 'next', 'year', '0', '24:00', '1 week ago'],
  );
  const text = fc.array(fc.oneof({ weight: 9, arbitrary: piece }, fc.string()), { maxLength: 8 });
  const glue = fc.constantFrom('', ' ');
  await fc.assert(
    fc.asyncProperty(
      text,
      glue,
      fc.constantFrom('UTC', 'America/Lima', 'Foo'),
      async (parts, between, name) => {
        try {
          const read = await readTime(parts.join(between), zoneOf(name), NOW);
          if (read) expect(formatTimestampIso(read.time)).not.toContain('NaN');
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
