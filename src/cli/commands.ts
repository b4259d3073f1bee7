import type { Defined } from './command.js';
import type { Io } from './io.js';

/** A command's own file. */
export type CommandModule = { define(io: Io): Defined } | { run(args: string[], io: Io): Promise<number> };

/** Name, one line for `walscan --help`, and the file to load when it is called: `dump` parses its arguments itself. */
export const COMMANDS: readonly [name: string, summary: string, load: () => Promise<CommandModule>][] = [
  [
    'find-commit',
    'find the commit that deleted rows, and where to recover to',
    () => import('./find-commit.js'),
  ],
  [
    'incidents',
    'list the transactions that deleted many rows, dropped or truncated',
    () => import('./incidents.js'),
  ],
  ['dump', 'print WAL records as pg_waldump does', () => import('./dump/command.js')],
  ['rows', 'give back deleted rows, or a table as of any moment', () => import('./rows.js')],
  ['changes', 'print all changes of rows, with old and new values', () => import('./changes.js')],
  ['undo', 'print SQL that takes changes back', () => import('./undo.js')],
  ['report', 'make a page that shows WAL, incidents and the archive', () => import('./report.js')],
  ['control', 'print pg_control as pg_controldata does', () => import('./control.js')],
  ['archive', 'say what a WAL archive holds, and what is missing or damaged', () => import('./archive.js')],
  ['facts', 'make Parquet files of WAL, for SQL over any amount of it', () => import('./facts.js')],
  ['sql', 'ask facts of WAL in SQL', () => import('./sql.js')],
  ['plan', 'say where a recovery would stop, and whether it can', () => import('./plan.js')],
  ['completion', 'print a script that completes words in bash, zsh or fish', () => import('./completion.js')],
  ['bug-report', 'print what a report of a bug has to say, and no data', () => import('./bug-report.js')],
];
