import { recordJson } from '../../../src/dump/json.js';
import { recordText } from '../../../src/dump/line.js';
import type { DumpOutput } from '../../../src/dump/printer.js';
import { dumpSegment } from '../../../src/dump/segment-dump.js';
import { faultMessage } from '../../../src/reader/fault.js';
import { makeSegment, openSegment, type Segment } from '../../../src/reader/segment.js';
import { joinSpans, readSpan, type WalSpan } from '../../../src/reader/span.js';
import { WalReader } from '../../../src/reader/wal-reader.js';
import { decode, describe, identify, writeDescription } from '../../../src/rmgr/index.js';
import { decodeText } from '../../../src/text/encoding.js';
import { TextBuffer } from '../../../src/text/text-buffer.js';
import { UTC } from '../../../src/text/timezone.js';
import { WalError } from '../../../src/wal/error.js';
import { restoreImage } from '../../../src/wal/page-image.js';
import type { WalRecord } from '../../../src/wal/record.js';
import { check, type Target } from '../target.js';
import { recordsOf, walOf, walSeeds } from '../wal.js';

/** Fixed parts of the settings of {@link records}: bytes of the segments that are changed after the sealing. */
const FLIP_SIZE = 5;

/** The reader, over WAL that is damaged after its records were sealed; in one go and segment by segment. */
const records: Target = {
  name: 'records',
  seeds: (random) => walSeeds(random, 20),
  run(input) {
    const { settings, segments, version } = walOf(input, false);
    if (segments.length === 0) return;
    for (let at = 1; at + FLIP_SIZE <= settings.length; at += FLIP_SIZE) {
      const [which, a, b, c, value] = settings.subarray(at, at + FLIP_SIZE);
      const { bytes } = segments[which % segments.length];
      bytes[(a | (b << 8) | (c << 16)) % bytes.length] ^= value;
    }
    const first = openSegment(segments[0].bytes);
    const opened = segments.map(({ bytes }, i) =>
      makeSegment(bytes, first, first.start + BigInt(i * first.segmentSize), first.timeline),
    );
    const inOne = readAll(opened);
    const apart = readApart(opened);
    check(inOne.join() === apart.join(), `in one ${inOne.length} records, apart ${apart.length}`);
    const reader = new WalReader({ transient: true });
    for (const segment of opened) {
      reader.push(segment);
      while (reader.next() !== undefined);
    }
    const { fault } = reader;
    if (fault) faultMessage(fault, version);
  },
};

const nameOf = ({ offset, totalLength, lsnText }: WalRecord): string => `${lsnText} ${offset} ${totalLength}`;

function readAll(segments: readonly Segment[]): string[] {
  const reader = new WalReader({ onFault: 'resume' });
  const names: string[] = [];
  for (const segment of segments) {
    reader.push(segment);
    for (let record = reader.next(); record; record = reader.next()) names.push(nameOf(record));
  }
  return names;
}

function readApart(segments: readonly Segment[]): string[] {
  const names: string[] = [];
  let joined: WalSpan | undefined;
  for (const segment of segments) {
    const inside: string[] = [];
    const span = readSpan(segment, {}, (record) => inside.push(nameOf(record)));
    const both = joined && joinSpans(joined, span);
    if (both?.record) names.push(nameOf(both.record));
    names.push(...inside);
    joined = both?.span ?? span;
  }
  return names;
}

const decoding: Target = {
  name: 'decode',
  seeds: (random) => walSeeds(random, 5),
  run(input) {
    const { version, segments } = walOf(input, false);
    const context = { version, zone: UTC };
    for (const record of recordsOf(segments)) {
      identify(record.rmid, record.info, version);
      const data = decode(record);
      const text = describe(data, context);
      const out = new TextBuffer(64);
      const problem = writeDescription(out, record, context);
      check(decodeText(out.written) === text, 'what is written as bytes is not what the table says');
      check(
        problem === (data.type === 'undecodable' ? String(data.reason) : undefined),
        'undecodable or not',
      );
    }
  },
};

const dumpOf = (
  name: string,
  output: DumpOutput,
  each: (record: WalRecord, version: number) => string,
): Target => ({
  name,
  seeds: (random) => walSeeds(random, 5),
  run(input) {
    const { version, segments } = walOf(input, false);
    const lines = Array.from(recordsOf(segments), (record) => each(record, version)).join('');
    const [first, ...rest] = segments;
    if (rest.length > 0 || first === undefined) return;
    const { text } = dumpSegment(openSegment(first.bytes), { filter: {}, output }, UTC);
    check(decodeText(Buffer.concat(text)) === lines, 'a segment is not printed as its records are');
  },
});

const text = dumpOf('text', { kind: 'text', blockDetails: false }, (record) => recordText(record));

const details = dumpOf('details', { kind: 'text', blockDetails: true }, (record) =>
  recordText(record, { blockDetails: true }),
);

const json = dumpOf('json', { kind: 'json' }, (record, version) => {
  const line = JSON.stringify(recordJson(record, { version, zone: UTC }));
  JSON.parse(line);
  return `${line}\n`;
});

const stats: Target = {
  name: 'stats',
  seeds: (random) => walSeeds(random, 20),
  run(input) {
    const { segments } = walOf(input, false);
    for (const { bytes } of segments)
      dumpSegment(openSegment(bytes), { filter: {}, output: { kind: 'stats' } }, UTC);
  },
};

/** Full-page images as records hold them. */
const images: Target = {
  name: 'images',
  seeds: (random) =>
    walSeeds(random, 1).filter((input) => [...recordsOf(walOf(input, false).segments)].some(hasImage)),
  run(input) {
    for (const record of recordsOf(walOf(input, false).segments)) {
      for (const block of record.blocks) {
        try {
          check(restoreImage(block).length === 8192, 'a page of another size');
        } catch (error) {
          if (!(error instanceof WalError)) throw error;
        }
      }
    }
  },
};

const hasImage = ({ blocks }: WalRecord): boolean => blocks.some(({ image }) => image !== undefined);

export const recordTargets: readonly Target[] = [records, decoding, text, details, json, stats, images];
