import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { printError } from './error.js';
import { EXIT_OK, EXIT_USAGE, exitCodeOf } from './exit-code.js';
import { OutputClosed } from './output.js';

/** A command's own file. */
interface CommandModule {
  /** Parses the arguments after the command's name and does the work. @returns the exit code */
  run(args: string[]): Promise<number>;
}

/** Name, one line for `walscan --help`, and the file to load when it is called. */
const COMMANDS: readonly [name: string, summary: string, load: () => Promise<CommandModule>][] = [
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
  ['dump', 'print WAL records as pg_waldump does', () => import('./dump.js')],
  ['rows', 'give back deleted rows, or a table as of any moment', () => import('./rows.js')],
  ['control', 'print pg_control as pg_controldata does', () => import('./control.js')],
  ['archive', 'say what a WAL archive holds, and what is missing or damaged', () => import('./archive.js')],
  ['plan', 'say where a recovery would stop, and whether it can', () => import('./plan.js')],
];

/** @returns the process's exit code */
export async function run(args: string[]): Promise<number> {
  try {
    const command = COMMANDS.find(([name]) => name === args[0]);
    if (command === undefined) return overview(args);
    const [, , load] = command;
    return await (await load()).run(args.slice(1));
  } catch (error) {
    if (error instanceof OutputClosed) return EXIT_OK;
    // commander has printed what it has to say
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    printError(error);
    return exitCodeOf(error);
  }
}

/** Help, or what is wrong with arguments that name no command. */
function overview(args: string[]): number {
  const program = new Command('walscan')
    .usage('<command> [options] [paths]')
    .description('Read the write-ahead log (WAL) of PostgreSQL 10 to 19.')
    .version(`walscan ${version}`)
    .addHelpText('after', "\nEach command explains itself: 'walscan <command> --help'.")
    .helpCommand(false)
    .exitOverride();
  for (const [name, summary] of COMMANDS) program.command(name).summary(summary).helpOption(false);
  program.parse(args, { from: 'user' });
  return EXIT_OK;
}
