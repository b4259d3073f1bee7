import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type Postgres, runAsServer, serverFolder, serverUser } from './postgres.js';

/** A PostgreSQL server of its own, in a temporary folder. */
export class TestServer {
  readonly root = serverFolder();
  readonly data = join(this.root, 'data');
  readonly version: number;
  private readonly cluster: Cluster;
  private readonly psqlProgram: string;

  /** @param more further options of initdb */
  constructor(postgres: Postgres, settings: string[] = [], more: string[] = []) {
    this.version = postgres.version;
    const beside = join(postgres.bin, 'psql');
    this.psqlProgram = existsSync(beside) ? beside : 'psql';
    const all = [
      'autovacuum = off',
      "datestyle = 'ISO, YMD'",
      'max_wal_senders = 4',
      'wal_level = replica',
      ...settings,
    ];
    this.cluster = Cluster.create(postgres, this.data, all, more);
    this.cluster.start();
  }

  /** Runs SQL as psql does; the rows without any decoration. @throws with the server's message */
  sql(script: string, database = 'postgres'): string {
    return this.psql(script, database, true);
  }

  /** Runs SQL of which statements may fail, as random SQL does. */
  trySql(script: string): void {
    this.tried(script, 'postgres');
  }

  /** The same, with the rows of those that do not fail. */
  tried(script: string, database: string): string {
    return this.psql(script, database, false);
  }

  /** Runs a script as psql does for somebody under `ON_ERROR_STOP`, and gives all that is told. */
  psqlAs(script: string | Uint8Array, database: string, user: string) {
    const file = join(this.root, 'script.sql');
    writeFileSync(file, script);
    return spawnSync(this.psqlProgram, this.psqlArgs(file, database, ['-v', 'ON_ERROR_STOP=1', '-U', user]), {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      cwd: this.root,
      env: { ...process.env, LC_ALL: 'C' },
      ...serverUser,
    });
  }

  private psql(script: string, database: string, stopOnError: boolean): string {
    const file = join(this.root, 'script.sql');
    writeFileSync(file, script);
    const more = stopOnError ? ['-v', 'ON_ERROR_STOP=1'] : [];
    return runAsServer(this.psqlProgram, this.psqlArgs(file, database, more), this.root);
  }

  private psqlArgs(file: string, database: string, more: string[] = []): string[] {
    const { folder, port } = this.cluster;
    const where = ['-h', folder, '-p', String(port), '-U', 'postgres', '-d', database];
    return ['-X', '-q', '-A', '-t', ...where, '-f', file, ...more];
  }

  /**
   * A base backup as a folder, copied under the server while `meanwhile` goes on (with pg_backup_start, as backup
   * tools do it: pg_basebackup is not there with every server).
   */
  baseBackup(name: string, meanwhile: () => void): string {
    const folder = join(this.root, name);
    const ended = join(this.root, 'backup-ended');
    const [start, stop] =
      this.version >= 15
        ? ["pg_backup_start('test', true)", 'pg_backup_stop()']
        : ["pg_start_backup('test', true, false)", 'pg_stop_backup(false)'];
    const script = join(this.root, 'backup.sql');
    // tables last, and slowly, so that they change while they are copied
    const copy = `cp -a ${this.data} ${folder}; sleep 0.3; cp -a ${this.data}/base ${folder}; rm -rf ${folder}/pg_wal/*`;
    const label = join(this.root, 'backup-label');
    writeFileSync(
      script,
      `select ${start};\n\\! ${copy}\n\\o ${label}\nselect labelfile from ${stop};\n\\o\n\\! mv ${label} ${folder}/backup_label; touch ${ended}\n`,
    );
    spawn(this.psqlProgram, this.psqlArgs(script, 'postgres'), {
      stdio: 'ignore',
      cwd: this.root,
      ...serverUser,
    }).unref();
    meanwhile();
    while (!existsSync(ended)) execFileSync('sleep', ['0.02']);
    return folder;
  }

  /**
   * Has a session of its own do something, and the server crash before the session goes on; then it is started again.
   * @param tell what the last of the statements gives
   */
  async crashIn(script: string, tell: (value: string) => void): Promise<void> {
    const client = await this.cluster.connect();
    client.on('error', () => {});
    const results = (await client.query({ text: script, rowMode: 'array' })) as unknown;
    const [last] = [results].flat().slice(-1) as { rows: unknown[][] }[];
    tell(String(last.rows[0][0]));
    // another one's commit brings what is written so far to disk
    this.sql('create table crash_marker ()');
    this.cluster.stop('immediate');
    this.cluster.start();
  }

  stop(): void {
    this.cluster.stop('immediate');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
