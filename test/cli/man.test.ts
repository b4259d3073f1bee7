import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { manPages } from '../../src/cli/man.js';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const pages = new Map((await manPages()).map(({ file, text }) => [file, text]));
const hasMan = spawnSync('man', ['--version']).status === 0;

/** Words alone: neither layout, nor roff's escapes. */
const wordsOf = (text: string): string =>
  text.replaceAll('\\-', '-').replaceAll('\\&', '').replace(/\s+/g, ' ');

it('there is one for each command, which the package names', () => {
  const names = ['walscan.1', ...COMMANDS.map(([name]) => `walscan-${name}.1`)];
  expect([...pages.keys()]).toEqual(names);
  const { man } = JSON.parse(readFileSync('package.json', 'utf8')) as { man: string[] };
  expect([...man].sort()).toEqual(names.map((name) => `./dist/man/${name}`).sort());
});

describe.each(COMMANDS.map(([name]) => name))('that of %s', (name) => {
  const page = pages.get(`walscan-${name}.1`) ?? '';

  it('has all options that the help has', async () => {
    const { stdout } = await runCli([name, '--help']);
    const options = [...stdout.matchAll(/^ {2}((?:-., | {4})?--[\w-]+)/gm)].map(([, option]) =>
      option.trim(),
    );
    expect(options.length).toBeGreaterThan(1);
    const words = wordsOf(page);
    expect(options.filter((option) => !words.includes(option))).toEqual([]);
  });

  it.skipIf(!hasMan)('is one that man has no warning of', () => {
    const file = join(folderOf({ 'page.1': page }), 'page.1');
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(wordsOf(stdout)).toContain(`walscan-${name} - `);
  });
});
