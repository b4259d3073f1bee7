import {
  type AddHelpTextContext,
  type AddHelpTextPosition,
  Command,
  type ErrorOptions,
  Option,
} from 'commander';
import type { Tongue } from '../text/tongue.js';
import { Message, message } from '../wal/message.js';
import { addCommonOptions, LANG_OPTION } from './common-options.js';
import { EXIT_OK } from './exit-code.js';
import { TongueHelp } from './help.js';
import type { Io } from './io.js';
import {
  inSettledZone,
  type SettledOptions,
  settledOptions,
  settledPaths,
  type Takes,
} from './settings/apply.js';
import { readSettings } from './settings/settings.js';
import { printDetail, type TellingOptions, telling } from './telling.js';
import { commanderError, usageError } from './usage-error.js';
import { countValue } from './values.js';

/** A command's arguments, and what it does. */
export interface Defined {
  command: Command;
  /** Does the work. @returns the exit code */
  run(args: readonly string[]): Promise<number>;
}

/** A command that prints through `io` in its language, and throws a WalError where its arguments are wrong. */
export const newCommand = (name: string, io: Io): Command =>
  new TongueCommand(name, io.tongue)
    .configureOutput({ writeOut: io.write, writeErr: io.writeError })
    .exitOverride();

type HelpText = (context: AddHelpTextContext) => string;

class TongueCommand extends Command {
  constructor(
    name: string,
    private readonly tongue: Tongue,
  ) {
    super(name);
  }

  override createHelp(): TongueHelp {
    return new TongueHelp(this.tongue);
  }

  /** @param text known to catalogs as it is */
  override addHelpText(position: AddHelpTextPosition, text: string | HelpText): this {
    const said = typeof text === 'string' ? () => this.tongue.textOf(new Message(text, [])) : text;
    return super.addHelpText(position, said);
  }

  override error(text: string, { code = '' }: ErrorOptions = {}): never {
    throw commanderError(text, code, this.name());
  }
}

/** What a command is like, for the options and settings that all have. */
interface Traits {
  /** Whether it shares its work between threads. */
  hasThreads?: boolean;
  takes?: Takes;
  /** Whether there has to be a path to WAL, given or set. */
  needsPath?: boolean;
}

/**
 * A command with all its own arguments, to which those that all have are added.
 * @param work gets the operands, the options, and the world as these want it, and gives the exit code
 */
export function defined<T extends unknown[]>(
  command: Command,
  io: Io,
  work: (...given: [...T, io: Io]) => Promise<number>,
  { hasThreads = true, takes = {}, needsPath = takes.archive ?? false }: Traits = {},
): Defined {
  addCommonOptions(command, hasThreads);
  return {
    command,
    run: (args) =>
      runWith(command, args, async (given) => {
        const options = command.opts<TellingOptions & SettledOptions & { config?: string }>();
        const told = telling(io, options);
        const settings = await readSettings(options.config, io.env);
        printDetail(message`language: ${io.tongue.language}`, told);
        if (settings.file !== undefined) printDetail(message`config: ${settings.file}`, told);
        const world = inSettledZone(told, options, settings);
        const hasPaths = command.args.length > 0 || options.facts !== undefined;
        const operands = given.slice(0, -2);
        if (takes.archive) operands[0] = settledPaths(command.args, options, settings, needsPath, told);
        if (needsPath) checkPaths(operands[0] as string[], options, command);
        const settled = settledOptions(options, settings, takes, hasPaths, told);
        return work(...([...operands, settled] as T), world);
      }),
  };
}

/** A command without what all others have: it reads no WAL. */
export function definedAlone<T extends unknown[]>(
  command: Command,
  work: (...given: T) => Promise<number>,
): Defined {
  command.addOption(LANG_OPTION);
  return { command, run: (args) => runWith(command, args, (given) => work(...(given as T))) };
}

/** @param work gets the operands, the options and the command */
async function runWith(
  command: Command,
  args: readonly string[],
  work: (given: unknown[]) => Promise<number>,
): Promise<number> {
  let exitCode = EXIT_OK;
  command.action(async (...given) => {
    exitCode = await work(given);
  });
  await command.parseAsync([...args], { from: 'user' });
  return exitCode;
}

// what several commands have
export const JSON_OPTION = new Option('--json', 'print one JSON object: times in UTC');

/** Of commands whose answer is a text that is printed at once. */
export const NO_PAGER_OPTION = new Option(
  '--no-pager',
  'on a terminal, too, print a long answer without a pager',
);

/** Of commands that print lists. @param what what they are lists of */
export const limitOption = (what: string): Option =>
  new Option('--limit <number>', what).argParser(countValue);

/** Of commands that print a table. */
export const expandedOption = (): Option =>
  new Option(
    '-x, --expanded',
    'a table with a column a line; on a terminal one that is too wide has it so anyway',
  );

export const factsOption = (): Option =>
  new Option(
    '--facts <dir>',
    'facts that "walscan facts" made: what they tell is not read out of WAL, and paths may be left out',
  );

/** @throws WalError `usage` where there is nothing to read */
function checkPaths(paths: readonly string[], { facts }: SettledOptions, command: Command): void {
  if (paths.length > 0 || facts !== undefined) return;
  throw usageError(message`argument <path> is missing: say where the WAL is`, command.name());
}

/** How find-commit and incidents end, for their help. */
export const SEARCH_EXIT_CODES =
  '\nExit code: 0 found, 1 nothing found, 2 wrong usage, no such table or unreadable input, 3 an answer out of incomplete or damaged WAL.';
