import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineZone, localTimeZone } from '../../src/node/timezone.js';

const ZONE_FOLDER = '/usr/share/zoneinfo';
const hasZones = existsSync(join(ZONE_FOLDER, 'America/Phoenix'));
const gnuDate = spawnSync('date', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU') ?? false;

const DECEMBER_2025 = 1_766_598_825;

describe.skipIf(!hasZones)('localTimeZone', () => {
  it.each([
    ['America/Phoenix', -25_200, 'MST'],
    [':Europe/Athens', 7200, 'EET'],
    ['Asia/Kolkata', 19_800, 'IST'],
    ['America/Sao_Paulo', -10_800, '-03'],
    [`${ZONE_FOLDER}/Asia/Kathmandu`, 20_700, '+0545'],
    ['EST5EDT', -18_000, 'EST'],
    ['<+0330>-3:30', 12_600, '+0330'],
    ['', 0, 'UTC'],
    ['UTC', 0, 'UTC'],
    ['Europe/Nowhere', 0, 'Europe'],
    ['/etc/passwd', 0, ''],
    ['Europe', 0, 'Europe'],
  ])('TZ=%s', (TZ, offset, abbreviation) => {
    expect(localTimeZone({ TZ }).at(DECEMBER_2025)).toMatchObject({ offset, abbreviation });
  });

  it('looks for zones in TZDIR', () => {
    const env = { TZ: 'Athens', TZDIR: join(ZONE_FOLDER, 'Europe') };
    expect(localTimeZone(env).at(DECEMBER_2025)).toMatchObject({ offset: 7200, abbreviation: 'EET' });
  });

  it.skipIf(!existsSync('/etc/localtime'))('takes the zone of the machine where TZ is not set', () => {
    const now = Math.floor(Date.now() / 1000);
    const { TZ: _, ...env } = process.env;
    const shown = execFileSync('date', ['-d', `@${now}`, '+%Z'], { env, encoding: 'utf8' }).trim();
    expect(localTimeZone({}).at(now).abbreviation).toBe(shown);
  });
});

describe('engineZone', () => {
  it.each([
    ['Europe/Athens', 7200, '+02'],
    ['America/Phoenix', -25_200, '-07'],
    ['Asia/Kathmandu', 20_700, '+0545'],
    ['UTC', 0, 'UTC'],
    ['Africa/Abidjan', 0, '+00'],
  ])('%s', (name, offset, abbreviation) => {
    expect(engineZone(name)?.at(DECEMBER_2025)).toEqual({ offset, abbreviation });
  });

  it('answers for the years that a Date cannot hold', () => {
    expect(engineZone('America/Phoenix')?.at(9e12)).toEqual({ offset: -25_200, abbreviation: '-07' });
  });

  it('does not know an unknown name', () => {
    expect(engineZone('Europe/Nowhere')).toBeUndefined();
  });

  it('takes them where there are no zone files', () => {
    const zone = localTimeZone({ TZ: 'Asia/Kathmandu', TZDIR: '/nowhere/at/all' });
    expect(zone.at(DECEMBER_2025)).toEqual({ offset: 20_700, abbreviation: '+0545' });
  });
});

/** Instants around now, over the years of the zone data, and over all years that `date` and PostgreSQL share. */
const instants = (seed: number): number[] => {
  const ranges = [
    [1_500_000_000, 2_200_000_000],
    [-3_000_000_000, 4_500_000_000],
    [-210_000_000_000, 9_000_000_000_000],
  ];
  return ranges.flatMap(([from, to]) =>
    Array.from({ length: 60 }, (_, i) => {
      const share = (i * 0.618_033_988_75 + seed * 0.414_213_562) % 1; // spread evenly, without chance
      return Math.floor(from + share * (to - from));
    }),
  );
};

const isZone = (path: string): boolean => readFileSync(path).subarray(0, 4).toString('latin1') === 'TZif';

describe.skipIf(!hasZones || !gnuDate)('agreement with the C library, as date prints it', () => {
  const areas = [
    'Africa',
    'America',
    'Antarctica',
    'Asia',
    'Atlantic',
    'Australia',
    'Europe',
    'Etc',
    'Pacific',
  ];
  it.each(areas)('%s', (area) => {
    const names = readdirSync(join(ZONE_FOLDER, area), { withFileTypes: true })
      .filter((entry) => entry.isFile() && isZone(join(ZONE_FOLDER, area, entry.name)))
      .map((entry) => `${area}/${entry.name}`);
    expect(names.length).toBeGreaterThan(3);
    names.forEach((name, i) => {
      compare(name, instants(i));
    });
  });

  it.each([
    'EET-2EEST,M3.5.0/3,M10.5.0/4',
    '<-03>3<-02>,M3.5.0/-2,M10.5.0/-1',
    'IST-2IDT,M3.4.4/26,M10.5.0',
    'Foo/Bar',
  ])('TZ=%s', (name) => {
    compare(name, instants(0));
  });

  function compare(name: string, times: number[]): void {
    const input = times.map((time) => `@${time}\n`).join('');
    const shown = execFileSync('date', ['-f', '-', '+%s %::z %Z'], {
      env: { ...process.env, TZ: name },
      input,
      encoding: 'utf8',
    });
    const zone = localTimeZone({ TZ: name });
    const ours = times.map((time) => {
      const { offset, abbreviation } = zone.at(time);
      const east = Math.abs(offset);
      const fields = [Math.floor(east / 3600), Math.floor(east / 60) % 60, east % 60];
      const digits = fields.map((field) => String(field).padStart(2, '0')).join(':');
      return `${time} ${offset < 0 ? '-' : '+'}${digits} ${abbreviation}`;
    });
    // an unknown time (abbreviation -00) is no offset either, but `date` gives it a sign
    expect(ours, name).toEqual(shown.trimEnd().replaceAll('-00:00:00 ', '+00:00:00 ').split('\n'));
  }
});
