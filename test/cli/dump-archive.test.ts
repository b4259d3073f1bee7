import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CliResult, type ProcessOptions, runCli, runProgram, startProgram } from '../support/cli.js';
import { filesOf, folderOf, MiB } from '../support/folder.js';
import { readTestdata, segmentPaths } from '../support/testdata.js';
import { WalWriter, type WrittenRecord, type WrittenSegment } from '../support/wal-writer.js';
import { commit, filler, insert } from '../support/workload.js';

/** What `walscan dump` can that `pg_waldump` cannot: archives as they are stored, damage, threads; and `--follow`. */
const LAB = 'testdata/lab/17';
const [S2, S3, S4, S5] = [2, 3, 4, 5].map((n) => `00000001000000000000000${n}`);
const ON_TIMELINE_2 = '000000020000000000000004';

function dump(args: string[], { cwd }: ProcessOptions = {}): Promise<CliResult> {
  const isOwn = cwd !== undefined || args.includes('--jobs');
  return isOwn ? runProgram(['dump', ...args], { cwd }) : runCli(['dump', ...args]);
}

async function printed(args: string[], options?: ProcessOptions): Promise<string> {
  const { stdout, stderr, code } = await dump(args, options);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout;
}

/** What `pg_waldump` 17 printed of these segments, one after the other. */
function textOf(...segments: string[]): string {
  return segments.map((name) => readFileSync(`${LAB}/expected/${name}.txt`, 'latin1')).join('');
}

const packed = (name: string): Uint8Array => readFileSync(`${LAB}/${name}.gz`);
const raw = (name: string): Uint8Array => readTestdata(`${LAB}/${name}.gz`);

describe('a range of segments', () => {
  it.each([
    ['compressed', (name: string) => `${name}.gz`],
    ['by the plain names of files that are compressed', (name: string) => name],
  ])('%s', async (_, form) => {
    expect(await printed([form(S2), form(S5)], { cwd: LAB })).toBe(textOf(S2, S3, S4, S5));
  });

  it('each stored in another form', async () => {
    const folder = folderOf({
      [S2]: raw(S2),
      [`${S3}.gz`]: packed(S3),
      [S4]: raw(S4),
      [`${S5}.partial.gz`]: gzipSync(raw(S5).subarray(0, 3 * MiB)),
    });
    expect(await printed([join(folder, S2), `${S5}.partial.gz`])).toBe(textOf(S2, S3, S4, S5));
    const files = [`${S3}.gz`, `${S5}.partial.gz`];
    expect(await printed(['-p', folder, ...files])).toBe(textOf(S3, S4, S5));
  });

  it.each(['gz', 'bz2', 'lz4', 'xz', 'zst'])('packed as .%s', async (ending) => {
    const text = await printed([`testdata/formats/000000010000000000000024.${ending}`]);
    expect(text).toBe(readTestdata('testdata/formats/expected.txt.gz').toString('latin1'));
  });

  it('in folders below that of -p', async () => {
    const folder = folderOf({ [`a/${S2}.gz`]: packed(S2), [`b/c/${S3}.gz`]: packed(S3), [S4]: raw(S4) });
    expect(await printed(['-p', folder, S2, S4])).toBe(textOf(S2, S3, S4));
    expect(await printed(['-p', folder, '-s', '0/2000028', '-e', '0/5000000'])).toBe(textOf(S2, S3, S4));
  });

  it('in a tar file', async () => {
    const folder = folderOf({ [S3]: raw(S3), [S2]: raw(S2) });
    for (const [flags, name] of [
      ['-cf', 'wal.tar'],
      ['-czf', 'wal.tar.gz'],
    ]) {
      const archive = join(folderOf({}), name);
      expect(spawnSync('tar', [flags, archive, '-C', folder, S3, S2]).status).toBe(0);
      expect(await printed(['-p', archive, S2, S3])).toBe(textOf(S2, S3));
      expect(await printed([archive])).toBe(textOf(S2, S3));
    }
  });

  it('ends where one is missing, or goes on with --skip-damage', async () => {
    const folder = folderOf({ [`${S2}.gz`]: packed(S2), [`${S4}.gz`]: packed(S4) });
    expect(await dump(['-p', folder, S2, S4])).toEqual({
      stdout: textOf(S2),
      stderr: `pg_waldump: error: could not find file "${S3}": No such file or directory\n`,
      code: 1,
    });
    expect(await dump(['-p', folder, '--skip-damage', S2, S4])).toEqual({
      stdout: textOf(S2, S4),
      stderr: 'pg_waldump: WAL from 0/3000000 to 0/4000000 is missing\n',
      code: 3,
    });
  });

  it('does not run backwards', async () => {
    expect(await dump([`${LAB}/${S3}.gz`, `${S2}.gz`])).toEqual({
      stdout: '',
      stderr: `pg_waldump: error: ENDSEG ${S2}.gz is before STARTSEG ${LAB}/${S3}.gz\n`,
      code: 1,
    });
  });
});

