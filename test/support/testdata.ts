import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openSegment, type Segment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import type { WalRecord } from '../../src/wal/record.js';
import { parseSegmentFileName, segmentStart } from '../../src/wal/segment-name.js';

/** A file of testdata, unpacked. */
export function readTestdata(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The segments of a folder that begin so, in order of their names. */
export function segmentPaths(folder: string, begin = ''): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(begin) && /^[0-9A-F]{24}(\.gz)?$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** A segment at the place that its name says. */
export function readTestSegment(path: string): Segment {
  const bytes = readTestdata(path);
  const { segmentSize } = openSegment(bytes);
  const place = parseSegmentFileName(basename(path, '.gz'), segmentSize);
  if (place === undefined) throw new Error(`${path} is no segment's name`);
  const { timeline, segmentNumber } = place;
  return openSegment(bytes, { timeline, start: segmentStart(segmentNumber, segmentSize) });
}

/** All records of segments that follow each other. */
export function* recordsOf(paths: readonly string[]): Generator<WalRecord> {
  const reader = new WalReader();
  for (const path of paths) {
    reader.push(readTestSegment(path));
    for (let record = reader.next(); record; record = reader.next()) yield record;
  }
}
