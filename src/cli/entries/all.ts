import { entryOf } from '../entry.js';
import { run } from '../program.js';

export const start = entryOf(run);
