import fc from 'fast-check';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { formatLsn } from '../../src/wal/lsn.js';
import { XLP_TLI } from '../../src/wal/page-header.js';
import { RECORD_HEADER_SIZE, type WalRecord, XL_RMID } from '../../src/wal/record.js';
import { RM_LOGICALMSG_ID, RM_MIN_CUSTOM_ID, RM_XLOG2_ID } from '../../src/wal/rmgr-id.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { recordKinds } from '../support/records/index.js';
import { readTestSegment, segmentPaths } from '../support/testdata.js';
import { encodeRecord, WalWriter, type WrittenSegment } from '../support/wal-writer.js';
import type { Input } from './input.js';
import type { Random } from './random.js';

/**
 * WAL as an input: the first part has the version and what else a target wants to be told, each other one is a record.
 * Length, prev link and CRC of records are made right, so that what is wrong in them gets beyond the reader.
 */
export interface Wal {
  version: number;
  /** The rest of the first part. */
  settings: Uint8Array;
  segments: WrittenSegment[];
}

/** WAL with no more of these is enough. */
const MOST_SEGMENTS = 4;

export const versionOf = (byte: number | undefined): number =>
  OLDEST_VERSION + ((byte ?? 0) % (NEWEST_VERSION - OLDEST_VERSION + 1));

export const VERSIONS: readonly number[] = Array.from({ length: 10 }, (_, i) => OLDEST_VERSION + i);

/** @param isWhole segments of their full size; otherwise the last one ends with its last record's page */
export function walOf([head = new Uint8Array(0), ...records]: Input, isWhole: boolean): Wal {
  const version = versionOf(head[0]);
  return { version, settings: head.subarray(1), segments: segmentsOf(write(records, version, 1), isWhole) };
}

/**
 * The same with a second timeline, which a promotion after so many records began: all others come there in the reverse
 * order.
 */
export function branchedWalOf(
  input: Input,
  count: number,
  isWhole: boolean,
): Wal & { history: WrittenSegment } {
  const wal = walOf(input, isWhole);
  const [, ...records] = input;
  const before = write(records.slice(0, count), wal.version, 2);
  const writer = write([...records.slice(0, count), ...records.slice(count).reverse()], wal.version, 2);
  const branch = segmentsOf(writer, isWhole).slice(Math.floor(before.length / before.segmentSize));
  // the pages up to that of the switch are the parent's
  const [first] = branch;
  for (let at = 0; first && at <= before.length % before.segmentSize && at + 8 <= first.bytes.length; ) {
    new DataView(first.bytes.buffer, first.bytes.byteOffset).setUint32(at + XLP_TLI, 1, true);
    at += before.blockSize;
  }
  const lsn = formatLsn(before.start + BigInt(before.length));
  const history = { name: '00000002.history', bytes: new TextEncoder().encode(`1\t${lsn}\tno reason\n`) };
  return { ...wal, segments: [...wal.segments, ...branch], history };
}

function write(records: readonly Uint8Array[], version: number, timeline: number): WalWriter {
  const writer = new WalWriter({ version, timeline });
  for (const record of records) {
    if (writer.length > (MOST_SEGMENTS - 1) * writer.segmentSize) break;
    writer.appendBytes(knownTo(version, record));
  }
  return writer;
}

function segmentsOf(writer: WalWriter, isWhole: boolean): WrittenSegment[] {
  const { segments } = writer;
  const last = segments.at(-1);
  if (last && !isWhole) {
    const end = writer.length - (segments.length - 1) * writer.segmentSize;
    last.bytes = last.bytes.subarray(0, Math.ceil(end / writer.blockSize) * writer.blockSize);
  }
  return segments;
}

/** With a resource manager that the version has: at any other one reading ends. */
function knownTo(version: number, record: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.max(record.length, RECORD_HEADER_SIZE));
  bytes.set(record);
  const last = version >= 19 ? RM_XLOG2_ID : RM_LOGICALMSG_ID;
  if (bytes[XL_RMID] > last && (version < 15 || bytes[XL_RMID] < RM_MIN_CUSTOM_ID))
    bytes[XL_RMID] %= last + 1;
  return bytes;
}

export function* recordsOf(segments: readonly WrittenSegment[]): Generator<WalRecord> {
  const reader = new WalReader({ onFault: 'resume' });
  for (const { bytes } of segments) {
    reader.push(openSegment(bytes));
    for (let record = reader.next(); record; record = reader.next()) yield record;
  }
}

/** A record of every kind that a version has. */
export const kindsOf = once((version: number): Uint8Array[] =>
  recordKinds(version).map(({ input }, i) =>
    encodeRecord(fc.sample(input, { numRuns: 1, seed: i })[0], 0n, version),
  ),
);

/** What a function of one argument gives, made once for each: seeds are asked for turn by turn. */
function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

const serverRecords = once((path: string): Uint8Array[] =>
  recordsIn(path, 400, ({ totalLength }) => totalLength <= 2048),
);

/** The first records of a segment of testdata that are wanted. */
export function recordsIn(
  path: string,
  count: number,
  isWanted: (record: WalRecord) => boolean,
): Uint8Array[] {
  const reader = new WalReader();
  reader.push(readTestSegment(path));
  const records: Uint8Array[] = [];
  while (records.length < count) {
    const record = reader.next();
    if (record === undefined) break;
    const { bytes, base, totalLength } = record;
    if (isWanted(record)) records.push(bytes.slice(base, base + totalLength));
  }
  return records;
}

/** Of some version every kind of record by itself, and a server's WAL in stretches. */
export function walSeeds(random: Random, stretch: number): Input[] {
  const version = random.pick(VERSIONS);
  const head = Uint8Array.of(version - OLDEST_VERSION, 0);
  const paths = [`testdata/kinds/${version}`, `testdata/lab/${version}`].flatMap((folder) =>
    segmentPaths(folder),
  );
  const stretches = inStretches(serverRecords(random.pick(paths)), stretch);
  return [...kindsOf(version).map((record) => [record]), ...stretches].map((records) => [head, ...records]);
}

function inStretches<T>(list: readonly T[], length: number): T[][] {
  const stretches: T[][] = [];
  for (let at = 0; at < list.length; at += length) stretches.push(list.slice(at, at + length));
  return stretches;
}
