import type { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import type { LongPageHeader } from '../wal/page-header.js';
import type { ByteSource, SourceFolder } from './byte-source.js';
import type { SegmentFacts } from './segment-facts.js';

/** A file that holds a segment, and which segment that is. */
export interface IdentifiedSegment {
  source: ByteSource;
  partial: boolean;
  header: LongPageHeader;
  timeline: number;
  start: Lsn;
  /** See `PlacedSegment`. */
  reset: boolean;
  /** See `PlacedSegment`; where it is known without the header. */
  beginsTimeline?: boolean;
  /** See `SegmentFile`. @internal */
  outside?: boolean;
  /** See `SegmentFile`. @internal */
  facts?: SegmentFacts;
}

/** A segment as facts tell of it. */
export interface FactsSegment extends IdentifiedSegment {
  /** Its file name in `pg_wal`. */
  name: string;
  facts: SegmentFacts;
}

/** What facts tell of an archive. */
export interface FactsStock {
  segments: readonly FactsSegment[];
  /** Folders of the small files that lie beside segments. */
  files: readonly SourceFolder[];
  /** Why some cannot be used. */
  problems: readonly WalError[];
}
