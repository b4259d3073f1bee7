import { type DumpQuery, DumpScan, type SegmentDump } from '../dump/segment-dump.js';
import type { KeepColumn } from '../follow/columns.js';
import { PartScan } from '../follow/scanner.js';
import type { SegmentScan } from '../reader/segment-scan.js';
import type { TimeZone } from '../text/timezone.js';
import type { Lsn } from '../wal/lsn.js';
import { type ArchivePart, ArchiveScan } from './archive/scan.js';
import type { FactsQuery } from './facts/collector.js';
import type { FactsPart } from './facts/scan.js';
import { type FindCommitPart, type FindCommitQuery, findCommitScan } from './find-commit/scan.js';
import { type IncidentPart, incidentScan } from './incidents/scan.js';
import { type MomentPart, type MomentQuery, MomentScan } from './moment/scan.js';
import { type ReportPart, type ReportQuery, ReportScan } from './report/scan.js';

/** What a scan may need that is no plain data. */
export interface ScanContext {
  /** That times are printed in. */
  zone: TimeZone;
  /** Where columns and text are kept, which lie in memory that is used again. */
  keep: KeepColumn;
}

/** What each scan is told, and what comes of it: plain data. */
interface Scans {
  'find-commit': { query: FindCommitQuery; part: FindCommitPart };
  incidents: { query: { endLsn: Lsn }; part: IncidentPart };
  moment: { query: MomentQuery; part: MomentPart };
  archive: { query: undefined; part: ArchivePart };
  report: { query: ReportQuery; part: ReportPart };
  facts: { query: FactsQuery; part: FactsPart };
  dump: { query: DumpQuery; part: SegmentDump };
}

export type ScanKind = keyof Scans;
/** What roll-ups of facts answer. */
export type RollUpKind = 'find-commit' | 'incidents';
export type QueryOf<K extends ScanKind> = Scans[K]['query'];
export type PartOf<K extends ScanKind> = Scans[K]['part'];

/** What is asked of one segment apart from all others, in whichever thread. A new question is a line here. */
export const SCANS: {
  [K in ScanKind]: (
    query: QueryOf<K>,
    context: ScanContext,
  ) => SegmentScan<PartOf<K>> | Promise<SegmentScan<PartOf<K>>>;
} = {
  'find-commit': (query, { keep }) => new PartScan(findCommitScan(query), keep),
  incidents: ({ endLsn }, { keep }) => new PartScan(incidentScan(endLsn), keep),
  moment: ({ time, endLsn }) => new MomentScan(time, { endLsn }),
  archive: () => new ArchiveScan(),
  report: (query, { keep }) => new ReportScan(query, keep),
  // what no other has any need of (docs/decisions/start.md)
  facts: async (query) => new (await import('./facts/scan.js')).FactsScan(query),
  dump: (query, { zone, keep }) => new DumpScan(query, zone, keep),
};
