import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planRecovery, recoverRows } from '../../src/node/questions.js';
import { planText } from '../../src/questions/plan/text.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { UTC } from '../../src/text/timezone.js';
import { type Lsn, parseLsn } from '../../src/wal/lsn.js';
import { archived, SMALL_SEGMENTS } from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  describeServers,
  makeFolders,
  runAsServer,
  serverFolder,
} from '../support/postgres.js';

const TABLES = ['grows', 'shrinks', 'elsewhere', 'born'] as const;

describeServers('incremental backups of', ({ version, bin }) => {
  const tool = join(bin, 'pg_basebackup');
  if (version < 17 || !existsSync(tool)) {
    it.skip('none: they take pg_basebackup 17 or newer');
    return;
  }
  const root = serverFolder();
  const archive = join(root, 'archive');
  const folders = ['second', 'full', 'first'].map((name) => join(root, name));
  const [second, full] = folders;
  const truth = new Map<string, string[]>();
  let lsn: Lsn;

  beforeAll(async () => {
    makeFolders(archive, join(root, 'space'));
    const settings = [
      ...['archive_mode = on', `archive_command = 'cp %p ${archive}/%f'`],
      ...['summarize_wal = on', 'autovacuum = off', 'max_wal_senders = 4'],
    ];
    const primary = Cluster.create({ version, bin }, join(root, 'primary'), settings, SMALL_SEGMENTS);
    primary.start();
    const client = await primary.connect();
    const backup = (name: string, before?: string): void => {
      const where = ['-h', primary.folder, '-p', String(primary.port), '-U', 'postgres', '-c', 'fast'];
      const place = ['-D', join(root, name), '-T', `${root}/space=${root}/space-of-${name}`];
      const on = before === undefined ? [] : ['-i', join(root, before, 'backup_manifest')];
      runAsServer(tool, [...where, ...place, ...on]);
    };
    try {
      await client.query(`CREATE TABLESPACE space LOCATION '${root}/space'`);
      await client.query('CREATE TABLE grows (id int, name text); CREATE TABLE shrinks (id int, name text)');
      await client.query('CREATE TABLE elsewhere (id int, name text) TABLESPACE space');
      for (const table of ['grows', 'shrinks', 'elsewhere']) {
        await client.query(`INSERT INTO ${table} SELECT i, repeat('a', 99) FROM generate_series(1, 5000) i`);
      }
      backup('full');
      await client.query("UPDATE grows SET name = 'first' WHERE id % 1000 = 0");
      await client.query('DELETE FROM shrinks WHERE id > 300');
      await client.query('VACUUM shrinks');
      await client.query(
        "CREATE TABLE born AS SELECT i AS id, 'born' AS name FROM generate_series(1, 900) i",
      );
      backup('first', 'full');
      await client.query("INSERT INTO grows SELECT i, 'second' FROM generate_series(5001, 6000) i");
      await client.query("UPDATE elsewhere SET name = 'second' WHERE id = 7");
      await client.query('DELETE FROM born WHERE id < 10');
      backup('second', 'first');
      await client.query("UPDATE shrinks SET name = 'after' WHERE id = 3");
      for (const table of TABLES) {
        truth.set(table, await column(client, `SELECT concat(id, E'\\t', name) FROM ${table} ORDER BY id`));
      }
      const [now] = await column(client, 'SELECT pg_current_wal_insert_lsn()');
      lsn = parseLsn(now)!;
      await client.query('DELETE FROM grows');
      await archived(client);
    } finally {
      await client.end();
      primary.stop();
    }
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('give the rows with those that they build on', async () => {
    for (const table of TABLES) {
      const question = { kind: 'as-of', target: { kind: 'lsn', lsn, inclusive: false } } as const;
      const options = { backup: folders, table, database: 'postgres', question, timezone: UTC };
      const rows = await recoverRows([archive], options);
      const lines = [...formatRows(rows, 'copy', false)].map((line) => line.trimEnd());
      expect(rows.problems).toEqual([]);
      rows.close();
      const sorted = lines.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
      expect(sorted, table).toEqual(truth.get(table));
    }
  });

  it('are planned as what pg_combinebackup makes of them', async () => {
    const combined = join(root, 'combined');
    const inOrder = [full, folders[2], second];
    const place = ['-o', combined, '-T', `${root}/space-of-second=${root}/space-combined`];
    runAsServer(join(bin, 'pg_combinebackup'), [...inOrder, ...place]);
    const target = { kind: 'lsn', lsn, inclusive: false } as const;
    const ours = await planRecovery([archive], { backup: folders, target });
    const theirs = await planRecovery([archive], { backup: combined, target });
    expect([ours.combines, theirs.combines]).toEqual([inOrder, []]);
    expect(stripVTControlCharacters(planText(ours, UTC))).toContain(
      `\n  pg_combinebackup ${inOrder.join(' ')} -o <directory>\n`,
    );
    expect(ours.plan).toEqual(theirs.plan);
    expect(ours.plan.obstacle).toBeUndefined();
    expect(ours.backup).toEqual(theirs.backup);
  });

  it('are refused without', async () => {
    const target = { kind: 'latest' } as const;
    await expect(planRecovery([archive], { backup: second, target })).rejects.toMatchObject({
      code: 'incremental-backup',
      message: expect.stringMatching(/give all those that it builds on as well \(each by --backup\)/),
    });
    const some = planRecovery([archive], { backup: [second, full], target });
    await expect(some).rejects.toMatchObject({ code: 'missing-backup' });
  });
});
