import { expect, it } from 'vitest';
import { TakenBack } from '../../../src/questions/changes/taken-back.js';
import { openSegment } from '../../../src/reader/segment.js';
import { WalReader } from '../../../src/reader/wal-reader.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import * as work from '../../support/workload.js';

/** XLH_INSERT_ON_TOAST_RELATION */
const ON_TOAST = 0x10;
const TOAST = work.rel(16_390);

/** Which of the records are no changes that came to stay. */
function takenBack(records: readonly RecordInput[]): number[] {
  const writer = new WalWriter({ version: 15 });
  for (const record of records) writer.append(record);
  const reader = new WalReader();
  reader.push(openSegment(writer.segments[0].bytes));
  const found = new TakenBack();
  for (let record = reader.next(); record !== undefined; record = reader.next()) found.take(record);
  const stays = new Set(Array.from(found.without(writer.records), ({ lsn }) => lsn));
  return writer.records.flatMap(({ lsn }, i) => (stays.has(lsn) ? [] : [i]));
}

const chunk = (offset: number): RecordInput => work.insert(700, { rel: TOAST, offset, flags: ON_TOAST });
const withdraw = (rel = work.TABLE, offset = 1): RecordInput =>
  work.remove(700, { rel, offset, flags: work.IS_SUPER });

it('chunks of a row that INSERT … ON CONFLICT took back went with it', () => {
  const row = work.insert(700, { flags: work.IS_SPECULATIVE });
  const records = [chunk(1), work.insert(700), chunk(2), chunk(3), row, withdraw()];
  expect(takenBack([...records, withdraw(TOAST, 2), withdraw(TOAST, 3)])).toEqual([2, 3, 4]);
});

it('chunks of a row that stays are as any others', () => {
  const row = work.insert(700, { flags: work.IS_SPECULATIVE });
  expect(takenBack([chunk(1), row, work.confirm(700), withdraw(TOAST, 1)])).toEqual([]);
});
