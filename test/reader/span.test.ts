import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSegment, makeWindow, openSegment, type Segment } from '../../src/reader/segment.js';
import { joinSpans, readSpan, SpanReader, type WalSpan } from '../../src/reader/span.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { formatLsn } from '../../src/wal/lsn.js';
import {
  LONG_PAGE_HEADER_SIZE,
  SHORT_PAGE_HEADER_SIZE,
  XLP_FIRST_IS_CONTRECORD,
  XLP_INFO,
  XLP_LONG_HEADER,
  XLP_REM_LEN,
} from '../../src/wal/page-header.js';
import type { WalRecord } from '../../src/wal/record.js';
import { WalWriter } from '../support/wal-writer.js';
import { filler, insert, switchSegment } from '../support/workload.js';

/** A stretch read on its own, with its records in order. */
interface Piece {
  span: WalSpan;
  records: string[];
}

const name = (record: WalRecord): string =>
  `${record.lsnText} ${record.totalLength} ${record.rmid} ${formatLsn(record.endLsn)}`;

function read(segment: Segment): Piece {
  const records: string[] = [];
  const span = readSpan(segment, {}, (record) => records.push(name(record)));
  return { span, records };
}

function join(a: Piece, b: Piece): Piece {
  const { span, record } = joinSpans(a.span, b.span);
  return { span, records: [...a.records, ...(record ? [name(record)] : []), ...b.records] };
}

/** Joins neighbours in the order that `choices` say. */
function joinAll(pieces: Piece[], choices: number[]): Piece {
  const left = [...pieces];
  for (let i = 0; left.length > 1; i++) {
    const at = (choices[i % choices.length] ?? 0) % (left.length - 1);
    left.splice(at, 2, join(left[at], left[at + 1]));
  }
  return left[0];
}

function readInOne(segments: Segment[]): { records: string[]; reader: WalReader } {
  const reader = new WalReader({ onFault: 'resume' });
  const records: string[] = [];
  for (const segment of segments) {
    reader.push(segment);
    for (let record = reader.next(); record; record = reader.next()) records.push(name(record));
  }
  return { records, reader };
}

const segmentsOf = (writer: WalWriter): Segment[] => {
  const [first, ...rest] = writer.segments;
  const open = openSegment(first.bytes);
  return [
    open,
    ...rest.map(({ bytes }, i) => makeSegment(bytes, open, open.start + BigInt((i + 1) * 1024 * 1024), 1)),
  ];
};

const MIB = 1024 * 1024;

/** Mostly short records, some that end near a segment's end, some longer than segments. */
const length: fc.Arbitrary<number> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: MIB - 9000, max: MIB + 9000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 * MIB, max: 4 * MIB }) },
);
type Step = { kind: 'record'; bytes: number } | { kind: 'switch' } | { kind: 'abandon' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: length.map((bytes): Step => ({ kind: 'record', bytes })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'switch' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'abandon' }) },
);
const workload = fc.array(step, { minLength: 1, maxLength: 25 });

function write(steps: Step[]): WalWriter {
  const writer = new WalWriter({ version: 17 });
  for (const one of steps) {
    if (one.kind === 'record') writer.append(filler(one.bytes));
    else if (one.kind === 'switch') writer.append(switchSegment());
    else writer.abandon(filler(20_000));
  }
  return writer;
}

/** Has a page say that so much of a record from before goes on there. */
function claim(segment: Segment, page: number, rest: number, flags: number): void {
  const { view, blockSize } = segment;
  view.setUint16(page * blockSize + XLP_INFO, (page === 0 ? XLP_LONG_HEADER : 0) | flags, true);
  view.setUint32(page * blockSize + XLP_REM_LEN, rest, true);
}

/** Has a segment be the middle of a record, so much of which is still to come where it begins. */
function goOn(segment: Segment, rest: number): void {
  for (let page = 0, left = rest; page < segment.segmentSize / segment.blockSize; page++) {
    claim(segment, page, left, XLP_FIRST_IS_CONTRECORD);
    left -= segment.blockSize - (page === 0 ? LONG_PAGE_HEADER_SIZE : SHORT_PAGE_HEADER_SIZE);
  }
}

const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });

/** Some pages of a segment after the other, all of them in the same memory. */
function* windowsOf(segment: Segment, pages: number): Generator<Segment> {
  const { bytes, start, timeline, segmentSize, blockSize } = segment;
  const room = new Uint8Array(pages * blockSize);
  for (let at = 0; at < segmentSize; at += room.length) {
    const size = Math.min(room.length, segmentSize - at);
    const written = bytes.subarray(at, at + size);
    room.set(written);
    yield makeWindow(room.subarray(0, written.length), segment, start + BigInt(at), timeline, size);
  }
}

