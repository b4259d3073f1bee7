import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { commandLine, runCli } from '../support/cli.js';
import { ENVIRONMENT } from '../support/environment.js';
import { folderOf } from '../support/folder.js';

const WAL = 'testdata/rows/18';
const BACKUP = `${WAL}/base.tar.gz`;
const DATABASE = ['-d', 'ventas_db'];

/** What the last word may be. */
async function candidates(words: string[], env = {}): Promise<string[]> {
  const { stdout, stderr, code } = await runCli(['__complete', ...words], env);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout.split('\n').slice(0, -1);
}

describe('a word', () => {
  it('is a command', async () => {
    const names = COMMANDS.map(([name]) => name);
    expect(await candidates([''])).toEqual([...names, 'help', '--help', '--version']);
    expect(await candidates(['fi'])).toEqual(['find-commit']);
    expect(await candidates(['help', 'pl'])).toEqual(['plan']);
  });

  it('goes on behind options that stand before the command', async () => {
    expect(await candidates(['--lang', 'es', '-q', 'pl'])).toEqual(['plan']);
    expect(await candidates(['--lang=es', 'rows', '--format', 'c'])).toEqual(['csv', 'copy']);
    expect(await candidates(['--utc', 'help', 'pl'])).toEqual(['plan']);
    expect(await candidates(['--tz', ''])).toEqual([]);
  });

  it.each(COMMANDS.map(([name]) => name))('is each option that the help of %s has', async (name) => {
    const { stdout } = await runCli([name, '--help']);
    const inHelp = [...stdout.matchAll(/^ {2}(?:-., | {4})?(--[\w-]+)/gm)].map(([, option]) => option);
    expect(inHelp.length).toBeGreaterThan(1);
    expect((await candidates([name, '--'])).sort()).toEqual(inHelp.sort());
  });

  it.each([
    [['changes', '--format', 'c'], ['csv']],
    [['changes', '--format=c'], ['--format=csv']],
    [['changes', '--format', '=', 'c'], ['csv']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['plan', '--backup', ''], [':files']],
    [['plan', '-b', 'x'], [':files']],
    [['plan', ''], [':files']],
    [['dump', '--save-fullpage', ''], [':files']],
    [['dump', ''], [':files']],
    [['plan', '--lsn', ''], []],
    [['nonsense', ''], []],
  ])('of %j is one of %j', async (words, expected) => {
    expect(await candidates(words)).toEqual(expected);
  });

  it('is a table of the backup', async () => {
    const found = await candidates(['rows', '-b', BACKUP, ...DATABASE, '--table', 'ventas.inv']);
    expect(found).toContain('ventas.inventarios');
    expect(await candidates(['rows', '-b', BACKUP, WAL, '-d', 'postgres', '--table', 'ventas'])).toEqual([]);
    const settings = { WALSCAN_BACKUP: BACKUP, WALSCAN_ARCHIVE: WAL, WALSCAN_DATABASE: 'ventas_db' };
    expect(await candidates(['rows', '--table', 'ventas.inv'], settings)).toEqual(found);
    expect(await candidates(['rows', '--table=ventas.inv'], settings)).toEqual(
      found.map((name) => `--table=${name}`),
    );
  });

  it('is nothing where no backup can be read', async () => {
    for (const backup of ['nowhere', 'README.md']) {
      expect(await candidates(['rows', '-b', backup, '--table', ''])).toEqual([]);
    }
    expect(await candidates(['rows', '--table', ''])).toEqual([]);
  });
});

const { PATH } = process.env;

/** A folder whose `walscan` is the program, with files to complete; and the script for a shell. */
async function prepared(shell: string): Promise<{ folder: string; path: string; script: string }> {
  const folder = folderOf({ 'wal/first.gz': '', 'wal/second.gz': '' });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/walscan'), `#!/bin/sh\nexec ${commandLine} "$@"\n`);
  chmodSync(join(folder, 'bin/walscan'), 0o755);
  const { stdout } = await runCli(['completion', shell]);
  writeFileSync(join(folder, 'script'), stdout);
  return {
    folder,
    path: join(folder, 'bin') + delimiter + PATH,
    script: join(folder, 'script'),
  };
}

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** Lines that a shell's program prints. */
async function linesOf(shell: string, program: (script: string) => string): Promise<string[]> {
  const { folder, path, script } = await prepared(shell);
  const { stdout, stderr } = spawnSync(shell, ['-c', program(script)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...ENVIRONMENT, PATH: path, HOME: folder },
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(!isInstalled('bash'))('bash', () => {
  const asks = (words: string[]) => (script: string) =>
    `
    . ${script}
    COMP_WORDS=(walscan ${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length}
    $(complete -p walscan | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    printf '%s\\n' "\${COMPREPLY[@]}"`;

  it.each([
    [['inc'], ['incidents']],
    [['changes', '--format', 'c'], ['csv']],
    [['changes', '--format', '=', 'c'], ['csv']],
    [['incidents', 'wal/f'], ['wal/first.gz']],
    [['incidents', 'nothing'], []],
  ])('completes %j to %j', async (words, expected) => {
    expect(await linesOf('bash', asks(words))).toEqual(expected);
  });
});

describe.skipIf(!isInstalled('fish'))('fish', () => {
  it.each([
    ['walscan inc', ['incidents']],
    ['walscan changes --format c', ['csv']],
    ['walscan changes --format=c', ['--format=csv']],
    ['walscan incidents wal/f', ['wal/first.gz']],
    ['walscan incidents nothing', []],
  ])('completes %j to %j', async (line, expected) => {
    expect(await linesOf('fish', (script) => `source ${script}; complete -C '${line}'`)).toEqual(expected);
  });
});

describe.skipIf(!isInstalled('zsh'))('zsh', () => {
  it.each([
    ['inc', ['incidents']],
    ['changes --format c', ['csv']],
    ['changes --format=c', ['--format=csv']],
    ['incidents wal/f', [':files']],
  ])('completes %j to %j', async (line, expected) => {
    const program = (script: string) => `
      compdef() { } ; compset() { } ; _files() { print :files }
      compadd() { shift; print -rl -- \${(P)1} }
      . ${script}
      words=(walscan ${line}) ; CURRENT=$#words
      _walscan`;
    expect(await linesOf('zsh', program)).toEqual(expected);
  });
});
