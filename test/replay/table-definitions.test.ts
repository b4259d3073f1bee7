import { expect, it } from 'vitest';
import type { LiveCatalog } from '../../src/replay/live-catalog.js';
import { TableDefinitions } from '../../src/replay/table-definitions.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';

it('a table that the catalogs do not tell is looked for again only when they have changed', () => {
  let [generation, tries] = [0, 0];
  const catalog = {
    tableWith: () => {
      tries++;
      throw new WalError('corrupt-catalog', message`damaged`);
    },
  };
  const definitions = new TableDefinitions({
    catalogOf: () => catalog as unknown as LiveCatalog,
    generationOf: () => generation,
    isWanted: () => true,
    nextSequence: () => 0,
  });
  definitions.mark(700, { spcOid: 1663, dbOid: 5, relNumber: 1259 }, 20_000);
  for (let change = 0; change < 5; change++) definitions.takeSnapshots(1n);
  expect(tries).toBe(1);
  generation++;
  for (let change = 0; change < 5; change++) definitions.takeSnapshots(2n);
  expect(tries).toBe(2);
});
