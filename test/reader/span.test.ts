import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSegment, openSegment, type Segment } from '../../src/reader/segment.js';
import { joinSpans, readSpan, type WalSpan } from '../../src/reader/span.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { formatLsn } from '../../src/wal/lsn.js';
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
const choices = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });

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
  return { firstRecord, lastRecord, lastRecordEnd, fault, damages, gaps, segments, tail };
}
