import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openNextSegment, openSegment, type Segment } from '../../src/reader/segment.js';
import { WalReader, type WalReaderOptions } from '../../src/reader/wal-reader.js';
import { WalError } from '../../src/wal/error.js';
import type { WalRecord } from '../../src/wal/record.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { anyRecord, switchRecord } from '../support/arbitrary-records.js';
import {
  encodeRecord,
  type RecordInput,
  WalWriter,
  type WriterOptions,
  type WrittenRecord,
} from '../support/wal-writer.js';

const MIB = 1024 * 1024;

const anyVersion = fc.integer({ min: OLDEST_VERSION, max: NEWEST_VERSION });
const blockSize = fc.constantFrom(1024, 2048, 8192, 65_536);

/** Records with a SWITCH here and there; one of them brings the others close to the end of the first segment. */
const records: fc.Arbitrary<RecordInput[]> = fc
  .tuple(
    fc.array(
      fc.oneof({ weight: 15, arbitrary: anyRecord }, { weight: 1, arbitrary: fc.constant(switchRecord) }),
      {
        minLength: 1,
        maxLength: 30,
      },
    ),
    fc.nat(60_000),
  )
  .map(([list, room]) => [{ rmid: 10, info: 0, main: new Uint8Array(MIB - 60_000 + room) }, ...list]);

function write(options: WriterOptions, inputs: readonly RecordInput[]): WalWriter {
  const writer = new WalWriter(options);
  for (const input of inputs) writer.append(input);
  return writer;
}

/** Reads segments in the order given; the first tells of what version and size they are. */
function read(
  segments: readonly Uint8Array[],
  options: WalReaderOptions = {},
): { reader: WalReader; records: WalRecord[] } {
  const reader = new WalReader(options);
  const found: WalRecord[] = [];
  let before: Segment | undefined;
  for (const bytes of segments) {
    const segment = before === undefined ? openSegment(bytes) : openNextSegment(bytes, before);
    before = segment;
    reader.push(segment);
    for (let record = reader.next(); record; record = reader.next()) found.push(record);
  }
  return { reader, records: found };
}

const bytesOf = (writer: WalWriter): Uint8Array[] => writer.segments.map(({ bytes }) => bytes);
const lsnsOf = (list: readonly { lsn: bigint }[]): bigint[] => list.map(({ lsn }) => lsn);

/** Bytes as a string, which compares quickly. */
const text = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('latin1');

/** All that a record says, in the form that it was put in. */
function contentOf(record: WalRecord): unknown {
  return {
    rmid: record.rmid,
    info: record.info,
    xid: record.xid,
    origin: record.origin,
    main: text(record.main.bytes(0)),
    blocks: record.blocks.map((block) => ({
      id: block.id,
      rel: block.rel,
      fork: block.fork,
      blockNumber: block.blockNumber,
      willInit: block.willInit,
      data: text(block.data.bytes(0)),
      image: block.image && {
        bytes: text(block.imageBytes),
        holeOffset: block.image.holeOffset,
        holeLength: block.image.holeLength,
        compression: block.image.compression,
        apply: block.image.apply,
      },
    })),
  };
}

function contentPut(input: RecordInput): unknown {
  return {
    rmid: input.rmid,
    info: input.info,
    xid: input.xid ?? 0,
    origin: input.origin ?? 0,
    main: text(input.main),
    blocks: (input.blocks ?? []).map((block) => ({
      id: block.id,
      rel: block.rel,
      fork: block.fork ?? 0,
      blockNumber: block.blockNumber,
      willInit: block.willInit ?? false,
      data: text(block.data),
      image: block.image && {
        bytes: text(block.image.bytes),
        holeOffset: block.image.holeOffset,
        holeLength: block.image.holeLength,
        compression: block.image.compression ?? 'none',
        apply: block.image.apply ?? true,
      },
    })),
  };
}

