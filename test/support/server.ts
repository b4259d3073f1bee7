import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverUser } from './postgres.js';

/** A PostgreSQL server of its own, in a temporary folder. */
export class TestServer {
  readonly root = mkdtempSync(join(tmpdir(), 'walscan-pg-'));
  readonly data = join(this.root, 'data');
  readonly major: number;
  private readonly port = 20_000 + Math.floor(Math.random() * 20_000);

  constructor(
    private readonly bin: string,
    settings: string[] = [],
  ) {
    if (serverUser) chownSync(this.root, serverUser.uid, serverUser.gid);
    this.run('initdb', ['-D', this.data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N']);
    this.major = Number(execFileSync('cat', [join(this.data, 'PG_VERSION')], { encoding: 'utf8' }));
    const lines = [
      `port = ${this.port}`,
      `unix_socket_directories = '${this.root}'`,
      "listen_addresses = ''",
      'fsync = off',
      'autovacuum = off',
      "timezone = 'UTC'",
      "datestyle = 'ISO, YMD'",
      'max_wal_senders = 4',
      'wal_level = replica',
      ...settings,
    ];
    appendFileSync(join(this.data, 'postgresql.conf'), `${lines.join('\n')}\n`);
    this.run('pg_ctl', ['-D', this.data, '-l', join(this.root, 'log'), '-w', 'start']);
  }

  private run(program: string, args: string[]): string {
    const beside = join(this.bin, program);
    return execFileSync(existsSync(beside) ? beside : program, args, {
      encoding: 'utf8',
      stdio: ['ignore', program === 'pg_ctl' ? 'ignore' : 'pipe', 'pipe'],
      maxBuffer: 1 << 30,
      cwd: this.root,
      ...serverUser,
    });
  }

  /** Runs SQL as psql does; the rows without any decoration. @throws with the server's message */
  sql(script: string, database = 'postgres'): string {
    return this.psql(script, database, true);
  }

  /** Runs SQL of which statements may fail, as random SQL does. */
  trySql(script: string): void {
    this.psql(script, 'postgres', false);
  }

  private psql(script: string, database: string, stopOnError: boolean): string {
    const file = join(this.root, 'script.sql');
    writeFileSync(file, script);
    const args = ['-X', '-q', '-A', '-t', '-h', this.root, '-p', String(this.port)];
    if (stopOnError) args.push('-v', 'ON_ERROR_STOP=1');
    return this.run('psql', [...args, '-U', 'postgres', '-d', database, '-f', file]);
  }

  /**
   * A base backup as a folder, copied under the server while `meanwhile` goes on (with pg_backup_start, as backup
   * tools do it: pg_basebackup is not there with every server).
   */
  baseBackup(name: string, meanwhile: () => void): string {
    const folder = join(this.root, name);
    const ended = join(this.root, 'backup-ended');
    const [start, stop] =
      this.major >= 15
        ? ["pg_backup_start('test', true)", 'pg_backup_stop()']
        : ["pg_start_backup('test', true, false)", 'pg_stop_backup(false)'];
    const script = join(this.root, 'backup.sql');
    // tables last, and slowly, so that they change while they are copied
    const copy = `cp -a ${this.data} ${folder}; sleep 1; cp -a ${this.data}/base ${folder}; rm -rf ${folder}/pg_wal/*`;
    const label = join(this.root, 'backup-label');
    writeFileSync(
      script,
      `select ${start};\n\\! ${copy}\n\\o ${label}\nselect labelfile from ${stop};\n\\o\n\\! mv ${label} ${folder}/backup_label; touch ${ended}\n`,
    );
    const args = [
      '-X',
      '-q',
      '-A',
      '-t',
      '-h',
      this.root,
      '-p',
      String(this.port),
      '-U',
      'postgres',
      '-f',
      script,
    ];
    spawn('psql', [...args, 'postgres'], { stdio: 'ignore', cwd: this.root, ...serverUser }).unref();
    meanwhile();
    while (!existsSync(ended)) execFileSync('sleep', ['0.1']);
    return folder;
  }

  stop(): void {
    this.run('pg_ctl', ['-D', this.data, '-m', 'immediate', '-w', 'stop']);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
