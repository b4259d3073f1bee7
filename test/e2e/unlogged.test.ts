import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { incidentsJson } from '../../src/index.js';
import { findCommit, findIncidents, planRecovery, recoverRows } from '../../src/node.js';
import { findCommitText } from '../../src/questions/find-commit/text.js';
import { incidentsText } from '../../src/questions/incidents/text.js';
import { planJson } from '../../src/questions/plan/json.js';
import { planText } from '../../src/questions/plan/text.js';
import { UTC } from '../../src/text/timezone.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

const TABLES = `
  create unlogged table plain (i int);
  create unlogged table u (i int primary key, v text);
  create unlogged table bare (i int, v text);
  create table l (i int primary key, v text);
  create table e1 (i int);
  create table e2 (i int, v text);
  create unlogged table gone (i int primary key, v text);
  create table to_unlogged (i int primary key, v text);
  create unlogged table to_logged (i int primary key, v text);
  create table p (i int) partition by range (i);
  create unlogged table p1 partition of p for values from (0) to (10);
  create table p2 partition of p for values from (10) to (20);
  insert into l values (1, 'x'); insert into u values (1, 'x'); insert into to_unlogged values (1, 'x');`;

/** What is done, one transaction each, and the tables that lose their rows by it. */
const LOSSES: readonly [sql: string, kind: string, tables: readonly string[]][] = [
  ['truncate plain', 'truncate', ['plain']],
  ['truncate u', 'truncate', ['u']],
  ['truncate bare', 'truncate', ['bare']],
  ['truncate l', 'truncate', ['l']],
  ['truncate u, l', 'truncate', ['u', 'l']],
  ['truncate e1, e2', 'truncate', ['e1', 'e2']],
  ['truncate e1; truncate l', 'truncate', ['e1', 'l']],
  ['truncate p', 'truncate', ['p1', 'p2']],
  ['cluster u using u_pkey', 'none', []],
  ['alter table bare alter i type bigint', 'none', []],
  ['alter table to_logged set logged', 'none', []],
  ['alter table to_unlogged set unlogged', 'none', []],
  ['truncate to_logged', 'truncate', ['to_logged']],
  ['truncate to_unlogged', 'truncate', ['to_unlogged']],
  ['drop table gone', 'drop', ['gone']],
  ['create temp table t (i int primary key, v text); truncate t; drop table t', 'none', []],
];

describeServers('unlogged tables of', (postgres) => {
  let server: TestServer;
  let wal: string;
  let backup: string;
  /** As JSON of incidents has them, by the SQL that did them. */
  const truths = new Map<string, { xid: number; relation: string; unlogged: boolean }[]>();
  const files = new Map<string, string>();

  const fileOf = (table: string): string =>
    server.sql(
      `select '1663/' || d.oid || '/' || pg_relation_filenode('${table}') from pg_database d where datname = current_database()`,
    );
  const isUnlogged = (table: string): boolean =>
    server.sql(`select relpersistence = 'u' from pg_class where oid = '${table}'::regclass`) === 't\n';

  beforeAll(() => {
    server = new TestServer(postgres, ['wal_keep_size = 64MB'], ['--wal-segsize=1']);
    wal = join(server.data, 'pg_wal');
    server.sql(TABLES);
    backup = server.baseBackup('backup', () => {});
    for (const [sql, kind, tables] of LOSSES) {
      const lost = tables.map((table) => ({
        ...{ kind, relation: fileOf(table).trim(), unlogged: isUnlogged(table), mayBeToastOf: undefined },
      }));
      for (const [i, table] of tables.entries()) files.set(`${table} by ${sql}`, lost[i].relation);
      const [xid] = server.sql(`begin; select txid_current(); ${sql}; commit`).split('\n');
      truths.set(
        sql,
        lost.map((one) => ({ ...one, xid: Number(xid) })),
      );
    }
    server.sql('checkpoint');
  });
  afterAll(() => server.stop());

  it('are named, and not their TOAST tables and indexes, with what was done to them', async () => {
    const found = incidentsJson(await findIncidents(wal, { minRows: 1_000_000 }));
    const told = found.incidents.map(({ xid, kind, relation, unlogged, mayBeToastOf }) => ({
      ...{ xid, kind, relation, unlogged: unlogged === undefined ? false : unlogged, mayBeToastOf },
    }));
    const byRelation = (all: { xid: number; relation: string | null }[]) =>
      all.sort((a, b) => a.xid - b.xid || String(a.relation).localeCompare(String(b.relation)));
    expect(byRelation(told)).toEqual(byRelation([...truths.values()].flat()));
  });

  it('are known by their names, too', async () => {
    const found = incidentsJson(await findIncidents(wal, { minRows: 1_000_000, backup }));
    const told = found.incidents.map(({ name, unlogged }) => [name?.name, unlogged ?? false]);
    const expected = LOSSES.flatMap(([sql, , tables]) =>
      tables.map((table, i) => [table, truths.get(sql)![i].unlogged]),
    );
    expect(told.sort()).toEqual(expected.sort());
  });

  it('come with no target that is not said to bring no rows back', async () => {
    const relation = files.get('u by truncate u')!;
    const result = await findCommit(wal, { relation });
    expect(result.relations[0]).toMatchObject({ unlogged: true, removed: { kind: 'truncate' } });
    const says = 'It is an unlogged table: no recovery brings its rows back';
    expect(findCommitText(result, relation, UTC)).toContain(says);
    const incidents = await findIncidents(wal, { minRows: 1_000_000 });
    expect(incidentsText(incidents, UTC)).toContain(says);
    const [{ rowsCommand }] = incidentsJson(incidents).incidents.filter((one) => one.relation === relation);
    expect(rowsCommand).toBeNull();
    const target = { kind: 'before-delete', relation } as const;
    const planned = await planRecovery(wal, { backup, target });
    expect(planJson(planned).unlogged).toBe(true);
    expect(planText(planned, UTC)).toContain(says);
    const asked = recoverRows(wal, {
      ...{ relation: { relNumber: Number(relation.split('/')[2]) }, columns: 'i int4, v text' },
      ...{ question: { kind: 'deleted-by', xid: 'last' }, timezone: UTC },
    } as const);
    await expect(asked).rejects.toMatchObject({ code: 'not-logged' });
  });

  it('that are logged are not said to be unlogged', async () => {
    const relation = files.get('l by truncate l')!;
    const result = await findCommit(wal, { relation });
    expect(result.relations[0]).toMatchObject({ unlogged: false, removed: { kind: 'truncate' } });
    expect(findCommitText(result, relation, UTC)).not.toContain('unlogged');
  });
});
