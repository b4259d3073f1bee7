import { expect, it } from 'vitest';
import { droppedSequences } from '../../../src/questions/changes/dropped-sequences.js';
import type { LiveCatalog, LiveTable } from '../../../src/replay/live-catalog.js';
import type { ObjectDetails } from '../../../src/replay/object-details.js';

const row = {
  ...{ oid: () => 20, int8: () => 1n, bool: () => false, char: () => 'p' },
};

/** A catalog of sequences that are gone, but for what was before. */
function catalogOfSequences(): LiveCatalog {
  let isBefore = false;
  const catalog = {
    version: 18,
    before: <T>(_: readonly number[], read: () => T): T => {
      isBefore = true;
      try {
        return read();
      } finally {
        isBefore = false;
      }
    },
    nameOf: (oid: number) => (isBefore ? { schema: 's', name: `seq${oid}` } : undefined),
    rows: () => [row],
    typeName: () => undefined,
  };
  return catalog as unknown as LiveCatalog;
}

it('gives sequences to columns that there are, whatever the catalogs say', () => {
  const columns = [
    { name: 'a', dropped: false },
    { name: 'gone', dropped: true },
  ];
  const table = { oid: 1, schema: 's', name: 't', columns } as unknown as LiveTable;
  const ownedBy = () => [1, 2, 3, 1_000_000].map((column, oid) => ({ oid, column, isIdentity: false }));
  const details = { ownedBy } as unknown as ObjectDetails;
  const { before, after } = droppedSequences(table, catalogOfSequences(), [7], new Map(), details);
  expect(before).toHaveLength(8);
  expect(after).toEqual(['ALTER SEQUENCE s.seq0 OWNED BY s.t.a']);
});
