import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCommit, findIncidents, recoverRows } from '../../src/node/questions.js';
import type { FindCommitOptions } from '../../src/questions/find-commit/ask.js';
import { UTC } from '../../src/text/timezone.js';
import { archived, baseBackup, SMALL_SEGMENTS, switchSegment } from '../support/pitr-lab.js';
import { Cluster, column, describeServers, makeFolders, serverFolder } from '../support/postgres.js';

const TABLES = `
  CREATE TABLE big (id int, t text);
  ALTER TABLE big ALTER t SET STORAGE EXTERNAL;
  INSERT INTO big SELECT g, repeat('x', 9000) || g FROM generate_series(1, 12) g;
  CREATE TABLE mover (id int, t text);
  INSERT INTO mover SELECT g, 'm' FROM generate_series(1, 30) g;
  CREATE TABLE emptied (id int, t text);
  INSERT INTO emptied SELECT g, 'e' FROM generate_series(1, 15) g;
  CREATE TABLE kept (id int, t text);
  INSERT INTO kept SELECT g, 'k' FROM generate_series(1, 15) g;
  -- from here on nothing has the oid of its table for a number, nor pg_class its usual file
  VACUUM FULL big; VACUUM FULL mover; VACUUM FULL emptied; VACUUM FULL kept; VACUUM FULL pg_class`;

/** The last loss of each table is the one that the array has first. */
const LOSSES = [
  'DELETE FROM big',
  'VACUUM FULL big',
  'DELETE FROM mover WHERE id <= 11',
  // rolled back: the table stays where it is
  'BEGIN; ALTER TABLE mover SET TABLESPACE elsewhere; ROLLBACK',
  'ALTER TABLE mover SET TABLESPACE elsewhere',
  'BEGIN; ALTER TABLE emptied SET TABLESPACE elsewhere; ROLLBACK',
  `BEGIN; TRUNCATE emptied; INSERT INTO emptied VALUES (1, 'new'); COMMIT`,
  'BEGIN; ALTER TABLE kept ALTER id TYPE bigint; DROP TABLE other; COMMIT',
];

describeServers('tables that went on in new files, on', (postgres) => {
  const root = serverFolder();
  const archive = join(root, 'archive');
  const backup = join(root, 'backup');
  const files = new Map<string, string>();

  beforeAll(async () => {
    makeFolders(archive, join(root, 'elsewhere'));
    const settings = ['archive_mode = on', `archive_command = 'cp %p ${archive}/%f'`, 'autovacuum = off'];
    const all = [...settings, 'wal_level = logical'];
    const cluster = Cluster.create(postgres, join(root, 'data'), all, SMALL_SEGMENTS);
    cluster.start();
    const client = await cluster.connect();
    try {
      for (const sql of TABLES.split(';')) await client.query(sql);
      await client.query('CREATE TABLE other AS SELECT 1 AS id');
      await baseBackup(cluster, client, backup, async () => {});
      await client.query(`CREATE TABLESPACE elsewhere LOCATION '${root}/elsewhere'`);
      for (const table of ['big', 'mover', 'emptied', 'kept', 'other']) {
        files.set(table, await fileOf(client, table));
      }
      for (const sql of LOSSES) await client.query(sql);
      await switchSegment(client);
      await archived(client);
    } finally {
      await client.end();
      cluster.stop();
    }
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function fileOf(client: pg.Client, table: string): Promise<string> {
    return (await column(client, `SELECT pg_relation_filenode('${table}')`))[0];
  }

  const find = async (table: string, options: Partial<FindCommitOptions> = {}) =>
    (await findCommit([archive], { relation: files.get(table)!, ...options })).relations[0];

  it.each(['big', 'mover'])('lost rows of %s by the DELETE', async (table) => {
    const { removed, lastDelete, recoveryTarget, otherTarget } = await find(table);
    expect(removed?.kind).toBe('rewrite');
    expect(recoveryTarget?.commit.xid).toBe(lastDelete?.commit.xid);
    expect(otherTarget).toBeUndefined();
  });

  it('lost those of a table by TRUNCATE, though it was filled again', async () => {
    const { removed, recoveryTarget } = await find('emptied');
    expect(removed?.kind).toBe('truncate');
    expect(recoveryTarget?.commit.xid).toBe(removed?.commit.xid);
  });

  it('are not told from a table dropped in their transaction, unless the WAL goes back far enough', async () => {
    const all = await Promise.all(['kept', 'other'].map((table) => find(table)));
    expect(all.map(({ removed }) => removed?.kind)).toEqual(['rewrite', 'drop']);
    const backupStart = all[1].lastInsert!.commit.lsn;
    for (const table of ['kept', 'other']) {
      expect((await find(table, { startLsn: backupStart })).removed?.kind).toBe('unknown');
    }
  });

  it('keep their names', async () => {
    for (const table of ['big', 'mover', 'emptied', 'kept']) {
      const { name } = await find(table, { backup });
      expect(name).toEqual({ database: 'postgres', schema: 'public', name: table });
    }
  });

  it('are listed as incidents without their TOAST tables', async () => {
    const named = async (all: boolean) => {
      const { incidents, names } = await findIncidents([archive], { minRows: 10, backup, all });
      return incidents.flatMap((one) => {
        const { schema, name } = ('relation' in one && names?.get(one.relation)) || {};
        return schema === 'pg_catalog' ? [] : [`${one.kind} ${schema}.${name}`];
      });
    };
    const lost = ['drop public.other', 'truncate public.emptied', 'rows public.mover', 'rows public.big'];
    expect(await named(false)).toEqual(lost);
    expect((await named(true)).some((one) => one.startsWith('rows pg_toast.pg_toast_'))).toBe(true);
  });

  it.each([
    ['big', 12],
    ['mover', 11],
    ['emptied', 15],
  ])('give back the rows of %s that were lost last', async (table, count) => {
    const rows = await recoverRows([archive], {
      ...{ backup, table, database: 'postgres', timezone: UTC },
      question: { kind: 'deleted-by', xid: 'last' },
    });
    expect([...rows]).toHaveLength(count);
    rows.close();
  });
});
