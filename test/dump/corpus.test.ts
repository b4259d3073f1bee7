import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineOptions, writeRecord } from '../../src/dump/line.js';
import { countRecord, emptyStats, formatStats, mergeStats, type WalStats } from '../../src/dump/stats.js';
import { TextBuffer } from '../../src/text/text-buffer.js';
import { UTC } from '../../src/text/timezone.js';
import type { WalRecord } from '../../src/wal/record.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { readTestdata, recordsOf, segmentPaths } from '../support/testdata.js';

const versions = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);

function textOf(paths: readonly string[], options: LineOptions): string {
  const out = new TextBuffer();
  let all = true;
  for (const record of recordsOf(paths)) all = writeRecord(out, record, options) && all;
  expect(all, 'every record can be decoded').toBe(true);
  return Buffer.from(out.written).toString('latin1');
}

function statsOf(records: readonly WalRecord[], version: number): WalStats {
  const stats = emptyStats(version);
  for (const record of records) countRecord(stats, record);
  return stats;
}

/** As an array of lines, of which a failing test shows those that differ. */
const lines = (text: string): string[] => text.split('\n');

describe.each(versions)('a workload on %d', (version) => {
  const folder = `testdata/broad/${version}`;
  const paths = segmentPaths(folder);
  const context = { version, zone: UTC };
  const expected = (name: string): string[] =>
    lines(readTestdata(`${folder}/expected/${name}`).toString('latin1'));

  it('prints as pg_waldump prints it', () => {
    expect(lines(textOf(paths, { ...context, blockDetails: false }))).toEqual(expected('text.txt.gz'));
  });

  it('counts as pg_waldump counts, whole and in parts', () => {
    const records = [...recordsOf(paths)];
    const range = { startLsn: records[0].lsn, endLsn: records[records.length - 1].endLsn };
    const check = (stats: WalStats): void => {
      expect(lines(formatStats(stats, false, range))).toEqual(expected('stats.txt'));
      expect(lines(formatStats(stats, true, range))).toEqual(expected('stats-record.txt'));
    };
    check(statsOf(records, version));
    const cut = fc.integer({ min: 0, max: records.length });
    fc.assert(
      fc.property(cut, cut, (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const parts = [records.slice(0, first), records.slice(first, second), records.slice(second)];
        // as it comes back from a worker or another machine
        const [x, y, z] = parts.map((part): WalStats => JSON.parse(JSON.stringify(statsOf(part, version))));
        check(mergeStats(mergeStats(x, y), z));
        check(mergeStats(z, mergeStats(y, x)));
      }),
      { numRuns: 5 },
    );
  });
});

const withDetails = versions.filter((version) =>
  existsSync(`testdata/broad/${version}/expected/details.txt.gz`),
);

it.each(withDetails)('prints a workload on %d with block details', (version) => {
  const folder = `testdata/broad/${version}`;
  const expected = readTestdata(`${folder}/expected/details.txt.gz`).toString('latin1');
  const text = textOf(segmentPaths(folder), { version, zone: UTC, blockDetails: true });
  expect(lines(text)).toEqual(lines(expected));
});

const labs = versions.filter((version) => existsSync(`testdata/lab/${version}/expected`));

describe.each(labs)('the lab on %d', (version) => {
  const folder = `testdata/lab/${version}`;
  it.each(readdirSync(`${folder}/expected`))('%s', (file) => {
    const expected = readFileSync(`${folder}/expected/${file}`, 'latin1');
    const text = textOf([`${folder}/${file.replace('.txt', '.gz')}`], {
      version,
      zone: UTC,
      blockDetails: false,
    });
    expect(lines(text)).toEqual(lines(expected));
  });
});

it('has something to compare with', () => {
  expect(labs.length).toBeGreaterThan(0);
  expect(withDetails.length).toBeGreaterThan(0);
});
