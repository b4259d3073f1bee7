import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { formatSettings, type Settings } from '../../src/questions/plan/settings.js';
import {
  Cluster,
  column,
  copyFiles,
  makeFolders,
  type Postgres,
  serverFolder,
  touchFiles,
} from './postgres.js';

/**
 * A server with an archive, two base backups and a history: everything that recovery targets are told by.
 * Each transaction puts its own xid into the table `done`; the DELETE empties `victim`.
 */
export interface PitrLab {
  postgres: Postgres;
  root: string;
  archive: string;
  /** Taken while a transaction committed. */
  busyBackup: string;
  /** Taken while none did. */
  quietBackup: string;
  /** Before the quiet backup was begun. */
  timeBefore: string;
  victim: number;
  xids: {
    duringBackup: number;
    first: number;
    aborted: number;
    prepared: number;
    deleted: number;
    last: number;
  };
  remove(): void;
}

/** How many rows `victim` has before the DELETE. */
export const VICTIMS = 100;

/** Of 1 MiB, which are archived, restored and read much faster than those of 16. */
export const SMALL_SEGMENTS = ['--wal-segsize=1'];

/** The settings of a server that archives gzipped segments, and writes no WAL that no test asked for. */
export const archivingTo = (archive: string): string[] => [
  'archive_mode = on',
  `archive_command = 'gzip < %p > ${archive}/%f.gz'`,
  'max_prepared_transactions = 5',
  'autovacuum = off',
];

/**
 * A server that archives to a folder below `root`, and a session with it.
 * @param more further lines of its configuration
 */
export async function startArchiving(
  postgres: Postgres,
  root: string,
  more: string[] = [],
): Promise<{ primary: Cluster; client: pg.Client; archive: string }> {
  const archive = join(root, 'archive');
  makeFolders(archive);
  const settings = [...archivingTo(archive), ...more];
  const primary = Cluster.create(postgres, join(root, 'primary'), settings, SMALL_SEGMENTS);
  primary.start();
  return { primary, client: await primary.connect(), archive };
}

export async function pitrLab(postgres: Postgres): Promise<PitrLab> {
  const root = serverFolder();
  const { primary, client, archive } = await startArchiving(postgres, root);
  try {
    return { postgres, root, archive, ...(await makeHistory(primary, client, root)), remove };
  } finally {
    await client.end();
    primary.stop();
  }

  function remove(): void {
    rmSync(root, { recursive: true, force: true });
  }
}

type History = Omit<PitrLab, 'postgres' | 'root' | 'archive' | 'remove'>;

async function makeHistory(primary: Cluster, client: pg.Client, root: string): Promise<History> {
  await client.query('CREATE TABLE done (xid bigint); CREATE TABLE victim (id int)');
  await client.query(`INSERT INTO victim SELECT generate_series(1, ${VICTIMS})`);
  const busyBackup = join(root, 'busy');
  const quietBackup = join(root, 'quiet');
  let duringBackup = 0;
  await baseBackup(primary, client, busyBackup, async () => {
    duringBackup = await transaction(client);
  });
  await switchSegment(client);
  await transaction(client);
  await nextSecond(); // a checkpoint's time is in whole seconds
  const [timeBefore] = await column(client, 'SELECT clock_timestamp()::text');
  await nextSecond();
  await baseBackup(primary, client, quietBackup, async () => {});

  const first = await transaction(client);
  await client.query("SELECT pg_create_restore_point('here')");
  const aborted = await transaction(client, '', 'ROLLBACK');
  await client.query("SELECT pg_create_restore_point('here')");
  await switchSegment(client);
  const prepared = await transaction(
    client,
    'SAVEPOINT s; INSERT INTO done VALUES (0)',
    "PREPARE TRANSACTION 'two'",
  );
  const deleted = await transaction(client, 'DELETE FROM victim');
  await switchSegment(client);
  await client.query("COMMIT PREPARED 'two'");
  const last = await transaction(client);
  await switchSegment(client);
  const [victim] = await column(client, "SELECT pg_relation_filenode('victim')");
  await archived(client);
  const xids = { duringBackup, first, aborted, prepared, deleted, last };
  return { busyBackup, quietBackup, timeBefore, victim: Number(victim), xids };
}

