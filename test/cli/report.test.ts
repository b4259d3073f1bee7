import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const LAB = 'testdata/lab/17';

describe('walscan report', () => {
  it('writes a page in the place of what was there, and leaves nothing beside it', async () => {
    const folder = folderOf({ 'report.html': 'before' });
    const path = join(folder, 'report.html');
    const { code, stdout, stderr } = await runCli(['report', '-o', path, LAB]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(path, 'utf8')).toMatch(/^<!doctype html>/i);
    expect(readdirSync(folder)).toEqual(['report.html']);
  });

  it('writes what a link leads to', async () => {
    const folder = folderOf({ 'old.html': 'before' });
    symlinkSync('old.html', join(folder, 'link.html'));
    expect((await runCli(['report', '-o', join(folder, 'link.html'), LAB])).code).toBe(0);
    expect(readFileSync(join(folder, 'old.html'), 'utf8')).not.toBe('before');
  });

  it('prints the page where it is told to', async () => {
    const { code, stdout } = await runCli(['report', '-o', '-', LAB]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>/i);
  });

  it('writes JSON to a file, too', async () => {
    const path = join(folderOf({}), 'report.json');
    expect((await runCli(['report', '--json', '-o', path, LAB])).code).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ wal: { postgres: 17 } });
  });

  it('makes the page of a poor archive all the same', async () => {
    const names = ['000000010000000000000003.gz', '000000010000000000000005.gz'];
    const folder = folderOf(Object.fromEntries(names.map((name) => [name, readFileSync(`${LAB}/${name}`)])));
    const path = join(folderOf({}), 'report.html');
    expect((await runCli(['report', '-o', path, folder])).code).toBe(3);
    expect(statSync(path).size).toBeGreaterThan(10_000);
  });

  it.each([
    [[LAB], /say where the page is to go: -o report\.html, or -o - for standard output/],
    [['-o', 'there/is/none.html', LAB], /cannot write there\/is\/none\.html: No such file or directory/],
    [['-o', 'testdata', LAB], /cannot write testdata: it is a folder; name a file in it/],
  ])('refuses %j before any work is done', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['report', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each([
    [
      ['--since', '2030-01-01'],
      /^walscan: no transaction ended at these times: the last one before ended 2026-11-22 [^;]+ on timeline 1; this WAL has none after\n$/,
    ],
    [
      ['--until', '2020-01-01'],
      /^walscan: no transaction ended at these times: the first one after ended 2026-11-22 /,
    ],
  ])('says what is nearest to times with nothing in them: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['report', ...args, '--utc', '--json', LAB]);
    expect(code).toBe((await runCli(['incidents', ...args, LAB])).code);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(JSON.parse(stdout).wal.nearest).not.toBeNull();
  });

  it('leaves what is there where the WAL cannot be read', async () => {
    const folder = folderOf({ 'report.html': 'before' });
    const path = join(folder, 'report.html');
    writeFileSync(join(folder, 'nothing'), '');
    expect((await runCli(['report', '-o', path, join(folder, 'nothing')])).code).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('before');
  });
});
