import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindCommitJson } from '../../src/questions/find-commit/json.js';
import { formatLsn } from '../../src/wal/lsn.js';
import {
  type CliResult,
  commandLine,
  executable,
  program,
  runCli,
  runProgram,
  startProgram,
} from '../support/cli.js';
import type { Environment } from '../support/environment.js';
import { filesOf, folderOf, MiB, segmentsOf } from '../support/folder.js';
import { readTestdata } from '../support/testdata.js';
import { WalWriter } from '../support/wal-writer.js';
import { commit, filler, insert, remove, switchSegment } from '../support/workload.js';

const LAB = 'testdata/lab/17';
const REL = ['--rel', '16386'];
const segmentOfLab = (number: number): string => `${LAB}/00000001000000000000000${number}.gz`;

/** Runs a program on a terminal of its own (util-linux). */
const hasScript = spawnSync('script', ['--version']).status === 0;

function findCommit(args: string[], env?: Environment): Promise<CliResult> {
  return runCli(['find-commit', ...args], env);
}

/** With the message on standard error as the only output. */
async function refused(...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await findCommit(args);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr.split('\n')).toHaveLength(2);
  return stderr;
}

describe('find-commit with a base backup and WAL that is not all there', () => {
  const lab = 'testdata/lab/18';
  const backup = ['--backup', `${lab}/base.tar.gz`];

  const table = ['--table', 'inventarios', '--database', 'test', ...backup];
  const folderWith = (...numbers: number[]): string => {
    const names = numbers.map((number) => `00000001000000000000000${number}.gz`);
    return folderOf(Object.fromEntries(names.map((name) => [name, readFileSync(`${lab}/${name}`)])));
  };
  const NAMED = 'Relation 1663/16384/16386 (test.public.inventarios) on timeline 1';

  it.each([
    ['by file', [...REL, ...backup]],
    ['by name', table],
  ])('names tables as far as the catalogs can be followed: %s', async (_, args) => {
    const { stdout, stderr, code } = await findCommit([...args, folderWith(2, 4)]);
    expect([code, stderr]).toEqual([3, '']);
    expect(stdout).toContain('Problem at 0/03000000: segment 000000010000000000000003 is missing');
    expect(stdout).toContain('the names of relations are those of before: segment 000000010000000000000003');
    expect(stdout).toContain(NAMED);
    expect(stdout).toContain('Last DELETE 11 rows');
  });

  it('answers without names where the WAL of the backup is missing, and for a table not at all', async () => {
    const later = folderWith(3, 4);
    const { stdout, code } = await findCommit([...REL, ...backup, later]);
    expect(code).toBe(3);
    expect(stdout).toContain('the names of relations on timeline 1 are not known: the WAL from');
    expect(stdout).toContain('Relation 1663/16384/16386 on timeline 1');
    expect(stdout).toContain('Last DELETE 11 rows');
    const byName = await findCommit([...table, later]);
    expect([byName.code, byName.stdout]).toEqual([3, '']);
    expect(byName.stderr).toMatch(/^walscan: there is no .* as far as the WAL can be read: the names/);
  });

  it('so do incidents and dump', async () => {
    const folder = folderWith(2, 4);
    const incidents = await runCli(['incidents', ...backup, folder]);
    expect(incidents.code).toBe(3);
    expect(incidents.stdout).toContain('deleted 11 rows of test.public.inventarios (1663/16384/16386)');
    const dump = await runCli(['dump', ...table, join(folder, '000000010000000000000004.gz')]);
    expect(dump.code).toBe(3);
    expect(dump.stderr).toContain(
      'the names of relations are those of before: segment 000000010000000000000003',
    );
    expect(dump.stdout.match(/DELETE .*\(test\.public\.inventarios\)/g)).toHaveLength(11);
  });

  it('has no use for a database without a table', async () => {
    expect(await refused(...REL, '--database', 'test', lab)).toContain('--database goes with --table only');
  });
});

