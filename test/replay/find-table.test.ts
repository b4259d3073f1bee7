import { expect, it } from 'vitest';
import type { RelationVersion } from '../../src/replay/catalog.js';
import { filesOf, isOfTable } from '../../src/replay/find-table.js';

const version = (oid: number, parents: number[]): RelationVersion => ({
  ...{ oid, schema: 'public', name: `t${oid}`, kind: 'r', unlogged: false, parents, xmin: 3 },
  file: { spcOid: 1663, dbOid: 5, relNumber: oid },
});

it('a table has the files of all that inherit from it, however far down, and no others', () => {
  const COUNT = 50_000;
  // each behind the one that inherits from it: 2.5 billion steps if all were gone through for each
  const chain = Array.from({ length: COUNT }, (_, i) =>
    version(COUNT - i, i === COUNT - 1 ? [] : [COUNT - i - 1]),
  );
  const versions = [
    ...chain,
    version(COUNT + 1, []),
    version(COUNT + 2, [COUNT + 3]),
    version(COUNT + 3, [COUNT + 2]),
  ];
  expect(filesOf(versions, isOfTable(versions, 't1'))).toHaveLength(COUNT);
  expect(filesOf(versions, isOfTable(versions, `t${COUNT}`))).toHaveLength(1);
  expect(filesOf(versions, isOfTable(versions, `t${COUNT + 2}`))).toHaveLength(2);
});
