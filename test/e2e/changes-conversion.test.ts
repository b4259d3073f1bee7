import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

describeServers('columns that get another type', (postgres) => {
  let server: TestServer;
  let backup: string;

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"]);
    server.sql(`create table plain (id int primary key, v int, t text, n numeric); insert into plain select g, g, g, g from generate_series(1, 500) g;
      delete from plain where id % 7 = 0; update plain set v = v + 1 where id % 5 = 0;
      create table used (id int primary key, v int); insert into used select g, g from generate_series(1, 500) g;
      create table parts (id int, v text) partition by range (id); create table part partition of parts default;
      insert into parts values (1, 'abc')`);
    backup = server.baseBackup('backup', () => {});
    server.sql(`begin; delete from plain where id = 1; alter table plain alter v type bigint, alter t type int using t::int; alter table plain alter n type text;
      update plain set v = -v where id = 2; delete from plain where id = 3; insert into plain values (1000, 1, 1, 1); commit;
      begin; alter table used alter v type text using case when v = 400 then 'x' else v::text end; commit;
      alter table parts alter v type int using length(v)`);
  });

  afterAll(() => {
    server.stop();
    server.remove();
  });

  it('are told to lack how, where values became others, and only there', async () => {
    const { stdout, stderr, code } = await runCli([
      ...['changes', '--format', 'sql', '--database', 'postgres', '--backup', backup],
      join(server.data, 'pg_wal'),
    ]);
    const lacking = stdout.split('\n').filter((line) => line.includes('was converted'));
    expect(lacking).toEqual([
      '-- column v of public.used was converted to another type, and by which expression cannot be told',
      '-- column v of public.part was converted to another type, and by which expression cannot be told',
    ]);
    expect([code, stderr]).toEqual([3, 'walscan: 2 changes could not be told as SQL\n']);
  });
});
