import { concat } from '../wal/concat.js';
import type { Lsn } from '../wal/lsn.js';
import { LONG_PAGE_HEADER_SIZE } from '../wal/page-header.js';
import { RECORD_HEADER_SIZE, RecordPosition, WalRecord, XL_PREV, XL_RMID } from '../wal/record.js';
import { isKnownRmgr, isSwitch, recordFault } from './check-record.js';
import type { ReadFault, RecordFault } from './fault.js';
import type { Segment } from './segment.js';
import { type Damage, type Gap, type RecordHead, WalReader } from './wal-reader.js';

/**
 * What reading a stretch of WAL leaves behind besides what its records say: where it begins and ends, the halves
 * of records at its edges, and what was wrong. Spans of adjacent stretches are joined by {@link joinSpans}, so
 * that segments can be read in any order, in several workers or on several machines.
 *
 * Plain data: structured clone (`postMessage`) carries it, and any serializer that knows bigints and byte arrays.
 */
export interface WalSpan {
  /** From the start of the first segment to the end of the last, or to where reading was told to end. */
  start: Lsn;
  end: Lsn;
  /**
   * What each segment began with, up to the first one in which a record begins or that does not go on with the
   * rest that the one before left.
   */
  heads: SpanHead[];
  /** The first record, where it follows the heads directly: its prev link tells whether the stretch before fits. */
  firstLink: { lsn: Lsn; prev: Lsn } | undefined;
  firstRecord: Lsn | undefined;
  /** The last record, unless a gap comes after it: what the next one's prev link leads to. */
  lastRecord: Lsn | undefined;
  /** Where the WAL that could be read ends: the position after the last record. */
  lastRecordEnd: Lsn | undefined;
  /** The beginning of a record that goes on after the stretch. */
  tail: SpanTail | undefined;
  /** The stretch ends in the middle of a record whose beginning is missing: how much of that is still to come. */
  lostRest: number;
  /** Why nothing could be read from there to the end: the end of WAL, or damage if valid records follow. */
  fault: ReadFault | undefined;
  damages: Damage[];
  gaps: Gap[];
  segments: number;
}

/** What a segment begins with: the rest of a record that began before it. */
export interface SpanHead {
  segment: SpanHome;
  /** `xlp_rem_len` of its first page; 0 where a record begins right there. */
  remaining: number;
  /** The record before was given up (`XLP_FIRST_IS_OVERWRITE_CONTRECORD`), there or on a later page of its rest. */
  overwrite: boolean;
  /** The rest, where a record can be put together with it. */
  bytes: Uint8Array;
  /**
   * `complete`: all of the rest is there. `open`: it takes up the whole segment and goes on. `cut`: a page that
   * cannot be read or does not go on with it comes before its end.
   */
  kind: 'complete' | 'open' | 'cut';
  /** Offset in the segment of what comes after the rest. */
  endOffset: number;
}

/** The record that begins in a span and does not end in it. */
export interface SpanTail {
  segment: SpanHome;
  /** Offset of the record in that. */
  offset: number;
  /** `xl_tot_len` */
  totalLength: number;
  bytes: Uint8Array;
}

/** The segment, or the window of one, that an edge belongs to. */
export type SpanHome = Pick<Segment, 'version' | 'start' | 'startHi' | 'startLo' | 'segmentSize'>;

/** What part of a segment to read; all of it if left out. */
export interface ReadSpanOptions {
  /** Records from here on only. */
  startLsn?: Lsn;
  /** Records that end here at the latest. */
  endLsn?: Lsn;
}

/**
 * Reads one segment on its own, going on after damage, and hands each record that is whole in it to `visit`. A record
 * is good until `visit` returns: the next one may be the same object.
 */
export function readSpan(
  segment: Segment,
  options: ReadSpanOptions,
  visit: (record: WalRecord) => void,
): WalSpan {
  const reader = new SpanReader(options);
  reader.read(segment, visit);
  return reader.finish();
}

/** As {@link readSpan}, window by window. */
export class SpanReader {
  private readonly reader: WalReader;
  private first: Segment | undefined;
  /** The window read last. */
  private window: Segment | undefined;
  private firstLink: { lsn: Lsn; prev: Lsn } | undefined;
  private last = new RecordPosition();
  /** Where the last cut was. */
  private cutAt: Lsn | undefined;

  constructor(private readonly options: ReadSpanOptions) {
    const { startLsn, endLsn } = options;
    this.reader = new WalReader({ startLsn, endLsn, onFault: 'resume', keepHead: true, transient: true });
  }

