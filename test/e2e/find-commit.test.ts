import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseControlFile } from '../../src/cluster/control-file.js';
import type { RemovalKind } from '../../src/follow/removal.js';
import { findCommit, findIncidents } from '../../src/node/questions.js';
import type { FindCommitJson, RecoveryTargetJson } from '../../src/questions/find-commit/json.js';
import { formatLsn, parseLsn } from '../../src/wal/lsn.js';
import { runCli } from '../support/cli.js';
import {
  archived,
  baseBackup,
  promoted,
  type Restored,
  restore,
  startArchiving,
  switchSegment,
} from '../support/pitr-lab.js';
import {
  type Cluster,
  column,
  describeServers,
  makeFolders,
  type Postgres,
  serverFolder,
} from '../support/postgres.js';

/** How each table loses its rows; all are committed. */
const LOSSES: Record<string, string[]> = {
  deleted: ['DELETE FROM deleted'],
  prepared: [
    'BEGIN; SAVEPOINT s; DELETE FROM prepared; RELEASE s',
    "PREPARE TRANSACTION 'two'",
    'INSERT INTO other VALUES (1)',
    "COMMIT PREPARED 'two'",
  ],
  truncated: ['TRUNCATE truncated'],
  dropped: ['DROP TABLE dropped'],
  swept: ['DELETE FROM swept', 'VACUUM FULL swept'],
  reloaded: ['BEGIN', 'TRUNCATE reloaded', 'INSERT INTO reloaded VALUES (0)', 'COMMIT'],
  remade: ['BEGIN', 'DROP TABLE remade', 'CREATE TABLE remade AS SELECT 0 AS id', 'COMMIT'],
  emptied_twice: ['DELETE FROM emptied_twice', 'TRUNCATE emptied_twice'],
};

type Table = keyof typeof LOSSES;

/** What else takes a table's file away, and what that counts as. `t` stands for the table. */
const REMOVALS: Record<string, { sql: string[]; kind: RemovalKind | undefined }> = {
  vacuumed: { sql: ['VACUUM FULL t'], kind: 'rewrite' },
  clustered: { sql: ['CLUSTER t USING t_pkey'], kind: 'rewrite' },
  retyped: { sql: ['ALTER TABLE t ALTER id TYPE bigint'], kind: 'rewrite' },
  emptied_and_vacuumed: { sql: ['DELETE FROM t', 'VACUUM t', 'VACUUM FULL t'], kind: 'rewrite' },
  emptied_and_clustered: { sql: ['DELETE FROM t', 'VACUUM t', 'CLUSTER t USING t_pkey'], kind: 'rewrite' },
  emptied_and_retyped: { sql: ['DELETE FROM t', 'ALTER TABLE t ALTER id TYPE bigint'], kind: 'rewrite' },
  emptied_and_moved: {
    sql: ['DELETE FROM t', 'VACUUM t', 'ALTER TABLE t SET TABLESPACE elsewhere'],
    kind: 'rewrite',
  },
  moved: { sql: ['ALTER TABLE t SET TABLESPACE elsewhere'], kind: 'rewrite' },
  retyped_and_moved: {
    sql: ['ALTER TABLE t ALTER id TYPE bigint, SET TABLESPACE elsewhere'],
    kind: 'rewrite',
  },
  retyped_twice: {
    sql: ['BEGIN', 'ALTER TABLE t ALTER id TYPE bigint', 'ALTER TABLE t ALTER id TYPE numeric', 'COMMIT'],
    kind: 'rewrite',
  },
  retyped_and_emptied: {
    sql: ['BEGIN', 'ALTER TABLE t ALTER id TYPE bigint', 'TRUNCATE t', 'COMMIT'],
    kind: 'truncate',
  },
  retyped_with_a_drop: {
    sql: [
      'CREATE TABLE t_2 (id int)',
      'BEGIN',
      'ALTER TABLE t ALTER id TYPE bigint',
      'DROP TABLE t_2',
      'COMMIT',
    ],
    kind: 'rewrite',
  },
  gone_with_a_rewrite: {
    sql: ['BEGIN', 'ALTER TABLE rewritten ALTER id TYPE bigint', 'DROP TABLE t', 'COMMIT'],
    kind: 'drop',
  },
  refilled: { sql: ['BEGIN', 'TRUNCATE t', 'INSERT INTO t VALUES (1)', 'COMMIT'], kind: 'truncate' },
  gone_with_a_new_one: {
    sql: ['BEGIN', 'CREATE TABLE t_3 AS SELECT 1 AS id', 'DROP TABLE t', 'COMMIT'],
    kind: 'drop',
  },
  emptied: { sql: ['BEGIN', 'SAVEPOINT s', 'TRUNCATE t', 'RELEASE s', 'COMMIT'], kind: 'truncate' },
  emptied_with_another: { sql: ['TRUNCATE other, t'], kind: 'truncate' },
  kept: { sql: ['BEGIN', 'TRUNCATE t', 'ROLLBACK'], kind: undefined },
  gone: {
    sql: ['BEGIN', 'CREATE TABLE passing (id int)', 'DROP TABLE passing', 'DROP TABLE t', 'COMMIT'],
    kind: 'drop',
  },
};

