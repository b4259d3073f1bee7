import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { before, steps } from '../support/changes-workload.js';
import { runCli } from '../support/cli.js';
import {
  applyChanges,
  difference,
  lastingName,
  parseChanges,
  type Row,
  type Tables,
} from '../support/folded-changes.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

const SETTINGS = [
  'wal_keep_size = 512MB',
  'max_prepared_transactions = 5',
  'allow_in_place_tablespaces = on',
];

/** The rows of all tables of a database, as COPY prints them. */
function addTables(server: TestServer, database: string, tables: Tables): void {
  const list = server.sql(
    `select c.oid::regclass || e'\\t' || (select string_agg(quote_ident(attname), ',' order by attnum) from pg_attribute
       where attrelid = c.oid and attnum > 0 and not attisdropped)
     from pg_class c where relkind = 'r' and relpersistence = 'p' and oid >= 16384`,
    database,
  );
  for (const line of list.split('\n')) {
    const [table, columns] = line.split('\t');
    if (columns === undefined) continue;
    const names = columns.split(',').map(lastingName);
    const rows = server
      .sql(`copy (select ${columns} from only ${table}) to stdout`, database)
      .split('\n')
      .slice(0, -1);
    const key = `${lastingName(database)}.${lastingName(table.replace(/^.*\./, ''))}`;
    tables.set(
      key,
      rows.map((row) => rowOf(names, row)),
    );
  }
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const rowOf = (names: readonly string[], line: string): Row =>
  new Map(
    line
      .split('\t')
      .map((text, i) => [
        names[i],
        text === '\\N' ? null : text.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c),
      ]),
  );

function tablesOf(server: TestServer): Tables {
  const tables: Tables = new Map();
  const databases = server.sql('select datname from pg_database where datallowconn and not datistemplate');
  for (const database of databases.split('\n')) if (database !== '') addTables(server, database, tables);
  return tables;
}

/** What the changes do not give as the server has it. */
async function differences(args: readonly string[], start: Tables, end: Tables): Promise<string[]> {
  const { stdout, stderr, code } = await runCli(['changes', ...args]);
  const told: string[] = code === 0 ? [] : [stderr];
  const found: Tables = new Map([...start].map(([name, rows]) => [name, [...rows]]));
  const changes = parseChanges(Buffer.from(stdout, 'latin1').toString('utf8'));
  for (const change of changes) {
    try {
      applyChanges(found, [change]);
    } catch (error) {
      told.push((error as Error).message);
    }
  }
  for (const name of new Set([...found.keys(), ...end.keys()])) {
    const rows = difference(found.get(name) ?? [], end.get(name) ?? []);
    told.push(...rows.slice(0, 5).map((row) => `${name} ${row.slice(0, 400)}`));
  }
  return told;
}

/** Objects of every kind that values name, in a schema that names alone do not find. */
const NAMES = `
  create schema hidden; create role "of Names"; create table hidden.t (i int);
  create function hidden.f(hidden.t, int[]) returns int language sql as 'select 1';
  create operator hidden.<~ (leftarg = int, rightarg = bigint, function = int48lt);
  create collation hidden.c from "C"; create text search configuration hidden.conf (copy = simple);
  create text search dictionary hidden.d (template = simple);
  create table names (c regclass, p regproc, q regprocedure, o regoper, b regoperator, t regtype[], l regcollation,
    f regconfig, d regdictionary, r regrole, n regnamespace, a aclitem);
  insert into names values ('hidden.t', 'hidden.f', 'hidden.f(hidden.t, int[])', 'hidden.<~', 'hidden.<~(int, bigint)',
    '{hidden.t,int4[]}', 'hidden.c', 'hidden.conf', 'hidden.d', '"of Names"', 'hidden', '"of Names"=rw*/postgres')`;

const NAME_COLUMNS =
  'c::text, p::text, q::text, o::text, b::text, t::text, l::text, f::text, d::text, r::text, n::text, a::text';

const RENAMINGS = [
  'select 1',
  'alter table hidden.t rename to u; alter role "of Names" rename to plain; create function public.f(int) returns int language sql as $$select 1$$',
  'begin; alter schema hidden rename to lost; create table public.u (i int); rollback; alter schema hidden rename to "Open"',
  'vacuum full pg_proc; vacuum full pg_authid; vacuum full pg_operator; alter function "Open".f rename to g',
  'drop function "Open".g; drop operator "Open".<~ (int, bigint); drop collation "Open".c',
  'alter table "Open".u set schema public; alter text search configuration "Open".conf set schema public',
];

describeServers('changes of', (postgres) => {
  const { version } = postgres;
  let server: TestServer;
  let start: Tables;
  let end: Tables;
  let backup: string;
  let namesThen: unknown[];
  const args = () => ['--backup', backup, join(server.data, 'pg_wal')];

  beforeAll(async () => {
    const settings = SETTINGS.slice(0, version >= 15 ? undefined : -1);
    server = new TestServer(postgres, settings);
    server.sql(before(version));
    start = tablesOf(server);
    backup = server.baseBackup('backup', () => {});
    const hasLz4 = server.sql(
      "select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'",
    );
    for (const step of steps(version, hasLz4 === 't\n')) {
      try {
        server.sql(step);
      } catch (error) {
        throw new Error(`${step}: ${(error as Error).message}`);
      }
    }
    const open = `begin; alter table keyed rename to wrong; alter table wrong add column c int default 1;
      insert into wrong values (1, 'lost'); truncate lost; insert into lost values (2, 'lost');
      delete from sub where i = 14; insert into sub select g from generate_series(5000, 5300) g; select 1`;
    server.sql("begin; insert into sub values (600, 'prepared'); prepare transaction 'over'");
    await server.crashIn(open, () => {});
    server.sql(
      "insert into keyed values (1, 'after'); insert into lost values (3, 'after'); update sub set v = 'x' where i = 14",
    );
    server.sql(
      "commit prepared 'over'; checkpoint; update keyed set v = 'later'; update lost set v = 'later'",
    );
    server.sql(
      `create database copied; vacuum full pg_database; create database copied2__1 ${version >= 15 ? 'strategy file_copy' : ''}`,
    );
    for (const database of ['copied', 'copied2__1']) {
      server.sql(
        "create table own (i int, v text); insert into own select g, repeat('o', 5000) from generate_series(1, 9) g; update own set i = 0 where i = 5",
        database,
      );
    }
    server.sql(`alter database copied2__1 rename to copied2__2`);
    server.sql('insert into own values (77); truncate own; insert into own values (78)', 'copied2__2');
    server.sql(NAMES);
    namesThen = RENAMINGS.map((renaming) => {
      server.sql(renaming);
      server.sql('insert into names select * from names limit 1');
      return JSON.parse(server.sql(`select json_build_array(${NAME_COLUMNS}) from names limit 1`));
    });
    server.sql('drop table names');
    end = tablesOf(server);
  });

  afterAll(() => {
    server.stop();
    server.remove();
  });

  it('make of the tables of the backup those of the server', async () => {
    expect(await differences(args(), start, end)).toEqual([]);
  });

  it('print the names that objects had by then', async () => {
    const { stdout, code } = await runCli(['changes', '--table', 'names', ...args()]);
    expect(code).toBe(0);
    const inserted = parseChanges(stdout).filter(({ action }) => action === 'I');
    expect(inserted.slice(1).map(({ columns = [] }) => columns.map(({ value }) => value))).toEqual(namesThen);
  });
});
