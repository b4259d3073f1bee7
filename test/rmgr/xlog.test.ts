import { describe, expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { decode, identify, type RecordData } from '../../src/rmgr/index.js';
import { bool, cstruct, raw, u32, u64 } from '../support/cstruct.js';
import { descriptionsOf } from '../support/descriptions.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

/** 2025-12-24 17:53:45.880038 UTC */
const TIME = 819_914_025_880_038n;

function segmentWith(version: number, input: RecordInput): Uint8Array {
  const writer = new WalWriter({ version });
  writer.append(input);
  return writer.segments[0].bytes;
}

function decoded(version: number, input: RecordInput): RecordData {
  const reader = new WalReader();
  reader.push(openSegment(segmentWith(version, input)));
  return decode(reader.next()!);
}

describe('a checkpoint', () => {
  const content = {
    redo: 0x1_0000_0028n,
    thisTimeLineID: 2,
    prevTimeLineID: 1,
    fullPageWrites: true,
    nextXid: 0x3_0000_02a5n,
    nextOid: 24_576,
    nextMulti: 11,
    nextMultiOffset: 12n,
    oldestXid: 726,
    oldestXidDB: 1,
    oldestMulti: 1,
    oldestMultiDB: 5,
    time: 1_766_598_825,
    oldestCommitTsXid: 7,
    newestCommitTsXid: 8,
    oldestActiveXid: 677,
  };

  /** The struct of each version, as its compiler lays it out. */
  const checkpoint = (version: number): Uint8Array =>
    cstruct(
      ...[u64(content.redo), u32(2), u32(1), bool(true)],
      ...(version >= 17 ? [u32(2)] : []),
      ...(version >= 19 ? [bool(true)] : []),
      ...(version >= 12 ? [u64(content.nextXid)] : [u32(3), u32(0x2a5)]),
      ...[u32(24_576), u32(11), version >= 19 ? u64(12n) : u32(12)],
      ...[u32(726), u32(1), u32(1), u32(5), u64(1_766_598_825n), u32(7), u32(8), u32(677)],
    );

  it.each([10, 11, 12, 16, 17, 18, 19])(
    'tells where recovery begins and from what state, in %d',
    (version) => {
      expect(decoded(version, { rmid: 0, info: 0x10, main: checkpoint(version) })).toEqual({
        rmgr: 'XLOG',
        type: 'checkpoint-online',
        ...content,
        walLevel: version >= 17 ? 2 : undefined,
        logicalDecodingEnabled: version >= 19 ? true : undefined,
      });
    },
  );
});

describe('what recovery looks for', () => {
  it('names restore points, in any encoding', () => {
    const name = new Uint8Array(64);
    name.set([0x74, 0xe9, 0x73, 0x74]);
    const record = { rmid: 0, info: 0x70, main: cstruct(u64(TIME), raw(name)) };
    expect(decoded(15, record)).toEqual({
      rmgr: 'XLOG',
      type: 'restore-point',
      rpTime: TIME,
      rpName: 't\udce9st',
    });
    // the same byte again
    expect(descriptionsOf([segmentWith(15, record)])).toEqual(['RESTORE_POINT t\xe9st']);
  });

  it('tells the ends of backups and of recoveries', () => {
    expect(decoded(15, { rmid: 0, info: 0x50, main: cstruct(u64(0x2000028n)) })).toMatchObject({
      type: 'backup-end',
      startPoint: 0x2000028n,
    });
    const endOfRecovery = cstruct(u64(TIME), u32(2), u32(1));
    expect(decoded(15, { rmid: 0, info: 0x90, main: endOfRecovery })).toEqual({
      rmgr: 'XLOG',
      type: 'end-of-recovery',
      endTime: TIME,
      thisTimeLineID: 2,
      prevTimeLineID: 1,
      walLevel: undefined,
    });
  });
});

// no program of 10 … 12 at hand for tests is as late as the minor releases that brought the kind
it.each([10, 11, 12, 13])('OVERWRITE_CONTRECORD is known to %d', (version) => {
  const main = cstruct(u64(0x1_0000_0028n), u64(TIME));
  expect(descriptionsOf([segmentWith(version, { rmid: 0, info: 0xd0, main })])).toEqual([
    'OVERWRITE_CONTRECORD lsn 1/28; time 2025-12-24 17:53:45.880038 UTC',
  ]);
});

// in 19's betas only, so that no program reads it any more
describe('XLOG2', () => {
  it.each(['off', 'on', 'inprogress-off', 'inprogress-on', '?'])(
    'tells the state of checksums: %s',
    (state) => {
      const number = ['off', 'on', 'inprogress-off', 'inprogress-on', '?'].indexOf(state);
      const main = cstruct(u32(number));
      expect(descriptionsOf([segmentWith(19, { rmid: 22, info: 0, main })])).toEqual([`CHECKSUMS ${state}`]);
      expect(identify(22, 0x10, 19)).toBeUndefined();
    },
  );
});
