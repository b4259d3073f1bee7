import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders, type Postgres, serverUser } from './postgres.js';

/** The installed pgBackRest; undefined where there is none. */
export function installedPgBackRest(): string | undefined {
  try {
    return execFileSync('pgbackrest', ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** Major versions up to which pgBackRest knows PostgreSQL, by its own version: Debian 12 has 2.45. */
export function knows(version: string, { version: major }: Postgres): boolean {
  const [, minor] = /(\d+)\.(\d+)/.exec(version)?.slice(1) ?? [];
  const newest = [
    [57, 18],
    [53, 17],
    [48, 16],
  ].find(([since]) => Number(minor) >= since)?.[1];
  return major <= (newest ?? 15);
}

/** A configuration of pgBackRest in a folder, the stanza `main` in it, and the repositories. */
export class PgBackRest {
  readonly config: string;

  constructor(
    private readonly root: string,
    name: string,
    global: readonly string[],
    stanza: readonly string[],
  ) {
    this.config = join(root, `${name}.conf`);
    const folders = ['lock', 'log', 'spool'].map((folder) => join(root, folder));
    makeFolders(...folders);
    const [lock, log, spool] = folders;
    const lines = [
      '[global]',
      `lock-path=${lock}`,
      `log-path=${log}`,
      `spool-path=${spool}`,
      'log-level-console=warn',
      'log-level-file=off',
      'start-fast=y',
      ...global,
      '[main]',
      ...stanza,
    ];
    writeFileSync(this.config, `${lines.join('\n')}\n`);
  }

  /** How the server has its WAL archived. */
  get archiveCommand(): string {
    return `pgbackrest --config=${this.config} --stanza=main archive-push %p`;
  }

  run(...args: string[]): void {
    this.shell(['pgbackrest', '--stanza=main', ...args].join(' '));
  }

  /** Runs a command as it is printed, with this configuration. */
  shell(command: string): void {
    const { PATH } = process.env;
    execFileSync('sh', ['-c', command], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, LC_ALL: 'C', TZ: 'UTC', PGBACKREST_CONFIG: this.config },
      ...serverUser,
    });
  }
}
