import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine, executable, runCli, runProgram, startProgram } from '../support/cli.js';
import { MiB } from '../support/folder.js';
import { WalWriter } from '../support/wal-writer.js';
import { commit, insert, switchSegment } from '../support/workload.js';

const LAB = 'testdata/lab/17';
const ROWS = 'testdata/rows/18';
const folder = mkdtempSync(join(tmpdir(), 'walscan-signals-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** With a segment missing, so that there is something to be said on standard error. */
const gap = join(folder, 'gap');
mkdirSync(gap);
for (const segment of ['000000010000000000000002', '000000010000000000000004']) {
  copyFileSync(join(LAB, `${segment}.gz`), join(gap, `${segment}.gz`));
}
const damaged = join(folder, 'pg_control');
writeFileSync(damaged, readFileSync(join(LAB, 'pg_control')).fill(1, 100, 101));

/** Of each command what it is asked, its exit code, and the one where its answer cannot be written. */
const COMMANDS: [name: string, args: string, code: number, failed: number][] = [
  ['--version', '', 0, 2],
  ['--help', '', 0, 2],
  ['find-commit', `--rel 16386 ${gap}`, 3, 2],
  ['incidents', gap, 3, 2],
  ['archive', gap, 3, 2],
  ['plan', `--latest --backup ${ROWS}/base.tar.gz ${ROWS}`, 0, 2],
  ['rows', `--rel 16386 --columns 'id int4' --as-of latest ${gap}`, 3, 2],
  ['dump', gap, 3, 1],
  ['control', `--json ${damaged}`, 3, 2],
];

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a line of sh, where `$walscan` stands for the program. */
async function sh(line: string, stdout: 'pipe' | 'ignore' = 'pipe'): Promise<Ended> {
  const command = line.replace('$walscan', commandLine);
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', stdout, 'pipe'] });
  const ended: Ended = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('latin1').on('data', (text) => {
    ended.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    ended.stderr += text;
  });
  [ended.code, ended.signal] = await once(child, 'close');
  return ended;
}

describe.skipIf(process.platform === 'win32').concurrent('standard error or input', () => {
  it.each(COMMANDS)('of %s may be closed or full: nothing else changes', async (name, args, code) => {
    const [open, closed, full, unasked] = await Promise.all(
      ['', '2>&-', '2>/dev/full', '<&-'].map((redirect) => sh(`$walscan ${name} ${args} ${redirect}`)),
    );
    expect(open.code).toBe(code);
    for (const { code, stdout } of [closed, full]) expect([code, stdout]).toEqual([open.code, open.stdout]);
    expect(unasked).toEqual(open);
  });
});

describe.skipIf(process.platform === 'win32').concurrent('standard output', () => {
  const hasFull = existsSync('/dev/full');

  it.runIf(hasFull).each(COMMANDS)('of %s that is full is an error', async (name, args, _, code) => {
    expect(await sh(`$walscan ${name} ${args} > /dev/full`)).toMatchObject({
      code,
      stderr: expect.stringMatching(
        /^(walscan|pg_waldump: error): cannot write to standard output: No space left on device$/m,
      ),
    });
  });

  // elsewhere nothing tells it from /dev/null
  const isLinux = process.platform === 'linux';

  it.runIf(isLinux).each(COMMANDS)(
    'of %s that was closed from the start is an error',
    async (name, args, _, code) => {
      expect(await sh(`$walscan ${name} ${args} >&-`)).toMatchObject({
        code,
        stderr: expect.stringMatching(
          /^(walscan|pg_waldump: error): standard output was closed from the start: give it a file or a pipe$/m,
        ),
      });
    },
  );

  it('may be /dev/null, also as those open it who want to know the exit code alone', async () => {
    const line = `$walscan archive ${gap}`;
    const ends = await Promise.all([
      sh(`${line} > /dev/null`),
      sh(line, 'ignore'),
      sh(`${line}; exit $?`, 'ignore'),
    ]);
    for (const end of ends) expect(end).toMatchObject({ code: 3, stderr: '' });
  });

  it.each(COMMANDS)('of %s may be closed before all is written', async (name, args) => {
    const { stderr } = await sh(`{ $walscan ${name} ${args}; echo "code $?" >&2; } | true`);
    expect(stderr).toMatch(/(^|\n)code 0\n$/);
    expect(stderr).not.toContain('standard output');
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGNAL_NAMES = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];

describe.skipIf(process.platform === 'win32').concurrent('a signal', () => {
  const SEGMENTS = 48;
  const long = join(folder, 'long');
  const temporary = join(folder, 'temporary');

  // nothing but zeroes after the first page: written and packed in no time, and as long to read as any other
  beforeAll(() => {
    mkdirSync(temporary);
    mkdirSync(long);
    const writer = new WalWriter({ version: 17, segmentSize: 16 * MiB });
    for (let xid = 1000; xid < 1000 + SEGMENTS; xid++) {
      for (const record of [insert(xid), commit(xid, BigInt(xid)), switchSegment()]) writer.append(record);
    }
    const zeroes = gzipSync(new Uint8Array(16 * MiB - 8192));
    for (const { name, bytes } of writer.segments) {
      writeFileSync(join(long, `${name}.gz`), Buffer.concat([gzipSync(bytes.subarray(0, 8192)), zeroes]));
    }
  });

  const RUNS = [
    ['find-commit', '--rel', '5', '--jobs', '2', long],
    ['incidents', '--jobs', '1', long],
    ['archive', '--jobs', '3', long],
    ['plan', '--latest', '--backup', `${ROWS}/base.tar.gz`, ROWS],
    ['rows', '--rel', '5', '--columns', 'id int4', '--history', long],
    ['dump', '--quiet', long],
    ['control', `${LAB}/pg_control`],
  ];

  it.each(RUNS)('ends %s whenever it comes, and leaves nothing behind', async (...args) => {
    const ends = SIGNAL_NAMES.map(async (signal) => {
      const child = startProgram(args, { env: { TMPDIR: temporary } });
      const ended = once(child, 'close');
      await setTimeout(Math.random() * 600);
      child.kill(signal);
      const [code, by] = await ended;
      // where it has not ended before. dump prints what it has at SIGINT, as pg_waldump
      if (by !== null) expect(by).toBe(signal);
      else expect([0, 1, 3]).toContain(code);
    });
    await Promise.all(ends);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.runIf(hasScript).each(SIGNAL_NAMES)(
    '%s finds the terminal as it was before the progress bar',
    async (signal) => {
      for (const args of RUNS.slice(0, 3)) {
        const pidFile = join(folder, `${args[0]}-${signal}`);
        const command = `echo $$ > ${pidFile}; exec ${[commandLine, ...args].join(' ')}`;
        const child = spawn('script', ['-qec', command, '/dev/null'], {
          env: { ...process.env, TERM: 'xterm' },
        });
        let output = '';
        let isSent = false;
        child.stdout.setEncoding('utf8').on('data', (text) => {
          output += text;
          if (isSent || !output.includes(' MiB/s')) return;
          isSent = true;
          process.kill(Number(readFileSync(pidFile, 'latin1')), signal);
        });
        const [code] = await once(child, 'close');
        expect(code).toBe(128 + SIGNALS[signal]);
        // no mode was changed that would have to be changed back
        expect(output).not.toContain('\u001b[?');
      }
    },
  );
});

// an executable's own modules cannot be replaced
describe.skipIf(executable).concurrent('a run', () => {
  const RUNS = [
    `find-commit --rel 5 ${LAB}`,
    `incidents ${LAB}`,
    `archive ${LAB}`,
    `plan --latest --backup ${ROWS}/base.tar.gz ${ROWS}`,
    `rows --rel 5 --as-of latest --backup ${ROWS}/base.tar.gz ${ROWS}`,
    `dump ${LAB}`,
    `control ${LAB}`,
  ];

  /** Runs the program with another `stat`, in this thread and all others. */
  const runWith = (line: string, stat: string): Promise<{ code: number | null; stderr: string }> => {
    const script = `import files from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      files.stat = ${stat};
      syncBuiltinESMExports();`;
    const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(script)}"`;
    return runProgram(line.split(' '), { env: { NODE_OPTIONS } });
  };

  it.each(RUNS)('that waits for what never comes is an error: %s', async (line) => {
    expect(await runWith(line, '() => new Promise(() => {})')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^walscan: this run has come to no end: .*\n$/),
    });
  });

  it('in which an error is waited for by nobody tells it in a line', async () => {
    const stat = `() => {
      Promise.reject(Object.assign(new Error('the disk is gone'), { code: 'EIO' }));
      return new Promise(() => {});
    }`;
    expect(await runWith(`archive ${LAB}`, stat)).toMatchObject({
      code: 2,
      stderr: 'walscan: the disk is gone\n',
    });
  });

  it('whose threads all end does their work itself', async () => {
    const script = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) process.exit(0);`;
    const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(script)}"`;
    const alone = await runProgram(['archive', '--jobs', '1', LAB]);
    const { code, stdout } = await runProgram(['archive', '--jobs', '3', LAB], { env: { NODE_OPTIONS } });
    expect([code, stdout]).toEqual([0, alone.stdout]);
  });

  it.each([
    'find-commit --rel 5 TAR',
    'incidents TAR',
    'archive TAR',
    `plan --latest --backup TAR ${ROWS}`,
    `rows --rel 5 --as-of latest --backup TAR ${ROWS}`,
    'rows --rel 5 --history TAR',
    'dump TAR',
    'control TAR',
  ])('over a tar file whose member has no size ends in an error: %s', async (line) => {
    const tar = join(folder, 'size.tar');
    const header = Buffer.alloc(512, 0);
    header.write('000000010000000000000001', 0);
    header.write('what size is', 124);
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    header.fill(' ', 148, 156);
    header.write(
      header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0'),
      148,
    );
    writeFileSync(tar, Buffer.concat([header, Buffer.alloc(2048)]));
    const { code, stdout, stderr } = await runCli(line.replace('TAR', tar).split(' '));
    // a backup that is damaged, a file that is none of WAL, or what pg_waldump says of that
    const expected = line.includes('--backup') ? 3 : line.startsWith('dump') ? 1 : 2;
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(
      'the size of its member 000000010000000000000001 is no number that can be right',
    );
  });
});
