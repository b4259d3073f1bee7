import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recoverRows } from '../../../src/node/questions.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { UTC } from '../../../src/text/timezone.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

/** What happens to a table behind the backup, by the table's name. */
const CHANGES: Record<string, string> = {
  plain:
    'insert into plain select g, g::text from generate_series(101, 120) g; delete from plain where id < 5',
  truncated: 'truncate truncated; insert into truncated values (1, null)',
  emptied: 'truncate emptied',
  vacuumed: 'delete from vacuumed where id < 50; vacuum full vacuumed; insert into vacuumed values (1, null)',
  clustered: 'cluster clustered using clustered_pkey; update clustered set word = null where id = 7',
  altered: 'alter table altered alter id type int8; insert into altered values (10000000000, null)',
  late: 'create table late (id int, word text); insert into late values (1, repeat(md5(random()::text), 200))',
  toasted: `update toasted set word = (select string_agg(md5(g::text), '') from generate_series(1, 300) g) where id < 4;
    vacuum full toasted; update toasted set word = word || 'x' where id = 2`,
  parent: `create table part_2 partition of parent for values from (100) to (200);
    insert into parent select g, null from generate_series(90, 110) g; truncate part_1; insert into parent values (1, 'one')`,
  rolled:
    'begin; truncate rolled; insert into rolled values (1, null); rollback; delete from rolled where id = 9',
};

/** What takes another pass, and why. */
const MORE_PASSES: Record<string, string> = {
  // its pages are in the WAL before its row in pg_class is
  moved: 'alter table moved set tablespace elsewhere; insert into moved values (1001, null)',
  // nothing told that it would be asked for
  renamed: 'truncate before; insert into before values (1, null); alter table before rename to renamed',
};

describeServers('rows in one reading of the WAL, on', (postgres) => {
  let server: TestServer;
  let backup: string;
  let wal: string;
  const copies = new Map<string, string>();
  const all = Object.entries({ ...CHANGES, ...MORE_PASSES });

  beforeAll(() => {
    server = new TestServer(
      postgres,
      ["wal_keep_size = '1GB'", 'allow_in_place_tablespaces = on'],
      SMALL_SEGMENTS,
    );
    const usual = all.map(([name]) => name).filter((name) => !['late', 'parent', 'renamed'].includes(name));
    server.sql("create tablespace elsewhere location ''");
    for (const name of [...usual, 'before']) {
      server.sql(`create table ${name} (id int primary key, word text);
        insert into ${name} select g, g::text from generate_series(1, 100) g`);
    }
    server.sql(`create table parent (id int, word text) partition by range (id);
      create table part_1 partition of parent for values from (0) to (100);
      insert into parent select g, 'old' from generate_series(1, 9) g`);
    for (const catalog of ['pg_class', 'pg_attribute', 'pg_inherits', 'pg_type'])
      server.sql(`vacuum full ${catalog}`);
    backup = server.baseBackup('backup', () => {});
    for (const [, script] of all) for (const step of stepsOf(script)) server.sql(step);
    for (const [name] of all) {
      copies.set(name, server.sql(`copy (select * from ${name} order by tableoid, ctid) to stdout`));
    }
    server.sql('select pg_switch_wal(); checkpoint');
    wal = join(server.root, 'wal');
    cpSync(join(server.data, 'pg_wal'), wal, { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  async function read(table: string): Promise<{ copy: string; passes: number }> {
    let passes = 0;
    const rows = await recoverRows(wal, {
      ...{ backup, table, database: 'postgres', timezone: UTC },
      question: { kind: 'as-of', target: { kind: 'latest' } },
      onProgress: ({ phase, segments }) => {
        if (phase === 'replay' && segments?.done === 1) passes++;
      },
    });
    try {
      const copy = [...formatRows(rows, 'copy', false)].join('');
      expect(rows.problems).toEqual([]);
      return { copy, passes };
    } finally {
      rows.close();
    }
  }

  it.each(Object.keys(CHANGES))('%s', async (table) => {
    expect(await read(table)).toEqual({ copy: copies.get(table), passes: 1 });
  });

  it.each(Object.keys(MORE_PASSES))('%s, read once more', async (table) => {
    expect(await read(table)).toEqual({ copy: copies.get(table), passes: 2 });
  });
});

/** What cannot be in a transaction is sent by itself. */
const stepsOf = (script: string): string[] =>
  script.startsWith('begin') ? [script] : script.split(';').map((step) => step.trim());
