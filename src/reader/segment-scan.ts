import type { Segment } from './segment.js';

/** Looks at one segment apart from all others, window by window. */
export interface SegmentScan<P> {
  /** Takes in the segment, or its next window. */
  take(window: Segment): void;
  /**
   * What was taken in since this was asked last, where that can be told before the rest is there: so that what is kept
   * of a large segment need not grow with it. Left out where it does not.
   */
  cut?(): P | undefined;
  /** What was taken in since, once all is. */
  finish(): P;
}

/** Scans a segment that is in memory as a whole. */
export function scanWhole<P>(scan: SegmentScan<P>, segment: Segment): P {
  scan.take(segment);
  return scan.finish();
}
