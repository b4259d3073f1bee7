import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { program } from '../support/cli.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';

// threads write the text of a dump themselves, each in its turn

/** With the program `cli`, of as many segments as there have to be for threads. @returns what a shell says at last, too */
function sh(command: string, cli = program) {
  const folder = folderOf(filesOf(segmentsOf(8)));
  const env = { ...process.env, DUMP: `${process.execPath} ${cli} dump ${folder}` };
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { env, encoding: 'utf8' });
  return { stdout, stderr };
}

const whole = (cli?: string) => sh('$DUMP --jobs 2', cli);

/** A program whose worker threads begin with this. */
function withWorker<T>(text: string, use: (cli: string) => T): T {
  const folder = mkdtempSync(join(dirname(dirname(program)), 'cli-'));
  try {
    cpSync(dirname(program), folder, { recursive: true });
    writeFileSync(join(folder, 'cli/begins.js'), text);
    const worker = join(folder, 'cli/walscan-worker.js');
    cpSync(worker, join(folder, 'cli/worker.js'));
    writeFileSync(worker, `require('./begins.js'); require('./worker.js');`);
    return use(join(folder, 'cli.js'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EXIT_AT = (what: string) => `
  const { parentPort } = require('node:worker_threads');
  const post = parentPort.postMessage.bind(parentPort);
  let parts = 0;
  parentPort.postMessage = (message) => {
    ${what}
    post(message);
  };`;

it('what a thread was to write that is lost before its turn is written all the same', () => {
  const alone = sh('$DUMP --jobs 1');
  expect(alone.stdout.length).toBeGreaterThan(1000);
  expect(withWorker('process.exit(1)', whole)).toEqual(alone);
  const isAtThird = `if ('part' in message && ++parts === 2) process.exit(1);`;
  expect(withWorker(EXIT_AT(isAtThird), whole)).toEqual(alone);
});

it('a thread that is lost while it writes ends the dump with an error', () => {
  const { stderr } = withWorker(EXIT_AT(`if ('written' in message) process.exit(1);`), whole);
  expect(stderr).toBe(
    'pg_waldump: error: a worker thread was lost while it wrote: the output is not whole; try again with --jobs 1\n',
  );
});

it('a reader may go away', () => {
  expect(sh('$DUMP --jobs 2 | head -n 1 | cut -c 1-4; echo $PIPESTATUS')).toEqual({
    stdout: 'rmgr\n0\n',
    stderr: '',
  });
});

it('a full disk is told', () => {
  const { stderr } = sh('$DUMP --jobs 2 > /dev/full; echo $? >&2');
  expect(stderr).toMatch(/cannot write to standard output: No space left on device\n1\n$/);
});
