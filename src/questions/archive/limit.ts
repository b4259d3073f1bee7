import { newestOf, newestOfOrdered } from '../newest.js';
import type { ArchiveExamined } from './ask.js';
import type { ArchiveTimeline } from './run.js';

/** How many of each list a limit leaves out, all of them older than what is told. */
export interface OlderInArchive {
  /** Stretches of WAL, missing ones and expired ones, of all timelines together. */
  wal: number;
  backups: number;
  duplicates: number;
  partial: number;
  notArchived: number;
  unused: number;
}

/** A report whose lists have so many each, the newest, in their order; problems are all there. */
export function limitedReport(
  report: ArchiveExamined,
  limit = Number.POSITIVE_INFINITY,
): { report: ArchiveExamined; older: OlderInArchive } {
  const timelines = report.timelines.map((one) => newestStretches(one, limit));
  const backups = newestOfOrdered(report.backups, limit);
  // of those without a place nobody knows how old they are
  const unplaced = newestOf(report.unplaced, limit - backups.newest.length);
  const duplicates = newestOfOrdered(report.duplicates, limit);
  const partial = newestOfOrdered(report.partial, limit);
  const notArchived = newestOfOrdered(report.notArchived, limit);
  const unused = newestOfOrdered(report.unused, limit);
  return {
    report: {
      ...report,
      timelines: timelines.map(({ newest }) => newest),
      backups: backups.newest,
      unplaced: unplaced.newest,
      duplicates: duplicates.newest,
      partial: partial.newest,
      notArchived: notArchived.newest,
      unused: unused.newest,
    },
    older: {
      wal: timelines.reduce((sum, { older }) => sum + older, 0),
      backups: backups.older + unplaced.older,
      duplicates: duplicates.older,
      partial: partial.older,
      notArchived: notArchived.older,
      unused: unused.older,
    },
  };
}

/** What there is of a timeline and what is not, the newest of it. */
function newestStretches(one: ArchiveTimeline, limit: number): { newest: ArchiveTimeline; older: number } {
  const starts = [
    ...one.runs.map(({ startLsn }) => startLsn),
    ...[...one.missing, ...one.expired].map(({ from }) => from),
  ];
  const { newest, older } = newestOfOrdered(
    starts.sort((a, b) => (a < b ? -1 : 1)),
    limit,
  );
  const [first] = newest;
  if (older === 0 || first === undefined) return { newest: one, older };
  return {
    newest: {
      ...one,
      runs: one.runs.filter(({ startLsn }) => startLsn >= first),
      missing: one.missing.filter(({ from }) => from >= first),
      expired: one.expired.filter(({ from }) => from >= first),
    },
    older,
  };
}
