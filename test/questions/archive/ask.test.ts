import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { examineArchive } from '../../../src/node/questions.js';
import type { ArchiveExamined } from '../../../src/questions/archive/ask.js';
import { namesOfMissing } from '../../../src/questions/archive/gaps.js';
import { archiveJson } from '../../../src/questions/archive/json.js';
import type { ArchiveTimeline } from '../../../src/questions/archive/run.js';
import type { ByteSource } from '../../../src/sources/byte-source.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { UTC } from '../../../src/text/timezone.js';
import { formatLsn, parseLsn } from '../../../src/wal/lsn.js';
import { segmentFileName } from '../../../src/wal/segment-name.js';
import { filesOf, folderOf, MiB, segmentsOf } from '../../support/folder.js';
import { readTestdata } from '../../support/testdata.js';
import { parseTime } from '../../support/time.js';
import { WalWriter, type WrittenSegment } from '../../support/wal-writer.js';

const [s1, s2, s3, s4] = segmentsOf(4);
const codes = ({ problems }: ArchiveExamined): string[] => problems.map(({ code }) => code);
const runsOf = ({ runs }: ArchiveTimeline): [string, string, number][] =>
  runs.map(({ firstName, lastName, count }) => [firstName, lastName, count]);
const missingOf = ({ timelines }: ArchiveExamined): string[] =>
  timelines.flatMap(({ missing }) => missing.map(({ firstName, lastName }) => `${firstName} ${lastName}`));

