import { ByteView } from './byte-view.js';
import type { Lsn } from './lsn.js';
import { formatLsnParts } from './lsn.js';

/** `sizeof(XLogRecord)` (src/include/access/xlogrecord.h). */
export const RECORD_HEADER_SIZE = 24;

/** Offsets of the fields of `XLogRecord`. */
export const XL_TOT_LEN = 0;
export const XL_XID = 4;
export const XL_PREV = 8;
export const XL_INFO = 16;
export const XL_RMID = 17;
export const XL_CRC = 20;

/** The low bits of `xl_info` belong to the WAL machinery, the high bits to the resource manager. */
const XLR_INFO_MASK = 0x0f;

export const XLR_MAX_BLOCK_ID = 32;
export const XLR_BLOCK_ID_DATA_SHORT = 255;
export const XLR_BLOCK_ID_DATA_LONG = 254;
export const XLR_BLOCK_ID_ORIGIN = 253;
/** Since 14. */
export const XLR_BLOCK_ID_TOPLEVEL_XID = 252;

export const BKPBLOCK_FORK_MASK = 0x0f;
export const BKPBLOCK_HAS_IMAGE = 0x10;
const BKPBLOCK_HAS_DATA = 0x20;
const BKPBLOCK_WILL_INIT = 0x40;
export const BKPBLOCK_SAME_REL = 0x80;

/** Bytes in a page of a relation. WAL does not state it; PostgreSQL is hardly ever built with another. */
export const BLCKSZ = 8192;

/** What `xl_origin` and `xl_xid` hold when there is none. */
export const INVALID_XID = 0;

/** The files of a relation: tablespace, database and relfilenode (`RelFileLocator`; `RelFileNode` up to 15). */
export interface RelFileLocator {
  spcOid: number;
  dbOid: number;
  relNumber: number;
}

/** Fork numbers (src/include/common/relpath.h): 0 main, 1 fsm, 2 vm, 3 init. */
export const FORK_NAMES: readonly string[] = ['main', 'fsm', 'vm', 'init'];
export const MAIN_FORK = 0;
/** What an unlogged relation begins with again after a crash. */
export const INIT_FORK = 3;

const NO_REL: RelFileLocator = { spcOid: 0, dbOid: 0, relNumber: 0 };

/** How a page image is compressed. */
export type ImageCompression = 'none' | 'pglz' | 'lz4' | 'zstd';

/** A full-page image as it lies in the record (`XLogRecordBlockImageHeader`). */
export interface BlockImage {
  /** Bytes that the image takes in the record. */
  length: number;
  /** The hole of zeroes that was left out of the page; both 0 where there is none. */
  holeOffset: number;
  holeLength: number;
  compression: ImageCompression;
  /** Whether replay restores the page from it; false for one that is there for consistency checking only. */
  apply: boolean;
  /** `bimg_info` as stored; its bits differ between versions. */
  info: number;
}

/** A page that a record touches. */
export class BlockReference {
  /** The number that the resource manager registered it under, 0 … 32. */
  readonly id: number = 0;
  readonly rel: RelFileLocator = NO_REL;
  readonly fork: number = MAIN_FORK;
  readonly blockNumber: number = 0;
  /** The page is initialised from scratch on replay (`BKPBLOCK_WILL_INIT`). */
  readonly willInit: boolean = false;
  readonly image: BlockImage | undefined = undefined;
  readonly dataLength: number = 0;
  /** Where the image, followed by the data, lies in the record. Known once all headers are read. */
  readonly payloadOffset: number = 0;

  constructor(private readonly record: WalRecord) {}

  /** The data that belongs to this block; empty where there is none. */
  get data(): ByteView {
    const skip = this.image === undefined ? 0 : this.image.length;
    return new ByteView(this.record.view, this.record.base + this.payloadOffset + skip, this.dataLength);
  }

  /** The image as stored, hole left out and compressed; empty where there is none. */
  get imageBytes(): Uint8Array {
    const length = this.image === undefined ? 0 : this.image.length;
    const start = this.record.base + this.payloadOffset;
    return this.record.bytes.subarray(start, start + length);
  }
}

/** What only this file writes to. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const writable = <T>(object: T): Writable<T> => object;

/** What a record's position is told from: the segment that it begins in. */
export interface RecordHome {
  readonly version: number;
  /** LSN of the segment's first byte, in halves: no bigint is made for a record unless asked for. */
  readonly startHi: number;
  readonly startLo: number;
}