async function nextSecond(): Promise<void> {
  await setTimeout(1020 - (Date.now() % 1000));
}

/** @returns its xid */
async function transaction(client: pg.Client, work = '', end = 'COMMIT'): Promise<number> {
  await client.query('BEGIN');
  const [xid] = await column(client, 'INSERT INTO done VALUES (txid_current()) RETURNING xid');
  if (work !== '') await client.query(work);
  await client.query(end);
  return Number(xid);
}

export async function switchSegment(client: pg.Client): Promise<void> {
  await client.query('SELECT pg_switch_wal()');
}

/** Completes the segment that is written to, unless nothing is in it yet, and waits until the archive has it. */
export async function archived(client: pg.Client): Promise<void> {
  // by its name: the server may write to the next one at any time
  const [last] = await column(client, 'SELECT pg_walfile_name(pg_switch_wal() - 1)');
  const sql = `SELECT last_archived_wal >= '${last}' FROM pg_stat_archiver`;
  while ((await column(client, sql))[0] !== 'true') await setTimeout(20);
}

export async function baseBackup(
  primary: Cluster,
  client: pg.Client,
  to: string,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const isOld = Number((await column(client, 'SHOW server_version_num'))[0]) < 150_000;
  await client.query(
    isOld ? "SELECT pg_start_backup('lab', true, false)" : "SELECT pg_backup_start('lab', true)",
  );
  await meanwhile();
  copyFiles(primary.data, to);
  const stop = isOld
    ? 'SELECT labelfile FROM pg_stop_backup(false)'
    : 'SELECT labelfile FROM pg_backup_stop()';
  const [label] = await column(client, stop);
  writeFileSync(join(to, 'backup_label'), label);
  for (const file of ['postmaster.pid', 'postmaster.opts', 'pg_wal']) {
    rmSync(join(to, file), { recursive: true, force: true });
  }
}

/** Waits until a server that is promoted takes writes: it logs the end of recovery before. */
export async function promoted(cluster: Cluster): Promise<void> {
  while ((await cluster.query('SELECT pg_is_in_recovery()'))[0] === 'true') await setTimeout(20);
}

/** A restored cluster after recovery, whether that has ended, pauses or has failed. */
export interface Restored {
  cluster: Cluster;
  /** The server runs. */
  started: boolean;
  log: string;
}

/** What the server logs when it ends, or does not even begin. */
const SERVER_ENDED =
  /startup process .* (?:exited|was terminated)|database system is shut down|FATAL: +multiple recovery targets/;
/** What it logs when recovery is over and it goes on. */
const RECOVERY_OVER = /pausing at the end of recovery|recovery has paused|archive recovery complete/;

/**
 * Restores a backup with these settings, and starts the server.
 * @param more further lines of its configuration
 */
export async function restore(
  { postgres, root }: Pick<PitrLab, 'postgres' | 'root'>,
  backup: string,
  settings: Settings,
  more: string[] = [],
): Promise<Restored> {
  const data = join(root, 'restored');
  if (existsSync(data)) rmSync(data, { recursive: true });
  copyFiles(backup, data);
  makeFolders(join(data, 'pg_wal/archive_status'));
  const cluster = new Cluster(postgres, data);
  cluster.configure([...formatSettings(settings), 'archive_mode = off', ...more]);
  touchFiles(join(data, 'recovery.signal'));
  return recover(cluster);
}

/** Starts a server, and waits for the end of its recovery: it answers queries before that. */
export async function recover(cluster: Cluster): Promise<Restored> {
  cluster.launch();
  while (!RECOVERY_OVER.test(cluster.log) && !SERVER_ENDED.test(cluster.log)) await setTimeout(20);
  const { log } = cluster;
  return { cluster, started: !SERVER_ENDED.test(log), log };
}