describe('records', () => {
  it('are read as they were written, whatever the version, the block size and their number', () => {
    fc.assert(
      fc.property(anyVersion, blockSize, records, (version, size, inputs) => {
        const writer = write({ version, blockSize: size }, inputs);
        const { reader, records: found } = read(bytesOf(writer));
        expect(found.map(contentOf)).toEqual(inputs.map(contentPut));
        expect(found.map(({ lsn, endLsn }) => ({ lsn, endLsn }))).toEqual(
          writer.records.map(({ lsn, endLsn }) => ({ lsn, endLsn })),
        );
        expect(found.slice(1).map(({ prevLsn }) => prevLsn)).toEqual(lsnsOf(found.slice(0, -1)));
        // after records that fill their page the next one is missing, header and all
        const isFull = writer.records.at(-1)!.endLsn % BigInt(size) === 0n;
        const end = isFull ? 'bad-magic' : 'record-length';
        expect(reader.fault?.kind ?? end).toBe(end);
        expect(reader.gaps).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('carry the top-level xid since 14', () => {
    const inputs = [{ rmid: 10, info: 0, xid: 800, toplevelXid: 799, main: new Uint8Array(3) }];
    expect(read(bytesOf(write({ version: 14 }, inputs))).records[0].toplevelXid).toBe(799);
    expect(read(bytesOf(write({ version: 13 }, inputs))).reader.fault).toMatchObject({
      kind: 'block-id-invalid',
      blockId: 252,
    });
  });

  it('may begin in the last 8 bytes of a page, header and all', () => {
    for (const left of [8, 16, 24, 32]) {
      const filler = { rmid: 10, info: 0, main: new Uint8Array(8192 - 40 - 24 - 5 - left) };
      const writer = write({ version: 15 }, [
        filler,
        { rmid: 1, info: 0, main: new Uint8Array(8) },
        switchRecord,
      ]);
      expect(writer.records[1].lsn % 8192n).toBe(BigInt(8192 - left));
      expect(lsnsOf(read(bytesOf(writer)).records)).toEqual(lsnsOf(writer.records));
    }
  });

  it('of several megabytes are put together over many segments', () => {
    const main = Uint8Array.from({ length: 4 * MIB }, (_, i) => i * 7);
    const writer = write({ version: 18 }, [{ rmid: 21, info: 0, main }, switchRecord]);
    const { records: found } = read(bytesOf(writer));
    expect(found).toHaveLength(2);
    expect(Buffer.compare(found[0].main.bytes(0), main)).toBe(0);
  });
});

describe('a part of the WAL', () => {
  it('begins with the first record at or after startLsn', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.nat(40), (inputs, seed, shift) => {
        const writer = write({ version: 16 }, inputs);
        const at = writer.records[seed % writer.records.length].lsn + BigInt(shift);
        const segment = Number((at - writer.start) / BigInt(MIB));
        const { records: found } = read(bytesOf(writer).slice(segment), { startLsn: at });
        expect(lsnsOf(found)).toEqual(lsnsOf(writer.records).filter((lsn) => lsn >= at));
      }),
      { numRuns: 60 },
    );
  });

  it('ends before the first record that reaches beyond endLsn', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 2, maxLength: 40 }), fc.nat(), (inputs, seed) => {
        const writer = write({ version: 16 }, inputs);
        const last = writer.records[seed % writer.records.length];
        const { reader, records: found } = read(bytesOf(writer), { endLsn: last.endLsn });
        expect(lsnsOf(found)).toEqual(lsnsOf(writer.records).filter((lsn) => lsn <= last.lsn));
        expect(reader.endReached).toBe(true);
        expect(reader.fault).toBeUndefined();

        const { records: fewer } = read(bytesOf(writer), { endLsn: last.endLsn - 8n });
        expect(lsnsOf(fewer)).toEqual(lsnsOf(writer.records).filter((lsn) => lsn < last.lsn));
      }),
      { numRuns: 60 },
    );
  });

  it('may begin in the middle of a record, whose rest is passed over', () => {
    fc.assert(
      fc.property(records, (inputs) => {
        const writer = write({ version: 12 }, [
          ...inputs,
          { rmid: 10, info: 0, main: new Uint8Array(2 * MIB) },
        ]);
        const second = writer.start + BigInt(MIB);
        const { records: found } = read(bytesOf(writer).slice(1));
        expect(lsnsOf(found)).toEqual(lsnsOf(writer.records).filter((lsn) => lsn >= second));
      }),
      { numRuns: 30 },
    );
  });

  it('may miss a segment: a gap, after which whole records follow again', () => {
    const writer = write(
      { version: 17 },
      Array.from({ length: 40 }, (_, i) => ({ rmid: 10, info: 0, xid: i, main: new Uint8Array(100_000) })),
    );
    const [first, second, third] = writer.segments.map(({ bytes }) => bytes);
    const reader = new WalReader();
    const found: bigint[] = [];
    for (const bytes of [first, third]) {
      reader.push(openSegment(bytes));
      for (let record = reader.next(); record; record = reader.next()) found.push(record.lsn);
    }
    const from = writer.start + BigInt(MIB);
    const to = from + BigInt(second.length);
    expect(reader.gaps).toEqual([{ from, to }]);
    expect(found).toEqual(
      writer.records
        .filter(({ lsn, endLsn }) => endLsn <= from || (lsn >= to && lsn < to + BigInt(MIB)))
        .map(({ lsn }) => lsn)
        // the last one of the third segment goes on after it
        .slice(0, found.length),
    );
    expect(found.length).toBeGreaterThan(15);
  });
});