interface Lab {
  postgres: Postgres;
  root: string;
  archive: string;
  backup: string;
  relfilenodes: Map<Table, string>;
  /** Relfilenodes of the tables of {@link REMOVALS}, before and after. */
  removals: Map<string, { before: string; after: string }>;
}

/** An archive of gzipped segments, a base backup, and tables of 11 rows that lose them one after the other. */
async function makeLab(postgres: Postgres): Promise<Lab> {
  const root = serverFolder();
  const backup = join(root, 'backup');
  const tablespace = join(root, 'elsewhere');
  makeFolders(tablespace);
  const { primary, client, archive } = await startArchiving(postgres, root);
  try {
    await client.query('CREATE TABLE other (id int)');
    const relfilenodes = new Map<Table, string>();
    for (const table of Object.keys(LOSSES)) {
      await client.query(`CREATE TABLE ${table} (id int)`);
      await client.query(`INSERT INTO ${table} SELECT generate_series(1, 10)`);
      relfilenodes.set(table, await filenode(client, table));
    }
    await client.query('CREATE DATABASE lost');
    await primary.query('CREATE TABLE precious AS SELECT generate_series(1, 100)', 'lost');
    const [precious] = await primary.query(`SELECT pg_relation_filenode('precious')`, 'lost');
    relfilenodes.set('precious', precious);
    await baseBackup(primary, client, backup, async () => {});
    for (const table of Object.keys(LOSSES)) await client.query(`INSERT INTO ${table} VALUES (11)`);
    await switchSegment(client);
    for (const losing of Object.values(LOSSES)) {
      await client.query('BEGIN; INSERT INTO other VALUES (2); ROLLBACK');
      for (const sql of losing) await client.query(sql);
      await client.query('INSERT INTO other VALUES (3)');
    }
    await client.query('DROP DATABASE lost');
    const removals = new Map<string, { before: string; after: string }>();
    await client.query(`CREATE TABLESPACE elsewhere LOCATION '${tablespace}'`);
    await client.query('CREATE TABLE rewritten (id int PRIMARY KEY, more text)');
    await client.query('INSERT INTO rewritten VALUES (1)');
    for (const [table, { sql }] of Object.entries(REMOVALS)) {
      await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, more text)`);
      await client.query(`INSERT INTO ${table} SELECT generate_series(1, 100)`);
      const before = await filenode(client, table);
      for (const one of sql) await client.query(one.replaceAll(/\bt(?=\b|_)/g, table));
      removals.set(table, { before, after: await filenode(client, table) });
    }
    await switchSegment(client);
    await archived(client);
    return { postgres, root, archive, backup, relfilenodes, removals };
  } finally {
    await client.end();
    primary.stop();
  }
}

/** `null` where there is no such table. */
async function filenode(client: pg.Client, table: string): Promise<string> {
  const [node] = await column(client, `SELECT pg_relation_filenode(to_regclass('${table}'))`);
  return node;
}

/** Ends the pause, in which a TRUNCATE or DROP whose commit is not replayed still locks its table. */
async function promote(cluster: Cluster): Promise<void> {
  await cluster.query('SELECT pg_wal_replay_resume()');
  await promoted(cluster);
}

describeServers('find-commit against', (postgres) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await makeLab(postgres);
  });

  afterAll(() => lab && rmSync(lab.root, { recursive: true }));

  async function find(table: Table): Promise<FindCommitJson['relations'][number]> {
    const rel = lab.relfilenodes.get(table)!;
    const { stdout, stderr, code } = await runCli(['find-commit', '--json', '--rel', rel, lab.archive]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const { relations, problems } = JSON.parse(stdout) as FindCommitJson;
    expect(problems).toEqual([]);
    return relations[0];
  }

  /** Restores with one pair of settings. @returns the rows of the table */
  async function rowsAfter(table: Table, kind: 'lsn' | 'xid' | 'time'): Promise<string[]> {
    const { recoveryTarget } = await find(table);
    return recoverTo(recoveryTarget, kind, (cluster) => cluster.query(`SELECT id FROM ${table} ORDER BY id`));
  }

  async function recoverTo<T>(
    targets: Partial<RecoveryTargetJson> | null,
    kind: 'lsn' | 'xid' | 'time',
    look: (cluster: Cluster) => Promise<T>,
  ): Promise<T> {
    const target = targets?.[kind] as RecoveryTargetJson['lsn'] | null;
    expect(target).toBeTruthy();
    const restored: Restored = await restore(lab, lab.backup, {
      restore_command: `gunzip < ${lab.archive}/%f.gz > %p`,
      ...target,
    });
    expect(restored.started, restored.log).toBe(true);
    try {
      await promote(restored.cluster);
      return await look(restored.cluster);
    } finally {
      restored.cluster.stop('immediate');
    }
  }

  const ROWS = Array.from({ length: 11 }, (_, i) => String(i + 1));

  it.each(['lsn', 'xid', 'time'] as const)('brings back what a DELETE took, by %s', async (kind) => {
    expect(await rowsAfter('deleted', kind)).toEqual(ROWS);
  });

  it.each([
    ['prepared', 'xid'],
    ['truncated', 'time'],
    ['dropped', 'lsn'],
    ['swept', 'lsn'],
    ['reloaded', 'xid'],
    ['remade', 'time'],
  ] as const)('brings back the rows of %s, by %s', async (table, kind) => {
    expect(await rowsAfter(table, kind)).toEqual(ROWS);
  });

  it('brings back what a DELETE took before the table was truncated', async () => {
    const { recoveryTarget, otherTarget, lastDelete, removed } = await find('emptied_twice');
    expect(recoveryTarget?.lsn.recovery_target_lsn).toBe(removed?.commit.lsn);
    expect(otherTarget?.lsn.recovery_target_lsn).toBe(lastDelete?.commit.lsn);
    const look = (cluster: Cluster) => cluster.query('SELECT id FROM emptied_twice ORDER BY id');
    expect(await recoverTo(otherTarget, 'lsn', look)).toEqual(ROWS);
  });

  it('brings back a database, by what incidents tell', async () => {
    const { incidents } = await findIncidents([lab.archive], { minRows: 10 });
    const [dropped] = incidents.filter((one) => one.kind === 'drop-database');
    const recovery_target_lsn = formatLsn(dropped.stopLsn);
    expect(dropped.stopLsn).toBeLessThan(dropped.lsn);
    expect((await find('precious')).databaseDropped?.stopLsn).toBe(recovery_target_lsn);
    const lsn = { recovery_target_lsn, recovery_target_inclusive: 'off' } as const;
    const look = (cluster: Cluster) => cluster.query('SELECT count(*) FROM precious', 'lost');
    expect(await recoverTo({ lsn }, 'lsn', look)).toEqual(['100']);
  });

  it('reads the WAL folder of a server that was shut down, up to its last record', async () => {
    const data = join(lab.root, 'primary');
    const args = ['find-commit', '--json', '--rel', '1259', join(data, 'pg_wal')];
    const { stdout, stderr } = await runCli(args);
    expect(stderr).toBe('');
    const { problems, endLsn } = JSON.parse(stdout) as FindCommitJson;
    expect(problems).toEqual([]);
    const { checkPoint } = parseControlFile(readFileSync(join(data, 'global/pg_control')));
    const lastLength = Number(parseLsn(endLsn ?? '')! - checkPoint);
    expect(lastLength).toBeGreaterThan(0);
    expect(lastLength).toBeLessThan(256);
  });

  it('tells how each was lost', async () => {
    const found = [];
    for (const table of Object.keys(LOSSES)) found.push(await find(table));
    const [deleted, prepared, truncated, dropped] = found;
    for (const { lastDelete } of [deleted, prepared]) expect(lastDelete?.rows).toBe(11);
    expect(prepared.lastDelete?.xid).not.toBe(prepared.lastDelete?.commit.xid);
    expect(truncated.removed).toMatchObject({ kind: 'truncate', newRelation: expect.any(String) });
    expect(dropped.removed).toMatchObject({ kind: 'drop', newRelation: null });
  });

  it.each(Object.keys(REMOVALS))('tells what became of the file of the table %s', async (table) => {
    const { before, after } = lab.removals.get(table)!;
    const result = await findCommit([lab.archive], { relation: before });
    const [{ removed, recoveryTarget, lastInsert }] = result.relations;
    expect(lastInsert?.rows).toBe(100);
    const { kind } = REMOVALS[table];
    expect(removed?.kind).toBe(kind);
    if (kind === undefined) expect(after).toBe(before);
    else expect(removed?.newRelation?.split('/')[2] ?? 'null').toBe(after);
    const [{ lastDelete }] = result.relations;
    const lost = kind === 'rewrite' ? lastDelete : removed;
    expect(recoveryTarget?.commit.lsn).toBe(lost?.commit.lsn);
    expect(lastDelete !== undefined).toBe(table.startsWith('emptied_and'));
  });
});
