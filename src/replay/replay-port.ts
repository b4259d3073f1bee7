import type { Reading } from '../sources/reading.js';
import type { Pages } from './block-store.js';

/** What replaying needs of its surroundings. */
export interface ReplayPort {
  readonly reading: Reading;
  /** Room for pages, in memory or beyond it. */
  newPages(): Pages;
  /** Told after each segment of a pass through the WAL how many of how many have been read. */
  onSegment?(done: number, total: number, segmentSize: number): void;
}
