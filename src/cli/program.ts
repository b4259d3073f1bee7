import { COMMANDS } from './commands.js';
import { endOf } from './end.js';
import type { Io } from './io.js';

/** Runs any command. @returns the process's exit code */
export async function run(args: string[], io: Io): Promise<number> {
  try {
    if (args[0] === '__complete') return await (await import('./complete/command.js')).run(args.slice(1), io);
    const asked = args[0] === 'help' ? helpArguments(args) : args;
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

/** `help` and `help plan` are `--help` and `plan --help`. */
function helpArguments([, ...names]: string[]): string[] {
  const isKnown = names.length === 0 || commandNamed(names[0]) !== undefined;
  return isKnown ? [...names, '--help'] : names;
}
