import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FindCommitJson, RecoveryTargetJson } from '../../src/analysis/find-commit-json.js';
import type { RemovalKind } from '../../src/analysis/removal.js';
import { parseControlFile } from '../../src/cluster/control-file.js';
import { findCommitInPaths } from '../../src/input/find-commit.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { Cli } from '../support/cli.js';
import { archived, baseBackup, type Restored, restore, switchSegment } from '../support/pitr-lab.js';
import {
  Cluster,
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
};

type Table = keyof typeof LOSSES;

/** What else takes a table's file away, and what that counts as. `t` stands for the table. */
const REMOVALS: Record<string, { sql: string[]; kind: RemovalKind | undefined }> = {
  vacuumed: { sql: ['VACUUM FULL t'], kind: 'rewrite' },
  clustered: { sql: ['CLUSTER t USING t_pkey'], kind: 'rewrite' },
  retyped: { sql: ['ALTER TABLE t ALTER id TYPE bigint'], kind: 'rewrite' },
  refilled: { sql: ['BEGIN', 'TRUNCATE t', 'INSERT INTO t VALUES (1)', 'COMMIT'], kind: 'rewrite' },
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
  const archive = join(root, 'archive');
  const backup = join(root, 'backup');
  makeFolders(archive);
  const primary = Cluster.create(postgres, join(root, 'primary'), [
    'archive_mode = on',
    `archive_command = 'gzip < %p > ${archive}/%f.gz'`,
    'max_prepared_transactions = 5',
    'autovacuum = off',
  ]);
  primary.start();
  const client = await primary.connect();
  try {
    await client.query('CREATE TABLE other (id int)');
    const relfilenodes = new Map<Table, string>();
    for (const table of Object.keys(LOSSES)) {
      await client.query(`CREATE TABLE ${table} (id int)`);
      await client.query(`INSERT INTO ${table} SELECT generate_series(1, 10)`);
      relfilenodes.set(table, await filenode(client, table));
    }
    await baseBackup(primary, client, backup, async () => {});
    for (const table of Object.keys(LOSSES)) await client.query(`INSERT INTO ${table} VALUES (11)`);
    await switchSegment(client);
    for (const losing of Object.values(LOSSES)) {
      await client.query('BEGIN; INSERT INTO other VALUES (2); ROLLBACK');
      for (const sql of losing) await client.query(sql);
      await client.query('INSERT INTO other VALUES (3)');
    }
    const removals = new Map<string, { before: string; after: string }>();
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
  while ((await cluster.query('SELECT pg_is_in_recovery()'))[0] === 'true') await setTimeout(20);
}

describeServers('find-commit against', (postgres) => {
  let lab: Lab;
  let cli: Cli;

  beforeAll(async () => {
    cli = await Cli.build();
    lab = await makeLab(postgres);
  });

  afterAll(() => lab && rmSync(lab.root, { recursive: true }));

  async function find(table: Table): Promise<FindCommitJson['relations'][number]> {
    const rel = lab.relfilenodes.get(table)!;
    const { stdout, stderr, code } = await cli.run(['find-commit', '--json', '--rel', rel, lab.archive]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const { relations, problems } = JSON.parse(stdout) as FindCommitJson;
    expect(problems).toEqual([]);
    return relations[0];
  }

  /** Restores with one pair of settings. @returns the rows of the table */
  async function rowsAfter(table: Table, kind: 'lsn' | 'xid' | 'time'): Promise<string[]> {
    const { recoveryTarget } = await find(table);
    const target = recoveryTarget?.[kind] as RecoveryTargetJson['lsn'] | null;
    expect(target).toBeTruthy();
    const restored: Restored = await restore(lab, lab.backup, {
      restore_command: `gunzip < ${lab.archive}/%f.gz > %p`,
      ...target,
    });
    expect(restored.started, restored.log).toBe(true);
    try {
      await promote(restored.cluster);
      return await restored.cluster.query(`SELECT id FROM ${table} ORDER BY id`);
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
  ] as const)('brings back the rows of %s, by %s', async (table, kind) => {
    expect(await rowsAfter(table, kind)).toEqual(ROWS);
  });

  it('reads the WAL folder of a server that was shut down, up to its last record', async () => {
    const data = join(lab.root, 'primary');
    const args = ['find-commit', '--json', '--rel', '1259', join(data, 'pg_wal')];
    const { stdout, stderr } = await cli.run(args);
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
    const result = await findCommitInPaths([lab.archive], { relation: before });
    const [{ removed, recoveryTarget, lastInsert }] = result.relations;
    expect(lastInsert?.rows).toBe(100);
    const { kind } = REMOVALS[table];
    expect(removed?.kind).toBe(kind);
    if (kind === undefined) expect(after).toBe(before);
    else expect(removed?.newRelation?.split('/')[2] ?? 'null').toBe(after);
    expect(recoveryTarget?.commit.lsn).toBe(kind === 'rewrite' ? undefined : removed?.commit.lsn);
  });
});
