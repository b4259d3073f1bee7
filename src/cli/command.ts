import { Command, Option } from 'commander';
import { type TimeZone, UTC } from '../text/timezone.js';
import { EXIT_OK } from './exit-code.js';
import type { Io } from './io.js';
import { localZone } from './local-zone.js';
import { countValue } from './values.js';

/** A command that prints through `io`, and throws where its arguments are wrong. */
export function newCommand(name: string, io: Io): Command {
  return new Command(name).configureOutput({ writeOut: io.write, writeErr: io.writeError }).exitOverride();
}

/**
 * Parses the arguments and does the work.
 * @param work gets the operands, the options and the command, and gives the exit code
 * @throws CommanderError after what it has to say is printed
 */
export async function runCommand<T extends unknown[]>(
  command: Command,
  args: string[],
  work: (...given: T) => Promise<number>,
): Promise<number> {
  let exitCode = EXIT_OK;
  command.action(async (...given) => {
    exitCode = await work(...(given as T));
  });
  await command.parseAsync(args, { from: 'user' });
  return exitCode;
}

// what several commands have
export const JSON_OPTION = new Option('--json', 'print one JSON object: times in UTC');
export const UTC_OPTION = new Option('--utc', 'print times in UTC instead of the local time zone');
export const JOBS_OPTION = new Option(
  '--jobs <number>',
  'threads (default: as many as there are cores)',
).argParser(countValue);

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

/** The zone of times that are printed, and of those in arguments that name none. */
export function zoneOf(args: readonly string[], io: Io): TimeZone {
  return args.includes('--utc') ? UTC : localZone(io);
}

/** How find-commit and incidents end, for their help. */
export const SEARCH_EXIT_CODES =
  '\nExit code: 0 found, 1 nothing found, 2 wrong usage, no such table or unreadable input, 3 an answer out of incomplete or damaged WAL.';
