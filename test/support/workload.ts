import type { RelFileLocator } from '../../src/wal/record.js';
import { array, cstruct, i32, packed, raw, u8, u16, u32, u64 } from './cstruct.js';
import type { RecordInput } from './wal-writer.js';

/** Records as a server writes them for what sessions do, for tests of what they add up to. */

export const TABLE: RelFileLocator = { spcOid: 1663, dbOid: 16384, relNumber: 16386 };

export const rel = (relNumber: number): RelFileLocator => ({ ...TABLE, relNumber });

interface RowPlace {
  rel?: RelFileLocator;
  block?: number;
  offset?: number;
  /** `XLH_…` */
  flags?: number;
  toplevelXid?: number;
}

export const IS_SPECULATIVE = 0x04;
export const IS_SUPER = 0x08;
export const IS_PARTITION_MOVE = 0x10;

const heap = (
  info: number,
  xid: number,
  main: Uint8Array,
  { rel = TABLE, block = 0, toplevelXid }: RowPlace,
): RecordInput => ({
  rmid: 10,
  info,
  xid,
  toplevelXid,
  main,
  blocks: [{ id: 0, rel, blockNumber: block, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
});

export const insert = (xid: number, place: RowPlace = {}): RecordInput =>
  heap(0x00, xid, cstruct(u16(place.offset ?? 1), u8(place.flags ?? 0)), place);

export const remove = (xid: number, place: RowPlace = {}): RecordInput =>
  heap(0x10, xid, cstruct(u32(xid), u16(place.offset ?? 1), u8(0), u8(place.flags ?? 0)), place);

export const update = (xid: number, place: RowPlace & { hot?: boolean } = {}): RecordInput =>
  heap(
    place.hot ? 0x40 : 0x20,
    xid,
    cstruct(u32(xid), u16(place.offset ?? 1), u8(0), u8(0), u32(0), u16(2)),
    place,
  );

export const confirm = (xid: number, place: RowPlace = {}): RecordInput =>
  heap(0x50, xid, cstruct(u16(place.offset ?? 1)), place);

export const lock = (xid: number, place: RowPlace = {}): RecordInput =>
  heap(0x60, xid, cstruct(u32(xid), u16(place.offset ?? 1), u8(0), u8(0)), place);

/** COPY: several rows by one record; `initPage` where they are the first on a page. */
export const copyRows = (
  xid: number,
  offsets: number[],
  place: RowPlace & { initPage?: boolean } = {},
): RecordInput => ({
  ...heap(
    place.initPage ? 0xd0 : 0x50,
    xid,
    cstruct(u8(0), u16(offsets.length), ...(place.initPage ? [] : [array(offsets, u16)])),
    place,
  ),
  rmid: 9,
});

interface Completion {
  subxacts?: number[];
  dropped?: RelFileLocator[];
  /** COMMIT PREPARED or ROLLBACK PREPARED, by a session without a transaction id of its own. */
  prepared?: boolean;
}

const completion = (info: number, xid: number, time: bigint, end: Completion): RecordInput => {
  const { subxacts = [], dropped = [], prepared = false } = end;
  const xinfo = (subxacts.length > 0 ? 2 : 0) | (dropped.length > 0 ? 4 : 0) | (prepared ? 0x10 : 0);
  const parts = [
    ...(subxacts.length > 0 ? [i32(subxacts.length), ...subxacts.map(u32)] : []),
    ...(dropped.length > 0 ? [i32(dropped.length), ...dropped.map(locator)] : []),
    ...(prepared ? [u32(xid)] : []),
  ];
  return {
    rmid: 1,
    info: (xinfo === 0 ? 0 : 0x80) | info,
    xid: prepared ? 0 : xid,
    main: xinfo === 0 ? packed(u64(time)) : packed(u64(time), u32(xinfo), ...parts),
  };
};

const locator = (file: RelFileLocator) => raw(packed(u32(file.spcOid), u32(file.dbOid), u32(file.relNumber)));

export const commit = (xid: number, time: bigint, end: Completion = {}): RecordInput =>
  completion(end.prepared ? 0x30 : 0x00, xid, time, end);

export const abort = (xid: number, time: bigint, end: Completion = {}): RecordInput =>
  completion(end.prepared ? 0x40 : 0x20, xid, time, end);

/** PREPARE TRANSACTION, in the layout since 15 (`TwoPhaseFileHeader`). */
export const prepare = (xid: number, time: bigint, subxacts: number[] = []): RecordInput => ({
  rmid: 1,
  info: 0x10,
  xid,
  main: packed(
    raw(
      cstruct(
        ...[u32(0x57f94534), u32(0), u32(xid), u32(TABLE.dbOid), u64(time), u32(10)],
        ...[i32(subxacts.length), i32(0), i32(0), i32(0), i32(0), i32(0), u8(0), u16(3), u64(0n), u64(0n)],
      ),
    ),
    raw(Uint8Array.of(0x67, 0x31, 0, 0, 0, 0, 0, 0)),
    ...subxacts.map(u32),
    ...(subxacts.length % 2 === 1 ? [u32(0)] : []),
  ),
});

export const assign = (topXid: number, subxacts: number[]): RecordInput => ({
  rmid: 1,
  info: 0x50,
  xid: topXid,
  main: cstruct(u32(topXid), i32(subxacts.length), ...subxacts.map(u32)),
});

/** What the server writes when it stops, or has recovered from a crash. */
export const shutdownCheckpoint = (): RecordInput => ({ rmid: 0, info: 0x00, main: new Uint8Array(88) });

/** Written every 15 s: the next transaction id, none running. */
export const runningXacts = (nextXid: number): RecordInput => ({
  rmid: 8,
  info: 0x10,
  main: cstruct(i32(0), i32(0), u8(0), u32(nextXid), u32(nextXid), u32(nextXid - 1)),
});

export const onlineCheckpoint = (): RecordInput => ({ rmid: 0, info: 0x10, main: new Uint8Array(88) });

/** What a promoted server writes first. */
export const endOfRecovery = (): RecordInput => ({ rmid: 0, info: 0x90, main: new Uint8Array(16) });

export const createFile = (xid: number, file: RelFileLocator, fork = 0): RecordInput => ({
  rmid: 2,
  info: 0x10,
  xid,
  main: packed(locator(file), i32(fork)),
});

/** An unlogged relation's: its init fork. */
export const createUnlogged = (xid: number, file: RelFileLocator): RecordInput => createFile(xid, file, 3);

/**
 * The UPDATE of a row of pg_class that gives a relation a file, in the layout of 12 to 17: the bytes from the file's
 * number on, to `relkind` or only as far as that is.
 */
export const refile = (xid: number, file: RelFileLocator, kind?: string): RecordInput => {
  const prefix = 88;
  const columns = new Uint8Array(kind === undefined ? 4 : 116 - prefix);
  new DataView(columns.buffer).setUint32(0, file.relNumber, true);
  if (kind !== undefined) columns[115 - prefix] = kind.charCodeAt(0);
  return {
    ...{ rmid: 10, info: 0x20, xid },
    main: packed(u32(xid), u16(1), u8(0), u8(0x60), u32(0), u16(2)),
    blocks: [
      {
        ...{ id: 0, rel: { ...file, relNumber: 1259 }, blockNumber: 0 },
        data: packed(u16(prefix), u16(8), u16(33), u16(0), u8(24), u8(0), raw(columns)),
      },
    ],
  };
};

/** Whatever cuts a file to nothing: TRUNCATE of one that the transaction made. */
export const emptyFile = (xid: number, file: RelFileLocator): RecordInput => ({
  rmid: 2,
  info: 0x20,
  xid,
  main: packed(u32(0), locator(file), i32(7)),
});

interface Naming {
  /** PostgreSQL's major version: up to 11 the oid is no column. */
  version?: number;
  /** The file of pg_class. */
  catalog?: number;
  /** The row is in the full-page image only. */
  inImage?: boolean;
}

/** The row of pg_class that CREATE inserts, or what rewrites a table, after it has made the file. */
export const nameFile = (
  xid: number,
  file: RelFileLocator,
  name: string,
  naming: Naming = {},
): RecordInput => {
  const { version = 17, catalog = 1259, inImage = false } = naming;
  const hasOid = version >= 12;
  const relname = new Uint8Array(64);
  relname.set(new TextEncoder().encode(name));
  const columns = packed(
    ...(hasOid ? [u32(file.relNumber)] : []),
    raw(relname),
    ...[u32(2200), u32(0), u32(0), u32(10), u32(2), u32(file.relNumber)],
    u32(file.spcOid === TABLE.spcOid ? 0 : file.spcOid),
    raw(new Uint8Array(60)),
  );
  const hoff = hasOid ? 24 : 32;
  const tuple = new Uint8Array(hoff + columns.length);
  tuple[22] = hoff;
  tuple.set(columns, hoff);
  const row = packed(u16(33), u16(0), u8(hoff), raw(tuple.subarray(23)));
  const page = new Uint8Array(8192);
  const at = 8000 - columns.length;
  new DataView(page.buffer).setUint32(24 + 4 * 2, at | (1 << 15) | (tuple.length << 17), true);
  page.set(tuple, at);
  return {
    ...{ rmid: 10, info: 0x00, xid, main: cstruct(u16(3), u8(0)) },
    blocks: [
      {
        ...{ id: 0, rel: { ...file, spcOid: TABLE.spcOid, relNumber: catalog }, blockNumber: 0 },
        ...(inImage ? { image: { bytes: page } } : { data: row }),
      },
    ],
  };
};

/** What DROP DATABASE writes, since 15: the mark in the row of pg_database, and that the files are gone. */
export const markDatabase = (dbOid: number, limit = -2): RecordInput => ({
  ...{ rmid: 10, info: 0x70, main: cstruct(u16(1)) },
  blocks: [
    {
      ...{ id: 0, rel: { spcOid: 1664, dbOid: 0, relNumber: 1262 }, blockNumber: 0 },
      data: packed(u32(dbOid), raw(new Uint8Array(76)), i32(limit), raw(new Uint8Array(20))),
    },
  ],
});

export const dropDatabase = (xid: number, dbOid: number): RecordInput => ({
  ...{ rmid: 4, info: 0x20, xid, main: packed(u32(dbOid), i32(1), u32(1663)) },
});

/** A page written as a whole: of a table (nothing in its special space) or of an index. */
export const pageImage = (xid: number, file: RelFileLocator, ofIndex = false, fork = 0): RecordInput => {
  const page = new Uint8Array(8192);
  new DataView(page.buffer).setUint16(16, ofIndex ? 8176 : 8192, true);
  return {
    rmid: 0,
    info: 0xb0,
    xid,
    blocks: [{ id: 0, rel: file, fork, blockNumber: 0, image: { bytes: page } }],
  };
};

export const switchSegment = (): RecordInput => ({ rmid: 0, info: 0x40 });

/** A record of no meaning here, of any length, to put between others. */
export const filler = (length: number): RecordInput => ({
  rmid: 21,
  info: 0x00,
  main: new Uint8Array(length),
});
