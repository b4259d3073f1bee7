import { Command } from 'commander';
import { addCommonOptions } from './common-options.js';

/** Options that all commands have may stand before the command, too: `--lang es rows` is `rows --lang es`. */
export function commandFirst(args: readonly string[]): readonly string[] {
  const end = endOfCommonOptions(args);
  const name = args[end];
  if (name === undefined || name.startsWith('-')) return args;
  return [name, ...args.slice(0, end), ...args.slice(end + 1)];
}

/** How many arguments come before the first that is neither such an option nor the value of one; more than all, where a value is missing. */
export function endOfCommonOptions(args: readonly string[]): number {
  const command = new Command();
  addCommonOptions(command, true);
  let end = 0;
  while (end < args.length) {
    const [flag, attached] = args[end].split('=', 2);
    const option = command.options.find(({ short, long }) => flag === short || flag === long);
    if (option === undefined) break;
    end += option.required && attached === undefined ? 2 : 1;
  }
  return end;
}
