import { crc32c } from '../../src/wal/crc32c.js';
import type { Lsn } from '../../src/wal/lsn.js';
import {
  LONG_PAGE_HEADER_SIZE,
  overwriteContrecordFlag,
  SHORT_PAGE_HEADER_SIZE,
  XLP_FIRST_IS_CONTRECORD,
  XLP_LONG_HEADER,
} from '../../src/wal/page-header.js';
import {
  type ImageCompression,
  RECORD_HEADER_SIZE,
  type RelFileLocator,
  XL_CRC,
  XL_INFO,
  XL_PREV,
  XL_RMID,
  XL_TOT_LEN,
} from '../../src/wal/record.js';
import { segmentFileName } from '../../src/wal/segment-name.js';
import { magicOfVersion } from '../../src/wal/version.js';

/** What a test wants written; whatever is left out is zero or absent. */
export interface RecordInput {
  rmid: number;
  /** All of `xl_info`. */
  info: number;
  xid?: number;
  blocks?: readonly BlockInput[];
  main?: Uint8Array;
  origin?: number;
  /** Since 14. */
  toplevelXid?: number;
}

export interface BlockInput {
  /** Ids have to ascend. */
  id: number;
  rel: RelFileLocator;
  fork?: number;
  blockNumber: number;
  willInit?: boolean;
  image?: ImageInput;
  data?: Uint8Array;
}

export interface ImageInput {
  /** As stored: without the hole, compressed. */
  bytes: Uint8Array;
  holeOffset?: number;
  holeLength?: number;
  compression?: ImageCompression;
  apply?: boolean;
}

export interface WrittenRecord {
  lsn: Lsn;
  endLsn: Lsn;
  input: RecordInput;
}

export interface WrittenSegment {
  name: string;
  bytes: Uint8Array;
}

export interface WriterOptions {
  version: number;
  segmentSize?: number;
  blockSize?: number;
  timeline?: number;
  /** Number of the first segment. */
  firstSegment?: bigint;
  systemIdentifier?: bigint;
  /** Of the record before the first one. */
  prev?: Lsn;
}

const XLOG_SWITCH = 0x40;
const XLOG_OVERWRITE_CONTRECORD = 0xd0;

/**
 * Writes WAL as a server would: page headers, records that go on over pages and segments, CRCs and prev links
 * (`XLogRecordAssemble` and `CopyXLogRecordToWAL` in PostgreSQL). Tests read it back, damage it, or show it to
 * `pg_waldump`.
 */
export class WalWriter {
  readonly records: WrittenRecord[] = [];
  readonly version: number;
  readonly segmentSize: number;
  readonly blockSize: number;
  readonly timeline: number;
  private readonly systemIdentifier: bigint;
  private readonly first: bigint;
  private readonly files: Uint8Array[] = [];
  /** Bytes from the start of the first segment. */
  private pos = 0;
  private prev: Lsn;
  /** For the next page that begins: it does not go on with the record before it. */
  private overwrite = false;

  constructor(options: WriterOptions) {
    this.version = options.version;
    this.segmentSize = options.segmentSize ?? 1024 * 1024;
    this.blockSize = options.blockSize ?? 8192;
    this.timeline = options.timeline ?? 1;
    this.first = options.firstSegment ?? 1n;
    this.systemIdentifier = options.systemIdentifier ?? 7_000_000_000_000_000_001n;
    this.prev = options.prev ?? this.start - 1n;
  }

  /** LSN of the first segment's first byte. */
  get start(): Lsn {
    return this.first * BigInt(this.segmentSize);
  }

  get segments(): WrittenSegment[] {
    return this.files.map((bytes, i) => ({
      name: segmentFileName(this.timeline, this.first + BigInt(i), this.segmentSize),
      bytes,
    }));
  }

  /** Writes a record, and leaves the rest of the segment zero after a SWITCH. */
  append(input: RecordInput): WrittenRecord {
    this.beginRecord();
    const lsn = this.lsn;
    this.copy(encodeRecord(input, this.prev, this.version));
    this.pos = align8(this.pos);
    this.prev = lsn;
    if (input.rmid === 0 && (input.info & 0xf0) === XLOG_SWITCH) this.skipToNextSegment();
    const written = { lsn, endLsn: this.lsn, input };
    this.records.push(written);
    return written;
  }

  /** Writes any bytes as a record: length, prev link and CRC are set in them, the rest stays as it is. */
  appendBytes(bytes: Uint8Array): void {
    this.beginRecord();
    const lsn = this.lsn;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(XL_TOT_LEN, bytes.length, true);
    view.setBigUint64(XL_PREV, this.prev, true);
    sealRecord(bytes);
    this.copy(bytes);
    this.pos = align8(this.pos);
    this.prev = lsn;
    if (bytes[XL_RMID] === 0 && (bytes[XL_INFO] & 0xf0) === XLOG_SWITCH) this.skipToNextSegment();
  }

  /** Bytes from the start of the first segment up to the end of the last record. */
  get length(): number {
    return this.pos;
  }

  /**
   * What a crash leaves behind that cut off a record after its first page: the server begins the next page anew,
   * with OVERWRITE_CONTRECORD. @returns the LSN of the record that was given up
   */
  abandon(input: RecordInput): Lsn {
    this.beginRecord();
    const lsn = this.lsn;
    const bytes = encodeRecord(input, this.prev, this.version);
    const room = this.blockSize - (this.pos % this.blockSize);
    if (bytes.length <= room) throw new Error(`the record ends on its first page, ${room} bytes are left`);
    this.put(bytes.subarray(0, room));
    this.overwrite = true;
    const main = new Uint8Array(16);
    new DataView(main.buffer).setBigUint64(0, lsn, true);
    this.append({ rmid: 0, info: XLOG_OVERWRITE_CONTRECORD, main });
    return lsn;
  }

