import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CliResult, runCli } from '../support/cli.js';
import { folderOf, MiB } from '../support/folder.js';

const WHO = 'testdata/who';
const LOG = readFileSync(`${WHO}/postgresql.log`);
const CULPRIT = 'nightly';

const incidentsWith = (log: string): Promise<CliResult> => runCli(['incidents', '--json', '--log', log, WHO]);

describe('a log that is damaged, or made to mislead', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['is empty', '', /is no log of a server/],
    ['is of zeros', new Uint8Array(MiB), /is no log of a server/],
    [
      'is garbage',
      Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + i) & 0xff)),
      /is no log/,
    ],
    ['is a segment of WAL', readFileSync(`${WHO}/000000010000000000000009.gz`), /is no log of a server/],
    [
      'is gzip that is cut off',
      gzipSync(LOG).subarray(0, 300),
      /cannot be unpacked: .*unexpected end of file/,
    ],
    ['is jsonlog of null', 'null\nnull\n{}\n', /is no log of a server/],
  ])('and %s is told of, and what the WAL tells stands', async (_, content, said) => {
    const { stdout, stderr, code } = await incidentsWith(
      join(folderOf({ 'postgresql.log': content }), 'postgresql.log'),
    );
    expect(stderr + stdout).toMatch(said);
    expect(JSON.parse(stdout).incidents).not.toEqual([]);
    expect(code).toBe(3);
    expect(stdout).not.toContain(CULPRIT);
  });

  it.each<[string, string | Uint8Array]>([
    ['has the ends of lines of Windows', LOG.toString().replaceAll('\n', '\r\n')],
    ['has lines of other programs', LOG.toString().replaceAll('\n<', '\ncron: nothing to do\n<')],
    ['has a line of 3 MiB', `${LOG.toString()}<2026-11-27 19:11:19 UTC [0-] x ${'y'.repeat(3 * MiB)}\n`],
    ['ends within a line', LOG.subarray(0, LOG.length - 9)],
    ['is compressed', gzipSync(LOG)],
  ])('and %s is read', async (_, content) => {
    const folder = folderOf({ 'postgresql.log': content });
    const { stdout, code } = await incidentsWith(folder);
    expect(code).toBe(0);
    expect(stdout).toContain(CULPRIT);
  });

  it('and has statements that would write to the terminal, is shown without', async () => {
    const log = LOG.toString().replaceAll('statement: DELETE', 'statement: \x1b]0;owned\x07\x1b[2JDELETE');
    const folder = folderOf({ 'postgresql.log': log });
    const { stdout } = await runCli(['incidents', '--log', folder, WHO]);
    expect(stdout).toContain('DELETE');
    expect(stdout).not.toContain('\x1b]0');
    expect(stdout).not.toContain('\x1b[2J');
  });
});

describe('changes with a log', () => {
  it('has whoever did a transaction where it begins', async () => {
    const { stdout } = await runCli(['changes', '--log', `${WHO}/postgresql.log`, WHO]);
    const begins = stdout.split('\n').filter((line) => line.startsWith('{"action":"B"'));
    const told = begins.map((line) => JSON.parse(line).who);
    expect(told.length).toBeGreaterThan(2);
    expect(told.every(({ sure, suspects }) => sure !== undefined && Array.isArray(suspects))).toBe(true);
    expect(JSON.stringify(told)).toContain(CULPRIT);
  });

  it.each(['--order=lsn', '--format=csv'])(
    'is refused with %s, which has no place for it',
    async (option) => {
      const { code, stderr } = await runCli(['changes', option, '--log', `${WHO}/postgresql.log`, WHO]);
      expect(code).toBe(2);
      expect(stderr).toContain('--log tells who did transactions, for which there is no place');
    },
  );
});
