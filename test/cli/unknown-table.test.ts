import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';

it.each([
  ['find-commit', [], 2],
  ['incidents', [], 2],
  ['plan', ['--before-delete'], 2],
  ['rows', ['--as-of', 'latest'], 1],
  ['rows', ['--deleted-by', 'last'], 1],
])('%s %j says that there is no such table, and ends with %i', async (command, question, exitCode) => {
  const table = ['--table', 'nowhere', '--database', 'test', '--backup', 'testdata/lab/18/base.tar.gz'];
  const { stdout, stderr, code } = await runCli([command, ...question, ...table, 'testdata/lab/18']);
  expect({ stdout, code }).toEqual({ stdout: '', code: exitCode });
  expect(stderr).toContain('there is no table nowhere');
  const args = table.with(3, 'nodb');
  expect(await runCli([command, ...question, ...args, 'testdata/lab/18'])).toMatchObject({ code: 2 });
});
