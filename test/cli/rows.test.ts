import { describe, expect, it } from 'vitest';
import type { RowsJson } from '../../src/questions/rows/json.js';
import { type CliResult, runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { WalWriter } from '../support/wal-writer.js';
import { commit, TABLE as FILE, remove } from '../support/workload.js';

const ROOT = 'testdata/rows/18';
const TABLE = [
  ...['--table', 'ventas.inventarios', '--database', 'ventas_db', '--backup', `${ROOT}/base.tar.gz`],
];

const rows = (args: string[]): Promise<CliResult> => runCli(['rows', ...args]);

describe('walscan rows', () => {
  it('takes the name of a zone in any case', async () => {
    const history = (zone: string): Promise<CliResult> =>
      rows([...TABLE, '--history', '--format', 'csv', '--tz', zone, ROOT]);
    const proper = await history('Europe/Madrid');
    expect(proper.stdout).toContain('2026-11-22 11:13:48.518208+01');
    expect(await history('europe/madrid')).toEqual(proper);
    expect((await history('Nowhere/Madrid')).code).toBe(2);
    // of a time without a zone, which that of `antes` is
    const asOf = (time: string, zone: string): Promise<CliResult> =>
      rows([...TABLE, '--as-of', time, '--tz', zone, ROOT]);
    const local = await asOf('2026-11-22 11:13:48.5', 'europe/madrid');
    expect(local).toEqual(await asOf('2026-11-22 10:13:48.5', 'UTC'));
    expect(local.stdout).toContain('(11 rows)');
  });

  it('reads times in the zone of TZ, as all commands do, and prints them in it; JSON is in UTC', async () => {
    const asOf = async (time: string, TZ: string, ...more: string[]): Promise<CliResult> =>
      runCli(['rows', ...TABLE, '--as-of', time, ...more, ROOT], { TZ });
    const there = await asOf('2026-11-22 05:13:48.5', 'America/Lima');
    expect(there).toEqual(await asOf('2026-11-22 10:13:48.5', 'UTC'));
    expect(there.stdout).toContain('(11 rows)');
    expect(await asOf('2026-11-22 11:13:48.5', 'America/Lima', '--tz', 'Europe/Madrid')).toEqual(there);
    const history = async (TZ: string, format: string): Promise<string> =>
      (await runCli(['rows', ...TABLE, '--history', '--format', format, ROOT], { TZ })).stdout;
    expect(await history('America/Lima', 'csv')).toContain('2026-11-22 05:13:48.518208-05');
    expect(await history('America/Lima', 'json')).toBe(await history('UTC', 'json'));
  });

  it('takes words for a time, and says which, where they are no single word', async () => {
    const words = await rows([...TABLE, '--as-of', '22/11/2026 10:13:48.5', ROOT]);
    expect(words.stdout).toContain('(11 rows)');
    expect(words.stderr).toMatch(/^walscan: --as-of: "22\/11.*is read as 2026-11-22 10:13:48\.5\+00\n/);
    expect((await rows([...TABLE, '--as-of', 'monday', ROOT])).stderr).toContain('restore point "monday"');
    expect((await rows([...TABLE, '--as-of', '05/06/2026', ROOT])).code).toBe(2);
  });

  it('says that a moment is neither a time nor a restore point', async () => {
    const { stderr, code } = await rows([...TABLE, '--as-of', '2026-11-22 at ten', ROOT]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /does not reach the restore point "2026-11-22 at ten": it ends at .*; nor is that a time that walscan can read/,
    );
  });

  it.each([
    [[...TABLE, '--as-of', '4294967296', ROOT], /4294967296 is no transaction id/],
    [[...TABLE, '--deleted-by', '2', ROOT], /no transaction id/],
    [
      ['--rel', '1', '--database', 'ventas_db', '--as-of', 'latest', ROOT],
      /--database goes with --table only/,
    ],
    [['--table', 't_many', '--backup', ROOT, '--as-of', 'latest', ROOT], /--table needs --database/],
    [
      ['--table', 't_many', '--database', 'ventas_db', '--as-of', 'latest', ROOT],
      /only with a base backup: give --backup, or a repository of pgBackRest, Barman or WAL-G/,
    ],
    [[...TABLE, '--as-of', 'latest', '--cipher-pass-file', 'not/there', ROOT], /cannot read not\/there/],
    [[...TABLE, '--as-of', 'latest', '--cipher-pass-file', '/dev/null', ROOT], /\/dev\/null is empty/],
  ])('ends with 2 for %j', async (args, message) => {
    const { stdout, stderr, code } = await rows(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('ends with 3 where the moment is before the backup', async () => {
    const { stdout, stderr, code } = await rows([...TABLE, '--as-of', '2000-01-01', ROOT]);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      'walscan: 2000-01-01T00:00:00.000000Z lies before the backup, whose data are newer: take an older backup\n',
    );
  });

  it('names the first of many rows that it cannot give', async () => {
    const writer = new WalWriter({ version: 17 });
    for (let offset = 1; offset <= 25; offset++) writer.append(remove(700, { offset }));
    writer.append(commit(700, 1n));
    const [{ name, bytes }] = writer.segments;
    const folder = folderOf({ [name]: bytes });
    const { stderr, code } = await rows([
      ...['--rel', '16386', '--columns', 'id int4', '--deleted-by', '700', folder],
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^walscan: 25 rows cannot be given: .*: \(0,1\) \(0,2\) .* \(0,20\) and 5 more\n$/,
    );
  });

  it.each([['--as-of', 'antes'], ['--history'], ['--deleted-by', 'last']])(
    'prints one JSON object with the rows that --format json prints line by line: %s %s',
    async (...question) => {
      const { stdout, code } = await rows([...TABLE, ...question, '--json', ROOT]);
      expect(code).toBe(0);
      const json: RowsJson = JSON.parse(stdout);
      const lines = (await rows([...TABLE, ...question, '--format', 'json', ROOT])).stdout.split('\n');
      expect(json.rows.map((row) => JSON.stringify(row))).toEqual(lines.slice(0, -1));
      expect(json).toMatchObject({
        postgres: 18,
        timelines: [1],
        table: { name: { database: 'ventas_db', schema: 'ventas', name: 'inventarios' } },
        count: json.rows.length,
        missing: [],
        complete: true,
        problems: [],
      });
    },
  );

  it('puts into JSON what it says on standard error', async () => {
    const { stdout, stderr, code } = await rows([
      ...['--rel', '16386', '--columns', 'id int4', '--deleted-by', 'last', '--json'],
      'testdata/lab/17/000000010000000000000004.gz',
    ]);
    expect(code).toBe(3);
    const json: RowsJson = JSON.parse(stdout);
    expect(json).toMatchObject({ rows: [], count: 0, deletedBy: 742, table: { name: null } });
    expect(json.missing).toHaveLength(11);
    for (const { ctid } of json.missing) expect(stderr).toContain(` ${ctid}`);
  });

  it('gives no row where the columns do not fit', async () => {
    const { stdout, stderr, code } = await rows([
      ...['--rel', '16386', '--columns', 'id bigint', '--deleted-by', 'last', '--timeline', '1'],
      'testdata/lab/17',
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('the rows have 4 columns, counting dropped ones, and 1 is given');
  });

  it('says which transaction `last` passes over', async () => {
    const writer = new WalWriter({ version: 17 });
    for (const record of [remove(700), commit(700, 1n), commit(701, 2n, { dropped: [FILE] })])
      writer.append(record);
    const [{ name, bytes }] = writer.segments;
    const emptied = folderOf({ [name]: bytes });
    const last = ['--rel', '16386', '--columns', 'id int4', '--deleted-by', 'last'];
    const { stderr } = await rows([...last, emptied]);
    expect(stderr).toContain(
      'walscan: no row is known that transaction 701 took: these are those that transaction 700 did\n',
    );
    const { stdout } = await rows([...last, '--json', emptied]);
    expect(JSON.parse(stdout) as RowsJson).toMatchObject({ deletedBy: 700, passedOver: [701] });
  });
});
