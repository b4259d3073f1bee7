import type { CommanderError } from 'commander';
import { printError } from './error.js';
import { EXIT_OK, EXIT_USAGE, exitCodeOf } from './exit-code.js';
import { type Io, OutputClosed } from './io.js';

/** A command's own file. */
interface CommandModule {
  /** Parses the arguments after the command's name and does the work. @returns the exit code */
  run(args: string[], io: Io): Promise<number>;
}

/** Name, one line for `walscan --help`, and the file to load when it is called. */
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
  ['control', 'print pg_control as pg_controldata does', () => import('./control.js')],
  ['archive', 'say what a WAL archive holds, and what is missing or damaged', () => import('./archive.js')],
  ['plan', 'say where a recovery would stop, and whether it can', () => import('./plan.js')],
];

/** @returns the process's exit code */
export async function run(args: string[], io: Io): Promise<number> {
  try {
    const command = COMMANDS.find(([name]) => name === args[0]);
    if (command === undefined) return (await import('./overview.js')).overview(args, io);
    const [, , load] = command;
    return await (await load()).run(args.slice(1), io);
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT_OK;
    // commander has printed what it has to say
    if (isCommanderError(error)) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    printError(error, io);
    return exitCodeOf(error);
  }
}

/** By its code: `dump` has no need of commander, which takes a while to load (docs/decisions/start.md). */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