  /** Reads the segment, or the next window of it. */
  read(window: Segment, visit: (record: WalRecord) => void): void {
    const { reader } = this;
    this.first ??= window;
    this.window = window;
    reader.push(window);
    const first = reader.next();
    if (first === undefined) return;
    this.firstLink ??= { lsn: first.lsn, prev: first.prevLsn };
    visitAll(reader, first, this.last, visit);
  }

  /**
   * The span of what was read since this was asked last, so that what comes of it can be told before all of the segment
   * is read: spans of one segment are joined as those of several. Undefined where it cannot be told apart from the rest.
   */
  cut(): WalSpan | undefined {
    const { reader, window } = this;
    if (this.firstLink === undefined || window === undefined || reader.endReached) return undefined;
    const end = window.start + BigInt(window.size);
    const span = { ...this.beginning(), end, tail: undefined, lostRest: 0, fault: undefined };
    this.cutAt = end;
    this.firstLink = undefined;
    this.last = new RecordPosition();
    return span;
  }

  /** The span of what was read since the last cut. */
  finish(): WalSpan {
    const { reader, first, cutAt } = this;
    const { endLsn } = this.options;
    const beginning = this.beginning();
    const [head] = beginning.heads;
    const isOpen = head?.kind === 'open' && reader.head !== undefined;
    return {
      ...beginning,
      end: reader.endReached && endLsn ? endLsn : first!.start + BigInt(first!.segmentSize),
      tail: tailOf(reader),
      lostRest: isOpen && cutAt === undefined ? reader.head.remaining - reader.head.bytes.length : 0,
      fault: reader.fault,
    };
  }

  /** What is known of a span wherever it ends. */
  private beginning(): Omit<WalSpan, 'end' | 'tail' | 'lostRest' | 'fault'> {
    const { reader, firstLink, cutAt } = this;
    const first = this.first!;
    const { startLsn } = this.options;
    const fromStart = cutAt === undefined && (startLsn === undefined || startLsn <= first.start);
    const head = fromStart && reader.head ? headOf(first, reader.head) : undefined;
    const follows = head !== undefined && firstLink?.lsn === first.start + BigInt(head.endOffset);
    return {
      start: cutAt ?? first.start,
      heads: head ? [head] : [],
      firstLink: follows ? firstLink : undefined,
      firstRecord: firstLink?.lsn,
      // the reader has seen one also where all records come before `startLsn`
      lastRecord: reader.lastRecordLsn || undefined,
      lastRecordEnd: this.last.endLsn,
      damages: reader.damages.splice(0),
      gaps: [],
      segments: cutAt === undefined ? 1 : 0,
    };
  }
}

/** A function of its own, so that the code compiled for it outlasts what comes once in a segment. */
function visitAll(
  reader: WalReader,
  first: WalRecord,
  last: RecordPosition,
  visit: (record: WalRecord) => void,
): void {
  for (let record: WalRecord | undefined = first; record !== undefined; record = reader.next()) {
    last.set(record);
    visit(record);
  }
}

/**
 * No server reads a longer record, so none is put together (`MaxAllocSize`, utils/memutils.h; since 16 it writes none
 * longer than `XLogRecordMaxSize`, a little less). Without a limit, memory would be as large as pages claim.
 */
const MAX_RECORD_LENGTH = 0x3fffffff;

function headOf(segment: Segment, head: RecordHead): SpanHead {
  const { remaining, overwrite, endOffset } = head;
  const kind = headKind(head, segment);
  const isOfUse = kind !== 'cut' && remaining <= MAX_RECORD_LENGTH;
  const bytes = isOfUse ? head.bytes : new Uint8Array();
  return { segment: homeOf(segment), remaining, overwrite, bytes, endOffset, kind };
}

function headKind({ remaining, bytes, endOffset }: RecordHead, segment: Segment): SpanHead['kind'] {
  if (bytes.length === remaining) return 'complete';
  return endOffset >= segment.segmentSize ? 'open' : 'cut';
}

function tailOf({ tail, endReached }: WalReader): SpanTail | undefined {
  return tail && !endReached ? { ...tail, segment: homeOf(tail.segment) } : undefined;
}

function homeOf({ version, start, startHi, startLo, segmentSize }: Segment): SpanHome {
  return { version, start, startHi, startLo, segmentSize };
}

/** What comes of joining two spans. */
export interface JoinedSpans {
  span: WalSpan;
  /** The record that begins in the first span and ends in the second, put together and checked. */
  record: WalRecord | undefined;
}

/**
 * Joins a span to the one that comes after it in the WAL. The record that runs over from one to the other is put
 * together and checked, and so is the prev link between them; a stretch missing between the two is a gap. Joining
 * is associative: any order of joining neighbours tells the same records, damages and gaps.
 */
