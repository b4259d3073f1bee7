import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDigits, readTime } from '../../src/cli/time/read.js';
import { namedZone } from '../../src/node/timezone.js';
import { formatTimestampTz, type TimeZone, UTC } from '../../src/text/timezone.js';
import { POSTGRES_EPOCH_US } from '../../src/wal/timestamp.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

/** With all sorts of changes: by half an hour, across the date line, without a new abbreviation, twice in Ramadan. */
const ZONES = [
  ...['America/New_York', 'America/St_Johns', 'America/Caracas', 'America/Sao_Paulo', 'Europe/Berlin'],
  ...['Europe/Dublin', 'Europe/Moscow', 'Europe/Istanbul', 'Africa/Casablanca', 'Asia/Kolkata', 'Asia/Gaza'],
  ...['Asia/Pyongyang', 'Australia/Lord_Howe', 'Australia/Sydney', 'Pacific/Apia'],
];

const FORMS = [
  ...['2025-12-24 17:53:45.880038+00', '2025-12-24T17:53:45.88Z', '20251224T175345Z', '2025-12-24 17:53'],
  ...['2025-12-24', '2025-12-24 17:53:45 zulu', '2025-12-24 17:53:45+05:30', '2025-12-24 17:53:45 -0330'],
  ...['2025-12-24 17:53:45+5', '2025-12-24 17:53:45-330', '2025-12-24 17:53:45+05:30:15', '2025-1-5 7:03'],
  ...['2025-12-24 24:00', '2016-12-31 23:59:60', '2025-12-24 5:53 PM', '2025-12-24 12:05am'],
  ...['2025-12-24 17:53:45.88003851', '2025-12-24 17:53:45.9999999', '2025-12-24 17:53 America/Lima'],
  ...[
    '2025-07-24 17:53 europe/berlin',
    '2025-07-24 17:53 CET',
    '2025-07-24 17:53 EST',
    '2025-12-24 17:53 JST',
  ],
  ...['0099-12-31 12:00'],
];
const REFUSED = [
  ...[
    '2025-02-29',
    '2025-13-01',
    '0000-01-01',
    '2025-12-24 24:01',
    '2025-12-24 17:60',
    '2025-12-24 17:53+16',
  ],
  ...['2025-12-24 17:53 Europe/Nowhere', '294277-01-01', ''],
];

describeServers('times are read as by', (postgres) => {
  let server: TestServer;
  beforeAll(() => {
    server = new TestServer(postgres);
  });
  afterAll(() => {
    server.stop();
    server.remove();
  });

  const literals = (texts: readonly string[]): string =>
    `unnest(array[${texts.map((text) => `'${text}'`).join()}])`;

  /** What times are for the server, in microseconds as WAL has them. */
  function readByServer(texts: readonly string[], zone: string): bigint[] {
    const answer = server.sql(
      `set timezone = '${zone}'; select trunc(extract(epoch from t::timestamptz) * 1000000) from ${literals(texts)} t;`,
    );
    return answer
      .trim()
      .split('\n')
      .map((micros) => BigInt(micros) - POSTGRES_EPOCH_US);
  }

  const read = (texts: readonly string[], zone: TimeZone) =>
    texts.map((text) => readDigits(text, zone)?.time);

  it.each(ZONES)('where clocks are changed in %s', (name) => {
    const zone = namedZone(name)!;
    const changes = changesOf(zone, Date.UTC(2011, 0) / 1000, Date.UTC(2024, 0) / 1000);
    const seconds = (changes.length > 0 ? changes : [Date.UTC(2020, 0) / 1000]).flatMap((change) =>
      Array.from({ length: 13 }, (_, i) => change + (i - 6) * 1800),
    );
    // as if the clocks before the change went on, and as they go after it
    const bare = [-1, 10_800].flatMap((away) =>
      seconds.map((second) => {
        const local = second + zone.at(second + away).offset;
        return new Date(local * 1000).toISOString().slice(0, 19);
      }),
    );
    expect(read(bare, zone)).toEqual(readByServer(bare, name));
    // before 18, abbreviations are not the session's zone's
    if (postgres.version < 18) return;
    const printed = seconds.map((second) =>
      formatTimestampTz(BigInt(second) * 1_000_000n - POSTGRES_EPOCH_US, zone),
    );
    expect(read(printed, zone)).toEqual(readByServer(printed, name));
  });

  it.each(['UTC', 'America/Lima'])('in all forms, in %s', (name) => {
    const zone = namedZone(name)!;
    expect(read(FORMS, zone)).toEqual(readByServer(FORMS, name));
  });

  it.each(REFUSED)('and refused: %j', async (text) => {
    expect(() => readByServer([text], 'UTC')).toThrow();
    await expect(readTime(text, UTC)).rejects.toThrow();
  });

  it.each(['ISO', 'Postgres, MDY', 'SQL, DMY', 'German'])(
    'and as they are printed with datestyle %s',
    async (style) => {
      const texts = ['2026-11-22 10:13:39.636075Z', '2026-07-22 10:13:39Z', '2026-11-22 10:13:00.5Z'];
      for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Sao_Paulo']) {
        const set = `set timezone = '${name}'; set datestyle = '${style}';`;
        const printed = server
          .sql(`${set} select t::timestamptz from ${literals(texts)} t;`)
          .trim()
          .split('\n');
        const zone = namedZone(name)!;
        const times = await Promise.all(printed.map(async (text) => (await readTime(text, zone))?.time));
        expect(times).toEqual(read(texts, UTC));
      }
    },
  );
});

/** The seconds at which the offset of a zone changes. */
function changesOf(zone: TimeZone, from: number, to: number): number[] {
  const changes: number[] = [];
  const step = 6 * 3600;
  for (let start = from; start < to; start += step) {
    const { offset } = zone.at(start);
    if (zone.at(start + step).offset === offset) continue;
    let [before, after] = [start, start + step];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (zone.at(middle).offset === offset) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}
