import fc from 'fast-check';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
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
  const writer = new WalWriter({ version });
  for (const record of records) {
    if (writer.length > (MOST_SEGMENTS - 1) * writer.segmentSize) break;
    writer.appendBytes(knownTo(version, record));
  }
  const { segments } = writer;
  const last = segments.at(-1);
  if (last && !isWhole) {
    const end = writer.length - (segments.length - 1) * writer.segmentSize;
    last.bytes = last.bytes.subarray(0, Math.ceil(end / writer.blockSize) * writer.blockSize);
  }
  return { version, settings: head.subarray(1), segments };
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
export function kindsOf(version: number): Uint8Array[] {
  return recordKinds(version).map(({ input }, i) =>
    encodeRecord(fc.sample(input, { numRuns: 1, seed: i })[0], 0n, version),
  );
}

/** The first records that a server wrote into a segment of testdata. */
export function recordsIn(path: string, count: number, largest = 2048): Uint8Array[] {
  const reader = new WalReader();
  reader.push(readTestSegment(path));
  const records: Uint8Array[] = [];
  while (records.length < count) {
    const record = reader.next();
    if (record === undefined) break;
    const { bytes, base, totalLength } = record;
    if (totalLength <= largest) records.push(bytes.slice(base, base + totalLength));
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
  const stretches = inStretches(recordsIn(random.pick(paths), 400), stretch);
  return [...kindsOf(version).map((record) => [record]), ...stretches].map((records) => [head, ...records]);
}

function inStretches<T>(list: readonly T[], length: number): T[][] {
  const stretches: T[][] = [];
  for (let at = 0; at < list.length; at += length) stretches.push(list.slice(at, at + length));
  return stretches;
}
