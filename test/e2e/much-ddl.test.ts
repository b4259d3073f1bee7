import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NODE } from '../../src/node/platform.js';
import { Changes } from '../../src/questions/changes/ask.js';
import { recoverRows } from '../../src/questions/rows/ask.js';
import { UTC } from '../../src/text/timezone.js';
import { type Lsn, parseLsn } from '../../src/wal/lsn.js';
import { CountedPages } from '../support/counted-pages.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const TABLES = 120;

const tables = (round: number): string =>
  Array.from(
    { length: TABLES },
    (_, i) => `create table t_${round}_${i} (id int primary key, word text);
      insert into t_${round}_${i} values (${i}, 'x');
      drop table t_${round}_${i};
      create temporary table tt (a int, b text, c int, d text);
      drop table tt;`,
  ).join('\n');

describeServers('the work for thousands of tables made and dropped, on', (postgres) => {
  let server: TestServer;
  let backup: string;
  const ends: Lsn[] = [];

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"]);
    server.sql('create table kept (id int); insert into kept values (1)');
    backup = server.baseBackup('backup', () => {});
    for (let round = 0; round < 3; round++) {
      server.sql(tables(round));
      ends.push(parseLsn(server.sql('select pg_current_wal_insert_lsn()').trim())!);
    }
    server.sql('insert into kept values (2); select pg_switch_wal()');
    cpSync(join(server.data, 'pg_wal'), join(server.root, 'wal'), { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** The pages that were looked at up to the end of a round. */
  async function forChanges(round: number): Promise<number> {
    const pages = new CountedPages();
    const options = { backup, end: ends[round], timezone: UTC };
    const changes = new Changes(join(server.root, 'wal'), options, { ...NODE, newPages: () => pages });
    let inserts = 0;
    for await (const { kind } of changes) if (kind === 'insert') inserts++;
    expect(inserts).toBe(TABLES * (round + 1));
    return pages.reads;
  }

  async function forRows(round: number): Promise<number> {
    const pages = new CountedPages();
    const target = { kind: 'lsn', lsn: ends[round], inclusive: false } as const;
    const rows = await recoverRows(
      join(server.root, 'wal'),
      {
        ...{ backup, table: 'kept', database: 'postgres', timezone: UTC },
        question: { kind: 'as-of', target },
      },
      { ...NODE, newPages: () => pages },
    );
    expect([...rows].map(({ values }) => values[0].text)).toEqual(['1']);
    return pages.reads;
  }

  it.each([
    ['changes', forChanges],
    ['rows', forRows],
  ])('of %s grows no faster than they do', async (_, reads) => {
    const [first, second, last] = [await reads(0), await reads(1), await reads(2)];

    expect(last - second).toBeLessThan((second - first) * 1.3);
  });

  it('leaves nothing of tables that are gone in memory', async () => {
    const changes = new Changes(join(server.root, 'wal'), { backup, timezone: UTC }, NODE);
    const tables = new Map<string, WeakRef<object>>();
    let alive: string[] | undefined;
    for await (const { table } of changes) {
      tables.set(table.name!, new WeakRef(table));
      if (table.name !== 'kept') continue;
      // what a WeakRef was made of stays as long as the task that made it
      await new Promise((resolve) => setTimeout(resolve, 10));
      collectGarbage();
      alive = [...tables.keys()].filter((name) => name !== 'kept' && tables.get(name)!.deref() !== undefined);
    }
    expect(tables.size).toBe(3 * TABLES + 1);
    expect(alive!.length).toBeLessThan(5);
  });
});
