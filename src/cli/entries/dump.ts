import { run } from '../dump/command.js';
import { entryOf } from '../entry.js';

export const start = entryOf(([, ...args], io) => run(args, io));
