import type { Lsn } from './lsn.js';

/** Segment sizes are powers of two in this range (`IsValidWalSegSize`, src/include/access/xlog_internal.h). */
export const MIN_SEGMENT_SIZE = 1024 * 1024;
export const MAX_SEGMENT_SIZE = 1024 * 1024 * 1024;

/** What a segment's file name says. */
export interface SegmentName {
  timeline: number;
  /** Position of the segment in the WAL, counted in segments: LSN / segment size. */
  segmentNumber: bigint;
}

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

export function isValidSegmentSize(size: number): boolean {
  return size >= MIN_SEGMENT_SIZE && size <= MAX_SEGMENT_SIZE && (size & (size - 1)) === 0;
}

/**
 * The file name of a segment: timeline, "log" and "seg", eight hexadecimal digits each, a log file being 4 GiB
 * (`XLogFileName`). With 16 MiB segments …000000FF is followed by …0000000100000000. Of a "log" that is too large, as
 * damaged sizes give, the lower 32 bits count, as in C.
 */
export function segmentFileName(timeline: number, segmentNumber: bigint, segmentSize: number): string {
  const perLog = 0x1_0000_0000n / BigInt(segmentSize);
  return (
    hex8(timeline) +
    hex8(Number(BigInt.asUintN(32, segmentNumber / perLog))) +
    hex8(Number(segmentNumber % perLog))
  );
}

/** The name of the segment that holds the byte at `lsn`. */
export function segmentFileNameOf(timeline: number, lsn: Lsn, segmentSize: number): string {
  return segmentFileName(timeline, lsn / BigInt(segmentSize), segmentSize);
}

/** Reads a segment's file name (24 hexadecimal digits, no suffix); undefined when it is none of that size. */
export function parseSegmentFileName(name: string, segmentSize: number): SegmentName | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined;
  const perLog = 0x1_0000_0000n / BigInt(segmentSize);
  const log = BigInt(`0x${name.slice(8, 16)}`);
  const seg = BigInt(`0x${name.slice(16)}`);
  if (seg >= perLog) return undefined;
  return { timeline: Number.parseInt(name.slice(0, 8), 16), segmentNumber: log * perLog + seg };
}

/** The LSN of a segment's first byte. */
export function segmentStart(segmentNumber: bigint, segmentSize: number): Lsn {
  return segmentNumber * BigInt(segmentSize);
}
