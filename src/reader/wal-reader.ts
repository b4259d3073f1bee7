import { concat } from '../wal/concat.js';
import type { Lsn } from '../wal/lsn.js';
import {
  allPageFlags,
  LONG_PAGE_HEADER_SIZE,
  overwriteContrecordFlag,
  SHORT_PAGE_HEADER_SIZE,
  XLP_FIRST_IS_CONTRECORD,
  XLP_INFO,
  XLP_LONG_HEADER,
  XLP_MAGIC,
  XLP_PAGEADDR,
  XLP_REM_LEN,
  XLP_SEG_SIZE,
  XLP_TLI,
  XLP_XLOG_BLCKSZ,
} from '../wal/page-header.js';
import {
  BlockPool,
  RECORD_HEADER_SIZE,
  type RecordHome,
  WalRecord,
  XL_PREV,
  XL_RMID,
} from '../wal/record.js';
import { magicOfVersion } from '../wal/version.js';
import { isKnownRmgr, isSwitch, recordFault } from './check-record.js';
import type { PageFault, ReadFault, RecordFault, ShortFile } from './fault.js';
import { align8, type PartialRecord, RecordAssembly } from './partial-record.js';
import { offsetInSegment, type Segment } from './segment.js';

/** A stretch of WAL that could not be read although valid WAL follows it. */
export interface Damage {
  fault: ReadFault;
  /** The first record that could be read again. */
  resumedAt: Lsn;
}

/** A stretch of WAL that was not given. */
export interface Gap {
  from: Lsn;
  to: Lsn;
}

/** What part of the WAL a {@link WalReader} reads, and how it takes faults. */
export interface WalReaderOptions {
  /** First LSN wanted: reading begins with the first record at or after it. From the first segment's start else. */
  startLsn?: Lsn;
  /** Reading ends before the first record that reaches beyond it. */
  endLsn?: Lsn;
  /**
   * What a fault means: `stop` ends reading there, as PostgreSQL does; `resume` looks for the next page that
   * starts a valid record. Default `stop`.
   */
  onFault?: 'stop' | 'resume';
  /**
   * Keep the bytes of a record's end that the first segment begins with, in {@link WalReader.head}, so that the
   * segments of an archive can be read apart and joined later.
   */
  keepHead?: boolean;
  /** Records are looked at one by one, and not kept: one is good until the next is read. Saves memory and time. */
  transient?: boolean;
}

/** What a segment read on its own begins with: the rest of a record that began before it. */
export interface RecordHead {
  /** `xlp_rem_len` of the first page; 0 where a record begins right there. */
  remaining: number;
  /** The record before was given up (`XLP_FIRST_IS_OVERWRITE_CONTRECORD`), there or on a later page of its rest. */
  overwrite: boolean;
  /** As much of the rest as the segment holds, up to a page that cannot be read or does not go on with it. */
  bytes: Uint8Array;
  /** Offset in the segment of the position after the rest. */
  endOffset: number;
}

/** What a segment read on its own ends with: the beginning of a record that goes on after it. */
export interface RecordTail {
  /** The segment, or the window of it, that the record begins in, and its offset there. */
  segment: Segment;
  offset: number;
  /** `xl_tot_len` */
  totalLength: number;
  bytes: Uint8Array;
}

/**
 * Reads records out of segments given one after the other, in the order of the WAL. Synchronous and pulled:
 *
 * ```ts
 * const reader = new WalReader();
 * for (const segment of segments) {
 *   reader.push(segment);
 *   for (let record = reader.next(); record; record = reader.next()) …
 * }
 * ```
 *
 * Windows of segments come in the same way, one after the other.
 *
 * Every page header, CRC and prev-LSN link is checked as `XLogReadRecord` does (xlogreader.c). A record stays
 * valid as long as its segment's bytes are left alone.
 */
export class WalReader {
  /** `endLsn` was reached. */
  endReached = false;
  readonly damages: Damage[] = [];
  readonly gaps: Gap[] = [];
  private readonly startLsn: Lsn | undefined;
  private readonly endLsn: Lsn | undefined;
  private readonly resume: boolean;
  private readonly keepHead: boolean;
  private readonly transient: boolean;

  /** With `transient`: what stands for one record after the other, and for its block references. */
  private record: WalRecord | undefined;
  private readonly blockPool = new BlockPool();