/** Why the headers after the record header are no valid record (`DecodeXLogRecord`, xlogreader.c). */
export type FragmentFault =
  | { kind: 'block-id-order'; blockId: number }
  | { kind: 'block-data-missing' }
  | { kind: 'block-data-unexpected'; dataLength: number }
  | { kind: 'hole-invalid'; holeOffset: number; holeLength: number; imageLength: number }
  | { kind: 'hole-unexpected'; holeOffset: number; holeLength: number }
  | { kind: 'compressed-image-length'; imageLength: number }
  | { kind: 'plain-image-length'; dataLength: number }
  | { kind: 'same-rel-without-rel' }
  | { kind: 'block-id-invalid'; blockId: number }
  | { kind: 'fragment-length' };

/**
 * A WAL record: a view over the bytes of a segment (or over a buffer of its own where page ends interrupt it).
 * Header fields are read on access, block references and main data are parsed when asked for.
 */
export class WalRecord {
  /** Where the main data begins, from {@link base}, and its length. Set by {@link readFragments}. */
  mainOffset = 0;
  mainLength = 0;
  /** Bytes of the full-page images, as stored. Set by {@link readFragments}, like what follows. */
  imageLength = 0;
  /** Replication origin, 0 where there is none. */
  origin = 0;
  /** Top-level xid, where a subtransaction's record carries one (since 14, wal_level logical); else 0. */
  toplevelXid = 0;

  private parsedBlocks: readonly BlockReference[] | undefined;

  constructor(
    readonly home: RecordHome,
    /** Offset of the record in the segment that it begins in. */
    readonly offset: number,
    /** The same of the position after it: where the next record begins, or the page that it begins on. */
    public endOffset: number,
    readonly bytes: Uint8Array,
    readonly view: DataView,
    /** Where the record begins in {@link bytes}. */
    readonly base: number,
    /** Block references that are used again and again; undefined where a record's own are to last. */
    private readonly blockPool?: BlockPool,
  ) {}

  /**
   * Makes this object stand for another record, which begins at `offset` of a segment and is not interrupted there.
   * For a reader whose records are looked at one by one (docs/decisions/records.md).
   */
  moveTo(home: RecordHome & { bytes: Uint8Array; view: DataView }, offset: number, endOffset: number): void {
    const record = writable(this);
    if (this.home !== home) {
      record.home = home;
      record.bytes = home.bytes;
      record.view = home.view;
    }
    record.offset = offset;
    record.endOffset = endOffset;
    record.base = offset;
    this.mainLength = 0;
    this.origin = 0;
    this.toplevelXid = INVALID_XID;
    this.parsedBlocks = undefined;
  }

  /** PostgreSQL major version that wrote it. */
  get version(): number {
    return this.home.version;
  }

  /** The record's own LSN, where it begins (`ReadRecPtr`). */
  get lsn(): Lsn {
    return joinLsn(this.home.startHi, this.home.startLo) + BigInt(this.offset);
  }

  /** Where the next record may begin (`EndRecPtr`). A page's LSN is this one of the last record that changed it. */
  get endLsn(): Lsn {
    return joinLsn(this.home.startHi, this.home.startLo) + BigInt(this.endOffset);
  }

  /** {@link lsn} in halves. A segment never crosses a multiple of 4 GiB, so the low half does not overflow. */
  get lsnHi(): number {
    return this.home.startHi;
  }

  get lsnLo(): number {
    return this.home.startLo + this.offset;
  }

  /** {@link endLsn} in halves: the next segment may begin at a multiple of 4 GiB. */
  get endLsnHi(): number {
    return this.home.startHi + (this.home.startLo + this.endOffset >= TWO_32 ? 1 : 0);
  }

  get endLsnLo(): number {
    return (this.home.startLo + this.endOffset) >>> 0;
  }

  get prevLsn(): Lsn {
    return this.view.getBigUint64(this.base + XL_PREV, true);
  }

  get prevHi(): number {
    return this.view.getUint32(this.base + XL_PREV + 4, true);
  }

  get prevLo(): number {
    return this.view.getUint32(this.base + XL_PREV, true);
  }

  /** Bytes of the whole record, header and images included (`xl_tot_len`). */
  get totalLength(): number {
    return this.view.getUint32(this.base + XL_TOT_LEN, true);
  }

  /** The transaction that wrote it (a subtransaction's own xid), 0 where there is none. */
  get xid(): number {
    return this.view.getUint32(this.base + XL_XID, true);
  }

  get info(): number {
    return this.bytes[this.base + XL_INFO];
  }

  /** The resource manager's part of {@link info}. */
  get rmgrInfo(): number {
    return this.bytes[this.base + XL_INFO] & ~XLR_INFO_MASK;
  }

  get rmid(): number {
    return this.bytes[this.base + XL_RMID];
  }

