import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type CliResult } from '../support/cli.js';

const LAB = 'testdata/lab/17';
const LABEL = `${LAB}/backup_label`;

let cli: Cli;
const plan = (...args: string[]): Promise<CliResult> => cli.run(['plan', ...args]);

beforeAll(async () => {
  cli = await Cli.build();
}, 60_000);

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

  it.each([
    [['--latest', LAB], /required option '--backup <path>'/],
    [['--backup', LABEL, LAB], /give one of --before-delete, --lsn/],
    [['--backup', LABEL, '--latest', '--immediate', LAB], /give one of --before-delete, --lsn/],
    [['--backup', LABEL, '--before-delete', LAB], /--before-delete needs --rel/],
    [['--backup', LABEL, '--xid', '9', '--inclusive', '--exclusive', LAB], /exclude each other/],
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
    [['--backup', LABEL, '--latest', 'docs'], /no WAL segment in what was given/],
    [['--backup', LABEL, '--latest', 'testdata/lab'], /WAL of different clusters/],
  ])('ends with 2 for %j', async (args, message) => {
    const { stdout, stderr, code } = await plan(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