  private segment: Segment | undefined;
  /** Next offset to read, and the end of the checked page that it lies in (equal where a new page begins). */
  private pos = 0;
  private pageEnd = 0;
  /** Nothing at or after this offset may be read. */
  private limit = 0;
  private magic = 0;
  private version = 0;

  /** LSN of the last record, in halves; whether the next record's prev link must name it. */
  private lastHi = 0;
  private lastLo = 0;
  private chained = false;
  /** The start of the stream: the rest of a record from before is passed over. */
  private skipping = true;
  /** How much of that rest is still to come, as the pages passed over have it; undefined before the first one. */
  private restLeft: number | undefined;
  /** The rest of the segment holds nothing: a SWITCH record came. */
  private switched = false;
  private started = false;
  private latestTimeline = 0;
  private readonly assembly: RecordAssembly;
  private partial: PartialRecord | undefined;
  private headPieces: Uint8Array[] = [];
  private headStart: Omit<RecordHead, 'bytes'> | undefined;

  private stopFault: ReadFault | undefined;
  /** With `resume`: a fault after which no valid record was found yet; damage, or the end of WAL. */
  private suspect: ReadFault | undefined;
  private resumeAt = 0;

  constructor(options: WalReaderOptions = {}) {
    this.startLsn = options.startLsn;
    this.endLsn = options.endLsn;
    this.resume = options.onFault === 'resume';
    this.keepHead = options.keepHead === true;
    this.transient = options.transient === true;
    this.assembly = new RecordAssembly(this.transient);
  }

  /** Gives the next segment. What was not read of the one before is left out; a jump in LSN is noted as a gap.
   * @param isReset `pg_resetwal` made it: noted as a gap as well, of no length where no segment is missing
   */
  push(segment: Segment, isReset = false): void {
    const before = this.segment;
    this.segment = segment;
    this.version = segment.version;
    this.magic = magicOfVersion(segment.version);
    this.limit = segment.size;
    if (this.endLsn !== undefined && this.endLsn < segment.start + BigInt(segment.size)) {
      this.limit = this.endLsn > segment.start ? Number(this.endLsn - segment.start) : 0;
    }
    this.pos = 0;
    this.pageEnd = 0;
    if (before === undefined) {
      this.begin(segment);
      return;
    }
    const expected = before.start + BigInt(before.size);
    if (segment.start !== expected || isReset) {
      this.gaps.push({ from: expected, to: segment.start });
      this.stopFault = undefined;
      this.suspect = undefined;
      this.unchain();
    }
    if (offsetInSegment(segment, segment) === 0) this.switched = false;
    else if (this.switched) this.pos = segment.size;
    else if (this.isUntouched) this.begin(segment);
  }

  /** Nothing has been read yet, since `startLsn` comes after the windows so far. */
  private get isUntouched(): boolean {
    const { restLeft, chained, suspect, stopFault } = this;
    return restLeft === undefined && !chained && suspect === undefined && stopFault === undefined;
  }

  /** The next record; undefined when the segment is used up, at `endLsn`, or at a fault that ends reading. */
  next(): WalRecord | undefined {
    for (;;) {
      const record = this.step();
      if (record !== undefined) {
        if (this.started) return record;
        if (this.startLsn === undefined || record.lsn >= this.startLsn) {
          this.started = true;
          return record;
        }
        continue;
      }
      const { segment } = this;
      if (!this.resume || !segment || !this.stopFault || !this.resync(segment)) return undefined;
    }
  }

  /**
   * Why reading ended there: the fault that stopped it or, with `onFault: 'resume'`, the last one, after which no
   * valid record came any more. At the end of WAL that is how the zeroes or old pages after it look.
   */
  get fault(): ReadFault | undefined {
    return this.suspect ?? this.stopFault;
  }

  /** With `keepHead`: what the first segment began with. */
  get head(): RecordHead | undefined {
    return this.headStart && { ...this.headStart, bytes: concat(this.headPieces) };
  }

  /** The record that the segment ends in the middle of, to be joined with the {@link head} of the next one. */
  get tail(): RecordTail | undefined {
    const { partial } = this;
    return (
      partial && {
        segment: partial.segment,
        offset: partial.offset,
        totalLength: partial.total,
        bytes: partial.bytes,
      }
    );
  }

  /** Where the next record is expected (`EndRecPtr` of the last one), or where reading stopped. */
  get position(): Lsn {
    return this.segment === undefined ? 0n : this.segment.start + BigInt(this.pos);
  }