  get crc(): number {
    return this.view.getUint32(this.base + XL_CRC, true);
  }

  /** The main data, which the resource manager's code calls `XLogRecGetData`. */
  get main(): ByteView {
    return new ByteView(this.view, this.base + this.mainOffset, this.mainLength);
  }

  /** The block references in order of their ids. */
  get blocks(): readonly BlockReference[] {
    this.parsedBlocks ??= (this.blockPool ?? new BlockPool()).read(this);
    return this.parsedBlocks;
  }

  /** The block registered under `id`; undefined where the record has none. */
  block(id: number): BlockReference | undefined {
    return this.blocks.find((block) => block.id === id);
  }

  /** The LSN in words, for messages. */
  get lsnText(): string {
    return formatLsnParts(this.lsnHi, this.lsnLo);
  }
}

/** Where a record is, as long as the record itself may not last. No bigint is made before one is asked for. */
export class RecordPosition {
  private home: RecordHome | undefined;
  private offset = 0;
  private endOffset = 0;

  set({ home, offset, endOffset }: WalRecord): void {
    this.home = home;
    this.offset = offset;
    this.endOffset = endOffset;
  }

  /** As {@link WalRecord.lsn}; undefined before any record. */
  get lsn(): Lsn | undefined {
    const { home } = this;
    return home && joinLsn(home.startHi, home.startLo) + BigInt(this.offset);
  }

  /** As {@link WalRecord.endLsn}; undefined before any record. */
  get endLsn(): Lsn | undefined {
    const { home } = this;
    return home && joinLsn(home.startHi, home.startLo) + BigInt(this.endOffset);
  }
}

const TWO_32 = 2 ** 32;

