import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReportJson, VolumeJson } from '../../../src/questions/report/json.js';
import { runCli } from '../../support/cli.js';

const BROAD = readdirSync('testdata/broad').map((version) => `testdata/broad/${version}`);

async function report(...args: string[]): Promise<ReportJson> {
  const { stdout, code } = await runCli(['report', '--json', '--jobs', '1', ...args]);
  expect([0, 1, 3]).toContain(code);
  return JSON.parse(stdout) as ReportJson;
}

/** The rows that `walscan dump -z --stats=record` prints: records, their bytes, bytes of images. */
async function stats(...args: string[]): Promise<Map<string, number[]>> {
  const { stdout } = await runCli(['dump', '--stats=record', ...args]);
  const rows = new Map<string, number[]>();
  for (const line of stdout.split('\n')) {
    const match = /^(\S+\/.*?)\s+(\d+) \([^)]*\)\s+(\d+) \([^)]*\)\s+(\d+) \(/.exec(line);
    if (match) rows.set(match[1], match.slice(2).map(Number));
  }
  return rows;
}

function kindsOf({ wal }: ReportJson): Map<string, number[]> {
  const kinds = new Map<string, number[]>();
  for (const { rmgr, kinds: all } of wal.rmgrs) {
    for (const { kind, ...volume } of all) kinds.set(`${rmgr}/${kind}`, numbers(volume));
  }
  return kinds;
}

const numbers = ({ records, recordBytes, imageBytes }: VolumeJson): number[] => [
  records,
  recordBytes,
  imageBytes,
];

const sum = (all: readonly VolumeJson[]): number[] =>
  all.map(numbers).reduce((a, b) => a.map((value, i) => value + b[i]), [0, 0, 0]);

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** All ways to add up the WAL come to the same. */
function expectSameSums({ wal }: ReportJson): void {
  const all = sum(wal.rmgrs);
  const { relations, transactions, overTime, images } = wal;
  expect(sum(wal.rmgrs.flatMap(({ kinds }) => kinds))).toEqual(all);
  expect(sum([...relations.largest, relations.others, relations.none])).toEqual(all);
  expect(sum([...transactions.largest, transactions.others, transactions.none])).toEqual(all);
  expect(images.bytes).toBe(all[2]);
  if (overTime === null) return;
  const elsewhere = overTime.elsewhere ?? { records: 0, recordBytes: 0, imageBytes: 0 };
  expect(total(overTime.records) + elsewhere.records).toBe(all[0]);
  expect(total(overTime.bytes.flatMap(({ values }) => values)) + elsewhere.recordBytes).toBe(all[1]);
  expect(total(overTime.imageBytes) + elsewhere.imageBytes).toBe(all[2]);
  for (const { values } of overTime.bytes) expect(values).toHaveLength(overTime.steps);
}

/** A folder of those files whose names begin so. */
function folderOfNames(from: string, beginning: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-test-'));
  for (const name of readdirSync(from)) {
    if (name.startsWith(beginning)) cpSync(join(from, name), join(folder, name));
  }
  return folder;
}

