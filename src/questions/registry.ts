import { type DumpQuery, dumpSegment, type KeepText } from '../dump/segment-dump.js';
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
  /** See `dumpSegment`. */
  keepText: KeepText;
}

/**
 * What is asked of one segment apart from all others, in whichever thread: its bytes and plain data go in, plain data
 * come out. A new question is a line here.
 */
export const SCANS = {
  'find-commit': (segment: Segment, query: FindCommitQuery) => scanSegment(segment, query),
  incidents: (segment: Segment, { endLsn }: { endLsn: Lsn }) => scanForIncidents(segment, endLsn),
  moment: (segment: Segment, query: MomentQuery) => scanForMoment(segment, query),
  archive: (segment: Segment, _query: undefined) => scanForArchive(segment),
  dump: (segment: Segment, query: DumpQuery, { zone, keepText }: ScanContext) =>
    dumpSegment(segment, query, zone, keepText),
};

export type ScanKind = keyof typeof SCANS;
/** What a scan is told. */
export type QueryOf<K extends ScanKind> = Parameters<(typeof SCANS)[K]>[1];
/** What comes of it. */
export type PartOf<K extends ScanKind> = ReturnType<(typeof SCANS)[K]>;
