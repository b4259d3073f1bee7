import { expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { MemoryPages } from '../../src/replay/block-store.js';
import { ChangeReplay } from '../../src/replay/change-replay.js';
import type { LiveCatalog } from '../../src/replay/live-catalog.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';
import * as work from '../support/workload.js';

/** How many transactions changed rows. @param kindAt what a file is, by the number of the record that comes */
async function countChanges(
  records: readonly RecordInput[],
  kindAt: (record: number) => string,
): Promise<number> {
  const writer = new WalWriter({ version: 15 });
  for (const record of records) writer.append(record);
  let number = 0;
  const catalog = {
    ownerOf: () => ({ oid: 20_000, kind: kindAt(number) }),
    tableOf: () => undefined,
    generation: 0,
  };
  const machine = new ChangeReplay({
    ...{ version: 15, files: undefined, pages: new MemoryPages(), withSystem: false },
    load: async () => {},
    isWanted: () => true,
    later: {
      catalogOf: () => catalog as unknown as LiveCatalog,
      namesOf: () => undefined,
      databaseName: () => undefined,
    },
  });
  const reader = new WalReader();
  reader.push(openSegment(writer.segments[0].bytes));
  let count = 0;
  for (let record = reader.next(); record !== undefined; record = reader.next(), number++) {
    if (machine.committed(record)) count++;
    await machine.take(record);
  }
  return count;
}

const indexThenTable = (from: number) => (record: number) => (record < from ? 'i' : 'r');

it('a file that was none of a table may be one of a table once it was dropped', async () => {
  const dropped = work.commit(700, 0n, { dropped: [work.TABLE] });
  const records = [work.insert(700), dropped, work.insert(701), work.commit(701, 0n)];
  expect(await countChanges(records, indexThenTable(2))).toBe(1);
});

it('a file that was none of a table may be one of a table once it is made anew', async () => {
  const records = [
    work.insert(700),
    work.createFile(701, work.TABLE),
    work.insert(701),
    work.commit(701, 0n),
  ];
  expect(await countChanges(records, indexThenTable(1))).toBe(1);
});
