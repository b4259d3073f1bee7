import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindCommitJson, RecoveryTargetJson } from '../../src/analysis/find-commit-json.js';
import { Cli } from '../support/cli.js';
import { archived, baseBackup, type Restored, restore, switchSegment } from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  installedPostgres,
  makeFolders,
  type Postgres,
  serverFolder,
} from '../support/postgres.js';

const servers = installedPostgres();

// a test of its own says so where no server can be run
describe.runIf(servers.length === 0)('find-commit with real servers', () => {
  it.skip('needs a PostgreSQL server and, for root, the user postgres');
});

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

interface Lab {
  postgres: Postgres;
  root: string;
  archive: string;
  backup: string;
  relfilenodes: Map<Table, string>;
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
      const [node] = await column(client, `SELECT pg_relation_filenode('${table}')`);
      relfilenodes.set(table, node);
    }
    await baseBackup(primary, client, backup, async () => {});
    for (const table of Object.keys(LOSSES)) await client.query(`INSERT INTO ${table} VALUES (11)`);
    await switchSegment(client);
    for (const losing of Object.values(LOSSES)) {
      await client.query('BEGIN; INSERT INTO other VALUES (2); ROLLBACK');
      for (const sql of losing) await client.query(sql);
      await client.query('INSERT INTO other VALUES (3)');
    }
    await switchSegment(client);
    await archived(client);
    return { postgres, root, archive, backup, relfilenodes };
  } finally {
    await client.end();
    primary.stop();
  }
}

/** Ends the pause, in which a TRUNCATE or DROP whose commit is not replayed still locks its table. */
async function promote(cluster: Cluster): Promise<void> {
  await cluster.query('SELECT pg_wal_replay_resume()');
  while ((await cluster.query('SELECT pg_is_in_recovery()'))[0] === 'true') await setTimeout(20);
}

describe.each(servers)('find-commit against PostgreSQL $major', (postgres) => {
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

  it('tells how each was lost', async () => {
    const [deleted, prepared, truncated, dropped] = await Promise.all(Object.keys(LOSSES).map(find));
    for (const { lastDelete } of [deleted, prepared]) expect(lastDelete?.rows).toBe(11);
    expect(prepared.lastDelete?.xid).not.toBe(prepared.lastDelete?.commit.xid);
    expect(truncated.removed).toMatchObject({ kind: 'truncate', newRelation: expect.any(String) });
    expect(dropped.removed).toMatchObject({ kind: 'drop', newRelation: null });
  });
});
