import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readChanges } from '../../src/node/questions.js';
import { type ChangeFormat, formatChanges, type LeftOut } from '../../src/questions/changes/print.js';
import { UTC } from '../../src/text/timezone.js';
import { describeServers } from '../support/postgres.js';
import { createTable, tablePlans, workload } from '../support/rows-workload.js';
import { TestServer } from '../support/server.js';
import { USER_TYPES } from '../support/values.js';

/** Tables that random ones are not like. */
const MORE_TABLES = `
  create schema "s'--";
  create table "s'--"."t""*/" ("a\\" int primary key, "b c" text);
  create table twins (a int, b text);
  create table computed (id int generated always as identity primary key, v int, w int generated always as (v * 2) stored);
  create table parent (id int primary key, v text);
  create table child (extra int) inherits (parent);
  create table owner (id int primary key);
  create table owned (id int primary key, owner int references owner on delete cascade deferrable initially deferred);
  create table parts (id int, v text, primary key (id)) partition by range (id);
  create table part1 partition of parts for values from (0) to (100);
  create table part2 partition of parts for values from (100) to (200);
`;

const MORE_CHANGES = `
  insert into "s'--"."t""*/" values (1, E'it''s\\\\ "x"\\n-- */'), (2, null), (3, '');
  update "s'--"."t""*/" set "b c" = E'\\\\' where "a\\" = 2;
  insert into twins select 1, 'x' from generate_series(1, 5);
  delete from twins where ctid in (select ctid from twins limit 2);
  update twins set b = null where ctid = (select ctid from twins limit 1);
  insert into computed (v) select generate_series(1, 5);
  update computed set v = v + 1 where id < 3;
  insert into parent values (1, 'p'); insert into child values (1, 'c', 5), (2, 'c', 6);
  update parent set v = v || '!';
  delete from child where id = 2;
  begin; insert into owned values (1, 1), (2, 2); insert into owner values (1), (2); commit;
  delete from owner where id = 1;
  insert into parts select g, repeat('v', g) from generate_series(0, 150, 10) g;
  update parts set id = id + 95 where id = 10;
  begin; truncate owner, owned; insert into owner values (9); commit;
  begin; insert into owner values (10); prepare transaction 'two'; insert into owner values (11); commit prepared 'two';
`;

describeServers('SQL of changes, applied to a copy at the start, gives the tables of', (postgres) => {
  let server: TestServer;
  let backup: string;
  const { WALSCAN_SEED } = process.env;
  const seed = Number(WALSCAN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let draws = 0;
  const draw = <T>(arbitrary: fc.Arbitrary<T>): T =>
    fc.sample(arbitrary, { numRuns: 1, seed: seed + draws++ })[0];

  const lines = (text: string): string[] => text.split('\n').slice(0, -1);

  /** All rows of all tables, in whatever order they lie. */
  const contents = (database: string): Record<string, string[]> => {
    const names = `select format('%I.%I', schemaname, tablename) from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`;
    return Object.fromEntries(
      lines(server.sql(names, database)).map((name) => [
        name,
        lines(server.sql(`copy (select * from only ${name}) to stdout`, database)).sort(),
      ]),
    );
  };

  const printed = async (format: ChangeFormat): Promise<[string, LeftOut, unknown]> => {
    const wal = join(server.root, 'wal');
    const changes = readChanges([wal], { backup, database: 'postgres', timezone: UTC });
    let text = '';
    const pieces = formatChanges(changes, format);
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) return [text, value, [changes.unknownValues, changes.problems]];
      text += value;
    }
  };

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '4GB'", 'max_prepared_transactions = 5']);
    server.sql(USER_TYPES);
    const plans = draw(tablePlans(server.version, 3));
    server.sql(plans.map(createTable).join('\n') + MORE_TABLES);
    server.trySql(draw(workload(plans)).join('\n'));
    server.sql('create database copy template postgres', 'template1');
    backup = server.baseBackup('backup', () => {});
    server.sql(MORE_CHANGES);
    for (let round = 0; round < 3; round++) {
      const steps = draw(workload(plans)).filter((step) => !step.startsWith('alter'));
      server.trySql(steps.join('\n'));
    }
    server.sql('select pg_switch_wal(); checkpoint;');
    cpSync(join(server.data, 'pg_wal'), join(server.root, 'wal'), { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  it(`after random work on random tables (seed ${seed})`, async () => {
    const [sql, leftOut, unknown] = await printed('sql');
    expect([leftOut, unknown]).toEqual([{ statements: 0, databases: [] }, [0, []]]);
    server.sql(sql, 'copy');
    expect(contents('copy')).toEqual(contents('postgres'));
  });
});