  /** The LSN of the last record returned or read; 0 before any. */
  get lastRecordLsn(): Lsn {
    return (BigInt(this.lastHi) << 32n) | BigInt(this.lastLo);
  }

  private begin(segment: Segment): void {
    if (this.startLsn === undefined || this.startLsn <= segment.start) return;
    const offset = Math.min(Number(this.startLsn - segment.start), segment.size);
    this.pos = offset - (offset % segment.blockSize);
    if (this.pos === 0) return;
    if (offsetInSegment(segment, segment) === 0) {
      // the long header identifies the segment, so it is checked although reading starts further on
      const fault = this.pageFault(segment, 0);
      if (fault) this.stopAtPage(segment, 0, fault);
    }
    this.pageEnd = this.pos;
  }

  private unchain(): void {
    this.partial = undefined;
    this.chained = false;
    this.skipping = true;
    this.restLeft = undefined;
  }

  /** One record, or undefined where the segment or the readable part of it ends. */
  private step(): WalRecord | undefined {
    const { segment } = this;
    if (segment === undefined || this.stopFault !== undefined || this.endReached) return undefined;
    const { words } = segment;
    for (;;) {
      if (this.pos >= this.pageEnd) {
        if (this.pos >= segment.size) return undefined;
        const record = this.enterPage(segment);
        if (record !== undefined) return record;
        if (this.stopFault !== undefined || this.endReached) return undefined;
        continue;
      }
      const { pos } = this;
      const total = words[pos >> 2] >>> 0;
      if (Math.min(pos + RECORD_HEADER_SIZE, this.pageEnd) > this.limit) {
        this.endReached = true;
        return undefined;
      }
      if (pos + RECORD_HEADER_SIZE <= this.pageEnd) {
        const fault = this.headerFault(segment, pos, segment.view, pos);
        if (fault) return this.stopAtRecord(segment, pos, fault);
      } else if (total < RECORD_HEADER_SIZE) {
        return this.stopAtRecord(segment, pos, { kind: 'record-length', length: total });
      }
      if (pos + total > this.pageEnd) {
        this.beginPartial(segment, pos, total);
        continue;
      }
      if (pos + total > this.limit) {
        this.endReached = true;
        return undefined;
      }
      const end = align8(pos + total);
      const record = this.accept(this.recordAt(segment, pos, end), words, total);
      if (record !== undefined) this.pos = isSwitch(record) ? this.skipSegment(segment, record) : end;
      return record;
    }
  }

  /** A record that lies within its page. */
  private recordAt(segment: Segment, pos: number, end: number): WalRecord {
    const { bytes, view } = segment;
    if (!this.transient) return new WalRecord(segment, pos, end, bytes, view, pos);
    this.record ??= new WalRecord(segment, pos, end, bytes, view, pos, this.blockPool);
    this.record.moveTo(segment, pos, end);
    return this.record;
  }

  /** Checks the page that begins at `pos` and moves to the first record on it; gives a record that ends there. */
  private enterPage(segment: Segment): WalRecord | undefined {
    const { pos } = this;
    const pageEnd = pos + segment.blockSize;
    const wanted = this.partial ? this.partial.total - this.partial.got : RECORD_HEADER_SIZE;
    if (Math.min(pos + SHORT_PAGE_HEADER_SIZE + wanted, pageEnd) > this.limit) {
      this.endReached = true;
      return undefined;
    }
    const fault = this.pageFault(segment, pos);
    if (fault) {
      this.stopAtPage(segment, pos, fault);
      return undefined;
    }
    const info = segment.view.getUint16(pos + XLP_INFO, true);
    const remaining = segment.view.getUint32(pos + XLP_REM_LEN, true);
    const first = pos + (info & XLP_LONG_HEADER ? LONG_PAGE_HEADER_SIZE : SHORT_PAGE_HEADER_SIZE);

    if (info & overwriteContrecordFlag(segment.version)) this.partial = undefined;
    if (this.skipping) {
      this.skip(segment, info, remaining, first, pageEnd);
      if (this.stopFault !== undefined) return undefined;
    } else if (this.partial !== undefined)
      return this.continuePartial(this.partial, segment, info, remaining, first, pageEnd);
    else if (info & XLP_FIRST_IS_CONTRECORD) {
      this.stopAtRecord(segment, first, { kind: 'continuation-unexpected' });
      return undefined;
    } else this.pos = first;
    this.pageEnd = pageEnd;
    return undefined;
  }

