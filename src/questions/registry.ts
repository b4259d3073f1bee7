import { type DumpQuery, dumpSegment } from '../dump/segment-dump.js';
import type { KeepColumn } from '../follow/columns.js';
import type { Segment } from '../reader/segment.js';
import type { TimeZone } from '../text/timezone.js';
import type { Lsn } from '../wal/lsn.js';
import { scanForArchive } from './archive/scan.js';
import { type FindCommitQuery, scanSegment } from './find-commit/scan.js';
import { scanForIncidents } from './incidents/scan.js';
import { type MomentQuery, scanForMoment } from './moment/scan.js';

/** What a scan may need that is no plain data. */
export interface ScanContext {
  /** That times are printed in. */
  zone: TimeZone;
  /** Where columns and text are kept, which lie in memory that is used again. */
  keep: KeepColumn;
}

/**
 * What is asked of one segment apart from all others, in whichever thread: its bytes and plain data go in, plain data
 * come out. A new question is a line here.
 */
export const SCANS = {
  'find-commit': (segment: Segment, query: FindCommitQuery, { keep }: ScanContext) =>
    scanSegment(segment, query, keep),
  incidents: (segment: Segment, { endLsn }: { endLsn: Lsn }, { keep }: ScanContext) =>
    scanForIncidents(segment, endLsn, keep),
  moment: (segment: Segment, query: MomentQuery) => scanForMoment(segment, query),
  archive: (segment: Segment, _query: undefined) => scanForArchive(segment),
  dump: (segment: Segment, query: DumpQuery, { zone, keep }: ScanContext) =>
    dumpSegment(segment, query, zone, keep),
};

export type ScanKind = keyof typeof SCANS;
/** What a scan is told. */
export type QueryOf<K extends ScanKind> = Parameters<(typeof SCANS)[K]>[1];
/** What comes of it. */
export type PartOf<K extends ScanKind> = ReturnType<(typeof SCANS)[K]>;