function joinLsn(hi: number, lo: number): Lsn {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

/** A record's block references; used again, those of one record after the other in the same objects. */
export class BlockPool {
  private readonly references: BlockReference[] = [];
  /** The first 0, 1, 2 … of the references: an array that is emptied and filled for each record takes longer. */
  private readonly lists: (readonly BlockReference[])[] = [];
  private count = 0;

  /** Those of `record`, which the reader has accepted. */
  read(record: WalRecord): readonly BlockReference[] {
    this.count = 0;
    readFragments(record, this);
    this.lists[this.count] ??= this.references.slice(0, this.count);
    return this.lists[this.count];
  }

  /** @param relAt where the relation stands in the record's bytes, followed by the block number at `blockAt` */
  add(
    record: WalRecord,
    id: number,
    flags: number,
    relAt: number,
    blockAt: number,
    image: BlockImage | undefined,
    dataLength: number,
  ): void {
    this.references[this.count] ??= new BlockReference(record);
    const block: Writable<BlockReference> = this.references[this.count++];
    const { view } = record;
    block.id = id;
    block.fork = flags & BKPBLOCK_FORK_MASK;
    block.willInit = (flags & BKPBLOCK_WILL_INIT) !== 0;
    block.blockNumber = view.getUint32(blockAt, true);
    block.image = image;
    block.dataLength = dataLength;
    const relNumber = view.getUint32(relAt + 8, true);
    const dbOid = view.getUint32(relAt + 4, true);
    const spcOid = view.getUint32(relAt, true);
    // never written to, so that it may be kept; mostly the same as before
    const { rel } = block;
    if (rel.relNumber !== relNumber || rel.dbOid !== dbOid || rel.spcOid !== spcOid) {
      block.rel = { spcOid, dbOid, relNumber };
    }
  }

  /** Told where the images and data begin, counted from the record's start. */
  place(start: number): void {
    let at = start;
    for (let i = 0; i < this.count; i++) {
      const block: Writable<BlockReference> = this.references[i];
      block.payloadOffset = at;
      at += block.dataLength + (block.image === undefined ? 0 : block.image.length);
    }
  }
}

const SHORT_DATA: FragmentFault = { kind: 'fragment-length' };

/**
 * Checks and takes in everything between the record header and the data: main data's place, origin, top-level
 * xid, and the block references where a pool is given for them (reading a segment leaves them for later, which
 * saves an object for each of its block references). Same checks in the same order as `DecodeXLogRecord`.
 * @returns why the record is invalid, or undefined
 */
export function readFragments(record: WalRecord, blocks?: BlockPool): FragmentFault | undefined {
  const { bytes, base } = record;
  const total = record.totalLength;
  const end = base + total;
  let at = base + RECORD_HEADER_SIZE;
  let dataTotal = 0;
  let imageTotal = 0;
  let lastBlockId = -1;
  let relAt = -1;

  while (end - at > dataTotal) {
    const id = bytes[at++];
    if (id === XLR_BLOCK_ID_DATA_SHORT) {
      if (at + 1 > end) return SHORT_DATA;
      record.mainLength = bytes[at];
      at += 1;
      dataTotal += record.mainLength;
      break;
    }
    if (id === XLR_BLOCK_ID_DATA_LONG) {
      if (at + 4 > end) return SHORT_DATA;
      record.mainLength = u32(bytes, at);
      at += 4;
      dataTotal += record.mainLength;
      break;
    }
    if (id === XLR_BLOCK_ID_ORIGIN) {
      if (at + 2 > end) return SHORT_DATA;
      record.origin = u16(bytes, at);
      at += 2;
      continue;
    }
    if (id === XLR_BLOCK_ID_TOPLEVEL_XID && record.home.version >= 14) {
      if (at + 4 > end) return SHORT_DATA;
      record.toplevelXid = u32(bytes, at);
      at += 4;
      continue;
    }
    if (id > XLR_MAX_BLOCK_ID) return { kind: 'block-id-invalid', blockId: id };
    if (id <= lastBlockId) return { kind: 'block-id-order', blockId: id };
    lastBlockId = id;

    if (at + 3 > end) return SHORT_DATA;
    const flags = bytes[at];
    const dataLength = u16(bytes, at + 1);
    at += 3;
    if (flags & BKPBLOCK_HAS_DATA) {
      if (dataLength === 0) return { kind: 'block-data-missing' };
    } else if (dataLength !== 0) {
      return { kind: 'block-data-unexpected', dataLength };
    }
    dataTotal += dataLength;

    let image: BlockImage | undefined;
    if (flags & BKPBLOCK_HAS_IMAGE) {
      if (at + 5 > end) return SHORT_DATA;
      image = imageHeader(bytes, at, record.home.version);
      at += 5;
      if (image.compression === 'none') {
        image.holeLength = (BLCKSZ - image.length) & 0xffff;
      } else if (image.info & BKPIMAGE_HAS_HOLE) {
        if (at + 2 > end) return SHORT_DATA;
        image.holeLength = u16(bytes, at);
        at += 2;
      }
      dataTotal += image.length;
      imageTotal += image.length;
      const fault = imageFault(image, dataLength);
      if (fault) return fault;
    }

    if (!(flags & BKPBLOCK_SAME_REL)) {
      if (at + 12 > end) return SHORT_DATA;
      relAt = at;
      at += 12;
    } else if (relAt < 0) {
      return { kind: 'same-rel-without-rel' };
    }
    if (at + 4 > end) return SHORT_DATA;
    blocks?.add(record, id, flags, relAt, at, image, dataLength);
    at += 4;
  }

  if (end - at !== dataTotal) return SHORT_DATA;
  record.mainOffset = total - record.mainLength;
  record.imageLength = imageTotal;
  blocks?.place(at - base);
  return undefined;
}

/** `bimg_info` bits. All versions have this one; the others were renumbered in 15, which added lz4 and zstd. */
export const BKPIMAGE_HAS_HOLE = 0x01;

function imageHeader(bytes: Uint8Array, at: number, version: number): BlockImage {
  const info = bytes[at + 4];
  return {
    length: u16(bytes, at),
    holeOffset: u16(bytes, at + 2),
    holeLength: 0,
    compression: version >= 15 ? compressionSince15(info) : info & 0x02 ? 'pglz' : 'none',
    apply: (info & (version >= 15 ? 0x02 : 0x04)) !== 0,
    info,
  };
}

function compressionSince15(info: number): ImageCompression {
  if (info & 0x04) return 'pglz';
  if (info & 0x08) return 'lz4';
  return info & 0x10 ? 'zstd' : 'none';
}

function imageFault(image: BlockImage, dataLength: number): FragmentFault | undefined {
  const { length, holeOffset, holeLength } = image;
  if (image.info & BKPIMAGE_HAS_HOLE) {
    if (holeOffset === 0 || holeLength === 0 || length === BLCKSZ) {
      return { kind: 'hole-invalid', holeOffset, holeLength, imageLength: length };
    }
  } else if (holeOffset !== 0 || holeLength !== 0) {
    return { kind: 'hole-unexpected', holeOffset, holeLength };
  }
  if (image.compression !== 'none' && length === BLCKSZ) {
    return { kind: 'compressed-image-length', imageLength: length };
  }
  if (image.compression === 'none' && !(image.info & BKPIMAGE_HAS_HOLE) && length !== BLCKSZ) {
    return { kind: 'plain-image-length', dataLength };
  }
  return undefined;
}

const u16 = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8);

const u32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
