import type { ByteSource, FolderEntry, SourceFolder } from '../../src/sources/byte-source.js';
import type { Lsn } from '../../src/wal/lsn.js';
import { segmentFileName } from '../../src/wal/segment-name.js';
import { MiB } from './folder.js';
import { type RecordInput, WalWriter } from './wal-writer.js';

/** Microseconds. */
export const SECOND = 1_000_000n;
const FIRST_TIME = 800_000_000n * SECOND;

/** What is in an archive, and what is missing. */
export interface ArchiveShape {
  segments: number;
  /** How much time passes in one. */
  secondsEach: number;
  /** Segments, counted from 0, whose files are not there. */
  missing?: readonly number[];
  /** Segments in which no transaction ends. */
  idle?: readonly number[];
  /** How many segments later a long transaction commits than the one in which it began. */
  long?: number;
  /** Where timeline 2 begins. */
  switchAt?: number;
  /** So many of the first ones are kept for later use, under names behind all others. */
  recycled?: number;
  /** How a file is stored. */
  store?: (bytes: Uint8Array, segment: number) => Uint8Array;
  /** What is put behind its name. */
  suffix?: (segment: number) => string;
}

const XIDS_EACH = 4;
const FIRST_XID = 1000;

/** The transactions that began in a segment: one of every tenth ends some segments later. */
const isLong = (segment: number, i: number): boolean => segment % 10 === 7 && i === 0;

const xidOf = (segment: number, i: number): number => FIRST_XID + XIDS_EACH * segment + i;

/**
 * An archive whose segments are made when they are read: of any length, as a folder in memory. Each segment tells which
 * transactions run, and then what four of them do, which commit seconds apart and not strictly in the order of time.
 */
export class LongArchive {
  /** The files that were opened. */
  readonly opened = new Set<string>();
  private readonly names: { name: string; timeline: number; segment: number }[] = [];

  constructor(readonly shape: ArchiveShape) {
    const { segments, missing = [], switchAt, recycled = 0, suffix = () => '' } = shape;
    for (let i = 0; i < segments; i++) {
      if (missing.includes(i)) continue;
      const timelines = switchAt !== undefined && i >= switchAt ? [1, 2] : [1];
      for (const timeline of timelines) {
        const name = segmentFileName(timeline, BigInt(i + 1), MiB) + suffix(i);
        this.names.push({ name, timeline, segment: i });
      }
    }
    for (let i = 0; i < recycled; i++) {
      this.names.push({ name: segmentFileName(1, BigInt(segments + i + 1), MiB), timeline: 1, segment: i });
    }
  }

  private get long(): number {
    return this.shape.long ?? 5;
  }

  /** LSN of a segment's first byte. */
  startOf(segment: number): Lsn {
    return BigInt(segment + 1) * BigInt(MiB);
  }

  /** About when a segment begins. */
  timeOf(segment: number, timeline = 1): bigint {
    const each = BigInt(this.shape.secondsEach) * SECOND;
    const later = timeline === 1 ? 0n : each / 2n;
    return FIRST_TIME + BigInt(segment) * each + later;
  }

  get folder(): SourceFolder {
    const entries = (): FolderEntry[] => {
      const { switchAt } = this.shape;
      const history = switchAt === undefined ? [] : [this.history(switchAt)];
      return [...this.names.map((one) => this.file(one)), ...history];
    };
    return {
      name: 'archive',
      async *list() {
        yield* entries();
      },
    };
  }

  private file({ name, timeline, segment }: (typeof this.names)[number]): FolderEntry {
    const { store = (bytes) => bytes } = this.shape;
    const { opened } = this;
    const read = (): Uint8Array => store(this.bytes(timeline, segment), segment);
    const source: ByteSource = {
      name: `archive/${name}`,
      async *open() {
        opened.add(name);
        yield read();
      },
    };
    return { kind: 'file', name, source };
  }

  private history(switchAt: number): FolderEntry {
    const name = '00000002.history';
    const switchLsn = this.switchLsn(switchAt);
    const text = `1\t${(switchLsn >> 32n).toString(16)}/${(switchLsn & 0xffffffffn).toString(16)}\tno reason\n`;
    const source: ByteSource = {
      name: `archive/${name}`,
      async *open() {
        yield new TextEncoder().encode(text);
      },
    };
    return { kind: 'file', name, source };
  }

  /** A segment's bytes: all end with a SWITCH at the same place, so that each can be made by itself. */
  bytes(timeline: number, segment: number): Uint8Array {
    const { switchAt } = this.shape;
    const writer = this.writer(timeline === 2 && segment === switchAt ? 1 : timeline, segment);
    for (const record of this.records(timeline, segment)) writer.append(record);
    return writer.segments[0].bytes;
  }

