import { describe, expect, it } from 'vitest';
import { findCommit, findIncidents, planRecovery } from '../../src/node.js';

/** What server.txt there tells. */
const LAB = 'testdata/repack';

describe('REPACK (CONCURRENTLY)', () => {
  it('did not delete and update what it repeats in its new file', async () => {
    const { incidents } = await findIncidents(LAB, { minRows: 1 });
    const rows = incidents.flatMap((one) =>
      one.kind === 'rows' ? [[one.xid, one.relation, one.deleted, one.updated]] : [],
    );
    expect(rows).toEqual([
      [670, '1663/5/16499', 100, 40],
      [669, '1663/5/16392', 50, 0],
      [667, '1663/5/16434', 50, 0],
      [667, '1663/5/16437', 10, 0],
      [665, '1663/5/16384', 100, 55],
      // of the TOAST table
      [665, '1663/5/16388', 30, 0],
    ]);
  });

  it.each([
    [
      16384,
      [
        ['committed', 663],
        ['committed', 665],
      ],
      665,
      '1663/5/16434',
    ],
    [16434, [['committed', 667]], 667, '1663/5/16508'],
    [
      16392,
      [
        ['committed', 663],
        ['committed', 669],
      ],
      669,
      '1663/5/16503',
    ],
    [16503, [], undefined, undefined],
  ])('leaves file %d to those who changed its rows', async (relNumber, transactions, lost, successor) => {
    const { relations } = await findCommit(LAB, { relation: { relNumber } });
    const [found] = relations;
    expect((found?.transactions ?? []).map(({ status, xid }) => [status, xid])).toEqual(transactions);
    expect(found?.lastDelete?.commit.xid).toBe(lost);
    expect(found?.removed?.newRelation).toBe(successor);
    expect(found?.recoveryTarget?.xid).toBe(lost);
  });

  it.each([
    [16384, 665],
    [16434, 667],
    // nothing but the copies of rows went into it
    [16503, 669],
    // asked for by the file that REPACK made of the one that lost them
    [16508, 667],
  ])('is not what a plan for file %d stops before', async (relNumber, xid) => {
    const target = { kind: 'before-delete', relation: { relNumber } } as const;
    const { plan, spared } = await planRecovery(LAB, { backup: `${LAB}/backup_label`, target });
    expect(plan.stop).toMatchObject({ position: 'before', record: 'COMMIT', xid });
    expect(spared?.removed?.unlogged ?? false).toBe(false);
  });
});
