import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

/** A moment between transactions. */
interface Moment {
  lsn: string;
  time: string;
  /** Of the tables of the database that is worked on. */
  rows: Rows;
}

type Rows = Record<'t' | 'u' | 'w', string[]>;

const TABLES = `CREATE TABLE t (i int PRIMARY KEY, v text); INSERT INTO t SELECT g, 'r' || g FROM generate_series(1, 50) g;
  CREATE TABLE u (v text); INSERT INTO u SELECT 'u' || g % 3 FROM generate_series(1, 9) g; CREATE TABLE w (i int PRIMARY KEY);`;

const WORK = [
  `BEGIN; UPDATE t SET v = v || '!' WHERE i % 5 = 0; DELETE FROM u WHERE v = 'u1'; COMMIT`,
  `BEGIN; DELETE FROM t WHERE i < 10; INSERT INTO t VALUES (100, 'new'); INSERT INTO u VALUES ('x'), ('x'); COMMIT`,
  'INSERT INTO w VALUES (1), (2)',
  `UPDATE t SET v = repeat('z', 5000) WHERE i = 12`,
  `BEGIN; TRUNCATE u; INSERT INTO u VALUES ('again'); SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; DELETE FROM t WHERE i = 20; COMMIT`,
];

/** Databases that are made after the backup, and how. */
const MADE = {
  logged: 'STRATEGY wal_log',
  copied: 'STRATEGY file_copy',
  logged_elsewhere: 'STRATEGY wal_log TABLESPACE early',
  copied_elsewhere: 'STRATEGY file_copy TABLESPACE late',
};

describeServers('undo of what committed in a while, in several databases,', (postgres) => {
  const strategies = postgres.version >= 15;
  const databases = ['one', 'two', ...Object.keys(strategies ? MADE : {})];
  let server: TestServer;
  let where: string[];
  const moments: Moment[] = [];

  const rowsOf = (table: string, database: string): string[] =>
    server.sql(`COPY ${table} TO STDOUT`, database).split('\n').sort();

  const rows = (database: string): Rows => ({
    t: rowsOf('t', database),
    u: rowsOf('u', database),
    w: rowsOf('w', database),
  });

  function mark(database: string): void {
    const now = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`;
    const [lsn, time] = server.sql(`SELECT pg_current_wal_insert_lsn() || '|' || ${now}`).trim().split('|');
    moments.push({ lsn, time, rows: rows(database) });
  }

  beforeAll(() => {
    const inPlace = strategies ? ['allow_in_place_tablespaces = on'] : [];
    server = new TestServer(postgres, ['wal_keep_size = 8GB', ...inPlace], ['--wal-segsize=1']);
    if (strategies) server.sql("CREATE TABLESPACE early LOCATION ''");
    for (const name of ['one', 'two', 'model']) {
      server.sql(`CREATE DATABASE ${name}`);
      server.sql(TABLES, name);
    }
    server.sql('CHECKPOINT');
    const backup = server.baseBackup('backup', () => {});
    if (strategies) server.sql("CREATE TABLESPACE late LOCATION ''");
    for (const name of databases) {
      if (name in MADE)
        server.sql(`CREATE DATABASE ${name} TEMPLATE model ${MADE[name as keyof typeof MADE]}`);
      mark(name);
      for (const sql of WORK) {
        server.sql(sql, name);
        mark(name);
      }
    }
    server.sql('SELECT pg_switch_wal(); CHECKPOINT');
    const wal = join(server.root, 'wal');
    cpSync(join(server.data, 'pg_wal'), wal, { recursive: true });
    where = ['--backup', backup, wal];
  });

  afterAll(() => {
    server.stop();
    server.remove();
  });

  /** The rows of a copy of a database, after what such an undo does. */
  async function undone(database: string, args: readonly string[]): Promise<Rows> {
    const { stdout, stderr, code } = await runCli(['undo', ...args, '--database', database, ...where]);
    expect(code, stderr).toBe(0);
    server.sql(`CREATE DATABASE copy TEMPLATE ${database}`);
    expect(server.psqlAs(Buffer.from(stdout, 'latin1'), 'copy', 'postgres').stderr).toBe('');
    const found = rows('copy');
    server.sql('DROP DATABASE copy');
    return found;
  }

  it.each(databases)('gives the rows of any moment of %s', async (database) => {
    const first = databases.indexOf(database) * (WORK.length + 1);
    const end = moments.at(-1)!;
    const windows = ({ lsn, time }: Moment) => [
      ['--start', lsn],
      ['--since', time],
      ['--start', lsn, '--until', end.time],
      ['--since', time, '--end', end.lsn],
    ];
    for (const [i, moment] of moments.slice(first, first + WORK.length).entries()) {
      const args = windows(moment)[i % 4];
      expect(await undone(database, args), args.join(' ')).toEqual(moment.rows);
    }
  });

  it('in the middle takes back what is in it only', async () => {
    const [, , before, after] = moments;
    const { t, u } = rows('one');
    const expected = { t, u, w: before.rows.w };
    expect(after.rows.w).not.toEqual(expected.w);
    expect(await undone('one', ['--since', before.time, '--until', after.time])).toEqual(expected);
    expect(await undone('one', ['--start', before.lsn, '--end', after.lsn])).toEqual(expected);
  });

  it('of some tables leaves the others', async () => {
    const [{ lsn, rows: then }] = moments;
    const now = rows('one');
    expect(await undone('one', ['--start', lsn, '--table', 't'])).toEqual({ ...now, t: then.t });
    expect(await undone('one', ['--start', lsn, '--exclude-table', 't'])).toEqual({ ...then, t: now.t });
    const both = ['--table', 'public.t', '--table', 'u', '--exclude-table', 'public.u'];
    expect(await undone('one', ['--start', lsn, ...both])).toEqual({ ...now, t: then.t });
  });

  it('asks which database is meant', async () => {
    const { stderr, code } = await runCli(['undo', '--start', moments[0].lsn, ...where]);
    expect({ stderr, code }).toEqual({
      stderr: `walscan: tables of several databases were changed: ${databases.join(', ')}; say which one is meant\n`,
      code: 2,
    });
  });
});
