import { describe, expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { decode, type RecordData } from '../../src/rmgr/index.js';
import { array, bool, cstruct, i8, i32, packed, raw, struct, u16, u32, u64 } from '../support/cstruct.js';
import { descriptionsOf } from '../support/descriptions.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

const RM_XACT = 1;
/** 2025-12-24 17:53:45.880038 UTC */
const TIME = 819_914_025_880_038n;
const REL = struct(u32(1663), u32(5), u32(16_384));
const rel = { spcOid: 1663, dbOid: 5, relNumber: 16_384 };
const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);

function segmentWith(version: number, input: RecordInput): Uint8Array {
  const writer = new WalWriter({ version });
  writer.append(input);
  return writer.segments[0].bytes;
}

function decoded(segment: Uint8Array): RecordData {
  const reader = new WalReader();
  reader.push(openSegment(segment));
  return decode(reader.next()!);
}

describe('a commit', () => {
  const everything = packed(
    ...[u64(TIME), u32(0x1ff | (1 << 30) | 0x80000000)],
    ...[u32(5), u32(1663)],
    ...[i32(2), u32(801), u32(802)],
    ...[i32(1), REL],
    ...[i32(1), i32(2), u32(5), u32(16_384)],
    ...[i32(1), struct(i8(-2), u32(5), u32(1259), u32(0))],
    ...[u32(700), raw(text('gid')), u64(0x1_0000_0002n), u64(TIME + 1n)],
  );
  const record = { rmid: RM_XACT, info: 0xb0, xid: 803, main: everything, origin: 4 };

  it('tells all that it holds', () => {
    expect(decoded(segmentWith(15, record))).toEqual({
      rmgr: 'Transaction',
      type: 'commit-prepared',
      xactTime: TIME,
      xinfo: 0xc00001ff,
      dbId: 5,
      tsId: 1663,
      relcacheInitFileInval: true,
      subxacts: [801, 802],
      xlocators: [rel],
      stats: [{ kind: 2, dboid: 5, objid: 16_384n }],
      msgs: [{ type: 'relcache', id: -2, dbId: 5, relId: 1259 }],
      twophaseXid: 700,
      twophaseGid: 'gid',
      origin: { nodeId: 4, lsn: 0x1_0000_0002n, timestamp: TIME + 1n },
    });
  });

  it('is undecodable where a count does not fit', () => {
    for (let length = 0; length < everything.length; length++) {
      const data = decoded(segmentWith(15, { ...record, main: everything.subarray(0, length) }));
      expect(data).toMatchObject({ type: 'undecodable', identity: 'COMMIT_PREPARED' });
    }
  });

  it('of the simplest kind is its time', () => {
    const main = cstruct(u64(TIME));
    expect(decoded(segmentWith(10, { rmid: RM_XACT, info: 0, main }))).toMatchObject({
      type: 'commit',
      xactTime: TIME,
      xinfo: 0,
      subxacts: [],
      msgs: [],
    });
  });
});

describe('an abort', () => {
  it('up to 10 carries neither database nor origin, whatever its bits say', () => {
    const main = packed(u64(TIME), u32(0x23), i32(1), u32(801));
    expect(decoded(segmentWith(10, { rmid: RM_XACT, info: 0xa0, main }))).toMatchObject({
      type: 'abort',
      dbId: 0,
      subxacts: [801],
      origin: undefined,
    });
  });
});

describe('a prepared transaction', () => {
  const prepare = (version: number): RecordInput => ({
    rmid: RM_XACT,
    info: 0x10,
    xid: 700,
    origin: version >= 15 ? 4 : undefined,
    main: packed(
      raw(
        cstruct(
          ...[u32(0x57f94534), u32(0), u32(700), u32(5), u64(TIME), u32(10)],
          ...[i32(1), i32(1), i32(0)],
          ...(version >= 15 ? [i32(1), i32(0)] : []),
          ...[i32(0), bool(true), u16(4)],
          ...(version >= 11 ? [u64(0x20n), u64(TIME + 1n)] : []),
        ),
      ),
      ...[raw(text('gid')), u32(0)],
      ...[u32(701), u32(0)],
      ...[REL, u32(0)],
      ...(version >= 18
        ? [i32(2), u32(5), u64(16_384n)]
        : version >= 15
          ? [i32(2), array([5, 16_384, 0], u32)]
          : []),
    ),
  });

  it.each([10, 11, 14, 15, 17, 18, 19])('tells what will be needed to end it, in %d', (version) => {
    expect(decoded(segmentWith(version, prepare(version)))).toEqual({
      rmgr: 'Transaction',
      type: 'prepare',
      xactTime: TIME,
      twophaseXid: 700,
      twophaseGid: 'gid',
      owner: 10,
      dbId: 5,
      tsId: 0,
      relcacheInitFileInval: true,
      subxacts: [701],
      xlocators: [rel],
      abortlocators: [],
      stats: version >= 15 ? [{ kind: 2, dboid: 5, objid: 16_384n }] : [],
      abortstats: [],
      msgs: [],
      origin: version >= 11 ? { nodeId: version >= 15 ? 4 : 0, lsn: 0x20n, timestamp: TIME + 1n } : undefined,
    });
  });

  it.each([
    [12, ''],
    [14, ''],
    [15, '; commit dropped stats: 2/5/16384'],
    [16, ''],
    [17, '; commit dropped stats: 2/5/16384'],
  ])('names its dropped statistics, %d', (version, stats) => {
    const origin = version >= 15 ? '; origin: node 4, lsn 0/20, at 2025-12-24 17:53:45.880039 UTC' : '';
    const description = `gid gid: 2025-12-24 17:53:45.880038 UTC; rels(commit): base/5/16384${stats}; subxacts: 701${origin}`;
    expect(descriptionsOf([segmentWith(version, prepare(version))])).toEqual([
      version >= 13 ? `PREPARE ${description}` : 'PREPARE ',
    ]);
  });
});