describe('the WAL counts as dump counts it', () => {
  it.each([...BROAD, 'testdata/clock', 'testdata/rows/18', 'testdata/repack'])('in %s', async (folder) => {
    const told = await report('--no-backup', folder);
    expect(kindsOf(told)).toEqual(await stats(folder));
    expectSameSums(told);
  });

  it('of one of two timelines', async () => {
    const folder = folderOfNames('testdata/two-timelines', '00000001');
    expect(kindsOf(await report(folder))).toEqual(await stats(folder));
  });

  it('of two timelines, what they share once', async () => {
    const folder = 'testdata/two-timelines';
    const told = await report(folder);
    expectSameSums(told);
    const [, { switchLsn }] = told.archive.wal;
    const [{ switchLsn: other }] = told.archive.foreign;
    const all = [
      await stats('-t', '1', folder),
      await stats('-t', '2', '-s', switchLsn!, folder),
      // another timeline of the same number
      await stats('-t', '2', '-s', other!, '-e', '0/C00000', folder),
    ];
    const both = new Map<string, number[]>();
    for (const [kind, volume] of all.flatMap((one) => [...one])) {
      both.set(
        kind,
        (both.get(kind) ?? [0, 0, 0]).map((value, i) => value + volume[i]),
      );
    }
    expect(Object.fromEntries(kindsOf(told))).toEqual(Object.fromEntries(both));
  });

  it.each([
    ['testdata/rows/18', 0.3, 0.6],
    ['testdata/rows/18', 0, 0.5],
    ['testdata/clock', 0.2, 0.9],
    ['testdata/broad/17', 0.4, 0.41],
    ['testdata/broad/12', 0.5, 1],
  ])('of the times between two in %s', async (folder, from, to) => {
    const { wal } = await report('--no-backup', folder);
    const begin = Date.parse(wal.overTime!.start);
    const length = wal.overTime!.steps * wal.overTime!.stepSeconds * 1000;
    const within = [
      ...['--since', new Date(begin + from * length).toISOString()],
      ...['--until', new Date(begin + to * length).toISOString()],
    ];
    const told = await report('--no-backup', ...within, folder);
    expect(kindsOf(told)).toEqual(await stats(...within, folder));
    expectSameSums(told);
  });
});

describe('the other parts are what their commands say', () => {
  it.each(['testdata/lab/15', 'testdata/two-timelines', 'testdata/rows/18'])('of %s', async (folder) => {
    const told = await report(folder);
    const archive = await runCli(['archive', '--json', folder]);
    const incidents = await runCli(['incidents', '--json', folder]);
    expect(told.archive).toEqual(JSON.parse(archive.stdout));
    expect(told.incidents).toEqual(JSON.parse(incidents.stdout));
  });

  it('of a time', async () => {
    const within = ['--since', '2026-11-22T10:13:38Z', '--until', '2026-11-22T10:13:41Z'];
    const told = await report(...within, 'testdata/lab/15');
    const archive = await runCli(['archive', '--quick', '--json', 'testdata/lab/15']);
    const incidents = await runCli(['incidents', ...within, '--json', 'testdata/lab/15']);
    expect(told.archive).toEqual(JSON.parse(archive.stdout));
    expect(told.incidents).toEqual(JSON.parse(incidents.stdout));
  });

  it('in the names of relations', async () => {
    const told = await report('--backup', 'testdata/rows/18/base.tar.gz', 'testdata/rows/18');
    const ofIncidents = new Map(told.incidents.incidents.map((one) => [one.relation, one.name]));
    const named = told.wal.relations.largest.filter(({ relation }) => ofIncidents.has(relation));
    expect(named.length).toBeGreaterThan(2);
    for (const { relation, name } of named) expect(name).toEqual(ofIncidents.get(relation));
    expect(named.some(({ name }) => name?.name === 'inventarios')).toBe(true);
    const ofToast = told.wal.relations.largest.filter(({ name }) => name?.schema === 'pg_toast');
    expect(new Set(ofToast.map(({ owner }) => owner?.name))).toContain('t_toast');
  });

  it('in the end of the WAL that the backup which is given reaches', async () => {
    const { wal, archive } = await report('--backup', 'testdata/rows/18/base.tar.gz', 'testdata/rows/18');
    const [{ lastRecordEnd, lastCommitTime }] = archive.wal[0].runs;
    expect(archive.backups).toEqual([]);
    const end = { timeline: 1, lsn: lastRecordEnd, time: lastCommitTime, complete: true };
    // as its backup_label says
    const [backup, startLsn] = ['pg_basebackup base backup', '0/02000028'];
    expect(wal.reach).toEqual([{ backup, startLsn, timeline: 1, timelines: [end] }]);
  });
});
