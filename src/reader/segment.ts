import type { Lsn } from '../wal/lsn.js';
import { parseLongPageHeader } from '../wal/page-header.js';
import type { RecordHome } from '../wal/record.js';
import { segmentFileName } from '../wal/segment-name.js';

/**
 * A WAL segment in memory, ready to be read; or a window of one, which is some of its pages: then its LSN is that of the
 * window, and the windows of a segment follow each other as segments do.
 */
export interface Segment extends RecordHome {
  /** Its bytes; fewer than {@link size} for a file that is cut off. */
  readonly bytes: Uint8Array;
  /** The same bytes as words and as a view, for the reader's inner loop. */
  readonly words: Int32Array;
  readonly view: DataView;
  /** As messages name it: the segment's file name (24 hexadecimal digits). */
  readonly name: string;
  readonly systemIdentifier: bigint;
  /** LSN of the first byte, as it should be; a page that says otherwise is damage or a recycled one. */
  readonly start: Lsn;
  readonly timeline: number;
  readonly segmentSize: number;
  readonly blockSize: number;
  /** How many bytes of WAL it stands for: {@link segmentSize}, or those of the window. */
  readonly size: number;
}

/** What is known of a segment beside its bytes. */
export interface OpenSegmentOptions {
  /** As messages of this call name it. */
  file?: string;
  /** Where the segment belongs, when its name says so; what its first page says is taken otherwise. */
  start?: Lsn;
  timeline?: number;
}

/**
 * Makes a segment out of a file's bytes (not compressed).
 * @throws WalError as {@link parseLongPageHeader} does
 */
export function openSegment(fileBytes: Uint8Array, options: OpenSegmentOptions = {}): Segment {
  const header = parseLongPageHeader(fileBytes, options.file);
  const { version, segmentSize, blockSize, systemIdentifier } = header;
  const start = options.start ?? header.pageAddress - (header.pageAddress % BigInt(segmentSize));
  const timeline = options.timeline ?? header.timeline;
  return makeSegment(fileBytes, { version, segmentSize, blockSize, systemIdentifier }, start, timeline);
}

/**
 * The segment that follows another one, whatever its bytes: its page headers are left to the reader, which
 * reports what is wrong with them in its place.
 */
export function openNextSegment(fileBytes: Uint8Array, before: Segment, timeline = before.timeline): Segment {
  return makeSegment(fileBytes, before, before.start + BigInt(before.size), timeline);
}

/** What all segments of a cluster have in common. */
export type WalFormat = Pick<Segment, 'version' | 'segmentSize' | 'blockSize' | 'systemIdentifier'>;

/** The segment that belongs at `start`, whatever its bytes: see {@link openNextSegment}. */
export function makeSegment(fileBytes: Uint8Array, format: WalFormat, start: Lsn, timeline: number): Segment {
  return makeWindow(fileBytes, format, start, timeline, format.segmentSize);
}

/**
 * A window of the segment that belongs at `start`, see {@link Segment}.
 * @param start LSN of its first byte, where a page begins
 * @param size as of {@link Segment.size}: whole pages, none of which is of the next segment
 */
export function makeWindow(
  windowBytes: Uint8Array,
  format: WalFormat,
  start: Lsn,
  timeline: number,
  size: number,
): Segment {
  const bytes = aligned(windowBytes.subarray(0, size));
  return {
    bytes,
    words: new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2),
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    name: segmentFileName(timeline, start / BigInt(format.segmentSize), format.segmentSize),
    start,
    startHi: Number(start >> 32n),
    startLo: Number(start & 0xffffffffn),
    timeline,
    version: format.version,
    segmentSize: format.segmentSize,
    blockSize: format.blockSize,
    systemIdentifier: format.systemIdentifier,
    size,
  };
}

/** Where in its segment it begins: 0 where it is a segment, or the first window of one. */
export const offsetInSegment = (
  { startLo }: Pick<Segment, 'startLo'>,
  { segmentSize }: Pick<Segment, 'segmentSize'>,
): number => startLo & (segmentSize - 1);

/**
 * A plain Uint8Array (not a Node Buffer: the inner loops are compiled for one type) that starts where words may,
 * which a part of a larger buffer may not.
 */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes);
}
