import { execFile } from 'node:child_process';

export interface Ended {
  stdout: string;
  stderr: string;
  /** The exit code, or the signal's name. */
  code: number | string;
}

/** Runs a program with no more of an environment than is given. */
export function runFile(
  [file, ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env: { TZ: 'UTC', ...env }, maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      resolve({ stdout: stdout.replace(MADE, ''), stderr, code: error?.code ?? error?.signal ?? 0 });
    });
  });
}

/** When a report was made. */
const MADE = /"made":"[^"]*"/;

const ROWS = 'testdata/rows/18';
const BACKUP = ['--backup', `${ROWS}/base.tar.gz`];

/** Questions that go through all that a runtime may do in its own way: threads, codecs, ciphers, zones, replay. */
export const QUESTIONS: readonly string[][] = [
  ['find-commit', '--rel', '16386', '--timeline', '1', '--jobs', '3', 'testdata/lab/17'],
  ['dump', '--jobs', '3', 'testdata/lab/17'],
  ...['gz', 'bz2', 'lz4', 'xz', 'zst'].map((codec) => [
    ...['find-commit', '--rel', '16386', '--json'],
    `testdata/formats/000000010000000000000024.${codec}`,
  ]),
  ['archive', '--json', '--jobs', '3', 'testdata/lab/17', ROWS],
  ['incidents', '--since', '2026-11-01 18:00 America/Sao_Paulo', ROWS],
  [
    ...['rows', '--table', 'ventas.inventarios', '--database', 'ventas_db', '--deleted-by', 'last'],
    ...[...BACKUP, ROWS],
  ],
  ['undo', '--xid', '809', '--timeline', '1', ...BACKUP, ROWS],
  ['changes', ...BACKUP, ROWS],
  ['plan', '--latest', ...BACKUP, ROWS],
  ['report', '-o', '-', ...BACKUP, ROWS],
  ['control', 'testdata/lab/17/pg_control'],
  ['dump', 'no-such-file'],
  ['nonsense'],
];
