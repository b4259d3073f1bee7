import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planRecovery } from '../../src/node/questions.js';
import type { PlannedRecovery } from '../../src/questions/plan/ask.js';
import type { Obstacle } from '../../src/questions/plan/obstacle.js';
import { formatLsn, parseLsn } from '../../src/wal/lsn.js';
import {
  archived,
  archivingTo,
  baseBackup,
  type Restored,
  restore,
  SMALL_SEGMENTS,
} from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  copyFiles,
  describeServers,
  makeFolders,
  runAsServer,
  serverFolder,
  touchFiles,
} from '../support/postgres.js';

/** What restore points are called here: the rows of `done` up to each. */
const POINTS = ['first', 'logical', 'no full pages', 'replica again'] as const;
type Point = (typeof POINTS)[number];

/**
 * Situations in which a server might be thought to stop, to pause or to die elsewhere than at the target: each is planned,
 * and the server restored so. What other versions did is in docs/decisions/recovery.md.
 */
describeServers('plan, and what becomes of the recovery on', (postgres) => {
  const root = serverFolder();
  const at = (name: string): string => join(root, name);
  const archive = at('archive');
  const ofStandby = at('archive-of-standby');
  let branchLsn = '';

  beforeAll(async () => {
    makeFolders(archive, ofStandby);
    const primary = Cluster.create(postgres, at('primary'), archivingTo(archive), SMALL_SEGMENTS);
    let client = await started(primary);
    await client.query('CREATE TABLE done (what text)');
    await baseBackup(primary, client, at('of-primary'), async () => {});
    await reach(client, 'first');
    client = await restarted(primary, client, ['wal_level = logical', 'track_commit_timestamp = on']);
    await reach(client, 'logical');
    await archived(client);
    await makeStandbyBackups();
    await client.query('ALTER SYSTEM SET full_page_writes = off');
    await client.query('SELECT pg_reload_conf()');
    await client.query('CHECKPOINT');
    await reach(client, 'no full pages');
    await startBackup(primary, client, at('canceled'));
    client = await restarted(primary, client, ['wal_level = replica', 'track_commit_timestamp = off']);
    await reach(client, 'replica again');
    await archived(client);
    const minimal = ['wal_level = minimal', 'max_wal_senders = 0', 'archive_mode = off'];
    client = await restarted(primary, client, minimal);
    await client.end();
    primary.stop();
    copyFiles(primary.data, at('minimal'));
    runAsServer('sh', ['-c', 'rm -r pg_wal/0*'], at('minimal'));
    primary.configure(['wal_level = replica', 'max_wal_senders = 4', 'archive_mode = on']);
    client = await started(primary);
    await client.query("SELECT pg_create_restore_point('after minimal')");
    await archived(client);
    await client.end();
    primary.stop();
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function started(cluster: Cluster): Promise<pg.Client> {
    cluster.start();
    return cluster.connect();
  }

  async function restarted(cluster: Cluster, client: pg.Client, settings: string[]): Promise<pg.Client> {
    await client.end();
    cluster.stop();
    cluster.configure(settings);
    return started(cluster);
  }

  async function reach(client: pg.Client, point: Point): Promise<void> {
    await client.query('INSERT INTO done VALUES ($1)', [point]);
    await client.query('SELECT pg_create_restore_point($1)', [point]);
  }

  /** A standby that follows the archive, and archives what it restores: one backup while it runs, one when it stands. */
  async function makeStandbyBackups(): Promise<void> {
    copyFiles(at('of-primary'), at('standby'));
    makeFolders(at('standby/pg_wal/archive_status'));
    touchFiles(at('standby/standby.signal'));
    const standby = new Cluster(postgres, at('standby'));
    standby.configure([
      `restore_command = 'gunzip < ${archive}/%f.gz > %p'`,
      'archive_mode = always',
      `archive_command = 'cp %p ${ofStandby}/%f'`,
    ]);
    const client = await started(standby);
    const seen = 'SELECT what FROM done';
    while (!(await column(client, seen).catch((): string[] => [])).includes('logical')) await setTimeout(20);
    await baseBackup(standby, client, at('of-standby'), async () => {});
    const [redo] = await column(client, 'SELECT redo_lsn FROM pg_control_checkpoint()');
    branchLsn = formatLsn(parseLsn(redo)! + 1n);
    await client.end();
    standby.stop();
    copyFiles(standby.data, at('cold-standby'));
    runAsServer('sh', ['-c', 'rm -r pg_wal/0*; rm standby.signal'], at('cold-standby'));
    rmSync(at('of-standby/standby.signal'));
  }

  /** As the files are where the server is stopped while they are copied. */
  async function startBackup(primary: Cluster, client: pg.Client, to: string): Promise<void> {
    const start = postgres.version >= 15 ? "pg_backup_start('x', true)" : "pg_start_backup('x', true, false)";
    const [redo] = await column(client, `SELECT ${start}`);
    const [file] = await column(client, `SELECT pg_walfile_name('${redo}')`);
    const [checkpoint] = await column(client, 'SELECT checkpoint_lsn FROM pg_control_checkpoint()');
    copyFiles(primary.data, to);
    runAsServer('sh', ['-c', 'rm -r postmaster.pid pg_wal/0*'], to);
    writeFileSync(
      join(to, 'backup_label'),
      `START WAL LOCATION: ${redo} (file ${file})\nCHECKPOINT LOCATION: ${checkpoint}\nBACKUP METHOD: streamed\nBACKUP FROM: primary\n`,
    );
  }

  /** The archive, with its last segment as pg_receivewal leaves the one that it writes to. */
  function withPartial(): string {
    const copy = at('partial');
    copyFiles(archive, copy);
    const names = runAsServer('ls', [copy]).trim().split('\n');
    const last = join(copy, names.filter((name) => /^[0-9A-F]{24}\.gz$/.test(name)).at(-1)!);
    renameSync(last, `${last}.partial`);
    return copy;
  }

  /** The archive, with a timeline that branched off before the place up to which the standby has come. */
  function withBranch(): string {
    const copy = at('branched');
    copyFiles(archive, copy);
    writeFileSync(join(copy, '00000002.history'), `1\t${branchLsn}\tno reason\n`);
    return copy;
  }

  async function tryOut(
    { backup, name, inputs = () => [archive] }: Situation,
    compare: (planned: PlannedRecovery, restored: Restored) => Promise<void>,
  ): Promise<void> {
    const planned = await planRecovery(inputs(), { backup: at(backup), target: { kind: 'name', name } });
    const restored = await restore({ postgres, root }, at(backup), planned.settings);
    try {
      await compare(planned, restored);
    } finally {
      if (restored.started) restored.cluster.stop('immediate');
    }
  }

  interface Situation {
    what: string;
    backup: string;
    name: string;
    inputs?: () => string[];
  }

  it.each<Situation & { name: Point }>([
    { what: 'wal_level and track_commit_timestamp raised', backup: 'of-primary', name: 'logical' },
    { what: 'full_page_writes off', backup: 'of-primary', name: 'no full pages' },
    { what: 'wal_level and track_commit_timestamp lowered', backup: 'of-primary', name: 'replica again' },
    { what: 'a standby’s backup', backup: 'of-standby', name: 'replica again' },
    { what: 'a standby’s files', backup: 'cold-standby', name: 'no full pages' },
    {
      what: 'a .partial segment',
      backup: 'of-primary',
      name: 'replica again',
      inputs: () => [withPartial()],
    },
    {
      what: 'archive_mode = always, each segment twice',
      backup: 'of-primary',
      name: 'logical',
      inputs: () => [ofStandby, archive],
    },
  ])('changes nothing: $what', async (situation) => {
    await tryOut(situation, async ({ plan, leftoverSettings }, { started, log, cluster }) => {
      expect(plan.obstacle).toBeUndefined();
      expect(plan.server.pauses).toBe(true);
      expect(leftoverSettings.map(({ name }) => name).filter((name) => name !== 'restore_command')).toEqual(
        [],
      );
      expect(started, log).toBe(true);
      expect(log).toContain(`recovery stopping at restore point "${situation.name}"`);
      expect(log).toMatch(/pausing at the end of recovery|recovery has paused/);
      const rows = POINTS.slice(0, POINTS.indexOf(situation.name) + 1);
      expect(await cluster.query('SELECT what FROM done')).toEqual(rows);
    });
  });

  it.each<Situation & { reason: Obstacle['reason']; message: RegExp }>([
    {
      what: 'the server was stopped during the backup',
      backup: 'canceled',
      name: 'replica again',
      reason: 'backup-canceled',
      message: /PANIC: +online backup was canceled, recovery cannot continue/,
    },
    {
      what: 'files of a server with wal_level=minimal',
      backup: 'minimal',
      name: 'after minimal',
      reason: 'minimal-wal',
      message: /FATAL: .*(?:wal_level="?minimal"?, cannot continue|wal_level was not set to "replica")/,
    },
    {
      what: 'files that are newer than where the timeline branched off',
      backup: 'cold-standby',
      name: 'logical',
      inputs: () => [withBranch()],
      reason: 'timeline-not-descended',
      message: /FATAL: +requested timeline 2 does not contain minimum recovery point/,
    },
  ])('ends it: $what', async ({ reason, message, ...situation }) => {
    await tryOut(situation, async ({ plan }, { started, log }) => {
      expect(plan.obstacle?.reason).toBe(reason);
      expect(started, log).toBe(false);
      expect(log).toMatch(message);
    });
  });
});
