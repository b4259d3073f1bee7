import type { Command } from 'commander';
import type { CommandModule } from '../commands.js';
import { COMMANDS } from '../commands.js';
import { DUMP_HELP } from '../dump/help.js';
import type { Io } from '../io.js';

/** An option, for completion. */
export interface OptionWords {
  /** `--table`, `-t`. */
  names: string[];
  /** What its value is called, as `file`; undefined where it takes none. */
  value: string | undefined;
  choices: readonly string[];
}

/** What may follow on a command. */
export interface Grammar {
  options: OptionWords[];
  operand: { isPath: boolean; choices: readonly string[] };
}

/** @returns undefined where there is no such command */
export async function grammarOf(name: string, io: Io): Promise<Grammar | undefined> {
  const command = COMMANDS.find(([known]) => known === name);
  if (command === undefined) return undefined;
  const module: CommandModule = await command[2]();
  return 'define' in module ? grammarOfCommand(module.define(io).command) : DUMP_GRAMMAR;
}

function grammarOfCommand(command: Command): Grammar {
  const [operand] = command.registeredArguments;
  const options = command.createHelp().visibleOptions(command);
  return {
    options: options.map(({ short, long, flags, argChoices = [] }) => ({
      names: [long, short].filter((name) => name !== undefined),
      value: /<(.*)>/.exec(flags)?.[1],
      choices: argChoices,
    })),
    operand: {
      isPath: operand?.name() === 'path',
      choices: operand?.argChoices ?? [],
    },
  };
}

/** Of dump, as its help has them: `-e, --end=LSN`, `--json`. */
const DUMP_GRAMMAR: Grammar = {
  options: [...DUMP_HELP.matchAll(/^ {2}(?:(-.), | {4})(--[\w-]+)(?:\[?=(\w+)\]?)?/gm)].map(
    ([, short, long, value]) => ({
      names: [long, short].filter((name) => name !== undefined),
      value: value?.toLowerCase(),
      choices: [],
    }),
  ),
  operand: { isPath: true, choices: [] },
};