/** A segment read window by window, and what was told of it in pieces joined. */
function readInWindows(segment: Segment, pages: number, isCut: boolean): Piece {
  const reader = new SpanReader({});
  let all: Piece | undefined;
  let records: string[] = [];
  const add = (span: WalSpan): void => {
    const piece = { span, records };
    all = all === undefined ? piece : join(all, piece);
    records = [];
  };
  for (const window of windowsOf(segment, pages)) {
    reader.read(window, (record) => records.push(name(record)));
    const span = isCut ? reader.cut() : undefined;
    if (span !== undefined) add(span);
  }
  add(reader.finish());
  return all!;
}

/** What a span says; of the record it ends in, wherever that is counted from. Megabytes are compared by their sums. */
function told({ tail, heads, ...span }: WalSpan): unknown {
  const sum = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');
  return {
    ...span,
    heads: heads.map(({ bytes, ...head }) => ({ ...head, sum: sum(bytes) })),
    tail: tail && { lsn: tail.segment.start + BigInt(tail.offset), sum: sum(tail.bytes) },
  };
}

describe('windows of a segment', () => {
  const pages = fc.integer({ min: 1, max: 130 });
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 });

  it.each([true, false])('tell what the segment does, told in pieces: %s', (isCut) => {
    let damaged = 0;
    fc.assert(
      fc.property(workload, pages, damage, fc.option(fc.nat()), (work, size, flips, length) => {
        const segments = segmentsOf(write(work));
        for (const [where, offset] of flips) {
          const { bytes } = segments[where % segments.length];
          bytes[offset % bytes.length] ^= 0x40;
        }
        const last = segments[segments.length - 1];
        if (length !== null) {
          segments[segments.length - 1] = makeSegment(
            last.bytes.subarray(0, length % MIB),
            last,
            last.start,
            last.timeline,
          );
        }
        for (const segment of segments) {
          const whole = read(segment);
          const windows = readInWindows(segment, size, isCut);
          expect(windows.records).toEqual(whole.records);
          expect(told(windows.span)).toEqual(told(whole.span));
          if (whole.span.damages.length > 0) damaged++;
        }
      }),
      { numRuns: 60 },
    );
    expect(damaged).toBeGreaterThan(0);
  });

  it.each(['stop', 'resume'] as const)(
    'are read as segments are, to %s at faults, from and to any LSN',
    (onFault) => {
      fc.assert(
        fc.property(workload, pages, damage, fc.nat(), fc.nat(), (work, size, flips, from, to) => {
          const segments = segmentsOf(write(work));
          for (const [where, offset] of flips) {
            const { bytes } = segments[where % segments.length];
            bytes[offset % bytes.length] ^= 0x40;
          }
          const { start } = segments[0];
          const total = segments.length * MIB;
          const options = {
            startLsn: start + BigInt((from % MIB) & ~7),
            endLsn: start + BigInt(total - (to % MIB)),
            onFault,
          };
          const facts = (pieces: Iterable<Segment>): unknown => {
            const reader = new WalReader({ ...options, transient: true });
            const records: string[] = [];
            for (const piece of pieces) {
              reader.push(piece);
              for (let record = reader.next(); record; record = reader.next()) records.push(name(record));
            }
            const { damages, gaps, fault, endReached, lastRecordLsn } = reader;
            return { records, damages, gaps, fault, endReached, lastRecordLsn };
          };
          const inTurn = function* (): Generator<Segment> {
            for (const segment of segments) yield* windowsOf(segment, size);
          };
          expect(facts(inTurn())).toEqual(facts(segments));
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('joining spans', () => {
  it('gives the same records as one pass, in any order of joining', () => {
    let joined = 0;
    fc.assert(
      fc.property(workload, choices, (work, order) => {
        const writer = write(work);
        const segments = segmentsOf(writer);
        const { records } = readInOne(segments);
        expect(records).toHaveLength(writer.records.length);
        const all = joinAll(segments.map(read), order);
        expect(all.records).toEqual(records);
        expect(all.span.damages).toEqual([]);
        expect(all.span.gaps).toEqual([]);
        if (segments.length > 1) joined++;
      }),
      { numRuns: 60 },
    );
    expect(joined).toBeGreaterThan(20);
  });

  it('is associative on damaged WAL with segments missing', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 });
    const missing = fc.array(fc.nat(), { maxLength: 2 });
    let damaged = 0;
    fc.assert(
      fc.property(workload, choices, damage, missing, (work, order, flips, lost) => {
        const segments = segmentsOf(write(work));
        for (const [where, offset] of flips) {
          const { bytes } = segments[where % segments.length];
          bytes[offset % bytes.length] ^= 0x40;
        }
        const left = segments.filter((_, i) => i === 0 || !lost.includes(i % 7));
        const pieces = left.map(read);
        const fromLeft = joinAll(pieces, [0]);
        const other = joinAll(pieces, order);
        expect(other.records).toEqual(fromLeft.records);
        expect(facts(other.span)).toEqual(facts(fromLeft.span));
        if (fromLeft.span.damages.length > 0) damaged++;
      }),
      { numRuns: 80 },
    );
    expect(damaged).toBeGreaterThan(5);
  });

  it('is associative where pages of long records contradict each other', () => {
    const long = fc.array(fc.integer({ min: 0, max: 3 * MIB }), { minLength: 1, maxLength: 3 });
    // mostly of first pages, which others are joined to
    const page = fc.oneof(fc.constant(0), fc.constant(0), fc.nat(127));
    const claims = fc.array(fc.tuple(fc.nat(), page, fc.nat(3 * MIB), fc.nat(9)), { maxLength: 3 });
    const missing = fc.array(fc.nat(), { maxLength: 2 });
    let contradicted = 0;
    fc.assert(
      fc.property(long, choices, claims, missing, (lengths, order, claimed, lost) => {
        const segments = segmentsOf(write(lengths.map((bytes) => ({ kind: 'record', bytes }))));
        for (const [where, at, rest, flags] of claimed)
          claim(segments[where % segments.length], at, rest, flags);
        const left = segments.filter((_, i) => i === 0 || !lost.some((one) => one % segments.length === i));
        const pieces = left.slice(left.length > 2 ? 1 : 0).map(read);
        const fromLeft = joinAll(pieces, [0]);
        const other = joinAll(pieces, order);
        expect(other.records).toEqual(fromLeft.records);
        expect(facts(other.span)).toEqual(facts(fromLeft.span));
        if (/^continuation/.test(fromLeft.span.fault?.kind ?? '')) contradicted++;
      }),
      { numRuns: 60 },
    );
    expect(contradicted).toBeGreaterThan(2);
  });

  it('finds damage where pages claim to go on with a record, and one claims what another does not', () => {
    const segments = segmentsOf(write([{ kind: 'record', bytes: 6 * MIB }])).slice(1, 6);
    for (const segment of segments) {
      for (let page = 0; page < 128; page++) claim(segment, page, 0xffffffff, 1);
    }
    for (const order of [[0], [2, 1]]) {
      const { span, records } = joinAll(segments.map(read), order);
      expect(records).toEqual([]);
      expect(span.fault).toMatchObject({ kind: 'continuation-length', lsn: segments[0].start + 8192n });
      expect(span.heads.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(0);
    }
  });

  it('keeps no more of a record whose beginning is missing than can be part of it', () => {
    // every segment for itself is the middle of a long record
    const segments = segmentsOf(write([{ kind: 'record', bytes: 6 * MIB }])).slice(1, 6);
    for (const segment of segments) goOn(segment, 100 * MIB);
    for (const order of [[0], [1, 2], [3]]) {
      const { span } = joinAll(segments.map(read), order);
      expect(span.fault).toMatchObject({ kind: 'continuation-length', lsn: segments[1].start });
      expect(span.heads.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(MIB);
    }
    // longer than a record can be
    for (const segment of segments) goOn(segment, 0xf0000000);
    expect(read(segments[0]).span.heads[0].bytes).toHaveLength(0);
  });

  it('takes a record for given up where a later page says so', () => {
    const writer = write([{ kind: 'record', bytes: MIB + 20_000 }]);
    writer.append(insert(700));
    const segments = segmentsOf(writer);
    // as if a crash had cut it off after the first page of the second segment
    const after = new WalWriter({ version: 17, firstSegment: 2n });
    after.abandon(filler(20_000));
    segments[1].bytes.set(after.segments[0].bytes.subarray(8192), 8192);
    const { records, reader } = readInOne(segments);
    expect(records).toHaveLength(1);
    expect(reader.damages).toEqual([]);
    const all = join(read(segments[0]), read(segments[1]));
    expect(all.records).toEqual(records);
    expect(all.span.damages).toEqual([]);
    expect(all.span.fault).toEqual(reader.fault);
  });

  it('tells the same damage as one pass', () => {
    const writer = new WalWriter({ version: 17 });
    for (let i = 0; i < 40; i++) writer.append(filler(100_000));
    const segments = segmentsOf(writer);
    // in the record that runs over from the first segment into the second
    segments[1].bytes[5000] ^= 1;
    const { reader } = readInOne(segments);
    const all = joinAll(segments.map(read), [0]);
    expect(all.span.damages.map(({ fault }) => fault)).toEqual(reader.damages.map(({ fault }) => fault));
    expect(all.span.damages).toHaveLength(1);
  });

  it('notices a segment of another history in between by its prev link', () => {
    const writer = new WalWriter({ version: 17 });
    const other = new WalWriter({ version: 17 });
    const fill = (one: WalWriter, bytes: number): void => {
      while (one.segments.length < 2) one.append(filler(bytes));
      one.append(insert(700));
    };
    fill(writer, 10_000);
    fill(other, 9_000);
    const [first] = segmentsOf(writer);
    const [, second] = segmentsOf(other);
    const { span } = join(read(first), read(second));
    expect(span.damages).toHaveLength(1);
    expect(['continuation-length', 'bad-checksum', 'bad-prev-link']).toContain(span.damages[0].fault.kind);
  });

  it('finds a prev link that leads elsewhere where no record runs over', () => {
    const [a, b] = ['a', 'b'].map((which) => {
      const writer = new WalWriter({ version: 17 });
      writer.append(filler(which === 'a' ? 100 : 200));
      writer.append(switchSegment());
      writer.append(insert(700));
      return segmentsOf(writer);
    });
    const { span, records } = join(read(a[0]), read(b[1]));
    expect(span.damages.map(({ fault }) => fault.kind)).toEqual(['bad-prev-link']);
    expect(span.damages[0].resumedAt).toBe(b[1].start + 40n);
    expect(records).toHaveLength(3);
  });

  it('passes over the rest of a segment that a SWITCH record from the one before ends', () => {
    const writer = new WalWriter({ version: 17 });
    const room = (): number => Number(BigInt(MIB) - (writer.append(filler(100)).endLsn % BigInt(MIB)));
    let left = room();
    while (left > 8192 * 2) left = room();
    // 26 bytes of headers and up to 255 of data: leave 8 bytes, less than the record needs
    while (left > 500) left = room();
    writer.append(filler(left - 8 - 26 - (left > 289 ? 5 : 0) - (left % 8)));
    const { lsn } = writer.append(switchSegment());
    writer.append(insert(700));
    const segments = segmentsOf(writer);
    expect(lsn).toBeGreaterThan(segments[1].start - 24n);
    expect(lsn).toBeLessThan(segments[1].start);
    expect(segments).toHaveLength(3);
    for (const order of [[0], [1]]) {
      const all = joinAll(segments.map(read), order);
      expect(all.records).toEqual(readInOne(segments).records);
      expect(all.span.damages).toEqual([]);
      expect(all.span.fault?.lsn).toBeGreaterThan(segments[2].start);
    }
  });

  it('finds no damage in what is left where segments are missing, however long the records', () => {
    const long = fc.array(fc.integer({ min: 0, max: 3 * MIB }), { minLength: 2, maxLength: 4 });
    let withGaps = 0;
    fc.assert(
      fc.property(long, choices, fc.array(fc.nat(), { maxLength: 4 }), (lengths, order, lost) => {
        const segments = segmentsOf(write(lengths.map((bytes) => ({ kind: 'record', bytes }))));
        const left = segments.filter((_, i) => i === 0 || !lost.some((one) => one % segments.length === i));
        const { span } = joinAll(left.map(read), order);
        expect(span.damages).toEqual([]);
        if (span.gaps.length > 0) withGaps++;
      }),
      { numRuns: 40 },
    );
    expect(withGaps).toBeGreaterThan(10);
  });

  it('holds a missing segment for a gap, and gives up the record that ran into it', () => {
    const writer = new WalWriter({ version: 17 });
    for (let i = 0; i < 80; i++) writer.append(filler(50_000));
    const segments = segmentsOf(writer);
    const { span } = join(read(segments[0]), read(segments[2]));
    expect(span.gaps).toEqual([{ from: segments[1].start, to: segments[2].start }]);
    expect(span.damages).toEqual([]);
  });
});

/** All of a span that is the same in whatever order it was joined. */
function facts(span: WalSpan): object {
  const { firstRecord, lastRecord, lastRecordEnd, fault, damages, gaps, segments, tail } = span;
  // comparing megabytes byte by byte takes seconds
  const sum = tail && createHash('sha1').update(tail.bytes).digest('hex');
  const { bytes: _, ...place } = tail ?? { bytes: undefined };
  return { firstRecord, lastRecord, lastRecordEnd, fault, damages, gaps, segments, tail: { ...place, sum } };
}
