import type { Command } from 'commander';
import { sayIn } from '../text/tongue.js';
import { version } from '../text/version.js';
import { newCommand } from './command.js';
import { COMMANDS } from './commands.js';
import { LANG_OPTION } from './common-options.js';
import { EXIT_OK } from './exit-code.js';
import type { Io } from './io.js';

/** Help, or what is wrong with arguments that name no command. @throws WalError `usage` */
export function overview(args: readonly string[], io: Io): number {
  overviewCommand(io).parse([...args], { from: 'user' });
  return EXIT_OK;
}

/** The program itself, with all its commands by what they are for. */
export function overviewCommand(io: Io): Command {
  const say = sayIn(io.tongue);
  const program = newCommand('walscan', io)
    .usage('<command> [options] [paths]')
    .description('Read the write-ahead log (WAL) of PostgreSQL 10 to 19.')
    .version(`walscan ${version}`, '-V, --version', 'print the version')
    .addOption(LANG_OPTION)
    .addHelpText('after', () => `\n${say`Each command explains itself: 'walscan <command> --help'.`}`)
    .helpCommand('help [command]', 'explain a command');
  for (const [name, summary] of COMMANDS) program.command(name).summary(summary).helpOption(false);
  return program;
}
