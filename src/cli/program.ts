import { COMMANDS } from './commands.js';
import { endOf } from './end.js';
import type { Io } from './io.js';

/** Runs any command. @returns the process's exit code */
export async function run(args: string[], io: Io): Promise<number> {
  try {
    const command = COMMANDS.find(([name]) => name === args[0]);
    if (command === undefined) return (await import('./overview.js')).overview(args, io);
    const [, , load] = command;
    const module = await load();
    const own = args.slice(1);
    return await ('define' in module ? module.define(io).run(own) : module.run(own, io));
  } catch (error) {
    return endOf(error, io);
  }
}
