import { describe, expect, it } from 'vitest';
import { MemoryPages } from '../../src/replay/block-store.js';
import { ChangeLog } from '../../src/replay/change-log.js';
import { TupleChange } from '../../src/replay/tuple-change.js';

/** An insertion whose tuple is full of one byte. */
function insert(sequence: number, offset: number): TupleChange {
  const change = new TupleChange();
  Object.assign(change, { sequence, lsnLo: 1, kind: 'insert', table: 3, toOffset: offset });
  change.new.set(new Uint8Array(9000).fill(offset), 500, 8500);
  return change;
}

const offsets = (log: ChangeLog, xids: number[]): number[] =>
  Array.from(log.of(xids, new TupleChange()), (change) => {
    expect(change.old.tuple).toBeUndefined();
    expect(Buffer.alloc(8000, change.toOffset).equals(change.new.tuple!)).toBe(true);
    return change.toOffset;
  });

describe.each([
  ['in memory', 1e8],
  ['put to disk', 0],
])('changes that are %s', (_, limit) => {
  it('come back in the order of the WAL, of several transactions', () => {
    const log = new ChangeLog(new MemoryPages(), limit);
    for (let i = 1; i <= 200; i++) log.add(i % 3, insert(i, i));
    const all = Array.from({ length: 200 }, (_, i) => i + 1);
    expect(offsets(log, [2])).toEqual(all.filter((i) => i % 3 === 2));
    log.drop(1);
    expect(log.hasAny([1])).toBe(false);
    for (let i = 201; i <= 240; i++) log.add(0, insert(i, i));
    expect(offsets(log, [0, 2, 1])).toEqual([
      ...all.filter((i) => i % 3 !== 1),
      ...Array.from({ length: 40 }, (_, i) => 201 + i),
    ]);
  });

  it('are taken back where an insertion was speculative', () => {
    const log = new ChangeLog(new MemoryPages(), limit);
    for (let i = 1; i <= 100; i++) log.add(7, insert(i, i));
    for (const offset of [2, 100]) log.takeBack(7, 3, { block: 0, offset });
    log.add(7, insert(101, 101));
    expect(offsets(log, [7])).toEqual(
      Array.from({ length: 101 }, (_, i) => i + 1).filter((i) => i !== 2 && i !== 100),
    );
  });
});

it('changes of very many transactions that are open take no longer than their number says', () => {
  const log = new ChangeLog(new MemoryPages(), 1 << 20);
  const change = new TupleChange();
  const count = 200_000;
  for (let xid = 1; xid <= count; xid++) {
    change.sequence = xid;
    log.add(xid, change);
  }
  for (const xid of [1, count / 2, count]) {
    expect(Array.from(log.of([xid], new TupleChange()), ({ sequence }) => sequence)).toEqual([xid]);
  }
});
