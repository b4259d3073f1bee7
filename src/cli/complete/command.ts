import type { Io } from '../io.js';
import { candidatesFor } from './answer.js';

/** `walscan __complete`, which shells ask: what the last of the words may be. */
export async function run(words: string[], io: Io): Promise<number> {
  const found = await candidatesFor(words, io);
  io.write(found.map((candidate) => `${candidate}\n`).join(''));
  return 0;
}