  /**
   * At the start of a stream: passes over the rest of a record from before. `XLogFindNextRecord` believes each page's
   * own word for how long that is; to `resume` it has to shrink by what the page before holds, as the server asks
   * of a record that it reads. Else pages could claim all of an archive for nothing.
   */
  private skip(segment: Segment, info: number, remaining: number, first: number, pageEnd: number): void {
    const rest = info & XLP_FIRST_IS_CONTRECORD ? remaining : 0;
    const overwrite = (info & overwriteContrecordFlag(segment.version)) !== 0;
    const expected = this.restLeft;
    if (this.resume && expected !== undefined && rest !== expected && !overwrite) {
      this.stopAtRest(segment, rest, expected);
      return;
    }
    const room = pageEnd - first;
    this.skipping = rest >= room;
    this.restLeft = Math.max(rest - room, 0);
    this.pos = this.skipping ? pageEnd : first + align8(rest);
    if (this.keepHead && this.suspect === undefined) {
      this.headStart ??= { remaining: rest, overwrite, endOffset: 0 };
      this.headStart.overwrite ||= overwrite;
      this.headStart.endOffset = offsetInSegment(segment, segment) + this.pos;
      // copied, since a segment's windows may come in the same memory
      this.headPieces.push(segment.bytes.slice(first, Math.min(first + rest, pageEnd)));
    }
  }

  /** The page at `pos` does not go on with the rest that the page before it left. */
  private stopAtRest(segment: Segment, length: number, expected: number): void {
    const fault: RecordFault =
      length === 0 ? { kind: 'continuation-missing' } : { kind: 'continuation-length', length, expected };
    this.stopFault = { ...fault, lsn: segment.start + BigInt(this.pos) };
    this.resumeAt = this.pos;
  }

  /** Takes the first part of a record that goes on in the next page. */
  private beginPartial(segment: Segment, pos: number, total: number): void {
    this.partial = this.assembly.begin(segment, pos, total, segment.bytes.subarray(pos, this.pageEnd));
    this.partial.headerChecked = this.partial.got >= RECORD_HEADER_SIZE;
    this.pos = this.pageEnd;
  }

  private continuePartial(
    partial: PartialRecord,
    segment: Segment,
    info: number,
    remaining: number,
    first: number,
    pageEnd: number,
  ): WalRecord | undefined {
    const { segment: home, offset, total } = partial;
    const expected = total - partial.got;
    if (!(info & XLP_FIRST_IS_CONTRECORD)) {
      return this.stopAtRecord(home, offset, { kind: 'continuation-missing' });
    }
    if (remaining === 0 || remaining !== expected) {
      return this.stopAtRecord(home, offset, { kind: 'continuation-length', length: remaining, expected });
    }
    partial.append(segment.bytes.subarray(first, Math.min(first + remaining, pageEnd)));
    const { bytes, words, view } = partial.memory;
    if (!partial.headerChecked) {
      const fault = this.headerFault(home, offset, view, partial.base);
      if (fault) return this.stopAtRecord(home, offset, fault);
      partial.headerChecked = true;
    }
    if (partial.got < total) {
      this.pos = pageEnd;
      this.pageEnd = pageEnd;
      return undefined;
    }
    const end = first + align8(remaining);
    const endOffset = end + Number(segment.start - home.start);
    const assembled = new WalRecord(home, offset, endOffset, bytes, view, partial.base);
    const record = this.accept(assembled, words, total);
    if (record === undefined) return undefined;
    this.partial = undefined;
    this.pageEnd = pageEnd;
    this.pos = isSwitch(record) ? this.skipSegment(segment, record) : end;
    return record;
  }

  /** A SWITCH record counts as reaching to the end of its segment. */
  private skipSegment(segment: Segment, record: WalRecord): number {
    const { segmentSize, size } = segment;
    const before = offsetInSegment(record.home, segment);
    record.endOffset = Math.ceil((before + record.endOffset) / segmentSize) * segmentSize - before;
    this.switched = true;
    return size;
  }

  /** The last checks of a complete record. */
  private accept(record: WalRecord, words: Int32Array, total: number): WalRecord | undefined {
    const fault = recordFault(record, words, total);
    if (fault) return this.stopAtRecord(record.home, record.offset, fault);
    this.lastHi = record.lsnHi;
    this.lastLo = record.lsnLo;
    this.chained = true;
    if (this.suspect !== undefined) {
      this.damages.push({ fault: this.suspect, resumedAt: record.lsn });
      this.suspect = undefined;
    }
    return record;
  }