export function joinSpans(a: WalSpan, b: WalSpan): JoinedSpans {
  const adjacent = a.end === b.start;
  const gaps = adjacent ? [...a.gaps, ...b.gaps] : [...a.gaps, { from: a.end, to: b.start }, ...b.gaps];
  const base = { start: a.start, end: b.end, gaps, segments: a.segments + b.segments };
  if (adjacent && isHeadsOnly(a)) return { span: { ...b, ...base, ...headsBefore(a, b) }, record: undefined };

  const { before, record, after, tail } = adjacent ? joinEdges(a, b) : { after: a.fault };
  const damages = [...a.damages];
  if (before !== undefined && record !== undefined) damages.push({ fault: before, resumedAt: record.lsn });
  const rest = record !== undefined && isSwitch(record) ? withoutSwitched(b) : b;
  const { damages: later, fault } = withFaultBefore(after, b.firstRecord, rest);
  const span: WalSpan = {
    ...base,
    heads: a.heads,
    firstLink: a.firstLink,
    firstRecord: a.firstRecord ?? record?.lsn ?? b.firstRecord,
    lastRecord: b.lastRecord ?? (gaps.length > a.gaps.length ? undefined : (record?.lsn ?? a.lastRecord)),
    lastRecordEnd: b.lastRecordEnd ?? record?.endLsn ?? a.lastRecordEnd,
    tail: b.tail ?? (isHeadsOnly(b) ? tail : undefined),
    lostRest: isHeadsOnly(b) && adjacent && a.lostRest === 0 ? 0 : b.lostRest,
    fault,
    damages: [...damages, ...later],
  };
  return { span, record };
}

/**
 * Whether the WAL of two adjacent spans was not written one after the other, although nothing is damaged where they
 * meet: the one is whole to its end, and the other goes on with a record that it does not end in, or links to another
 * last record than it has.
 */
export function isBreak(a: WalSpan, b: WalSpan): boolean {
  if (a.end !== b.start || a.fault !== undefined || b.firstLink === undefined) return false;
  const { after } = joinEdges(a, b);
  return after?.kind === 'bad-prev-link' || after?.kind.startsWith('continuation-') === true;
}

/** What is wrong with a span, and what was in the way of reading up to it. */
function withFaultBefore(
  fault: ReadFault | undefined,
  firstRecord: Lsn | undefined,
  span: Pick<WalSpan, 'damages' | 'fault'>,
): Pick<WalSpan, 'damages' | 'fault'> {
  const { damages } = span;
  if (fault === undefined) return { damages, fault: span.fault };
  if (firstRecord === undefined) return { damages, fault };
  // with nothing valid in between, the two are one damage, named by its beginning
  const later = damages[0]?.resumedAt === firstRecord ? damages.slice(1) : damages;
  return { damages: [{ fault, resumedAt: firstRecord }, ...later], fault: span.fault };
}

/** What a span is with the middle of a record before it, which it may contradict. */
function headsBefore(a: WalSpan, b: WalSpan): Pick<WalSpan, 'heads' | 'damages' | 'fault'> {
  const fault = restFault(a, b);
  // what contradicts is not part of the record, nor is anything after it
  const heads = fault === undefined ? b.heads : [{ ...b.heads[0], bytes: new Uint8Array() }];
  return { heads: [...a.heads, ...heads], ...withFaultBefore(fault, b.firstRecord, b) };
}

/** Whether a span goes on with the record that the one before ends in, whose beginning is missing. */
function restFault({ lostRest: expected }: WalSpan, { heads: [head] }: WalSpan): ReadFault | undefined {
  if (head === undefined || head.overwrite || head.remaining === expected) return undefined;
  return { ...continuationFault(head, expected), lsn: head.segment.start };
}

/** All of the stretch is the middle of one record. */
function isHeadsOnly(span: WalSpan): boolean {
  return (
    span.firstRecord === undefined &&
    span.tail === undefined &&
    span.fault === undefined &&
    span.gaps.length === 0 &&
    span.heads.length === span.segments &&
    span.heads.every((head) => head.kind === 'open')
  );
}

/** What comes between two spans. */
interface Middle {
  /** What was in the way of reading up to the record that runs over, if there is one. */
  before?: ReadFault;
  record?: WalRecord;
  /** What is in the way from there on. */
  after?: ReadFault;
  /** The record that runs over, where it goes on after the second span, too. */
  tail?: SpanTail;
}