describe('the answer of find-commit', () => {
  it('comes in the order in which it is asked for, in the local zone', async () => {
    const { stdout, stderr, code } = await findCommit([...REL, '--timeline', '1', LAB], {
      TZ: 'America/Sao_Paulo',
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const parts = [
      'PostgreSQL 17, system identifier 7710936956560420126',
      'Read 4 segments of timeline 1: 0/02000028 to 0/06000000',
      'Last INSERT 0/03000090, block 0 offset 11',
      'committed 2026-11-22 07:13:37.555739 -03, transaction 741, at 0/030004B8',
      'Last DELETE 11 rows, 0/04000028 to 0/04000258',
      'committed 2026-11-22 07:13:39.636075 -03, transaction 742, at 0/04000290',
      'postgresql.auto.conf',
      "recovery_target_timeline = '1'",
      "recovery_target_lsn = '0/04000290'",
      "recovery_target_xid = '742'",
      "recovery_target_time = '2026-11-22 10:13:39.636074+00'",
    ];
    const places = parts.map((part) => stdout.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('has times in UTC with --utc', async () => {
    const { stdout } = await findCommit([...REL, '--utc', LAB], { TZ: 'America/Sao_Paulo' });
    expect(stdout).toContain('committed 2026-11-22 10:13:39.636075 UTC');
    expect(stdout).not.toContain('-03');
  });

  it('names recovery.conf before 12', async () => {
    const writer = new WalWriter({ version: 11 });
    for (const record of [remove(700), commit(700, 0n)]) writer.append(record);
    const { stdout } = await findCommit([...REL, folderOf(filesOf(writer.segments))]);
    expect(stdout).toContain('recovery.conf in the data folder');
    expect(stdout).not.toMatch(/auto\.conf|recovery\.signal/);
  });

  it('is one JSON object with --json, in UTC', async () => {
    const { stdout, stderr, code } = await findCommit([...REL, '--json', LAB], {
      TZ: 'Asia/Tokyo',
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const json = JSON.parse(stdout) as FindCommitJson;
    expect(json.relations.map(({ timeline }) => timeline)).toEqual([1, 2]);
    expect(json.relations[0].lastDelete?.commit).toEqual({
      xid: 742,
      lsn: '0/04000290',
      time: '2026-11-22T10:13:39.636075Z',
    });
  });

  it('is of the WAL between --start and --end', async () => {
    const range = ['--start', '0/03000091', '--end', '0/04000290', '--json', '--timeline', '1'];
    const { stdout, code } = await findCommit([...REL, ...range, LAB]);
    expect(code).toBe(0);
    const { startLsn, endLsn, segments, relations } = JSON.parse(stdout) as FindCommitJson;
    expect({ startLsn, endLsn, segments }).toEqual({
      startLsn: '0/03000378',
      endLsn: '0/04000290',
      segments: 2,
    });
    expect(relations.map(({ transactions }) => transactions.map(({ status }) => status))).toEqual([
      ['in-progress'],
    ]);
  });

  it('lists with --limit so many transactions without an end, the newest', async () => {
    const writer = new WalWriter({ version: 17 });
    for (const record of [insert(700), insert(800), insert(900), commit(1000, 1n)]) writer.append(record);
    const folder = folderOf(filesOf(writer.segments));
    const { stdout } = await findCommit([...REL, '--limit', '2', folder]);
    expect(stdout.split('\n').filter((line) => /Not ended/.test(line))).toEqual([
      expect.stringContaining('transaction 900 from'),
      expect.stringContaining('transaction 800 from'),
      '  Not ended   and 1 older one',
    ]);
    const { relations } = JSON.parse((await findCommit([...REL, '--limit', '2', '--json', folder])).stdout);
    expect(relations[0].unended.map(({ xid }: { xid: number }) => xid)).toEqual([800, 900]);
    expect(relations[0].olderUnended).toBe(1);
  });

  // the SWITCH record ends at 0/04000300: pages from there to the next segment are zeroes
  it.each(['0/04000300', '0/04001000', '0/04003000', '0/04fffff8'])(
    'takes the rest after a SWITCH record for no damage, from %s on',
    async (start) => {
      const { stdout, code } = await findCommit([...REL, '--start', start, '--timeline', '1', '--json', LAB]);
      expect(code).toBe(1);
      const { startLsn, segments, problems } = JSON.parse(stdout) as FindCommitJson;
      expect({ startLsn, segments, problems }).toEqual({ startLsn: '0/05000028', segments: 2, problems: [] });
    },
  );

  it('is damage where zeroes hide records, from wherever on', async () => {
    const [, before, last] = segmentsOf(3);
    const page = 0x2000;
    before.bytes.fill(0, before.bytes.length - 4 * page);
    const folder = folderOf(filesOf([before, last]));
    const start = formatLsn(BigInt(3 * MiB - 3 * page));
    const { stdout, code } = await findCommit(['--rel', '1', '--start', start, '--json', folder]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'damaged-wal' }]);
  });

  it('is exit code 1 where nothing is found', async () => {
    const { stdout, code } = await findCommit(['--rel', '99999', LAB]);
    expect(code).toBe(1);
    expect(stdout).toContain('No change to relation 99999');
  });

  it('is exit code 3 where WAL is missing', async () => {
    const { stdout, code } = await findCommit([...REL, segmentOfLab(2), segmentOfLab(4)]);
    expect(code).toBe(3);
    expect(stdout).toContain(
      'Problem at 0/03000000: segment 000000010000000000000003 is missing (0/03000000 to 0/04000000)',
    );
    expect(stdout).toContain('Last DELETE 11 rows');
  });

  it('is exit code 3 where WAL is damaged, which is named at its LSN', async () => {
    const bytes = readTestdata(segmentOfLab(4));
    bytes[0x60] ^= 1;
    const folder = folderOf({ [basename(segmentOfLab(4))]: gzipSync(bytes) });
    const { stdout, code } = await findCommit([...REL, '--json', folder]);
    expect(code).toBe(3);
    expect((JSON.parse(stdout) as FindCommitJson).problems).toMatchObject([
      { code: 'damaged-wal', lsn: '0/04000060' },
    ]);
  });
});

describe('find-commit refuses, in one line,', () => {
  it('what is not there', async () => {
    expect(await refused(...REL, 'nowhere')).toContain('cannot read nowhere: no such file or folder');
  });

  it('a folder without WAL', async () => {
    expect(await refused(...REL, folderOf({ 'notes.txt': 'hello' }))).toContain('no WAL segment');
  });

  it.each([
    ['an empty file', new Uint8Array(), 'has only 0 bytes'],
    ['garbage', new Uint8Array(100_000).fill(0x5a), 'does not begin with a WAL page'],
    ['a compressed file that is none', Buffer.from('1f8b08000000', 'hex'), 'cannot be unpacked'],
  ])('%s', async (_, bytes, message) => {
    const folder = folderOf({ '000000010000000000000003': bytes });
    const stderr = await refused(...REL, folder);
    expect(stderr).toContain(message);
    expect(stderr).toContain(join(folder, '000000010000000000000003'));
  });

  it('segments of another cluster, by name', async () => {
    const foreign = 'testdata/lab/18/000000010000000000000005.gz';
    const stderr = await refused(...REL, segmentOfLab(3), segmentOfLab(4), foreign);
    expect(stderr).toContain(`${foreign} of 7710937021724970751`);
  });

  it('copies of one segment that differ, by name', async () => {
    const bytes = readTestdata(segmentOfLab(3));
    bytes[600] ^= 1;
    const copy = join(folderOf({ '000000010000000000000003': bytes }), '000000010000000000000003');
    const stderr = await refused(...REL, segmentOfLab(3), copy);
    expect(stderr).toContain(`${segmentOfLab(3)} and ${copy} are both segment 000000010000000000000003`);
    expect(stderr).toContain('0/03000258');
  });

  it.each([
    [['--rel', 'inventarios', LAB], '"inventarios" is no relation'],
    [[LAB], '--rel'],
    [REL, 'argument <path> is missing'],
    [[...REL, '--start', 'xyz', LAB], 'it is no LSN'],
    [[...REL, '--start', '0/4000000', '--end', '0/3000000', LAB], 'has to be after --start'],
    [[...REL, '--jobs', '0', LAB], 'it is no whole number of 1 or more'],
    [[...REL, '--timeline', '7', LAB], 'there is no WAL of timeline 7, only of 1, 2'],
    [[...REL, '--bogus', LAB], "unknown option '--bogus'"],
  ])('%j', async (args, message) => {
    expect(await refused(...args)).toContain(message);
  });
});

describe('find-commit on a terminal', () => {
  const onTerminal = (args: string[], env: Environment = {}): string => {
    const command = [commandLine, 'find-commit', ...REL, ...args].join(' ');
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      env: { ...process.env, TERM: 'xterm', NO_COLOR: undefined, ...env },
    });
    return stdout;
  };
  const colour = '\u001b[';

  it.runIf(hasScript)('has colours, unless NO_COLOR is set', () => {
    const [coloured, plain] = [{}, { NO_COLOR: '1' }].map((env) => onTerminal([segmentOfLab(4)], env));
    expect(coloured).toContain(`${colour}31mLast DELETE`);
    expect(plain).toContain('  Last DELETE 11 rows');
  });

  it('has none elsewhere', async () => {
    const { stdout } = await runProgram(['find-commit', ...REL, segmentOfLab(4)], { env: { TERM: 'xterm' } });
    expect(stdout).not.toContain(colour);
  });
});

describe('find-commit over 16 MiB segments', () => {
  const SEGMENTS = 40;
  let folder: string;

  // nothing but zeroes after the first page: written and packed in no time, and as long to read as any other
  beforeAll(() => {
    const writer = new WalWriter({ version: 17, segmentSize: 16 * MiB });
    for (let xid = 1000; xid < 1000 + SEGMENTS; xid++) {
      for (const record of [insert(xid), commit(xid, BigInt(xid)), switchSegment()]) writer.append(record);
    }
    const zeroes = gzipSync(new Uint8Array(16 * MiB - 8192));
    folder = mkdtempSync(join(tmpdir(), 'walscan-long-'));
    for (const { name, bytes } of writer.segments) {
      writeFileSync(join(folder, `${name}.gz`), Buffer.concat([gzipSync(bytes.subarray(0, 8192)), zeroes]));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['1', '2'])('holds few of them in memory, with --jobs %s', async (jobs) => {
    // Linux counts to a process what the one had that started it; of its own memory /proc tells the peak
    const tell = `import { readFileSync } from 'node:fs';
      const own = () => /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1];
      const peak = () => process.platform === 'linux' ? own() : process.resourceUsage().maxRSS;
      process.on('exit', () => process.stderr.write(String(peak())));`;
    const { stdout, stderr, code } = await runProgram(
      ['find-commit', ...REL, '--json', '--jobs', jobs, folder],
      {
        env: { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(tell)}"` },
      },
    );
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as FindCommitJson).relations[0].transactions).toHaveLength(SEGMENTS);
    expect(Number(stderr)).toBeLessThan(400 * 1024);
  });

  it('ends at once when it is interrupted', async () => {
    const child = startProgram(['find-commit', ...REL, '--jobs', '1', folder]);
    const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
    await setTimeout(300);
    child.kill('SIGINT');
    expect(await ended).toBe('SIGINT');
  });

  it.runIf(hasScript)('gives the terminal back when it is interrupted', async () => {
    const command = [commandLine, 'find-commit', ...REL, '--jobs 1', folder].join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm' },
    });
    let output = '';
    let isSent = false;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (isSent || !output.includes(' MiB/s')) return;
      isSent = true;
      child.stdin.write('\u0003');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    // no mode of the terminal was changed that would have to be changed back
    expect(output).not.toContain('\u001b[?');
    expect(output).not.toContain('Last INSERT');
    expect(code).toBe(130);
  });
});

describe('find-commit over many segments', () => {
  const SEGMENTS = 24;
  let folder: string;

  beforeAll(() => {
    const writer = new WalWriter({ version: 17 });
    for (let xid = 1000; writer.segments.length < SEGMENTS; xid++) {
      writer.append(insert(xid));
      writer.append(filler(9000));
      if (xid % 5 !== 0) writer.append(commit(xid, BigInt(xid)));
    }
    folder = mkdtempSync(join(tmpdir(), 'walscan-many-'));
    for (const { name, bytes } of writer.segments) writeFileSync(join(folder, name), bytes);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says the same with any number of jobs', async () => {
    const [one, ...others] = await Promise.all(
      ['1', '2', '7'].map((jobs) => runProgram(['find-commit', ...REL, '--json', '--jobs', jobs, folder])),
    );
    const { segments, relations } = JSON.parse(one.stdout) as FindCommitJson;
    expect(segments).toBe(SEGMENTS);
    expect(relations[0].transactionCounts.committed).toBeGreaterThan(1000);
    for (const other of others) expect(other).toEqual(one);
  });

  it('ends quietly when nobody reads its output', () => {
    const command = `${commandLine} find-commit --rel 16386 --json '${folder}'`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${command} | head -n 1; echo "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: '{\n0\n', stderr: '' });
  });

  // which is a file of its own
  it.skipIf(executable)('does itself what a worker thread died over', async () => {
    const broken = mkdtempSync(join(dirname(dirname(program)), 'cli-'));
    try {
      cpSync(dirname(program), broken, { recursive: true });
      const dying = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => process.exit(1));`;
      writeFileSync(join(broken, 'cli/walscan-worker.js'), dying);
      const answer = (...jobs: string[]) =>
        spawnSync(process.execPath, [join(broken, 'cli.js'), 'find-commit', ...REL, ...jobs, folder], {
          encoding: 'utf8',
        });
      const alone = answer('--jobs', '1');
      const { stdout, status } = answer('--jobs', '2');
      expect(alone.status).toBe(0);
      expect({ stdout, status }).toEqual({ stdout: alone.stdout, status: 0 });
    } finally {
      rmSync(broken, { recursive: true });
    }
  });
});
