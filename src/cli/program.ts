import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { printError } from './error.js';
import { EXIT_OK, EXIT_USAGE } from './exit-code.js';

/** A command's own file. */
interface CommandModule {
  /** Parses the arguments after the command's name and does the work. @returns the exit code */
  run(args: string[]): Promise<number>;
}

/** Name, one line for `walscan --help`, and the file to load when it is called. */
const COMMANDS: readonly [name: string, summary: string, load: () => Promise<CommandModule>][] = [
  ['dump', 'print WAL records as pg_waldump does', () => import('./dump.js')],
];

/** @returns the process's exit code */
export async function run(args: string[]): Promise<number> {
  let exitCode = EXIT_OK;
  const program = new Command('walscan')
    .description('Read the write-ahead log (WAL) of PostgreSQL 10 to 19.')
    .version(`walscan ${version}`)
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride();
  for (const [name, summary, load] of COMMANDS) {
    program
      .command(name)
      .summary(summary)
      .argument('[args...]')
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(async (commandArgs: string[]) => {
        exitCode = await (await load()).run(commandArgs);
      });
  }
  program.action(() => program.help({ error: true }));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    printError(error);
    return EXIT_USAGE;
  }
  return exitCode;
}