  private writer(timeline: number, segment: number): WalWriter {
    const start = this.startOf(segment);
    const prev = segment === 0 ? 0n : this.startOf(segment - 1) + LAST_RECORD;
    return new WalWriter({ version: 17, timeline, firstSegment: start / BigInt(MiB), prev });
  }

  private switchLsn(segment: number): Lsn {
    const writer = this.writer(1, segment);
    const shared = this.records(1, segment).slice(0, SHARED);
    return shared.map((record) => writer.append(record).endLsn).at(-1)!;
  }

  private records(timeline: number, segment: number): RecordInput[] {
    const { switchAt = 0, idle = [] } = this.shape;
    if (timeline === 2 && segment === switchAt) {
      return [...this.records(1, segment).slice(0, SHARED), ...this.ownRecords(2, segment).slice(SHARED)];
    }
    return idle.includes(segment) ? [...this.idle(), SWITCH] : this.ownRecords(timeline, segment);
  }

  /** As many bytes as the records of other segments have. */
  private idle(): RecordInput[] {
    const length = Number(LAST_RECORD) - LONG_HEADER - RECORD - 5;
    return [{ rmid: 0, info: 0x20, main: new Uint8Array(length) }];
  }

  private ownRecords(timeline: number, segment: number): RecordInput[] {
    const begun = segment - this.long;
    const isFollowed = begun >= 0 && isLong(begun, 0) && (timeline === 1 || begun > this.shape.switchAt!);
    const each = (BigInt(this.shape.secondsEach) * SECOND) / BigInt(XIDS_EACH);
    const time = (i: number): bigint => {
      const jitter = BigInt((segment * 7919 + i * 104_729) % 4001) - 2000n;
      return this.timeOf(segment, timeline) + BigInt(i) * each + jitter * 1000n;
    };
    const records = [this.running(segment)];
    for (let i = 0; i < XIDS_EACH; i++) {
      const xid = xidOf(segment, i);
      records.push(deletion(xid, 16_400 + ((segment + i) % 3) + 10 * timeline, segment));
      records.push(isLong(segment, i) ? NOTHING : commit(xid, time(i)));
    }
    records.push(isFollowed ? deletion(xidOf(begun, 0), 16_500, segment) : FILLER);
    records.push(isFollowed ? commit(xidOf(begun, 0), time(XIDS_EACH)) : NOTHING);
    return [...records, SWITCH];
  }

  /** Of the segments of before some have a transaction that still runs. */
  private running(segment: number): RecordInput {
    const open = Array.from({ length: this.long }, (_, i) => segment - 1 - i).filter(
      (one) => one >= 0 && isLong(one, 0),
    );
    const nextXid = xidOf(segment, 0);
    const main = new Uint8Array(24);
    const view = new DataView(main.buffer);
    const oldest = open.length > 0 ? xidOf(open[open.length - 1], 0) : nextXid;
    view.setUint32(12, nextXid, true);
    view.setUint32(16, oldest, true);
    view.setUint32(20, nextXid - 1, true);
    return { rmid: 8, info: 0x10, main };
  }
}

/** Records of timeline 1 in the segment in which timeline 2 begins: two transactions and what runs. */
const SHARED = 5;
const LONG_HEADER = 40;
const RECORD = 24;

const SWITCH: RecordInput = { rmid: 0, info: 0x40 };
/** As long as a commit, and as a deletion. */
const NOTHING: RecordInput = { rmid: 0, info: 0x20, main: new Uint8Array(8) };
const FILLER: RecordInput = { rmid: 0, info: 0x20, main: new Uint8Array(28) };

function commit(xid: number, time: bigint): RecordInput {
  const main = new Uint8Array(8);
  new DataView(main.buffer).setBigInt64(0, time, true);
  return { rmid: 1, info: 0x00, xid, main };
}

function deletion(xid: number, relNumber: number, blockNumber: number): RecordInput {
  const rel = { spcOid: 1663, dbOid: 5, relNumber };
  const main = new Uint8Array(8);
  new DataView(main.buffer).setUint16(4, 1 + (xid % 50), true);
  return { rmid: 10, info: 0x10, xid, main, blocks: [{ id: 0, rel, blockNumber }] };
}

/** Where the SWITCH of every segment is. */
const LAST_RECORD = ((): bigint => {
  const writer = new WalWriter({ version: 17 });
  const sample: RecordInput[] = [{ rmid: 8, info: 0x10, main: new Uint8Array(24) }];
  for (let i = 0; i < XIDS_EACH; i++) sample.push(deletion(1, 1, 1), commit(1, 0n));
  const records = [...sample, FILLER, NOTHING, SWITCH].map((record) => writer.append(record));
  return records.at(-1)!.lsn - writer.start;
})();