  /** The checks that need the record header only (`ValidXLogRecordHeader`). */
  private headerFault(
    home: RecordHome,
    offset: number,
    view: DataView,
    base: number,
  ): RecordFault | undefined {
    const length = view.getUint32(base, true);
    if (length < RECORD_HEADER_SIZE) return { kind: 'record-length', length };
    const rmid = view.getUint8(base + XL_RMID);
    if (!isKnownRmgr(rmid, this.version)) return { kind: 'bad-rmgr', rmid };
    const prevLo = view.getUint32(base + XL_PREV, true);
    const prevHi = view.getUint32(base + XL_PREV + 4, true);
    const { startHi, startLo } = home;
    const linked = this.chained
      ? prevLo === this.lastLo && prevHi === this.lastHi
      : prevHi < startHi || (prevHi === startHi && prevLo < startLo + offset);
    return linked ? undefined : { kind: 'bad-prev-link', prev: view.getBigUint64(base + XL_PREV, true) };
  }

  /** `XLogReaderValidatePageHeader` */
  private pageFault(segment: Segment, pos: number): PageFault | ShortFile | undefined {
    const { view, bytes, blockSize } = segment;
    if (pos + blockSize > bytes.length) {
      const offset = Math.max(pos, bytes.length);
      const missing = pos + blockSize - offset;
      return { kind: 'short-file', offset: offsetInSegment(segment, segment) + offset, missing };
    }
    const magic = view.getUint16(pos + XLP_MAGIC, true);
    if (magic !== this.magic) return { kind: 'bad-magic', magic };
    const info = view.getUint16(pos + XLP_INFO, true);
    if (info & ~allPageFlags(segment.version)) return { kind: 'bad-page-info', info };
    if (info & XLP_LONG_HEADER) {
      if (view.getUint32(pos + XLP_SEG_SIZE, true) !== segment.segmentSize)
        return { kind: 'segment-size-differs' };
      if (view.getUint32(pos + XLP_XLOG_BLCKSZ, true) !== blockSize) return { kind: 'block-size-differs' };
    } else if (pos === 0 && offsetInSegment(segment, segment) === 0) {
      return { kind: 'bad-page-info', info };
    }
    const addressLo = view.getUint32(pos + XLP_PAGEADDR, true);
    const addressHi = view.getUint32(pos + XLP_PAGEADDR + 4, true);
    if (addressLo !== segment.startLo + pos || addressHi !== segment.startHi) {
      return { kind: 'unexpected-page-address', pageAddress: view.getBigUint64(pos + XLP_PAGEADDR, true) };
    }
    const timeline = view.getUint32(pos + XLP_TLI, true);
    if (timeline < this.latestTimeline)
      return { kind: 'timeline-order', timeline, after: this.latestTimeline };
    this.latestTimeline = timeline;
    return undefined;
  }

  private stopAtPage(segment: Segment, offset: number, fault: PageFault | ShortFile): void {
    this.stopFault = {
      ...fault,
      lsn: segment.start + BigInt(offset),
      segmentName: segment.name,
      pageOffset: offsetInSegment(segment, segment) + offset,
    };
    // either of two pages out of order may be the wrong one: this one is looked at again, for itself
    this.resumeAt = fault.kind === 'timeline-order' ? offset : offset + segment.blockSize;
  }

  private stopAtRecord(home: RecordHome, offset: number, fault: RecordFault): undefined {
    const lsn = ((BigInt(home.startHi) << 32n) | BigInt(home.startLo)) + BigInt(offset);
    this.stopFault = { ...fault, lsn };
    // within a page, what follows on it is lost; a record over several pages may end before another begins
    this.resumeAt = Math.max(this.pos, this.pageEnd);
    return undefined;
  }

  /** After a fault: goes on with the next page. False where the segment has no more. */
  private resync(segment: Segment): boolean {
    if (this.stopFault?.kind === 'timeline-order') this.latestTimeline = this.stopFault.timeline;
    this.suspect ??= this.stopFault;
    this.stopFault = undefined;
    this.unchain();
    this.pos = this.resumeAt;
    this.pageEnd = this.resumeAt;
    return this.pos < segment.size;
  }
}
