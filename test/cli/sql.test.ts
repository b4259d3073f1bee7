import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { version } from '../../src/text/version.js';
import { program, runCli } from '../support/cli.js';
import { factsOf, walIn } from '../support/corpora.js';
import { crossingWal } from '../support/facts.js';
import { folderOf } from '../support/folder.js';

const facts = () => factsOf(walIn('testdata/lab/17'));

const sql = async (folder: string, ...args: string[]) => runCli(['sql', '--facts', folder, ...args]);

it('prints tables, CSV and an object a row', async () => {
  const folder = await facts();
  const query =
    "SELECT 1 AS a, NULL AS b, 'x' AS c, TIMESTAMPTZ '2026-01-02 03:04:05.6Z' AS d; SELECT 2::UBIGINT AS e";
  expect(await sql(folder, query)).toEqual({
    stdout: ` a | b | c | d
---+---+---+--------------------------
 1 |   | x | 2026-01-02 03:04:05.6+00
(1 row)
 e
---
 2
(1 row)
`,
    ...{ stderr: '', code: 0 },
  });
  expect((await sql(folder, '--csv', query)).stdout).toBe('a,b,c,d\n1,,x,2026-01-02 03:04:05.6+00\ne\n2\n');
  expect((await sql(folder, '--json', `${query}; SELECT 18446744073709551615 AS f`)).stdout).toBe(
    '{"a":1,"b":null,"c":"x","d":"2026-01-02T03:04:05.600000Z"}\n{"e":2}\n{"f":"18446744073709551615"}\n',
  );
});

it('prints decimals as numbers, as far as every reader of JSON keeps them', async () => {
  const query = 'SELECT 0.10 AS a, -999999999999.999 AS b, 1234567890123456.7 AS c, [1.5] AS d';
  expect((await sql(await facts(), '--json', query)).stdout).toBe(
    '{"a":0.1,"b":-999999999999.999,"c":"1234567890123456.7","d":[1.5]}\n',
  );
});

it('has nothing to say to a query without a statement', async () => {
  for (const query of ['', ' ;\n', '/* none; */ -- none']) {
    expect(await sql(await facts(), query)).toEqual({ stdout: '', stderr: '', code: 0 });
  }
  expect((await sql(await facts(), '--csv', "SELECT '-- a' AS a;\n-- the end")).stdout).toBe('a\n-- a\n');
});

it('says where a query is wrong', async () => {
  const { stderr, code } = await sql(await facts(), "SELECT 'é';\nSELECT nope FROM gaps");
  expect(stderr).toMatch(/^walscan: the query fails at line 2, column 8: Referenced column "nope" not found/);
  expect(code).toBe(2);
});

it('tells a folder without facts', async () => {
  const { stderr, code } = await sql(folderOf({ 'a.txt': '' }), 'SELECT 1');
  expect(stderr).toContain('there are no facts in ');
  expect(code).toBe(2);
});

it('ends with 3 where WAL is missing, and a table tells which', async () => {
  const wal = walIn('testdata/lab/17').filter((path) => !path.includes('000000010000000000000003'));
  const { stdout, stderr, code } = await sql(await factsOf(wal), '--csv', 'SELECT code FROM problems');
  expect(stdout).toContain('missing-segments');
  expect(stderr).toMatch(/^walscan: \d+ problems? with the WAL: see the table problems\n$/);
  expect(code).toBe(3);
});

it('ends with 3 over WAL that is missing or damaged, whatever is asked', async () => {
  const wal = walIn('testdata/lab/17').filter((path) => !path.includes('000000010000000000000003'));
  const [{ name, bytes }] = crossingWal(17).segments;
  const cutOff = walIn(folderOf({ [name]: bytes.subarray(0, 300_000) }));
  for (const files of [wal, cutOff]) {
    const { stderr, code } = await sql(await factsOf(files), 'SELECT 1 AS one');
    expect(stderr).toMatch(/^walscan: \d+ problems? with the WAL: see the table problems\n$/);
    expect(code).toBe(3);
  }
});