/** The files of a lab's archive. */
function labFiles(version: number): Record<string, Uint8Array> {
  const folder = `testdata/lab/${version}`;
  const names = readdirSync(folder).filter((name) => /^0/.test(name) || name === 'backup_label');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

describe.each([13, 14, 15, 16, 17, 18, 19])('the archive of lab/%i', (version) => {
  const folder = `testdata/lab/${version}`;
  let report: ArchiveExamined;

  beforeAll(async () => {
    report = await examineArchive([folder]);
  });

  it('has both timelines and no gap', () => {
    expect(report.problems).toEqual([]);
    const [, switchLsn, reason] = /^1\t(\S+)\t(.+)$/m.exec(
      readTestdata(`${folder}/00000002.history.gz`).toString(),
    )!;
    const [first, second] = report.timelines;
    expect(first).toMatchObject({ timeline: 1, parent: undefined, toldBy: undefined });
    expect(runsOf(first)).toEqual([['000000010000000000000002', '000000010000000000000005', 4]]);
    expect(second).toMatchObject({ timeline: 2, parent: 1, reason, toldBy: 'history' });
    expect(second.switchLsn).toBe(parseLsn(switchLsn));
    expect(runsOf(second)).toEqual([['000000020000000000000004', '000000020000000000000004', 1]]);
    expect(report.timelines).toHaveLength(2);
  });

  it('has as many records and commits, and of the times, that pg_waldump finds', () => {
    for (const { timeline, runs } of report.timelines) {
      const begin = `0000000${timeline}`;
      const lines = readdirSync(`${folder}/expected`)
        .filter((name) => name.startsWith(begin))
        .flatMap((name) => readFileSync(`${folder}/expected/${name}`, 'utf8').trimEnd().split('\n'));
      const times = lines.flatMap(
        (line) => / COMMIT (?:PREPARED )?(\d{4}-\S+ \S+ UTC)/.exec(line)?.[1] ?? [],
      );
      const commits = times.map((time) => parseTime(time, UTC)!).sort((a, b) => (a < b ? -1 : 1));
      expect(runs[0].content).toMatchObject({
        records: lines.length,
        commits: commits.length,
        firstCommit: commits[0],
        lastCommit: commits.at(-1),
      });
    }
  });

  it('has all that the base backup needs', () => {
    const label = readTestdata(`${folder}/000000010000000000000002.00000028.backup.gz`).toString();
    const lsn = (key: string): bigint => parseLsn(new RegExp(`${key}: (\\S+)`).exec(label)![1])!;
    expect(report.backups).toMatchObject([
      {
        startLsn: lsn('START WAL LOCATION'),
        endLsn: lsn('STOP WAL LOCATION'),
        timeline: 1,
        label: 'pg_basebackup base backup',
        isHere: true,
        firstSegment: '000000010000000000000002',
        lastSegment: '000000010000000000000002',
        missing: [],
        state: 'complete',
      },
    ]);
    expect(report.backups[0].files).toHaveLength(3);
  });

  it.each([
    ['000000010000000000000003', ['missing-segments']],
    ['000000010000000000000004', ['missing-segments']],
    ['00000002.history', ['missing-history']],
    ['000000010000000000000002', ['backup-incomplete']],
  ])('is told to lack %s', async (name, expected) => {
    const { [`${name}.gz`]: _, ...files } = labFiles(version);
    const lacking = await examineArchive([folderOf(files)], { quick: version !== 18 });
    expect(codes(lacking)).toEqual(expected);
    expect(lacking.problems[0].message).toMatch(new RegExp(`${name}.* is missing`));
  });
});

describe('a base backup', () => {
  const { backup_label: label, ...archived } = labFiles(18);
  const isBackup = (name: string): boolean => name.includes('.backup');
  const wal = Object.fromEntries(Object.entries(archived).filter(([name]) => !isBackup(name)));

  it('known by its label alone has its end in the WAL', async () => {
    const report = await examineArchive([folderOf({ ...wal, backup_label: label })]);
    expect(report.problems).toEqual([]);
    expect(report.backups[0].endLsn).toBe(parseLsn('0/2000120'));
    const quick = await examineArchive([folderOf({ ...wal, backup_label: label })], { quick: true });
    expect(quick.backups[0]).toMatchObject({ state: 'end-unknown', endLsn: undefined, missing: [] });
    expect(quick.problems).toEqual([]);
  });

  it('whose label is another than its manifest says is told', async () => {
    const label = readFileSync('testdata/lab/15/backup_label', 'latin1').replace('pg_base', 'pg_cafe');
    const manifest = readFileSync('testdata/lab/15/backup_manifest.gz');
    const folder = folderOf({ backup_label: label, 'backup_manifest.gz': manifest });
    const { problems } = await examineArchive(['testdata/lab/15', folder]);
    expect(problems.map(({ code }) => code)).toEqual(['damaged-backup']);
  });

  it('whose end is in no WAL that is here is incomplete', async () => {
    const bytes = gunzipSync(wal['000000010000000000000002.gz']);
    bytes.fill(0, 0xf8); // lab/18: BACKUP_END is at 0/020000F8
    const report = await examineArchive([
      folderOf({ '000000010000000000000002': bytes, backup_label: label }),
    ]);
    expect(report.problems).toMatchObject([
      { code: 'backup-incomplete', message: expect.stringContaining('its end is not in the WAL') },
    ]);
  });

  it('that only its .backup file tells of expires with its WAL', async () => {
    const { '000000010000000000000002.gz': _, ...later } = archived;
    const report = await examineArchive([folderOf(later)]);
    expect(report.backups[0]).toMatchObject({ state: 'expired' });
    expect(report.problems).toEqual([]);
  });

  it('is found in a tar file', async () => {
    const report = await examineArchive(['testdata/lab/18/base.tar.gz', folderOf(wal)]);
    expect(report.backups).toMatchObject([
      { files: ['testdata/lab/18/base.tar.gz/backup_label'], state: 'complete' },
    ]);
  });
});

describe('names of segments', () => {
  /** The first page of a segment, which is all that a quick look reads. */
  function headOf(name: bigint, size: number): ByteSource {
    const page = s1.bytes.slice(0, 8192);
    const view = new DataView(page.buffer);
    view.setBigUint64(8, name * BigInt(size), true);
    view.setUint32(32, size, true);
    // of a size that is not known, so that nothing but the page is looked at
    return { ...memorySource(segmentFileName(1, name, size), page), size: undefined };
  }

  // check_pgbackrest counted to FF whatever the size, and found 10,752 segments of 128 MiB missing that never were
  it.each([1, 2, 16, 64, 128, 1024])('carry at the end of a log file with %i MiB', async (mib) => {
    const size = mib * MiB;
    const perLog = 0x1_0000_0000n / BigInt(size);
    const lastOfLog = 3n * perLog - 1n;
    expect(segmentFileName(1, lastOfLog + 1n, size)).toBe('000000010000000300000000');
    const around = [-2n, -1n, 0n, 1n, 2n, 3n].map((i) => lastOfLog + i);
    const whole = await examineArchive(
      around.map((name) => headOf(name, size)),
      { quick: true },
    );
    expect(whole.problems).toEqual([]);
    expect(whole.timelines[0].runs).toMatchObject([{ count: 6 }]);

    const missing = around.slice(1, 5);
    const gapped = await examineArchive([headOf(around[0], size), headOf(around[5], size)], { quick: true });
    const [gap] = gapped.timelines[0].missing;
    expect(gap.count).toBe(4);
    expect(namesOfMissing(gap, size)).toEqual(missing.map((name) => segmentFileName(1, name, size)));
    expect(gapped.problems[0].message).toContain(
      `4 segments are missing, ${gap.firstName} to ${gap.lastName}`,
    );
  });

  it('may be far apart', async () => {
    const far = 0xffff_ffff_fffn;
    const report = await examineArchive([headOf(1n, MiB), headOf(far, MiB)], { quick: true });
    const [gap] = report.timelines[0].missing;
    expect(gap.count).toBe(Number(far) - 2);
    expect(namesOfMissing(gap, MiB)).toBeUndefined();
    expect(JSON.stringify(archiveJson(report)).length).toBeLessThan(2000);
  });
});

describe('timelines', () => {
  const history = (...switches: [timeline: number, lsn: bigint][]): string =>
    switches
      .map(([timeline, lsn]) => `${timeline}\t${formatLsn(lsn)}\tno recovery target specified\n`)
      .join('');
  const at = (segment: number, offset: number): bigint => BigInt(segment * MiB + offset);
  /** The same WAL as of another timeline, from a page on. */
  function asOf({ name, bytes }: WrittenSegment, timeline: number, from: number): WrittenSegment {
    const own = bytes.slice();
    for (let page = from; page < MiB; page += 8192)
      new DataView(own.buffer).setUint32(page + 4, timeline, true);
    return { name: `0000000${timeline}${name.slice(8)}`, bytes: own };
  }
  const own = asOf(s2, 2, 8192);
  const own3 = asOf(s3, 2, 0);

  it('know their parents', async () => {
    const files = { ...filesOf([s1, s2, own, own3]), '00000002.history': history([1, at(2, 8192)]) };
    const report = await examineArchive([folderOf(files)]);
    expect(report.problems).toEqual([]);
    expect(report.timelines.map(runsOf)).toEqual([[[s1.name, s2.name, 2]], [[own.name, own3.name, 2]]]);
  });

  // wal-g: a timeline that was left in its first segment was skipped, and its segment looked for on the next one
  it('need no segment of their own', async () => {
    const third = asOf(own, 3, 16_384);
    const files = {
      ...filesOf([s1, third]),
      '00000002.history': history([1, at(2, 8192)]),
      '00000003.history': history([1, at(2, 8192)], [2, at(2, 16_384)]),
    };
    const report = await examineArchive([folderOf(files)], { quick: true });
    expect(report.problems).toEqual([]);
    expect(report.timelines).toMatchObject([
      { timeline: 1 },
      { timeline: 2, parent: 1, runs: [], missing: [] },
      { timeline: 3, parent: 2, missing: [] },
    ]);
  });

  it('that share WAL are told once what it lacks', async () => {
    const files = { ...filesOf([s1, s3, s4]), '00000002.history': history([1, at(4, 8192)]) };
    const report = await examineArchive([folderOf(files)]);
    expect(codes(report)).toEqual(['missing-segments']);
    expect(missingOf(report)).toEqual([`${s2.name} ${s2.name}`]);
  });

  it('lack the segment that the switch made', async () => {
    const files = {
      ...filesOf([s1, s2, own3]),
      '00000002.history': history([1, at(2, 8192)]),
    };
    const report = await examineArchive([folderOf(files)]);
    expect(missingOf(report)).toEqual([`${own.name} ${own.name}`]);
  });

  it.each([
    ['after the page', 16_384, /page at 0\/00202000 is of timeline 2 already/],
    ['before the page', 1024, /page at 0\/00202000 is of an older timeline still/],
  ])('do not fit a history with a switch point %s', async (_, offset, message) => {
    const later = asOf(s2, 2, offset < 8192 ? 16_384 : 8192);
    const files = { ...filesOf([s1, s2, later]), '00000002.history': history([1, at(2, offset)]) };
    const report = await examineArchive([folderOf(files)]);
    expect(report.problems).toMatchObject([
      { code: 'wrong-history', message: expect.stringMatching(message) },
    ]);
  });

  it('do not fit a history with another switch point than the record that begins them', async () => {
    const files = labFiles(18);
    files['00000002.history.gz'] = gzipSync(`1\t0/4000258\tbefore transaction 756\n`);
    const report = await examineArchive([folderOf(files)]);
    expect(report.problems).toMatchObject([
      {
        code: 'wrong-history',
        message: expect.stringMatching(/left timeline 1 at 0\/04000258, but .* record at 0\/04000290 begins/),
      },
    ]);
  });

  it('may begin with a change of full_page_writes', async () => {
    const writer = new WalWriter({ version: 17 });
    const noop = { rmid: 0, info: 0x20, main: new Uint8Array(8000) };
    for (let i = 0; i < 3; i++) writer.append(noop);
    const { lsn: before } = writer.append(noop);
    const { lsn: switchLsn } = writer.append({ rmid: 0, info: 0x80, main: Uint8Array.of(1) });
    const start = new Uint8Array(20);
    start.set([2, 0, 0, 0, 1, 0, 0, 0], 8); // timeline 2, before it 1
    const { lsn } = writer.append({ rmid: 0, info: 0x90, main: start });
    const [segment] = writer.segments;
    const first = asOf(segment, 2, Number((switchLsn - writer.start + 8191n) / 8192n) * 8192);
    const problemsOf = async (at: bigint): Promise<string[]> =>
      codes(await examineArchive([folderOf({ ...filesOf([first]), '00000002.history': history([1, at]) })]));
    expect(await problemsOf(switchLsn)).toEqual([]);
    expect(await problemsOf(lsn)).toEqual([]);
    expect(await problemsOf(before)).toContain('wrong-history');
    const told = await examineArchive([folderOf(filesOf([first]))]);
    expect(told.timelines[0]).toMatchObject({ parent: 1, switchLsn, toldBy: 'wal' });
  });

  it('are told by the WAL where the history file is missing', async () => {
    const { '00000002.history.gz': _, ...files } = labFiles(18);
    const report = await examineArchive([folderOf(files)]);
    expect(report.timelines[1]).toMatchObject({ parent: 1, switchLsn: parseLsn('0/4000290'), toldBy: 'wal' });
  });
});

describe('files', () => {
  it('in several dated folders are one segment', async () => {
    const folder = folderOf({
      [`2026-11-01/${s1.name}`]: s1.bytes,
      [`2026-11-02/${s1.name}.gz`]: gzipSync(s1.bytes),
      [`2026-11-02/${s2.name}`]: s2.bytes,
    });
    const report = await examineArchive([folder]);
    expect(report.problems).toEqual([]);
    expect(report.duplicates).toEqual([
      { segment: s1.name, files: [`${folder}/2026-11-01/${s1.name}`, `${folder}/2026-11-02/${s1.name}.gz`] },
    ]);
    expect(report.timelines[0].runs[0].content?.records).toBe(
      (await examineArchive([folderOf(filesOf([s1, s2]))])).timelines[0].runs[0].content?.records,
    );
  });

  it('of one segment with different content are a problem', async () => {
    const otherEnd = s1.bytes.slice();
    otherEnd[500_000] ^= 1;
    const report = await examineArchive([folderOf({ [s1.name]: s1.bytes, [`b/${s1.name}`]: otherEnd })]);
    expect(codes(report)).toEqual(['different-content']);
  });

  it('cut off are a problem, also where another one is whole', async () => {
    const cut = s1.bytes.subarray(0, 300_000);
    const cutFile = { [`b/${s1.name}`]: cut };
    const beside = await examineArchive([folderOf({ ...filesOf([s1, s2]), ...cutFile })]);
    expect(beside.problems).toMatchObject([{ code: 'truncated-segment', file: /b\// }]);
    for (const quick of [true, false]) {
      const alone = await examineArchive([folderOf({ ...filesOf([s2]), ...cutFile })], { quick });
      expect(alone.problems).toMatchObject([
        { code: 'truncated-segment', message: /after 300000 of the 1048576/ },
      ]);
    }
    const packed = await examineArchive([folderOf({ ...filesOf([s2]), [s1.name]: gzipSync(s1.bytes) })], {
      quick: true,
    });
    expect(packed.problems).toEqual([]);
  });

  it('that have too much are a problem', async () => {
    const more = new Uint8Array([...s1.bytes, 1, 2, 3]);
    for (const quick of [true, false]) {
      const report = await examineArchive([folderOf({ ...filesOf([s2]), [s1.name]: more })], { quick });
      expect(codes(report)).toEqual(['oversized-segment']);
    }
  });

  it('that are damaged are named', async () => {
    const damaged = s2.bytes.slice();
    damaged[400_000] ^= 1;
    const report = await examineArchive([folderOf(filesOf([s1, { ...s2, bytes: damaged }, s3]))]);
    expect(report.problems).toMatchObject([
      { code: 'damaged-wal', file: s2.name, message: expect.stringContaining(`${s2.name}: `) },
    ]);
    const noHeader = s2.bytes.slice().fill(0xff, 0, 40);
    const headless = await examineArchive([folderOf(filesOf([s1, { ...s2, bytes: noHeader }, s3]))], {
      quick: true,
    });
    expect(codes(headless)).toEqual(['not-wal']);
  });

  it('of another cluster are named', async () => {
    const [, foreign] = segmentsOf(2, { systemIdentifier: 42n });
    const report = await examineArchive([
      folderOf({ ...filesOf([s1, s2, s3]), [`x/${foreign.name}`]: foreign.bytes }),
    ]);
    expect(report.problems).toMatchObject([
      { code: 'foreign-cluster', message: expect.stringContaining(`x/${foreign.name} of 42`) },
    ]);
    expect(runsOf(report.timelines[0])).toEqual([[s1.name, s3.name, 3]]);
  });

  it('with .partial in their names are told, with the whole one or without', async () => {
    const written = s3.bytes.slice().fill(0, 300_000);
    const folder = folderOf({
      ...filesOf([s1, s2]),
      [`${s2.name}.partial`]: s2.bytes,
      [`${s3.name}.partial`]: written,
    });
    const report = await examineArchive([folder]);
    expect(report.problems).toEqual([]);
    expect(report.partial).toEqual([
      { segment: s2.name, file: `${folder}/${s2.name}.partial`, whole: true },
      { segment: s3.name, file: `${folder}/${s3.name}.partial`, whole: false },
    ]);
    expect(report.duplicates).toEqual([]);
  });

  it('with .partial in their names alone between others are whole or a problem', async () => {
    const written = s2.bytes.slice().fill(0, 300_000);
    const whole = folderOf({ ...filesOf([s1, s3]), [`${s2.name}.partial`]: s2.bytes });
    const cutOff = folderOf({ ...filesOf([s1, s3]), [`${s2.name}.partial`]: written });
    expect(codes(await examineArchive([whole]))).toEqual([]);
    expect(codes(await examineArchive([cutOff]))).toEqual(['damaged-wal']);
    for (const folder of [whole, cutOff]) {
      const quick = await examineArchive([folder], { quick: true });
      expect(quick.problems).toMatchObject([{ code: 'partial-segment', file: s2.name }]);
    }
  });

  it('kept by the server for later use are not damaged', async () => {
    const later = { ...s1, name: s4.name };
    const folder = folderOf({
      ...filesOf([s1, s2, s3, later]),
      [segmentFileName(1, 9n, MiB)]: new Uint8Array(MiB),
    });
    const report = await examineArchive([folder]);
    expect(report.problems).toEqual([]);
    expect(report.unused.map(({ segment, reason }) => [segment, reason])).toEqual([
      [s4.name, 'recycled'],
      [segmentFileName(1, 9n, MiB), 'zeroed'],
    ]);
  });

  it('are a problem where they are compressed, which the server does with none', async () => {
    const folder = folderOf({ ...filesOf([s1, s2, s3]), [`${s4.name}.gz`]: gzipSync(s1.bytes) });
    const report = await examineArchive([folder]);
    expect(report.unused).toEqual([]);
    expect(report.problems).toMatchObject([{ code: 'name-mismatch', file: join(folder, `${s4.name}.gz`) }]);
  });

  it('are named where they hold a segment that is missing', async () => {
    const folder = folderOf(filesOf([s1, s3, { ...s2, name: s4.name }]));
    const report = await examineArchive([folder]);
    expect(codes(report)).toEqual(['missing-segments', 'unused-segment']);
    expect(report.problems[1].message).toBe(
      `${join(folder, s4.name)} holds segment ${s2.name}, which is missing`,
    );
  });

  it('without WAL where WAL is needed are named', async () => {
    const zeroes = { ...s2, bytes: new Uint8Array(MiB) };
    const report = await examineArchive([folderOf(filesOf([s1, zeroes, s3]))]);
    expect(codes(report)).toEqual(['missing-segments', 'unused-segment']);
    expect(report.problems[1].message).toContain(`${s2.name} holds nothing but zeroes`);
  });

  it('that wait to be archived are listed', async () => {
    const folder = folderOf({
      ...filesOf([s1, s2]),
      [`archive_status/${s1.name}.done`]: '',
      [`archive_status/${s2.name}.ready`]: '',
      'archive_status/00000002.history.ready': '',
    });
    const { notArchived, problems } = await examineArchive([folder]);
    expect(notArchived).toEqual([s2.name, '00000002.history']);
    expect(problems).toEqual([]);
  });

  it('that are no archive are refused', async () => {
    await expect(examineArchive([folderOf({ 'readme.txt': 'no WAL' })])).rejects.toMatchObject({
      code: 'no-wal',
    });
    await expect(examineArchive(['testdata/nowhere'])).rejects.toMatchObject({ code: 'unreadable' });
    await expect(examineArchive([folderOf({ [s1.name]: '' })])).rejects.toMatchObject({ code: 'short-file' });
  });

  it('may come in any form', async () => {
    const forms = ['gz', 'bz2', 'lz4', 'xz', 'zst'].map(
      (ending) => `testdata/formats/000000010000000000000024.${ending}`,
    );
    const report = await examineArchive(forms);
    expect(report.problems).toEqual([]);
    expect(report.duplicates).toMatchObject([{ files: { length: 5 } }]);
    const tar = await examineArchive(['testdata/lab/17/pg_wal.tar.gz']);
    expect(tar.timelines[0].runs[0]).toMatchObject({ firstName: '000000010000000000000002' });
  });
});

it('tells how far it has come', async () => {
  const steps: string[] = [];
  await examineArchive([folderOf(filesOf([s1, s2, s3]))], {
    onProgress: ({ phase, segments }) => {
      if (phase === 'wal') steps.push(`${segments?.done}/${segments?.total}`);
    },
  });
  expect(steps).toEqual(['1/3', '2/3', '3/3']);
});