describe('a folder', () => {
  const archive = (): string =>
    folderOf({
      [`1/${S4}.gz`]: packed(S4),
      [`1/${S2}.gz`]: packed(S2),
      [`2/${S3}`]: raw(S3),
      [`2/${ON_TIMELINE_2}.gz`]: packed(ON_TIMELINE_2),
      '2/00000002.history': readTestdata(`${LAB}/00000002.history.gz`),
      README: 'an archive',
    });

  it('is printed whole, one timeline after the other', async () => {
    const folder = archive();
    expect(await printed([folder])).toBe(textOf(S2, S3, S4, ON_TIMELINE_2));
    expect(await printed([folder, '-t', '2'])).toBe(textOf(ON_TIMELINE_2));
    expect(await printed([folder, '-s', '0/3000000', '-e', '0/4000000', '-t', '1'])).toBe(textOf(S3));
  });

  it('is not looked at where it lies outside of what is asked for', async () => {
    const garbage = Buffer.from('no WAL');
    const folder = folderOf({
      [S2]: raw(S2),
      [S3]: garbage,
      [`${S4}.gz`]: packed(S4),
      [`${S5}.gz`]: packed(S5),
    });
    expect(await printed([folder, '-s', '0/4000000', '-e', '0/5000000'])).toBe(textOf(S4));
    const { code, stderr } = await dump([folder, '-s', '0/3000000', '-e', '0/5000000']);
    expect(code).toBe(3);
    expect(stderr).toContain(S3);
  });

  it('is printed whole with 0/0, which is no location', async () => {
    const whole = await printed([LAB]);
    expect(await printed([LAB, '-s', '0/0', '-e', '0/0'])).toBe(whole);
    expect(await printed([S3, '-s', '0/0', '-e', '0/0'], { cwd: LAB })).toBe(textOf(S3));
  });

  it('of which something is missing', async () => {
    const folder = archive();
    rmSync(join(folder, '2', S3));
    expect(await dump([folder, '-t', '1'])).toEqual({
      stdout: textOf(S2, S4),
      stderr: 'pg_waldump: WAL from 0/3000000 to 0/4000000 is missing\n',
      code: 3,
    });
  });

  it('is not what a name beside --path means', async () => {
    const folder = folderOf({ [`archive/${S3}.gz`]: packed(S3), [`${S3}/note`]: 'a folder' });
    expect(await printed(['-p', 'archive', S3], { cwd: folder })).toBe(textOf(S3));
  });

  it('of the name of a segment is none', async () => {
    const data = folderOf({ [`pg_wal/${S3}/note`]: 'a folder' });
    const { stdout, stderr, code } = await dump(['-p', data, '-s', '0/3000000']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(/^pg_waldump: error: .+: it is a folder\n$/);
  });

  it('stands alone', async () => {
    const { stdout, stderr, code } = await dump([archive(), S3]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain(`too many command-line arguments (first is "${S3}")`);
  });
});

/** WAL of 1 MiB segments with records that run on from one into the next, and what was written into it. */
function writeArchive(count: number): { segments: WrittenSegment[]; records: WrittenRecord[] } {
  const writer = new WalWriter({ version: 18 });
  const records: WrittenRecord[] = [];
  for (let xid = 700; writer.segments.length < count; xid++) {
    records.push(writer.append(insert(xid)), writer.append(filler(41_000 + xid * 7)));
    records.push(writer.append(commit(xid, BigInt(xid) * 1_000_000n)));
  }
  return { segments: writer.segments, records };
}

const short = (lsn: bigint): string =>
  `${(lsn >> 32n).toString(16)}/${(lsn & 0xffff_ffffn).toString(16)}`.toUpperCase();
const long = (lsn: bigint): string => {
  const [hi, lo] = short(lsn).split('/');
  return `${hi}/${lo.padStart(8, '0')}`;
};
const lsnsOf = (text: string): string[] => Array.from(text.matchAll(/, lsn: (\S+),/g), ([, lsn]) => lsn);

describe('damage', () => {
  const { segments, records } = writeArchive(3);
  const names = segments.map(({ name }) => name);
  // an insertion in the second segment, and what follows it in the third
  const start = 2n * BigInt(MiB);
  const hit = records.findIndex(({ lsn }) => lsn > start + 300_000n);
  const last = records[records.length - 1];

  function damaged(): string {
    const files = filesOf(segments);
    const bytes = files[names[1]].slice();
    bytes[Number(records[hit].lsn - start) + 30] ^= 1;
    return folderOf({ ...files, [names[1]]: bytes });
  }

  it('ends the dump, as in pg_waldump', async () => {
    const { stdout, stderr, code } = await dump(['-p', damaged(), names[0], names[2]]);
    expect(lsnsOf(stdout)).toEqual(records.slice(0, hit).map(({ lsn }) => long(lsn)));
    const [before, at] = [records[hit - 1], records[hit]].map(({ lsn }) => short(lsn));
    expect(stderr).toBe(
      `pg_waldump: error: error in WAL record at ${before}: incorrect resource manager data checksum in record at ${at}\n`,
    );
    expect(code).toBe(1);
  });

  it('is passed over with --skip-damage, which says what it left out', async () => {
    for (const jobs of ['1', '2']) {
      const range = ['-s', short(records[0].lsn), '-e', short(last.endLsn)];
      const { stdout, stderr, code } = await dump([
        '--skip-damage',
        '--jobs',
        jobs,
        '-p',
        damaged(),
        ...range,
      ]);
      const seen = lsnsOf(stdout);
      const resumed = records.findIndex(({ lsn }, i) => i > hit && long(lsn) === seen[hit]);
      expect(resumed).toBeGreaterThan(hit);
      const left = [...records.slice(0, hit), ...records.slice(resumed)];
      expect(seen).toEqual(left.map(({ lsn }) => long(lsn)));
      const [from, to] = [records[hit].lsn, records[resumed].lsn].map(short);
      expect(stderr).toBe(
        `pg_waldump: skipped damaged WAL from ${from} to ${to}: incorrect resource manager data checksum in record at ${from}\n`,
      );
      expect(code).toBe(3);
    }
  });
});

describe('--jobs', () => {
  const broad10 = segmentPaths('testdata/broad/10');
  const expected10 = (name: string): string =>
    readTestdata(`testdata/broad/10/expected/${name}`).toString('latin1');

  it.each(['1', '2', '3'])('%s: what pg_waldump prints', async (jobs) => {
    const range = [broad10[0], basename(broad10[1])];
    expect(await printed(['--jobs', jobs, ...range])).toBe(expected10('text.txt.gz'));
    expect(await printed(['--jobs', jobs, '-z', ...range])).toBe(expected10('stats.txt'));
    expect(await printed(['--jobs', jobs, '--stats=record', ...range])).toBe(expected10('stats-record.txt'));
  });

  const { segments, records } = writeArchive(5);
  const middle = records[Math.trunc(records.length / 2)];
  it.each([
    [[]],
    [['-b']],
    [['--json']],
    [['-q']],
    [['-z']],
    [['-r', 'Heap', '--stats=record']],
    [['-x', '720', '-x', '750']],
    [['-R', '1663/16384/16386', '-b']],
    [['-s', short(middle.lsn)]],
    [['-s', short(middle.lsn + 1n), '-r', 'Transaction']],
    [['-n', '40']],
    [['-e', short(middle.endLsn)]],
  ])('any number gives the same: %j', async (options) => {
    const folder = folderOf(filesOf(segments));
    const range = [
      '-p',
      folder,
      '-s',
      short(records[0].lsn),
      '-e',
      short(records[records.length - 1].endLsn),
    ];
    const results = await Promise.all(
      ['1', '2', '7'].map((jobs) => dump([...range, ...options, '--jobs', jobs])),
    );
    expect(results[0].code).toBe(0);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('any number tells of a segment that is missing where the one before it was switched', async () => {
    const folder = folderOf({
      [`${S2}.gz`]: packed(S2),
      [`${S3}.gz`]: packed(S3),
      [`${S5}.gz`]: packed(S5),
    });
    const results = await Promise.all(['1', '2', '3'].map((jobs) => dump(['--jobs', jobs, '-q', folder])));
    for (const result of results) {
      expect(result).toMatchObject({
        stderr: 'pg_waldump: WAL from 0/4000000 to 0/5000000 is missing\n',
        code: 3,
      });
    }
  });

  it('prints every record once, also those that two segments share', async () => {
    const folder = folderOf(filesOf(segments));
    const range = ['-s', short(records[0].lsn), '-e', short(records[records.length - 1].endLsn)];
    for (const jobs of ['1', '2', '4']) {
      const text = await printed(['-p', folder, ...range, '--jobs', jobs]);
      expect(lsnsOf(text)).toEqual(records.map(({ lsn }) => long(lsn)));
    }
  });
});

describe('--follow', () => {
  interface Followed {
    child: ChildProcess;
    /** So far. */
    text(): string;
    err(): string;
    end: Promise<unknown[]>;
  }

  function follow(args: string[]): Followed {
    const child = startProgram(['dump', '--follow', ...args]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('latin1').on('data', (data) => {
      stdout += data;
    });
    child.stderr?.setEncoding('utf8').on('data', (data) => {
      stderr += data;
    });
    return { child, text: () => stdout, err: () => stderr, end: once(child, 'close') };
  }

  async function waitFor(followed: Followed, text: string): Promise<void> {
    for (let i = 0; i < 600 && followed.text().length < text.length; i++) await setTimeout(50);
    expect(followed.text()).toBe(text);
  }

  async function waitForRecords(followed: Followed, lsns: readonly string[]): Promise<void> {
    for (let i = 0; i < 600 && lsnsOf(followed.text()).length < lsns.length; i++) await setTimeout(50);
    expect(lsnsOf(followed.text())).toEqual(lsns);
  }

  /** As `archive_command` should: the file is there whole, or not at all. */
  function arrive(folder: string, name: string, bytes: Uint8Array): void {
    writeFileSync(join(folder, 'arriving'), bytes);
    renameSync(join(folder, 'arriving'), join(folder, name));
  }

  it('prints what comes into an archive, until Ctrl-C', async () => {
    const folder = folderOf({ [`${S2}.gz`]: packed(S2) });
    const followed = follow(['-p', folder, '-s', '0/2000000']);
    await waitFor(followed, textOf(S2));
    arrive(folder, `${S3}.gz`, packed(S3));
    await waitFor(followed, textOf(S2, S3));
    arrive(folder, S4, raw(S4));
    await waitFor(followed, textOf(S2, S3, S4));
    followed.child.kill('SIGINT');
    expect(await followed.end).toEqual([0, null]);
    expect(followed.err()).toBe('');
  });

  it('prints what is written into a segment, and at once', async () => {
    const { segments, records } = writeArchive(2);
    const [first, second] = segments;
    const lsns = records.map(({ lsn }) => long(lsn));
    const half = records[20];
    const soFar = new Uint8Array(first.bytes.length);
    soFar.set(first.bytes.subarray(0, Number(half.lsn % BigInt(MiB))));
    const folder = folderOf({ [first.name]: soFar });

    const followed = follow(['-p', folder, '-s', short(records[0].lsn)]);
    await waitForRecords(followed, lsns.slice(0, 20));
    writeFileSync(join(folder, first.name), first.bytes);
    const whole = records.filter(({ endLsn }) => endLsn <= 2n * BigInt(MiB)).length;
    expect(records[whole].lsn).toBeLessThan(2n * BigInt(MiB));
    await waitForRecords(followed, lsns.slice(0, whole));
    arrive(folder, second.name, second.bytes);
    await waitForRecords(followed, lsns);
    followed.child.kill('SIGINT');
    expect(await followed.end).toEqual([0, null]);
  });

  it('prints statistics at Ctrl-C', async () => {
    const folder = folderOf({ [`${S2}.gz`]: packed(S2), [`${S4}.gz`]: packed(S4) });
    const followed = follow(['--stats', folder]);
    for (let i = 0; i < 600 && followed.err() === ''; i++) await setTimeout(50);
    expect(followed.err()).toBe('pg_waldump: WAL from 0/3000000 to 0/4000000 is missing\n');
    expect(followed.text()).toBe('');
    followed.child.kill('SIGINT');
    expect(await followed.end).toEqual([0, null]);
    expect(followed.text()).toMatch(/^WAL statistics between 0\/2000028 and /);
    const count = textOf(S2, S4).split('\n').length - 1;
    expect(followed.text()).toMatch(new RegExp(`^Total +${count} `, 'm'));
  });

  it('ends where the end that was asked for is reached', async () => {
    const folder = folderOf({ [`${S2}.gz`]: packed(S2), [`${S3}.gz`]: packed(S3) });
    expect(await printed(['-f', '-p', folder, S2, S3])).toBe(textOf(S2, S3));
    expect(await printed(['-f', '-p', folder, '-s', '0/2000028', '-n', '2'])).toBe(
      textOf(S2).split('\n').slice(0, 2).join('\n').concat('\n'),
    );
  });
});
