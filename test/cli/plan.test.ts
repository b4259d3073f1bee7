import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CliResult, runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { readTestdata } from '../support/testdata.js';

const LAB = 'testdata/lab/17';
const LABEL = `${LAB}/backup_label`;

const plan = (...args: string[]): Promise<CliResult> => runCli(['plan', ...args]);

describe('walscan plan', () => {
  it('ends with 0 where the target can be reached, and with 3 where it cannot', async () => {
    const there = await plan('--backup', LABEL, '--name', 'test_pirt', LAB);
    expect([there.code, there.stderr]).toEqual([0, '']);
    expect(there.stdout).toMatch(/^The target can be reached\.\nStops: +after 0\/030004E0, RESTORE_POINT, /m);
    const not = await plan('--backup', LABEL, '--name', 'nowhere', LAB);
    expect(not.code).toBe(3);
    expect(not.stdout).toMatch(/^The target cannot be reached\.\nWhy: +the WAL of timeline 2 ends at /m);
    expect(not.stdout).not.toContain('recovery_target');
  });

  it('says of a restore point that is not found which there are, the most alike first', async () => {
    const { stdout } = await plan('--backup', LABEL, '--name', 'test_pitr', LAB);
    expect(stdout).toMatch(/^What to do: .*since then, the most alike first: test_pirt\)/m);
    const json = JSON.parse((await plan('--json', '--backup', LABEL, '--name', 'test_pitr', LAB)).stdout);
    expect(json.obstacle.advice).toContain('the most alike first: test_pirt)');
  });

  it('gives no settings in JSON where the target cannot be reached, but the earliest one that can', async () => {
    const { stdout, code } = await plan('--json', '--backup', LABEL, '--time', '2026-11-22', LAB);
    expect(code).toBe(3);
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      reachable: false,
      reason: 'target-before-consistency',
      settings: null,
      obstacle: { earliest: { lsn: '0/02000120' }, missing: [] },
    });
    const again = await plan('--backup', LABEL, '--time', json.obstacle.earliest.time, LAB);
    expect(again.code).toBe(0);
  });

  it('ends with 1 where nothing was deleted', async () => {
    const { stdout, stderr, code } = await plan('--backup', LABEL, '--before-delete', '--rel', '1', LAB);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^walscan: no committed transaction here deleted rows/);
  });

  it('ends with 3 where the WAL that may have a later DELETE is missing or damaged', async () => {
    const copy = (...numbers: number[]): Record<string, Uint8Array> => {
      const names = numbers.map((number) => `00000001000000000000000${number}.gz`);
      return Object.fromEntries(names.map((name) => [name, readFileSync(`${LAB}/${name}`)]));
    };
    const beforeDelete = (folder: string, ...more: string[]): Promise<CliResult> =>
      plan('--backup', LABEL, '--before-delete', '--rel', '16386', ...more, folder);
    const without = await beforeDelete(folderOf(copy(2, 3, 5)));
    expect([without.code, without.stdout]).toEqual([3, '']);
    expect(without.stderr).toMatch(
      /^walscan: no committed .* as far as the WAL can be read: segment 000000010000000000000004 is missing/,
    );

    const last = Uint8Array.from(readTestdata(`${LAB}/000000010000000000000005.gz`));
    last[0x48 + 30] ^= 1; // in RUNNING_XACTS
    const damaged = folderOf({ ...copy(2, 3, 4), '000000010000000000000005': last });
    const { stdout, code } = await beforeDelete(damaged);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Problem at 0\/05000048: incorrect resource manager data checksum/m);
    expect(stdout).toMatch(/^There may be a later DELETE.*\n\nThe target can be reached\./m);
    const json = JSON.parse((await beforeDelete(damaged, '--json')).stdout);
    expect(json).toMatchObject({ reachable: true, problems: [{ code: 'damaged-wal', lsn: '0/05000048' }] });

    // what is missing before the DELETE can have no later one
    const sure = await plan(
      ...['--backup', LABEL, '--before-delete', '--rel', '16386', '--json'],
      folderOf(copy(2, 3, 4)),
    );
    expect(sure.code).toBe(0);
    expect(JSON.parse(sure.stdout)).toMatchObject({ problems: [] });
  });

  it.each([
    [['--latest', LAB], /a plan needs a base backup: give --backup/],
    [['--backup', LABEL, LAB], /give one of --before-delete, --lsn/],
    [['--backup', LABEL, '--latest', '--immediate', LAB], /give one of --before-delete, --lsn/],
    [['--backup', LABEL, '--before-delete', LAB], /--before-delete needs --rel/],
    [['--backup', LABEL, '--xid', '9', '--inclusive', '--exclusive', LAB], /exclude each other/],
    [['--backup', LABEL, '--latest', '--rel', '16386', LAB], /--rel goes with --before-delete only/],
    [['--backup', LABEL, '--latest', '--database', 'test', LAB], /--database goes with --before-delete only/],
    [['--backup', LABEL, '--name', 'x', '--exclusive', LAB], /go with --lsn, --time and --xid only/],
    [
      ['--backup', LABEL, '--before-delete', '--rel', '16386', '--inclusive', LAB],
      /go with --lsn, --time and --xid only/,
    ],
    [['--backup', LABEL, '--lsn', '12', LAB], /no LSN/],
    [['--backup', LABEL, '--xid', '2', LAB], /no transaction id/],
    [
      ['--backup', 'testdata/nowhere', '--latest', LAB],
      /cannot read testdata\/nowhere: no such file or folder/,
    ],
    [
      ['--backup', LABEL, '--latest', 'testdata/nowhere'],
      /cannot read testdata\/nowhere: no such file or folder/,
    ],
    [['--backup', LABEL, '--latest', 'docs'], /no WAL segment in/],
  ])('ends with 2 for %j', async (args, message) => {
    const { stdout, stderr, code } = await plan(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
