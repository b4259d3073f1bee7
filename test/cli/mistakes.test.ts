import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { ENGLISH_WORDS } from '../support/english-words.js';
import { folderOf, segmentsOf } from '../support/folder.js';
import { RepositoryWriter } from '../support/pgbackrest-repository.js';
import { MISTAKES, type Mistake } from './mistakes.js';

const SEGMENT = '000000010000000000000002';
const LAB = 'testdata/lab/18';

/** The places that mistakes are made with. */
function makePlaces(): string {
  const [segment] = segmentsOf(1);
  const repository = new RepositoryWriter({ passphrase: 'secret', compress: 'gz' })
    .wal(segment.name, segment.bytes)
    .done();
  const root = folderOf({
    [`empty/${SEGMENT}`]: '',
    [`garbage/${SEGMENT}`]: new Uint8Array(100_000).map((_, i) => (i * 31 + 7) & 0xff),
    'others/readme.txt': 'nothing of the kind',
    [`two/${SEGMENT}.gz`]: readFileSync(`${LAB}/${SEGMENT}.gz`),
    ...Object.fromEntries(
      Object.entries(repository).map(([path, bytes]) => [`encrypted/${path}`, bytes as Uint8Array]),
    ),
  });
  copyFileSync('testdata/lab/17/000000010000000000000004.gz', join(root, 'two/000000010000000000000004.gz'));
  return root;
}

/** A line as a shell splits it, with the places that it names. */
function argumentsOf({ line }: Mistake): string[] {
  const root = makePlaces();
  const filled = line.replace(/\{(\w+)\}/g, (_, name) => join(root, name));
  return Array.from(filled.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, word]) => quoted ?? word);
}

describe('mistakes', () => {
  it('are many', () => {
    expect(MISTAKES.length).toBeGreaterThanOrEqual(45);
    expect(new Set(MISTAKES.map(({ line }) => line)).size).toBe(MISTAKES.length);
  });

  it.each(MISTAKES)('are told what, where and what to do: $line', async (mistake) => {
    const { what, where, next, code = 2 } = mistake;
    const args = argumentsOf(mistake);
    const result = await runCli(args, { WALSCAN_CONFIG: undefined });
    expect(result.stderr).toMatch(/^walscan: [^\n]+\n$/);
    expect(result.stderr).not.toMatch(/^ +at |Error:/m);
    for (const told of [what, where, next]) expect(result.stderr).toMatch(told);
    expect([result.stdout, result.code]).toEqual(['', code]);
    const { stderr } = await runCli(args, { WALSCAN_CONFIG: undefined, LC_ALL: 'es_ES.UTF-8' });
    // options, commands and paths are the same in all languages
    expect(stderr.replace(/--[\w-]+|walscan [\w-]+|\S+\/\S+/g, '')).not.toMatch(ENGLISH_WORDS);
  });
});

/** What is asked in vain is no mistake: the answer says what there is. */
describe('answers', () => {
  it.each([
    ['incidents --since 2027-01-01', /to 2026-11-22 10:13:55\.258894 UTC \(transaction 756 at 0\/04000290\)/],
    [
      'incidents --until 2020-01-01',
      /from 2026-11-22 10:13:53\.175270 UTC \(transaction 755 at 0\/030004B8\)/,
    ],
    ['find-commit --rel 16386 --start 9/0', /goes from 0\/02000000 to 0\/06000000/],
    ['find-commit --rel 99999', /goes from 0\/02000000 to 0\/06000000/],
  ])('say where the WAL begins and ends: %s', async (line, told) => {
    const { stdout, stderr, code } = await runCli([...line.split(' '), LAB]);
    expect(stdout).toMatch(told);
    expect([stderr, code]).toEqual(['', 1]);
  });

  it('give times in the zone that is asked for', async () => {
    const { stdout } = await runCli(['incidents', '--since', '2027-01-01', '--tz', 'America/Lima', LAB]);
    expect(stdout).toContain('2026-11-22 05:13:55.258894 -05');
  });
});
