import { execFileSync, type StdioOptions } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** PostgreSQL does not run as root: then the user `postgres` runs it. */
const user =
  process.getuid?.() === 0
    ? { uid: numberOf('id', ['-u', 'postgres']), gid: numberOf('id', ['-g', 'postgres']) }
    : {};

/** What a server made. */
export interface MadeWal {
  /** The paths of segments of pgbench's load, oldest first. */
  segments: string[];
  /** A base backup from before it, what is to be archived after that, and the folder of the server's programs. */
  restore: { backup: string; archive: string; bin: string };
}

/**
 * Has a server of its own, with `pgbench` as its load, fill an archive.
 * @param bin the folder of PostgreSQL's programs
 * @param folder where cluster, backup and archive go, empty
 */
export function makeWal(bin: string, folder: string, segments: number): MadeWal {
  const data = join(folder, 'data');
  const archive = join(folder, 'archive');
  mkdirSync(archive);
  for (const path of [folder, archive]) if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
  const connection = ['-h', folder, '-p', '5432', '-U', 'postgres'];
  const run = (program: string, ...args: string[]): string => runAsServer(join(bin, program), args);

  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '--locale=C', '-N');
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    [
      "listen_addresses = ''",
      `unix_socket_directories = '${folder}'`,
      'fsync = off',
      'max_wal_size = 8GB',
      'archive_mode = on',
      `archive_command = 'cp %p ${archive}/%f'`,
    ].join('\n'),
  );
  // not by a pipe, which the server would hold open
  runAsServer(join(bin, 'pg_ctl'), ['-D', data, '-l', join(folder, 'log'), '-w', 'start'], 'ignore');
  try {
    run('pgbench', ...connection, '-q', '-i', '-s', '10', 'postgres');
    const sql = (text: string): string => run('psql', ...connection, '-qc', text, 'postgres');
    sql('CREATE TABLE small AS SELECT g AS id, md5(g::text) AS word FROM generate_series(1, 100) g');
    const backup = join(folder, 'backup');
    run('pg_basebackup', ...connection, '-D', backup, '-Ft', '-z', '-X', 'none', '-c', 'fast');
    sql('SELECT pg_switch_wal()');
    const before = segmentsIn(archive).length + 1;
    while (segmentsIn(archive).length < before + segments) {
      run('pgbench', ...connection, '-c', '4', '-M', 'prepared', '-T', '10', 'postgres');
      sql("UPDATE small SET word = word || 'x' WHERE id % 7 = 0");
      // so that facts of segments before and after it can be put one after the other, again and again
      sql('SELECT pg_switch_wal()');
    }
    const made = segmentsIn(archive).slice(before, before + segments);
    return { segments: made, restore: { backup: join(backup, 'base.tar.gz'), archive, bin } };
  } finally {
    run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
  }
}

export function segmentsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^[0-9A-F]{24}$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

export function runAsServer(
  program: string,
  args: string[],
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): string {
  return String(execFileSync(program, args, { encoding: 'utf8', cwd: '/', stdio, ...user }));
}

function numberOf(program: string, args: string[]): number {
  return Number(execFileSync(program, args, { encoding: 'utf8' }));
}
