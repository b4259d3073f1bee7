import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { before, command, commandLine, runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const SEGMENT = 'testdata/lab/17/000000010000000000000003.gz';

/** Runs walscan within a line of sh, where `$walscan` stands for it. */
function sh(line: string): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync('sh', ['-c', line.replace('$walscan', commandLine)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, stderr };
}

describe('standard output', () => {
  it.each(['', 'rows', 'plan', 'archive', 'find-commit', 'incidents', 'control', 'dump'])(
    'may be closed before the help of "%s" is printed',
    (command) => {
      expect(sh(`$walscan ${command} --help | true`)).toEqual({ code: 0, stderr: '' });
    },
  );

  it('may be closed before the version is printed', () => {
    expect(sh('$walscan --version | true')).toEqual({ code: 0, stderr: '' });
  });
});

describe.skipIf(process.platform === 'win32')('a pipe that does not block', () => {
  it('gets all of the output, however slowly it is read', async () => {
    const expected = (await runCli(['dump', SEGMENT])).stdout;
    const fifo = join(folderOf({}), 'pipe');
    execFileSync('mkfifo', [fifo]);
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    const child = spawn(command, [...before, 'dump', SEGMENT], {
      stdio: ['ignore', writer, 'inherit'],
    });
    closeSync(writer);
    const parts: Buffer[] = [];
    const buffer = Buffer.alloc(1 << 16);
    for (;;) {
      await setTimeout(1);
      try {
        const count = readSync(reader, buffer);
        if (count === 0) break;
        parts.push(Buffer.from(buffer.subarray(0, count)));
      } catch (error) {
        // nothing has come yet
        expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
      }
    }
    closeSync(reader);
    expect(Buffer.concat(parts).toString('latin1')).toBe(expected);
    expect(child.exitCode ?? 0).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('a FIFO', () => {
  it.each([
    ['plan --latest --backup FIFO testdata/lab/17', 2],
    ['rows --rel 16386 --as-of latest --backup FIFO testdata/lab/17', 2],
    [`dump ${SEGMENT} FIFO`, 1],
  ])('is not waited for by "%s"', (line, code) => {
    const fifo = join(folderOf({}), '000000010000000000000004');
    execFileSync('mkfifo', [fifo]);
    const result = sh(`$walscan ${line.replace('FIFO', fifo)}`);
    expect(result.code).toBe(code);
    expect(result.stderr).not.toBe('');
  });
});

describe('options that contradict each other', () => {
  it.each([
    [['find-commit', '--rel', '16386', '--rel', '16399', 'testdata/lab/17'], /one relation only/],
    [
      [
        ...['rows', '--columns', 'x int4', '--backup', 'testdata/lab/17/base.tar.gz', '--rel', '16386'],
        ...['--as-of', 'latest', 'testdata/lab/17'],
      ],
      /--columns goes without --backup/,
    ],
  ])('are refused: %s', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
