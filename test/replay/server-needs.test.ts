import { expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { type RequiredSettings, ServerNeeds } from '../../src/replay/server-needs.js';
import { RM_TBLSPC_ID, RM_XLOG_ID } from '../../src/wal/rmgr-id.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

const settings = (connections: number, workers = 8): RequiredSettings => ({
  max_connections: connections,
  max_worker_processes: workers,
  max_wal_senders: 10,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 64,
});

/** `xl_parameter_change` of 12 and later. */
function change({ max_connections, max_worker_processes }: RequiredSettings): RecordInput {
  const main = new Uint8Array(28);
  new Int32Array(main.buffer, 0, 5).set([max_connections, max_worker_processes, 10, 0, 64]);
  return { rmid: RM_XLOG_ID, info: 0x60, main };
}

function createTablespace(oid: number, path: string): RecordInput {
  const main = new Uint8Array([...new Uint8Array(Uint32Array.of(oid).buffer), ...Buffer.from(`${path}\0`)]);
  return { rmid: RM_TBLSPC_ID, info: 0x00, main };
}

function needsOf(known: RequiredSettings | undefined, inputs: RecordInput[]): ServerNeeds {
  const writer = new WalWriter({ version: 17 });
  for (const input of inputs) writer.append(input);
  const needs = new ServerNeeds(known);
  const reader = new WalReader();
  for (const { bytes } of writer.segments) reader.push(openSegment(bytes));
  let replayedTo = writer.start;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    needs.replay(record, replayedTo, false);
    replayedTo = record.endLsn;
  }
  return needs;
}

it('needs the highest of each setting, though they were lowered again', () => {
  const needs = needsOf(settings(100), [change(settings(200, 4)), change(settings(50, 16))]);
  expect(needs.settings).toEqual(settings(200, 16));
  expect(needs.raised.map((one) => one.settings)).toEqual([
    { max_connections: 200 },
    { max_worker_processes: 16 },
  ]);
  const [, second] = needs.raised;
  expect(second.replayedTo).toBeLessThanOrEqual(second.lsn);
});

it('needs what the first record tells, where no pg_control does', () => {
  expect(needsOf(undefined, []).settings).toBeUndefined();
  expect(needsOf(undefined, [change(settings(50)), change(settings(20))]).settings).toEqual(settings(50));
});

it('needs the directories of tablespaces that have one of their own', () => {
  const { tablespaces } = needsOf(undefined, [
    createTablespace(16_391, '/srv/ts1'),
    createTablespace(16_392, ''),
  ]);
  expect(tablespaces).toMatchObject([{ oid: 16_391, path: '/srv/ts1' }]);
});

it('needs the libraries of extensions that write WAL of their own', () => {
  const custom: RecordInput = { rmid: 128, info: 0, main: new Uint8Array(8) };
  expect([...needsOf(undefined, [custom, custom, change(settings(1))]).customRmgrs]).toEqual([128]);
});
