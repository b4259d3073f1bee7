import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCommit, findIncidents, planRecovery, recoverRows } from '../../src/node/questions.js';
import type { RowsQuestion } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { rowsJson } from '../../src/questions/rows/json.js';
import { UTC } from '../../src/text/timezone.js';
import { formatLsn, parseLsn } from '../../src/wal/lsn.js';
import {
  archived,
  baseBackup,
  promoted,
  restore,
  startArchiving,
  switchSegment,
} from '../support/pitr-lab.js';
import { column, describeServers, serverFolder } from '../support/postgres.js';

/** Partitions of partitions, with their columns in other orders; and tables that inherit. */
const TABLES = `
  CREATE TABLE pt (id int, k int, t text, v numeric) PARTITION BY RANGE (k);
  CREATE TABLE pt_1 PARTITION OF pt FOR VALUES FROM (0) TO (10);
  CREATE TABLE gone (t text, no_more int, v numeric, k int, id int);
  ALTER TABLE gone DROP no_more;
  ALTER TABLE pt ATTACH PARTITION gone FOR VALUES FROM (10) TO (20);
  CREATE TABLE pt_deep PARTITION OF pt FOR VALUES FROM (20) TO (40) PARTITION BY LIST (id);
  CREATE TABLE pt_deep_default PARTITION OF pt_deep DEFAULT;
  INSERT INTO pt SELECT g, g, 'row ' || g, g / 4.0 FROM generate_series(0, 39) g;
  CREATE TABLE parent (id int, t text);
  CREATE TABLE child (extra int) INHERITS (parent);
  CREATE TABLE grandchild () INHERITS (child);
  INSERT INTO parent SELECT g, 'p' FROM generate_series(1, 3) g;
  INSERT INTO child SELECT g, 'c', g FROM generate_series(4, 6) g;
  INSERT INTO grandchild SELECT g, 'g', g FROM generate_series(7, 9) g;
  CREATE TABLE truncated (id int, k int) PARTITION BY HASH (id);
  CREATE TABLE truncated_0 PARTITION OF truncated FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE truncated_1 PARTITION OF truncated FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  INSERT INTO truncated SELECT g, g FROM generate_series(1, 30) g;
  CREATE TABLE childless (id int) PARTITION BY LIST (id)`;

const ORDER = 'ORDER BY id';

