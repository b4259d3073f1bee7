import { Command, Option } from 'commander';
import { addCommonOptions } from './common-options.js';
import { EXIT_OK } from './exit-code.js';
import { TongueHelp } from './help.js';
import type { Io } from './io.js';

/** A command's arguments, and what it does. */
export interface Defined {
  command: Command;
  /** Does the work. @returns the exit code */
  run(args: readonly string[]): Promise<number>;
}

/** A command that prints through `io` in its language, and throws where its arguments are wrong. */
export function newCommand(name: string, io: Io): Command {
  const command = new Command(name)
    .configureOutput({ writeOut: io.write, writeErr: io.writeError })
    .exitOverride();
  command.createHelp = () => new TongueHelp(io.tongue);
  return command;
}

/**
 * A command with all its own arguments, to which those that all have are added.
 * @param work gets the operands, the options and the command, and gives the exit code
 */
export function defined<T extends unknown[]>(
  command: Command,
  work: (...given: T) => Promise<number>,
): Defined {
  addCommonOptions(command);
  return {
    command,
    async run(args) {
      let exitCode = EXIT_OK;
      command.action(async (...given) => {
        exitCode = await work(...(given as unknown as T));
      });
      await command.parseAsync([...args], { from: 'user' });
      return exitCode;
    },
  };
}

// what several commands have
export const JSON_OPTION = new Option('--json', 'print one JSON object: times in UTC');

export const factsOption = (): Option =>
  new Option(
    '--facts <dir>',
    'facts that "walscan facts" made: what they tell is not read out of WAL, and paths may be left out',
  );

/** @throws CommanderError where there is nothing to read */
export function checkPaths(
  paths: readonly string[],
  { facts }: { facts?: string | undefined },
  command: Command,
): void {
  if (paths.length > 0 || facts !== undefined) return;
  command.error("error: missing required argument 'path'", { code: 'commander.missingArgument' });
}

/** How find-commit and incidents end, for their help. */
export const SEARCH_EXIT_CODES =
  '\nExit code: 0 found, 1 nothing found, 2 wrong usage, no such table or unreadable input, 3 an answer out of incomplete or damaged WAL.';
