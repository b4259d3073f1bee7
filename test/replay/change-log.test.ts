import { expect, it } from 'vitest';
import { MemoryPages } from '../../src/replay/block-store.js';
import { ChangeLog, type TupleChange } from '../../src/replay/change-log.js';

const insert = (sequence: number, offset: number): TupleChange => ({
  ...{ sequence, lsn: 1n, kind: 'insert', table: 3, from: undefined, to: { block: 0, offset } },
  ...{ old: undefined, new: Uint8Array.of(offset), isMove: false },
});

it.each([
  ['in memory', 1e6],
  ['put to disk', 0],
])('takes back a speculative insertion that is %s', (_, limit) => {
  const log = new ChangeLog(new MemoryPages(), limit);
  for (const offset of [1, 2, 3]) log.add(7, insert(offset, offset));
  log.takeBack(7, 3, { block: 0, offset: 2 });
  log.add(7, insert(4, 4));
  expect([...log.of([7])].map(({ to }) => to?.offset)).toEqual([1, 3, 4]);
});