describeServers('partitioned tables, tables that inherit and a dropped database, on', (postgres) => {
  const root = serverFolder();
  const archive = join(root, 'archive');
  const backup = join(root, 'backup');
  /** Rows as the server gave them: before the DELETE, those deleted, before the DROP. */
  const truth = new Map<string, string[]>();
  const xids = new Map<string, number>();

  beforeAll(async () => {
    const { primary: cluster, client } = await startArchiving(postgres, root);
    const note = async (name: string, sql: string): Promise<void> => {
      truth.set(name, await column(client, sql));
    };
    const run = async (name: string, sql: string): Promise<void> => {
      await client.query('BEGIN');
      const [xid] = await column(client, 'SELECT txid_current()');
      xids.set(name, Number(xid));
      await note(name, sql);
      await client.query('COMMIT');
    };
    try {
      for (const sql of TABLES.split(';')) await client.query(sql);
      await client.query('CREATE DATABASE shop');
      await client.query('CREATE DATABASE "Late Shop"');
      for (const name of ['shop', 'Late Shop']) {
        await cluster.query('CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 25) g', name);
      }
      await baseBackup(cluster, client, backup, async () => {});
      // born, and attached, after the backup
      await client.query('CREATE TABLE pt_late (v numeric, t text, id int, k int)');
      await client.query(
        `INSERT INTO pt_late SELECT g / 4.0, 'row ' || g, g, g FROM generate_series(40, 49) g`,
      );
      await client.query('ALTER TABLE pt ATTACH PARTITION pt_late FOR VALUES FROM (40) TO (50)');
      await run(
        'delete',
        'WITH d AS (DELETE FROM pt WHERE k % 3 = 0 RETURNING *) SELECT d::text FROM d ORDER BY id',
      );
      await run(
        'late',
        'WITH d AS (DELETE FROM pt WHERE k BETWEEN 46 AND 47 RETURNING *) SELECT d::text FROM d ORDER BY id',
      );
      await run(
        'parent',
        'WITH d AS (DELETE FROM parent WHERE id % 2 = 0 RETURNING *) SELECT d::text FROM d ORDER BY id',
      );
      await note('truncated', `SELECT (t.*)::text FROM truncated t ${ORDER}`);
      await run('truncate', 'TRUNCATE truncated');
      await client.query('DROP TABLE gone');
      await note('pt', `SELECT pt::text FROM pt ${ORDER}`);
      await run('drop', 'DROP TABLE pt');
      await client.query('DROP DATABASE shop');
      await cluster.query('DROP DATABASE "Late Shop"');
      await switchSegment(client);
      await archived(client);
    } finally {
      await client.end();
      cluster.stop();
    }
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const named = (table: string, database = 'postgres') => ({ table: { table, database }, backup });

  describe('find-commit', () => {
    it('finds all partitions by the name of the table, also of one that is dropped', async () => {
      const { relations, problems } = await findCommit([archive], named('pt'));
      expect(problems).toEqual([]);
      expect(relations.map(({ name }) => name?.name).sort()).toEqual([
        ...['gone', 'pt_1', 'pt_deep_default', 'pt_late'],
      ]);
      for (const { name, removed, lastDelete } of relations) {
        expect(removed?.kind).toBe('drop');
        const last = name?.name === 'pt_late' ? 'late' : 'delete';
        expect(lastDelete?.commit.xid).toBe(xids.get(last));
        if (name?.name !== 'gone') expect(removed?.commit.xid).toBe(xids.get('drop'));
      }
    });

    it('finds those of a partition that is partitioned itself', async () => {
      const { relations } = await findCommit([archive], named('pt_deep'));
      expect(relations.map(({ name }) => name?.name)).toEqual(['pt_deep_default']);
    });

    it('finds the tables that inherit', async () => {
      const { relations } = await findCommit([archive], named('parent'));
      expect(relations.map(({ name }) => name?.name).sort()).toEqual(['child', 'grandchild', 'parent']);
      for (const { lastDelete } of relations) expect(lastDelete?.commit.xid).toBe(xids.get('parent'));
    });

    it('says of a table without partitions that it has no rows', async () => {
      await expect(findCommit([archive], named('childless'))).rejects.toMatchObject({ code: 'no-storage' });
      await expect(findCommit([archive], named('nowhere'))).rejects.toMatchObject({ code: 'unknown-table' });
    });

    it.each(['shop', 'Late Shop'])('finds a table of the dropped database %s', async (database) => {
      const { relations } = await findCommit([archive], named('t', database));
      expect(relations).toMatchObject([{ name: { database, schema: 'public', name: 't' } }]);
      expect(relations[0].databaseDropped?.stopLsn).toBeDefined();
    });
  });

  it('incidents names them, and the databases that were dropped', async () => {
    const { incidents, databases } = await findIncidents([archive], { minRows: 1, ...named('pt') });
    expect(incidents.filter(({ kind }) => kind === 'rows').map(({ xid }) => xid)).toEqual(
      ['late', ...Array(4).fill('delete')].map((name) => xids.get(name)),
    );
    expect([...(databases?.values() ?? [])]).toEqual(expect.arrayContaining(['shop', 'Late Shop']));
    const all = await findIncidents([archive], { minRows: 1, ...named('t', 'shop') });
    expect(all.incidents.map((one) => one.kind === 'drop-database' && databases?.get(one.database))).toEqual([
      'shop',
    ]);
  });

  describe('plan --before-delete', () => {
    const planOf = (table: string, database?: string) => {
      const target = { kind: 'before-delete', table: named(table, database).table } as const;
      return planRecovery([archive], { backup, target });
    };

    it('stops before what took the rows of a partition last', async () => {
      const planned = await planOf('pt');
      expect(planned.spared?.commit.xid).toBe(xids.get('drop'));
      const { started, cluster, log } = await restore({ postgres, root }, backup, planned.settings);
      expect(started, log).toBe(true);
      // at the pause the transaction that drops them has not ended, and holds its locks
      await cluster.query('SELECT pg_wal_replay_resume()');
      await promoted(cluster);
      expect(await cluster.query(`SELECT pt::text FROM pt ${ORDER}`)).toEqual(truth.get('pt'));
      cluster.stop('immediate');
    });

    it.each(['shop', 'Late Shop'])('brings the dropped database %s back', async (database) => {
      const planned = await planOf('t', database);
      const { started, cluster, log } = await restore({ postgres, root }, backup, planned.settings);
      expect(started, log).toBe(true);
      expect(await cluster.query('SELECT count(*) FROM t', database)).toEqual(['25']);
      cluster.stop('immediate');
    });
  });

  describe('rows', () => {
    /** As the server prints a whole row, whose values need no quotes here but for the blank. */
    const ask = async (table: string, question: RowsQuestion, database = 'postgres') => {
      const options = { table, database, backup, timezone: UTC, question };
      const rows = await recoverRows([archive], options);
      const texts = [...rows].map(
        ({ values }) =>
          `(${values.map(({ text }) => (text?.includes(' ') ? `"${text}"` : (text ?? ''))).join(',')})`,
      );
      const sorted = texts.sort((a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10));
      const { columns, problems, table: of, passedOver } = rows;
      const missing = [...rows.missing];
      const json = JSON.parse([...rowsJson(rows)].join(''));
      const sql = [...formatRows(rows, 'sql', false)];
      rows.close();
      return {
        sorted,
        columns: columns.map(({ name }) => name),
        missing,
        problems,
        of,
        json,
        sql,
        passedOver,
      };
    };
    const deletedBy = (name: string): RowsQuestion => ({ kind: 'deleted-by', xid: xids.get(name)! });

    it.each([
      ['pt', 'delete'],
      ['pt', 'late'],
      ['parent', 'parent'],
    ])('of %s that were deleted, in the order of its columns', async (table, what) => {
      const { sorted, missing, problems } = await ask(table, deletedBy(what));
      expect(sorted).toEqual(truth.get(what));
      expect([missing, problems]).toEqual([[], []]);
    });

    it('of a table that was dropped', async () => {
      const { sorted, columns, of, json, sql } = await ask('pt', { kind: 'deleted-by', xid: 'last' });
      expect(sorted).toEqual(truth.get('pt'));
      expect(columns).toEqual(['id', 'k', 't', 'v']);
      expect(of).toMatchObject({ schema: 'public', name: 'pt' });
      expect(json.tables.map(({ name }: { name: { name: string } }) => name.name).sort()).toEqual([
        ...['pt_1', 'pt_deep_default', 'pt_late'],
      ]);
      expect(json.rows).toHaveLength(truth.get('pt')!.length);
      expect(new Set(json.rows.map(({ relation }: { relation: string }) => relation)).size).toBe(3);
      expect(sql.every((line) => line.startsWith('INSERT INTO "public"."pt" ('))).toBe(true);
    });

    it('of a table that was truncated', async () => {
      const { sorted } = await ask('truncated', { kind: 'deleted-by', xid: 'last' });
      expect(sorted).toEqual(truth.get('truncated'));
    });

    it('of one that others inherit from go back to where they were', async () => {
      const { sql, json } = await ask('parent', deletedBy('parent'));
      const tables = sql.map((line) => /^INSERT INTO "public"."(\w+)"/.exec(line)?.[1]);
      expect(tables.sort()).toEqual(['child', 'child', 'grandchild', 'parent']);
      expect(json.ownColumns).toEqual(['public.child.extra', 'public.grandchild.extra']);
    });

    it('as of a moment before they were gone', async () => {
      const { recoveryTarget } = (await findCommit([archive], named('pt_1'))).relations[0];
      const lsn = parseLsn(formatLsn(recoveryTarget!.lsn))!;
      const { sorted } = await ask('pt', { kind: 'as-of', target: { kind: 'lsn', lsn, inclusive: false } });
      expect(sorted).toEqual(truth.get('pt'));
    });

    it.each(['shop', 'Late Shop'])('of the dropped database %s', async (database) => {
      const { sorted } = await ask('t', { kind: 'deleted-by', xid: 'last' }, database);
      expect(sorted).toEqual(Array.from({ length: 25 }, (_, i) => `(${i + 1})`));
    });

    it('of a table without partitions there are none', async () => {
      const question: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
      await expect(ask('childless', question)).rejects.toMatchObject({ code: 'partitioned-table' });
    });
  });
});