it('tells facts that cannot be read', async () => {
  const folder = folderOf({});
  cpSync(await facts(), folder, { recursive: true });
  const [path] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('/rmgrs.parquet'),
  );
  for (const garbage of ['', 'x', 'PAR1 and more of it, which is no Parquet']) {
    writeFileSync(join(folder, path), garbage);
    const { stderr, code } = await sql(folder, 'SELECT count(*) FROM rmgrs');
    expect(stderr).toContain(`${join(folder, path)} is no table of facts that can be read`);
    expect(code).toBe(2);
  }
});

it('names what lies among facts and is none', async () => {
  const folder = folderOf({});
  cpSync(await facts(), folder, { recursive: true });
  const [system] = readdirSync(folder).filter((name) => name.startsWith('system='));
  cpSync(join(folder, system), join(folder, 'system=abc'), { recursive: true });
  const { stderr, code } = await sql(folder, 'SELECT 1');
  expect(stderr).toContain('/system=abc/');
  expect(stderr).toContain(' lies among facts, and is none: move its folder out of ');
  expect(code).toBe(2);
});

it('has what walscan works out also where a query puts names together', async () => {
  const query = "SELECT count(*) AS n FROM query_table('cha' || 'nges')";
  const folder = await facts();
  const { stdout } = await sql(folder, '--csv', 'SELECT count(*) AS n FROM changes');
  expect(stdout).not.toBe('n\n0\n');
  expect((await sql(folder, '--csv', query)).stdout).toBe(stdout);
});

it('takes statements from standard input, up to the first error', async () => {
  const input = "\\d gaps\n;\nSELECT ';'\n  AS a;\nSELECT nope;\nSELECT 2;\n";
  const args = [program, 'sql', '--facts', await facts(), '--csv'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
  expect(stdout).toContain('first_segment,VARCHAR,the file name in pg_wal');
  expect(stdout).toMatch(/a\n;\n$/);
  expect(stderr).toContain('walscan: the query fails at line 1, column 8');
  expect(status).toBe(2);
});

it('has a column a line where that is asked for, also by \\x', async () => {
  const folder = await facts();
  const expanded = '-[ RECORD 1 ]\na | 1\nb | 2\n';
  expect((await sql(folder, '-x', 'SELECT 1 AS a, 2 AS b')).stdout).toBe(expanded);
  const input = '\\x\nSELECT 1 AS a, 2 AS b;\n\\x\nSELECT 1 AS a;\n';
  const args = [program, 'sql', '--facts', folder];
  const { stdout } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
  expect(stdout).toBe(`${expanded} a\n---\n 1\n(1 row)\n`);
});

it('without DuckDB it is said what to install', () => {
  const folder = folderOf({ 'package.json': JSON.stringify({ private: true, version }) });
  cpSync(dirname(program), join(folder, 'walscan'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('node_modules/commander'), join(folder, 'node_modules/commander'));
  const args = [join(folder, 'walscan/cli.js'), 'sql', '--facts', folder, 'SELECT 1'];
  const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toContain('SQL takes the package @duckdb/node-api, which cannot be loaded; install it');
  expect(status).toBe(2);
});

it('the views lie beside the program', () => {
  const views = readdirSync('src/questions/sql/views');
  expect(readdirSync(join(dirname(program), 'questions/sql/views'))).toEqual(views);
  expect(views).toContain('find_commit.sql');
});

it('takes no folder above the facts for a column of them', async () => {
  const above = folderOf({});
  const folder = join(above, 'timeline=9', 'facts');
  cpSync(await facts(), folder, { recursive: true });
  const { stderr, code } = await sql(folder, 'SELECT count(*) FROM transactions');
  expect(stderr).toContain('DuckDB would take folders for columns of facts');
  expect(code).toBe(2);
});
