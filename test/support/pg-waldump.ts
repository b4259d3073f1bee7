import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { WrittenSegment } from './wal-writer.js';

/** A `pg_waldump` of some PostgreSQL, to judge by. */
export interface PgWaldump {
  program: string;
  /** Major version. */
  version: number;
}

/** Debian's place for each major version, then the search path; `PG_WALDUMP` may list more programs, `:` between. */
export function findPgWaldumps(): PgWaldump[] {
  const { PATH = '', PG_WALDUMP = '' } = process.env;
  const debian = '/usr/lib/postgresql';
  const programs = [
    ...PG_WALDUMP.split(delimiter).filter((path) => path !== ''),
    ...(existsSync(debian)
      ? readdirSync(debian).map((version) => join(debian, version, 'bin/pg_waldump'))
      : []),
    ...PATH.split(delimiter).map((folder) => join(folder, 'pg_waldump')),
  ];
  const found = new Map<number, PgWaldump>();
  for (const program of programs.filter((path) => existsSync(path))) {
    const version = versionOf(program);
    if (version !== undefined && !found.has(version)) found.set(version, { program, version });
  }
  return [...found.values()].sort((a, b) => a.version - b.version);
}

function versionOf(program: string): number | undefined {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const match = /\(PostgreSQL\) (\d+)/.exec(stdout ?? '');
  return match ? Number(match[1]) : undefined;
}

export interface DumpResult {
  /** One byte per character. */
  stdout: string;
  stderr: string;
}

/** Runs it over all of the segments, in UTC and the C locale. */
export function runPgWaldump({ program }: PgWaldump, segments: readonly WrittenSegment[]): DumpResult {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-test-'));
  try {
    for (const { name, bytes } of segments) writeFileSync(join(folder, name), bytes);
    const range = [segments[0].name, segments[segments.length - 1].name];
    const { stdout, stderr } = spawnSync(program, ['-p', folder, ...range], {
      encoding: 'latin1',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
      maxBuffer: 1024 ** 3,
    });
    return { stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
