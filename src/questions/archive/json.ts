import type { MissingSegments } from '../../cluster/chain.js';
import type { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { formatTimestampIso, type TimestampTz } from '../../wal/timestamp.js';
import type { BackupReport } from './backups.js';
import type { ArchiveReport, ArchiveTimeline, SegmentRun } from './run.js';

/** What `walscan archive --json` prints: LSNs as `0/04000680`, times in UTC with microseconds, null where unknown. */
export interface ArchiveJson {
  postgres: number;
  systemIdentifier: string;
  /** In bytes. */
  segmentSize: number;
  /** Nothing is missing or damaged. */
  complete: boolean;
  timelines: {
    timeline: number;
    parent: number | null;
    switchLsn: string | null;
    reason: string | null;
    toldBy: 'history' | 'wal' | null;
    runs: RunJson[];
    missing: MissingJson[];
  }[];
  backups: {
    startLsn: string;
    endLsn: string | null;
    timeline: number;
    label: string | null;
    files: string[];
    state: BackupReport['state'];
    firstSegment: string;
    lastSegment: string | null;
    missing: MissingJson[];
  }[];
  problems: ReturnType<WalError['toJSON']>[];
}

interface RunJson {
  first: string;
  last: string;
  count: number;
  startLsn: string;
  endLsn: string;
  /** These are null where headers alone were read. */
  records: number | null;
  commits: number | null;
  firstCommitTime: string | null;
  lastCommitTime: string | null;
  lastRecordEnd: string | null;
  /** Whether the WAL goes up to the end of the last segment. */
  full: boolean | null;
}

/** The first and the last: there may be too many to list. */
interface MissingJson {
  timeline: number;
  first: string;
  last: string;
  count: number;
}

/** Makes JSON of the report of an `ArchiveRun`. */
export function archiveJson({ format, timelines, backups, problems }: ArchiveReport): ArchiveJson {
  return {
    postgres: format.version,
    systemIdentifier: String(format.systemIdentifier),
    segmentSize: format.segmentSize,
    complete: problems.length === 0,
    timelines: timelines.map(timelineJson),
    backups: backups.map(backupJson),
    problems: problems.map((problem) => problem.toJSON()),
  };
}

function timelineJson(one: ArchiveTimeline): ArchiveJson['timelines'][number] {
  return {
    timeline: one.timeline,
    parent: one.parent ?? null,
    switchLsn: lsnOrNull(one.switchLsn),
    reason: one.reason ?? null,
    toldBy: one.toldBy ?? null,
    runs: one.runs.map(runJson),
    missing: one.missing.map(missingJson),
  };
}

function runJson({ firstName, lastName, count, startLsn, endLsn, content }: SegmentRun): RunJson {
  return {
    first: firstName,
    last: lastName,
    count,
    startLsn: formatLsn(startLsn),
    endLsn: formatLsn(endLsn),
    records: content?.records ?? null,
    commits: content?.commits ?? null,
    firstCommitTime: timeOrNull(content?.firstCommit),
    lastCommitTime: timeOrNull(content?.lastCommit),
    lastRecordEnd: lsnOrNull(content?.lastRecordEnd),
    full: content?.isFull ?? null,
  };
}

export function missingJson({ timeline, firstName, lastName, count }: MissingSegments): MissingJson {
  return { timeline, first: firstName, last: lastName, count };
}

function backupJson(backup: BackupReport): ArchiveJson['backups'][number] {
  const { startLsn, endLsn, timeline, label, files, state, firstSegment, lastSegment, missing } = backup;
  return {
    startLsn: formatLsn(startLsn),
    endLsn: lsnOrNull(endLsn),
    timeline,
    label: label ?? null,
    files,
    state,
    firstSegment,
    lastSegment: lastSegment ?? null,
    missing: missing.map(missingJson),
  };
}

const lsnOrNull = (lsn: Lsn | undefined): string | null => (lsn === undefined ? null : formatLsn(lsn));

const timeOrNull = (time: TimestampTz | undefined): string | null =>
  time === undefined ? null : formatTimestampIso(time);
