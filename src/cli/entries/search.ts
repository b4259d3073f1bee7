import { entryOf } from '../entry.js';

export const start = entryOf(async ([command, ...args], io) => {
  const { define } = await (command === 'incidents'
    ? import('../incidents.js')
    : import('../find-commit.js'));
  return define(io).run(args);
});
