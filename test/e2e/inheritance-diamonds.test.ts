import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

/** Each level inherits from both tables of the one above: there are two to this power of ways to the top. */
const LEVELS = 24;

const setup = Array.from({ length: LEVELS }, (_, i) => {
  const parents = i === 0 ? '' : `INHERITS (a${i - 1}, b${i - 1})`;
  return ['a', 'b'].map((side) => `CREATE TABLE ${side}${i} (x int) ${parents};`).join(' ');
}).join('\n');

describeServers('changes of a table that inherits by very many ways', (postgres) => {
  it('are told, under each table that it inherits from', async () => {
    const lab = new UndoLab(postgres, setup);
    try {
      lab.run(`INSERT INTO a${LEVELS - 1} VALUES (7);`);
      lab.keepWal();
      const { bytes } = await lab.changes(['--table', 'a0', '--format', 'csv']);
      expect(new TextDecoder().decode(bytes)).toContain(`public,a${LEVELS - 1},insert`);
    } finally {
      lab.remove();
    }
  });
});
