import { Command } from 'commander';
import { version } from '../../package.json';
import { EXIT_OK } from './exit-code.js';
import { writeOutput } from './output.js';
import { COMMANDS } from './program.js';

/** Help, or what is wrong with arguments that name no command. @throws CommanderError */
export function overview(args: string[]): number {
  const program = new Command('walscan')
    .configureOutput({ writeOut: writeOutput })
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
