import { COMMANDS } from './commands.js';
import { endOf } from './end.js';
import type { Io } from './io.js';

/** Runs any command. @returns the process's exit code */
export async function run(args: string[], io: Io): Promise<number> {
  try {
    if (args[0] === '__complete') return await (await import('./complete/command.js')).run(args.slice(1), io);
    const asked = await askedOf(args);
    const command = commandNamed(asked[0]);
    if (command === undefined) return (await import('./overview.js')).overview(asked, io);
    const [, , load] = command;
    const module = await load();
    const own = asked.slice(1);
    return await ('define' in module ? module.define(io).run(own) : module.run(own, io));
  } catch (error) {
    return endOf(error, io);
  }
}

const commandNamed = (name: string | undefined) => COMMANDS.find(([known]) => known === name);

/** The command first, and help as its option: `help` and `help plan` are `--help` and `plan --help`. */
async function askedOf(args: readonly string[]): Promise<readonly string[]> {
  const ordered = await commandFirst(args);
  return ordered[0] === 'help' ? helpArguments(await commandFirst(ordered.slice(1))) : ordered;
}

/** @param named the command, if there is one, and options */
function helpArguments(named: readonly string[]): readonly string[] {
  const [name = '', ...options] = named;
  if (name === '' || name.startsWith('-')) return [...named, '--help'];
  return commandNamed(name) === undefined ? named : [name, '--help', ...options];
}

/** What orders them is loaded only where there may be options before the command. */
async function commandFirst(args: readonly string[]): Promise<readonly string[]> {
  return args[0]?.startsWith('-') ? (await import('./leading-options.js')).commandFirst(args) : args;
}
