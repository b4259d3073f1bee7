import { expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { StandbySnapshot } from '../../src/replay/hot-standby.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../../src/wal/rmgr-id.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** RUNNING_XACTS with these top-level transactions, next id 100 unless told. */
const snapshot = (overflow: boolean, xids: number[], next = 100): RecordInput => ({
  rmid: RM_STANDBY_ID,
  info: 0x10,
  main: u32(xids.length, 0, overflow ? 1 : 0, next, xids[0] ?? next, next - 1, ...xids),
});
const full = (xids: number[], next?: number): RecordInput => snapshot(false, xids, next);
const overflown = (xids: number[], next?: number): RecordInput => snapshot(true, xids, next);
/** A commit of a transaction that wrote nothing before. */
const commit = (xid: number): RecordInput => ({ rmid: RM_XACT_ID, info: 0x00, xid, main: new Uint8Array(8) });
const shutdown: RecordInput = { rmid: RM_XLOG_ID, info: 0x00, main: new Uint8Array(128) };

// by `ProcArrayApplyRecoveryInfo` (procarray.c of 10 to 19): incomplete until
it.each<[string, RecordInput[], boolean]>([
  ['nothing is known', [commit(50)], false],
  ['the first is complete', [full([50])], true],
  ['it lacks some', [overflown([50])], false],
  ['a later one lacks none', [overflown([50]), full([50])], true],
  ['a later one lacks some, and what ran may go on', [overflown([50]), overflown([99], 200)], false],
  ['a later one lacks some of what began since', [overflown([50]), overflown([100], 200)], true],
  // in the gap between taking the snapshot and writing it
  [
    'a transaction after the first is seen before it',
    [commit(120), overflown([50]), overflown([100], 200)],
    false,
  ],
  ['and all that runs is newer than that', [commit(120), overflown([50]), overflown([121], 200)], true],
  [
    'a later one lacks some of none that run',
    [overflown([50]), overflown([], 200), overflown([150], 300)],
    false,
  ],
  ['the server was shut down', [overflown([50]), shutdown], true],
  ['ids begin anew', [overflown([4_294_967_290], 3), overflown([4_294_967_295], 9)], false],
  ['ids have begun anew', [overflown([4_294_967_290], 3), overflown([3], 9)], true],
])('the snapshot when %s', (_, inputs, isReady) => {
  const writer = new WalWriter({ version: 17 });
  for (const input of inputs) writer.append(input);
  const standby = new StandbySnapshot();
  const reader = new WalReader();
  reader.push(openSegment(writer.segments[0].bytes));
  for (let record = reader.next(); record !== undefined; record = reader.next()) standby.replay(record);
  expect(standby.isReady).toBe(isReady);
});
