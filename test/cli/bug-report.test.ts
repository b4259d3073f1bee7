import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { version } from '../../src/text/version.js';
import { runProgram } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

/** Words that only the user has: of a path, of a table, of a database, of a host. */
const OWN = ['kundenarchiv', 'geheimtabelle', 'lohndatenbank', 'vertraulich'];

it('says what a bug is about, and no word of the data', async () => {
  const folder = join(folderOf({}), 'kundenarchiv');
  cpSync('testdata/rows/18', folder, { recursive: true });
  const backup = join(folder, 'base.tar.gz');
  const command = ['rows', '--table=geheimtabelle', '-d', 'lohndatenbank', '--vertraulich=vertraulich'];
  const { stdout, stderr, code } = await runProgram(['bug-report', '--', ...command, '-b', backup, folder]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout).toContain(`- walscan ${version}\n`);
  expect(stdout).toContain('walscan rows --table=VALUE -d VALUE --OPTION=VALUE -b PATH1 PATH2\n');
  expect(stdout).toContain('- exit code 2, ');
  expect(stdout).toContain('- PostgreSQL: 18\n');
  expect(stdout).toMatch(/^- PATH2: WAL segment, \.gz: 2, [\d.]+ MiB$/m);
  for (const word of OWN) expect(stdout).not.toContain(word);
});

it('takes the options of the command without "--", too', async () => {
  const { stdout, code } = await runProgram([
    'bug-report',
    'find-commit',
    '--rel',
    '16386',
    'testdata/lab/17',
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('- exit code 0, ');
});

it('tells the times, in whatever language the command is, and with "--" in it', async () => {
  const { stdout } = await runProgram(['bug-report', 'incidents', '--lang', 'es', '--', 'testdata/lab/17']);
  expect(stdout).toContain('- exit code 0, ');
  expect(stdout).toMatch(/^- wal: [\d.]+ MiB in [\d.]+ s$/m);
});

it('says nothing of rows, tables and databases that the answer has', async () => {
  const args = ['incidents', '-b', 'testdata/rows/18/base.tar.gz', 'testdata/rows/18'];
  const answer = await runProgram(args);
  expect(answer.stdout).toContain('ventas');
  const { stdout } = await runProgram(['bug-report', '--', ...args]);
  expect(stdout).toContain('- exit code 0, ');
  expect(stdout).toMatch(/^- wal: [\d.]+ MiB in [\d.]+ s$/m);
  const walscans =
    /walscan|incidents|exit|code|standard|output|error|wal|names|inventory|base|backup|Version/i;
  const words = new Set(`${answer.stdout}`.match(/[\w.]{4,}/g)?.filter((word) => !walscans.test(word)));
  const said = new Set(stdout.match(/[\w.]{4,}/g));
  expect([...words].filter((word) => said.has(word) && !/^(?:PostgreSQL|[\d.]+|lines)$/.test(word))).toEqual(
    [],
  );
});
