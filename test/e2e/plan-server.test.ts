import { existsSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planRecovery } from '../../src/node/questions.js';
import type { PlannedRecovery } from '../../src/questions/plan/ask.js';
import { planJson } from '../../src/questions/plan/json.js';
import { planText } from '../../src/questions/plan/text.js';
import { UTC } from '../../src/text/timezone.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { archived, baseBackup, type Restored, restore, startArchiving } from '../support/pitr-lab.js';
import { type Cluster, copyFiles, describeServers, makeFolders, serverFolder } from '../support/postgres.js';

/** More subtransactions than a snapshot has room for (`PGPROC_MAX_CACHED_SUBXIDS`). */
const TOO_MANY = 65;

/**
 * What a server does on its way and at its target, as plan says it beforehand. One history: a backup while a transaction
 * with too many subtransactions runs, another when none does; then more connections, and a tablespace.
 */
describeServers('plan, and the server on its way, with', (postgres) => {
  const root = serverFolder();
  const archive = join(root, 'archive');
  const space = join(root, 'space');
  const backups = { overflown: join(root, 'overflown'), complete: join(root, 'complete') };
  const isPausing = postgres.version >= 14;
  let primarySettings: Record<string, number>;

  beforeAll(async () => {
    makeFolders(space);
    const settings = ['max_connections = 20', 'bgwriter_delay = 10s'];
    const { primary, client } = await startArchiving(postgres, root, settings);
    await client.query('CREATE TABLE done (what text)');
    const first = await longTransaction(primary);
    await baseBackup(primary, client, backups.overflown, async () => {});
    await reach(client, 'incomplete');
    const second = await longTransaction(primary);
    await client.query('CHECKPOINT'); // whose snapshot lacks subtransactions of both
    await reach(client, 'still incomplete');
    await first.query('COMMIT');
    await client.query('CHECKPOINT'); // this one's those of the second, which began after the backup
    await reach(client, 'complete though overflown');
    await second.query('COMMIT');
    await Promise.all([first.end(), second.end()]);

    await baseBackup(primary, client, backups.complete, async () => {});
    await reach(client, 'before more connections');
    await reachWithLocks(primary, client, 'with locks');
    await archived(client);
    await client.end();
    primary.stop();
    primary.configure(['max_connections = 30']);
    primary.start();
    const again = await primary.connect();
    await reach(again, 'more connections');
    await again.query(`CREATE TABLESPACE space LOCATION '${space}'`);
    await reach(again, 'with a tablespace');
    await again.query('DROP TABLESPACE space');
    await reach(again, 'without a tablespace');
    primarySettings = await requiredOf(again);
    await archived(again);
    await again.end();
    primary.stop();
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const planTo = (backup: string, name: string): Promise<PlannedRecovery> =>
    planRecovery([archive], { backup, target: { kind: 'name', name } });

  /** Plans, restores as told, and gives both. */
  async function tryOut(
    backup: string,
    name: string,
    more: (planned: PlannedRecovery) => string[],
    compare: (planned: PlannedRecovery, restored: Restored) => void | Promise<void>,
  ): Promise<void> {
    const planned = await planTo(backup, name);
    expect(planned.plan.obstacle).toBeUndefined();
    const restored = await restore({ postgres, root }, backup, planned.settings, more(planned));
    try {
      await compare(planned, restored);
    } finally {
      if (restored.started) restored.cluster.stop('immediate');
    }
  }

  const needed = (planned: PlannedRecovery): string[] =>
    Object.entries(planJson(planned).server.requiredSettings ?? {}).map(
      ([name, value]) => `${name} = ${value}`,
    );

  async function expectAtTarget(planned: PlannedRecovery, { cluster, log }: Restored): Promise<void> {
    expect(planJson(planned).server).toMatchObject({ pauses: true, action: 'pause' });
    expect(log).toMatch(/pausing at the end of recovery|recovery has paused/);
    expect(parseLsn((await cluster.query('SELECT pg_last_wal_replay_lsn()'))[0])).toBe(
      planned.plan.server.replayedTo,
    );
  }

  it.each(['incomplete', 'still incomplete'])(
    'shuts down where it would not pause: %s snapshot',
    async (name) => {
      await tryOut(backups.overflown, name, needed, async (planned, { cluster, log }) => {
        expect(planJson(planned).server).toMatchObject({ pauses: false, action: 'shutdown' });
        expect(planned.settings).toMatchObject({ recovery_target_action: 'shutdown' });
        expect(log).toContain('shutdown at recovery target');
        // and opens when told to, as plan says
        cluster.configure(["recovery_target_action = 'promote'"]);
        cluster.start();
        await expectOpen(cluster);
        expect(
          await cluster.query("SELECT what FROM done WHERE what <> '' ORDER BY xmin::text::int DESC LIMIT 1"),
        ).toEqual([name]);
        cluster.stop('immediate');
      });
    },
  );

  it('opens where it does not pause, though told to', async () => {
    const pause = ["recovery_target_action = 'pause'"];
    await tryOut(
      backups.overflown,
      'incomplete',
      () => pause,
      async (_, { cluster, log }) => {
        expect(log).not.toContain('pausing');
        await expectOpen(cluster);
      },
    );
  });

  it('pauses once all that run began after the backup, whatever its snapshots lack', async () => {
    await tryOut(backups.overflown, 'complete though overflown', needed, expectAtTarget);
    const { plan } = await planTo(backups.overflown, 'incomplete');
    const { plan: later } = await planTo(backups.overflown, 'complete though overflown');
    expect(plan.server.hotStandbyLsn).toBe(later.server.hotStandbyLsn);
    expect(plan.server.hotStandbyLsn).toBeGreaterThan(plan.stop!.lsn);
    expect(later.server.hotStandbyLsn).toBeLessThanOrEqual(later.stop!.lsn);
  });

  it('gets to its target with the settings that it needs', async () => {
    await tryOut(backups.complete, 'more connections', needed, async (planned, restored) => {
      await expectAtTarget(planned, restored);
      expect(planJson(planned).server.requiredSettings).toEqual(primarySettings);
      expect(primarySettings).toMatchObject({ max_connections: 30 });
    });
  });

  it('keeps queries from the tables that are locked at the target', async () => {
    await tryOut(backups.complete, 'with locks', needed, async (planned, restored) => {
      await expectAtTarget(planned, restored);
      const held = await restored.cluster.query(
        "SELECT database || '/' || relation FROM pg_locks WHERE mode = 'AccessExclusiveLock'",
      );
      expect(held.length).toBeGreaterThan(1);
      const { locks } = planJson(planned).server;
      expect(locks.map(({ database, relation }) => `${database}/${relation}`).sort()).toEqual(held.sort());
      expect(locks.map(({ prepared }) => prepared).sort()).toEqual([false, true]);
      expect(planText(planned, UTC)).toContain('A SELECT of these tables waits there');
    });
    const { plan } = await planTo(backups.complete, 'more connections');
    expect(plan.server.locks).toEqual([]);
  });

  it('without them stops before the target, and where', async () => {
    await tryOut(
      backups.complete,
      'more connections',
      () => [],
      async (planned, { started, cluster, log }) => {
        const [raised] = planned.plan.server.raised;
        expect(raised).toMatchObject({ settings: { max_connections: 30 }, isHotStandby: true });
        expect(started).toBe(isPausing);
        expect(log).toContain('hot standby is not possible because');
        if (!isPausing) return;
        const [at] = await cluster.query('SELECT pg_last_wal_replay_lsn()');
        expect(parseLsn(at)).toBe(raised.replayedTo);
        expect(parseLsn(at)).toBeLessThan(planned.plan.server.replayedTo!);
      },
    );
  });

  it('needs no more than pg_control says before they are raised', async () => {
    await tryOut(backups.complete, 'before more connections', () => [], expectAtTarget);
    const { plan } = await planTo(backups.complete, 'before more connections');
    expect(plan.server.settings).toMatchObject({ max_connections: 20 });
    expect(plan.server.raised).toEqual([]);
  });

  it.each(['with a tablespace', 'without a tablespace'])(
    'ends where the directory of a tablespace is not there: %s at the target',
    async (name) => {
      const elsewhere = `${space}-of-another-host`;
      renameSync(space, elsewhere);
      await tryOut(backups.complete, name, needed, ({ plan }, { started, log }) => {
        expect(plan.server.tablespaces).toMatchObject([{ path: space }]);
        expect(started).toBe(false);
        expect(log).toMatch(new RegExp(`FATAL: +directory "${space}" does not exist`));
      });
      renameSync(elsewhere, space);
    },
  );

  it('writes into the directory of a tablespace, where that is', async () => {
    await tryOut(backups.complete, 'with a tablespace', needed, async (planned, restored) => {
      await expectAtTarget(planned, restored);
      const [{ oid }] = planned.plan.server.tablespaces;
      expect(existsSync(join(restored.cluster.data, 'pg_tblspc', String(oid)))).toBe(true);
      expect(await restored.cluster.query('SELECT pg_tablespace_location(oid) FROM pg_tablespace')).toContain(
        space,
      );
    });
    const { plan } = await planTo(backups.complete, 'more connections');
    expect(plan.server.tablespaces).toEqual([]);
  });

  it('is linked to the directories of tablespaces that the backup tells', async () => {
    const inUse = join(root, 'in use\\of production');
    const mapped = join(root, 'mapped');
    makeFolders(inUse);
    copyFiles(backups.complete, mapped);
    const escaped = postgres.version >= 14 ? inUse.replaceAll('\\', '\\\\') : inUse;
    writeFileSync(join(mapped, 'tablespace_map'), `16999 ${escaped}\n`);
    await tryOut(mapped, 'before more connections', needed, (planned, { cluster }) => {
      expect(planned.mappedTablespaces).toEqual([{ oid: 16999, path: inUse }]);
      expect(planText(planned, UTC)).toContain(`  ${inUse}  (16999)`);
      expect(readlinkSync(join(cluster.data, 'pg_tblspc/16999'))).toBe(inUse);
    });
    expect((await planTo(backups.complete, 'with a tablespace')).mappedTablespaces).toEqual([]);

    // without a map it takes the links that are there
    const linked = join(root, 'linked');
    copyFiles(backups.complete, linked);
    symlinkSync(inUse, join(linked, 'pg_tblspc/16998'));
    symlinkSync('/not/here', join(linked, 'pg_tblspc/16997'));
    const { mappedTablespaces } = await planTo(linked, 'before more connections');
    expect(mappedTablespaces).toEqual([
      { oid: 16997, path: '/not/here' },
      { oid: 16998, path: inUse },
    ]);
  });
});

/** One that runs on, with too many subtransactions. */
async function longTransaction(primary: Cluster): Promise<pg.Client> {
  const client = await primary.connect();
  const inserts = Array.from({ length: TOO_MANY }, (_, i) => `SAVEPOINT s${i}; INSERT INTO done VALUES ('')`);
  await client.query(`BEGIN; ${inserts.join('; ')}`);
  return client;
}

async function requiredOf(client: pg.Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_settings WHERE name ~ '^max_(connections|worker_processes|wal_senders|prepared_transactions|locks_per_transaction)$'",
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, Number(setting)]));
}

