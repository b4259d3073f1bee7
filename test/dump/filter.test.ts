import { describe, expect, it } from 'vitest';
import { matches, type RecordFilter } from '../../src/dump/filter.js';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import type { WalRecord } from '../../src/wal/record.js';
import { image } from '../support/records/kind.js';
import { WalWriter } from '../support/wal-writer.js';

const HEAP = 10;
const TABLE = { spcOid: 1663, dbOid: 5, relNumber: 16384 };
const INDEX = { spcOid: 1663, dbOid: 5, relNumber: 16390 };
const VM = 2;

/** Changes block 3 of a table and block 7 of its visibility map. */
function record(): WalRecord {
  const writer = new WalWriter({ version: 15 });
  writer.append({
    rmid: HEAP,
    info: 0,
    xid: 700,
    blocks: [
      { id: 0, rel: TABLE, blockNumber: 3, data: Uint8Array.of(1) },
      { id: 1, rel: TABLE, fork: VM, blockNumber: 7, image: image() },
    ],
  });
  const reader = new WalReader();
  reader.push(openSegment(writer.segments[0].bytes));
  const written = reader.next();
  if (written === undefined) throw new Error('nothing was written');
  return written;
}

describe('a record passes', () => {
  const passing: RecordFilter[] = [
    {},
    { rmids: new Set([1, HEAP]) },
    { xids: new Set([700, 701]) },
    { relations: [INDEX, TABLE] },
    { relations: [TABLE], block: 3 },
    { relations: [TABLE], block: 7, fork: VM },
    { fork: VM },
    { fullPage: true },
    { rmids: new Set([HEAP]), xids: new Set([700]), relations: [TABLE], block: 3, fork: 0, fullPage: true },
  ];
  it.each(passing)('%o', (filter) => expect(matches(record(), filter)).toBe(true));
});

describe('a record does not pass', () => {
  const failing: RecordFilter[] = [
    { rmids: new Set([1]) },
    { xids: new Set([0]) },
    { relations: [INDEX] },
    { relations: [{ ...TABLE, dbOid: 6 }] },
    { relations: [{ ...TABLE, spcOid: 1664 }] },
    { relations: [TABLE], block: 4 },
    // the block and the fork of different block references
    { relations: [TABLE], block: 3, fork: VM },
    { fork: 1 },
    { rmids: new Set([HEAP]), xids: new Set([1]) },
  ];
  it.each(failing)('%o', (filter) => expect(matches(record(), filter)).toBe(false));
});