  private skipToNextSegment(): void {
    this.pos = Math.ceil(this.pos / this.segmentSize) * this.segmentSize;
  }

  private get lsn(): Lsn {
    return this.start + BigInt(this.pos);
  }

  private beginRecord(): void {
    if (this.pos % this.blockSize === 0) this.beginPage(0);
  }

  private beginPage(remaining: number): void {
    const offset = this.pos % this.segmentSize;
    if (offset === 0) this.files.push(new Uint8Array(this.segmentSize));
    const header = new Uint8Array(offset === 0 ? LONG_PAGE_HEADER_SIZE : SHORT_PAGE_HEADER_SIZE);
    const view = new DataView(header.buffer);
    view.setUint16(0, magicOfVersion(this.version), true);
    view.setUint16(
      2,
      (remaining > 0 ? XLP_FIRST_IS_CONTRECORD : 0) |
        (offset === 0 ? XLP_LONG_HEADER : 0) |
        (this.overwrite ? overwriteContrecordFlag(this.version) : 0),
      true,
    );
    view.setUint32(4, this.timeline, true);
    view.setBigUint64(8, this.lsn, true);
    view.setUint32(16, remaining, true);
    if (offset === 0) {
      view.setBigUint64(24, this.systemIdentifier, true);
      view.setUint32(32, this.segmentSize, true);
      view.setUint32(36, this.blockSize, true);
    }
    this.overwrite = false;
    this.put(header);
  }

  /** Copies a record, with a page header wherever a page begins. */
  private copy(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      if (this.pos % this.blockSize === 0) this.beginPage(bytes.length - done);
      const piece = bytes.subarray(done, done + this.blockSize - (this.pos % this.blockSize));
      this.put(piece);
      done += piece.length;
    }
  }

  private put(bytes: Uint8Array): void {
    this.files[Math.floor(this.pos / this.segmentSize)].set(bytes, this.pos % this.segmentSize);
    this.pos += bytes.length;
  }
}

/** A whole record, header, CRC and all. */
export function encodeRecord(input: RecordInput, prev: Lsn, version: number): Uint8Array {
  const headers: number[] = [];
  const payload: Uint8Array[] = [];
  let before: RelFileLocator | undefined;
  for (const block of input.blocks ?? []) {
    blockHeader(headers, block, before, version);
    before = block.rel;
    if (block.image) payload.push(block.image.bytes);
    if (block.data) payload.push(block.data);
  }
  if (input.origin) headers.push(253, ...u16(input.origin));
  if (input.toplevelXid) headers.push(252, ...u32(input.toplevelXid));
  const main = input.main ?? new Uint8Array();
  if (main.length > 255) headers.push(254, ...u32(main.length));
  else if (main.length > 0) headers.push(255, main.length);
  payload.push(main);

  const total = RECORD_HEADER_SIZE + headers.length + payload.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, total, true);
  view.setUint32(4, input.xid ?? 0, true);
  view.setBigUint64(8, prev, true);
  bytes[16] = input.info;
  bytes[17] = input.rmid;
  bytes.set(headers, RECORD_HEADER_SIZE);
  let at = RECORD_HEADER_SIZE + headers.length;
  for (const piece of payload) {
    bytes.set(piece, at);
    at += piece.length;
  }
  sealRecord(bytes);
  return bytes;
}

/** Computes a record's CRC anew: everything after the header, then the header up to the CRC. */
export function sealRecord(bytes: Uint8Array): void {
  const covered = new Uint8Array(bytes.length - 4);
  covered.set(bytes.subarray(RECORD_HEADER_SIZE));
  covered.set(bytes.subarray(0, XL_CRC), bytes.length - RECORD_HEADER_SIZE);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(XL_CRC, crc32c(covered), true);
}

function blockHeader(
  headers: number[],
  block: BlockInput,
  before: RelFileLocator | undefined,
  version: number,
): void {
  const { rel, image, data } = block;
  const sameRel =
    before?.spcOid === rel.spcOid && before.dbOid === rel.dbOid && before.relNumber === rel.relNumber;
  const flags =
    (block.fork ?? 0) |
    (image ? 0x10 : 0) |
    (data?.length ? 0x20 : 0) |
    (block.willInit ? 0x40 : 0) |
    (sameRel ? 0x80 : 0);
  headers.push(block.id, flags, ...u16(data?.length ?? 0));
  if (image) {
    const { holeOffset = 0, holeLength = 0, compression = 'none' } = image;
    headers.push(...u16(image.bytes.length), ...u16(holeOffset), imageInfo(image, version));
    if (compression !== 'none' && holeLength > 0) headers.push(...u16(holeLength));
  }
  if (!sameRel) headers.push(...u32(rel.spcOid), ...u32(rel.dbOid), ...u32(rel.relNumber));
  headers.push(...u32(block.blockNumber));
}

function imageInfo(image: ImageInput, version: number): number {
  const { holeLength = 0, compression = 'none', apply = true } = image;
  const compressed =
    version < 15 ? { none: 0, pglz: 2, lz4: 2, zstd: 2 } : { none: 0, pglz: 4, lz4: 8, zstd: 16 };
  const applied = version < 15 ? 4 : 2;
  return (holeLength > 0 ? 1 : 0) | compressed[compression] | (apply ? applied : 0);
}

const align8 = (value: number): number => (value + 7) & ~7;

const u16 = (value: number): number[] => [value & 0xff, value >>> 8];

const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