/** A commit and a restore point of this name. */
async function reach(client: pg.Client, name: string): Promise<void> {
  await client.query(`INSERT INTO done VALUES ('${name}')`);
  await client.query(`SELECT pg_create_restore_point('${name}')`);
}

/** A restore point at which a transaction and a prepared one hold a lock, and others have ended that held one. */
async function reachWithLocks(primary: Cluster, client: pg.Client, name: string): Promise<void> {
  await client.query('CREATE TABLE altered (); CREATE TABLE emptied (); CREATE TABLE dropped ()');
  const altering = await primary.connect();
  await altering.query(
    'BEGIN; SAVEPOINT s; DROP TABLE dropped; ROLLBACK TO s; ALTER TABLE altered ADD i int',
  );
  await client.query("BEGIN; LOCK TABLE emptied; PREPARE TRANSACTION 'emptying'");
  await client.query('CHECKPOINT'); // whose snapshot tells what is locked once more
  await client.query('DROP TABLE dropped');
  await reach(client, name);
  await altering.query('COMMIT');
  await client.query("COMMIT PREPARED 'emptying'");
  await altering.end();
}

async function expectOpen(cluster: Cluster): Promise<void> {
  await expect
    .poll(() => cluster.query('SELECT pg_is_in_recovery()'), { timeout: 30_000 })
    .toEqual(['false']);
}