describe('a record that a crash cut off', () => {
  const versions = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);

  it.each(versions)('is given up where OVERWRITE_CONTRECORD follows, in %i', (version) => {
    const writer = write({ version }, [{ rmid: 10, info: 0, main: new Uint8Array(100) }]);
    const lost = writer.abandon({ rmid: 10, info: 0, main: new Uint8Array(20_000) });
    writer.append({ rmid: 1, info: 0, main: new Uint8Array(8) });
    const { reader, records: found } = read(bytesOf(writer));
    expect(lsnsOf(found)).toEqual(lsnsOf(writer.records));
    expect(found[1].main.u64(0)).toBe(lost);
    expect(reader.damages).toEqual([]);
  });
});

/** The records that have no byte on a page. */
const besides = (list: readonly WrittenRecord[], from: bigint, to: bigint): bigint[] =>
  list.filter(({ lsn, endLsn }) => endLsn <= from || lsn >= to).map(({ lsn }) => lsn);

describe('damage', () => {
  it('of a page costs the records that touch it, and no others, with onFault: resume', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 20, maxLength: 60 }),
        fc.nat(),
        fc.constantFrom(0, 0xff, 0x5a),
        (inputs, seed, filler) => {
          const writer = write({ version: 15, blockSize: 2048 }, inputs);
          const used = Number(writer.records[writer.records.length - 1].endLsn - writer.start);
          // not the first page, which tells what the segment is
          const offset = 2048 * (1 + (seed % Math.max(1, Math.floor(used / 2048))));
          const [segment, ...rest] = bytesOf(writer);
          if (offset >= MIB) return;
          segment.fill(filler, offset, offset + 2048);

          const from = writer.start + BigInt(offset);
          const to = from + 2048n;
          const { reader, records: found } = read([segment, ...rest], { onFault: 'resume' });
          expect(lsnsOf(found)).toEqual(besides(writer.records, from, to));
          const after = found.find(({ lsn }) => lsn >= to);
          expect(reader.damages.map(({ resumedAt }) => resumedAt)).toEqual(after ? [after.lsn] : []);

          const stopped = read([segment, ...rest]);
          expect(lsnsOf(stopped.records)).toEqual(
            writer.records.filter(({ endLsn }) => endLsn <= from).map(({ lsn }) => lsn),
          );
          expect(stopped.reader.fault).toBeDefined();
        },
      ),
      { numRuns: 80 },
    );
  });

  it('is told from the end of the WAL, after which nothing valid comes', () => {
    const writer = write({ version: 18 }, [{ rmid: 1, info: 0, main: new Uint8Array(8) }]);
    const { reader } = read(bytesOf(writer), { onFault: 'resume' });
    expect(reader.damages).toEqual([]);
    expect(reader.fault).toMatchObject({ kind: 'record-length', length: 0, lsn: writer.records[0].endLsn });
  });

  it('of the timeline that a page names costs no more than the records around it', () => {
    const inputs = Array.from({ length: 60 }, () => ({ rmid: 10, info: 0, main: new Uint8Array(1000) }));
    // too high, so that the next page seems to come from before, and too low
    for (const flipped of [0x7fff_ffff, 0]) {
      const writer = write({ version: 17 }, inputs);
      const [segment] = bytesOf(writer);
      new DataView(segment.buffer).setUint32(3 * 8192 + 4, flipped, true);
      const wrong = writer.start + BigInt(flipped === 0 ? 3 * 8192 : 4 * 8192);
      const fault = { kind: 'timeline-order', lsn: wrong };
      const { reader, records: found } = read([segment], { onFault: 'resume' });
      expect(lsnsOf(found)).toEqual(besides(writer.records, wrong - 1n, wrong + 1n));
      expect(reader.damages).toMatchObject([{ fault }]);
      const stopped = read([segment]);
      expect(stopped.reader.fault).toMatchObject(fault);
      expect(lsnsOf(stopped.records)).toEqual(
        writer.records.filter(({ endLsn }) => endLsn <= wrong).map(({ lsn }) => lsn),
      );
    }
  });

  it('of the rest of a record, where reading begins with it, is noticed by what its pages claim', () => {
    const writer = write({ version: 17 }, [
      { rmid: 10, info: 0, main: new Uint8Array(MIB + 100_000) },
      { rmid: 1, info: 0, main: new Uint8Array(8) },
    ]);
    const [, second] = bytesOf(writer);
    new DataView(second.buffer).setUint32(3 * 8192 + 16, 0xffff, true);
    const { reader, records: found } = read([second], { onFault: 'resume' });
    expect(lsnsOf(found)).toEqual([writer.records[1].lsn]);
    const lsn = writer.start + BigInt(MIB + 3 * 8192);
    expect(reader.damages).toMatchObject([
      { fault: { kind: 'continuation-length', length: 0xffff, lsn }, resumedAt: writer.records[1].lsn },
    ]);
    // as XLogFindNextRecord has it
    expect(lsnsOf(read([second]).records)).toEqual([writer.records[1].lsn]);
  });

  it('of single bytes never brings forth a record that was not written', () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        anyVersion,
        records,
        mutations,
        fc.constantFrom('stop', 'resume'),
        (version, inputs, changes, onFault) => {
          const writer = write({ version }, inputs);
          const segments = bytesOf(writer);
          const used = Number(writer.records[writer.records.length - 1].endLsn - writer.start);
          for (const [seed, value] of changes) {
            // where records are: near the end of the first segment, mostly
            const at = seed % 3 === 0 ? seed % used : Math.max(0, used - 1 - (seed % 70_000));
            segments[Math.floor(at / MIB)][at % MIB] = value;
          }
          const written = new Set(lsnsOf(writer.records));
          try {
            for (const { lsn } of read(segments, { onFault }).records) expect(written.has(lsn)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(WalError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of a length makes no room for more bytes than there are', () => {
    const writer = write({ version: 15 }, [
      { rmid: 10, info: 0, main: new Uint8Array(8192 - 40 - 24 - 5 - 24) },
    ]);
    const record = encodeRecord({ rmid: 10, info: 0 }, writer.records[0].lsn, 15);
    new DataView(record.buffer).setUint32(0, 0xfffffff0, true);
    const [segment] = bytesOf(writer);
    segment.set(record, 8192 - 24);
    const before = process.memoryUsage().arrayBuffers;
    const { reader } = read([segment]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
    expect(reader.fault?.kind).toBe('bad-magic');
  });

  it('may be anything at all: reading ends, with records or without', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 5000 }), anyVersion, (garbage, version) => {
        const [segment] = bytesOf(write({ version }, [{ rmid: 1, info: 0, main: new Uint8Array(8) }]));
        segment.set(garbage, 40);
        expect(read([segment], { onFault: 'resume' }).records).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