/** Puts the end of one span and the beginning of the next together, as the reader does where it passes a page. */
function joinEdges(a: WalSpan, b: WalSpan): Middle {
  let { tail } = a;
  if (a.lostRest > 0) return { after: a.fault ?? restFault(a, b) };
  for (const head of b.heads) {
    if (tail === undefined) {
      if (a.fault !== undefined || head.remaining === 0) break;
      const lsn = head.segment.start + BigInt(LONG_PAGE_HEADER_SIZE);
      return { after: { kind: 'continuation-unexpected', lsn } };
    }
    if (head.overwrite) break; // the record was given up
    const expected = tail.totalLength - tail.bytes.length;
    if (head.remaining !== expected) {
      return { after: a.fault ?? { ...continuationFault(head, expected), lsn: tailLsn(tail) } };
    }
    if (head.kind === 'cut') break; // by what the second span tells about
    tail = { ...tail, bytes: concat([tail.bytes, head.bytes]) };
    if (head.kind === 'complete') return completeRecord(a, b, tail, head);
  }
  return { after: hidesNothing(a, b) ? undefined : (a.fault ?? linkFault(a.lastRecord, b)), tail };
}

/**
 * Whether what could not be read at the end of a span is the zeroed rest after a SWITCH record that comes before where
 * reading began: no record begins there, as the next span's first one links to one before that.
 */
function hidesNothing({ fault, firstRecord, lastRecord, heads }: WalSpan, { firstLink }: WalSpan): boolean {
  const isRest = firstRecord === undefined && lastRecord === undefined && heads.length === 0;
  if (!isRest || fault === undefined || firstLink === undefined) return false;
  return isZeroed(fault) && firstLink.prev < fault.lsn;
}

const isZeroed = (fault: ReadFault): boolean =>
  (fault.kind === 'bad-magic' && fault.magic === 0) || (fault.kind === 'record-length' && fault.length === 0);

const continuationFault = ({ remaining: length }: SpanHead, expected: number): RecordFault =>
  length === 0 ? { kind: 'continuation-missing' } : { kind: 'continuation-length', length, expected };

function completeRecord(a: WalSpan, b: WalSpan, tail: SpanTail, head: SpanHead): Middle {
  const { bytes, segment, offset, totalLength } = tail;
  const aligned = new Uint8Array((totalLength + 7) & ~7);
  aligned.set(bytes);
  const view = new DataView(aligned.buffer);
  const endOffset = Number(head.segment.start - segment.start) + head.endOffset;
  const record = new WalRecord(segment, offset, endOffset, aligned, view, 0);
  const fault =
    headerFault(view, segment.version, record.lsn, a.fault === undefined ? a.lastRecord : undefined) ??
    recordFault(record, new Int32Array(aligned.buffer), totalLength);
  if (fault !== undefined) return { after: a.fault ?? { ...fault, lsn: record.lsn } };
  if (isSwitch(record)) {
    record.endOffset = Number(head.segment.start - segment.start) + head.segment.segmentSize;
    return { before: a.fault, record };
  }
  return { before: a.fault, record, after: linkFault(record.lsn, b) };
}

/** The checks of the record header, as the reader makes them (`ValidXLogRecordHeader`). */
function headerFault(
  view: DataView,
  version: number,
  lsn: Lsn,
  lastRecord: Lsn | undefined,
): RecordFault | undefined {
  const length = view.byteLength;
  if (length < RECORD_HEADER_SIZE) return { kind: 'record-length', length };
  const rmid = view.getUint8(XL_RMID);
  if (!isKnownRmgr(rmid, version)) return { kind: 'bad-rmgr', rmid };
  const prev = view.getBigUint64(XL_PREV, true);
  const linked = lastRecord === undefined ? prev < lsn : prev === lastRecord;
  return linked ? undefined : { kind: 'bad-prev-link', prev };
}

/** Whether the span's first record follows `last`; nothing is known where either is not there. */
function linkFault(last: Lsn | undefined, { firstLink }: WalSpan): ReadFault | undefined {
  if (last === undefined || firstLink === undefined || firstLink.prev === last) return undefined;
  return { kind: 'bad-prev-link', prev: firstLink.prev, lsn: firstLink.lsn };
}

/** What follows a SWITCH record in its segment holds nothing, so nothing that could be wrong. */
function withoutSwitched(span: WalSpan): Pick<WalSpan, 'damages' | 'fault'> {
  const end = span.start + BigInt(span.heads[0].segment.segmentSize);
  const fault = span.fault && span.fault.lsn < end ? undefined : span.fault;
  return { damages: span.damages.filter((damage) => damage.fault.lsn >= end), fault };
}

const tailLsn = (tail: SpanTail): Lsn => tail.segment.start + BigInt(tail.offset);
