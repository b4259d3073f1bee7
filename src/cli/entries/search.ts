import { entryOf } from '../entry.js';

export const start = entryOf(async ([command, ...args], io) => {
  const { run } = await (command === 'incidents' ? import('../incidents.js') : import('../find-commit.js'));
  return run(args, io);
});
