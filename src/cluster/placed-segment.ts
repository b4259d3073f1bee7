import type { Lsn } from '../wal/lsn.js';

/** A segment that there is, wherever its bytes are. */
export interface PlacedSegment {
  timeline: number;
  /** LSN of its first byte. */
  start: Lsn;
  /** Only a `.partial` file of it is there. */
  partial?: boolean;
  /** Its first page is an ancestor's: the timeline began in it. */
  beginsTimeline?: boolean;
  /** `pg_resetwal` made it: its WAL begins anew, and follows on no other. */
  reset?: boolean;
  /** Its name alone says which segment it is, whatever its first page says: that may be damaged. */
  placedByName?: boolean;
}
