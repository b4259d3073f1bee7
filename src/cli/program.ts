import { COMMANDS } from './commands.js';
import { endOf } from './end.js';
import type { Io } from './io.js';

/** Runs any command. @returns the process's exit code */
export async function run(args: string[], io: Io): Promise<number> {
  try {
    const command = COMMANDS.find(([name]) => name === args[0]);
    if (command === undefined) return (await import('./overview.js')).overview(args, io);
    const [, , load] = command;
    return await (await load()).run(args.slice(1), io);
  } catch (error) {
    return endOf(error, io);
  }
}
