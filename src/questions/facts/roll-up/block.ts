import type { Lsn } from '../../../wal/lsn.js';
import { MOST_TRANSACTIONS } from '../../find-commit/search.js';

/** How much is rolled up together. What comes of questions does not depend on it, but how fast. */
export interface RollUpSizes {
  /** Segments of a block, which begins at a multiple of it. */
  segments: number;
  /**
   * Segments that wait for each other, from a multiple of it on: so an archive begins and ends with few that are not
   * rolled up, and what comes one by one is not rolled up each time.
   */
  stretch: number;
  /** Of so many transaction ids that are seen first, some may have begun before: they stay rows. */
  early: number;
  /** So many transactions that changed a relation stay rows, the newest by their first record: they are listed. */
  newest: number;
}

const MOST_SEGMENTS = 64;
const STRETCH = 8;

/** A roll-up stands for no more WAL than the largest segment: its places are as those of one. */
const MOST_BYTES = 1024 ** 3;

/** For segments of a size. Of the largest ones there is one in a block, and none is rolled up. */
export function rollUpSizes(segmentSize: number): RollUpSizes {
  const segments = Math.min(MOST_SEGMENTS, MOST_BYTES / segmentSize);
  return { segments, stretch: Math.min(STRETCH, segments), early: 128, newest: MOST_TRANSACTIONS };
}

/** Where the block of segments begins that a position lies in. @param segments of a block */
export const blockStart = (lsn: Lsn, segmentSize: number, segments: number): Lsn =>
  lsn - (lsn % BigInt(segmentSize * segments));
