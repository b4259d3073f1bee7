import { type AnswerHead, type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { MissingSegments } from '../../cluster/chain.js';
import type { ToolName } from '../../repos/index.js';
import { lsnJson, timeJson } from '../../text/json.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn, highest, lowest } from '../../wal/lsn.js';
import type { ArchiveExamined } from './ask.js';
import type { BackupReport } from './backups.js';
import { limitedReport, type OlderInArchive } from './limit.js';
import type { ArchiveTimeline, ForeignSegments, SegmentRun } from './run.js';
import type { StoredBackupFacts } from './stored-backups.js';
import type { VerifiedBackup } from './verify.js';

/** What `walscan archive --json` prints: LSNs as `0/04000680`, times in UTC with microseconds, null where unknown. */
export interface ArchiveJson extends HeadJson {
  /** In bytes. */
  segmentSize: number;
  /** Headers alone were read. */
  quick: boolean;
  /** Nothing is missing or damaged. */
  complete: boolean;
  /** What there is of each timeline. */
  wal: {
    timeline: number;
    parent: number | null;
    switchLsn: string | null;
    reason: string | null;
    toldBy: 'history' | 'wal' | null;
    runs: RunJson[];
    missing: MissingJson[];
    /** What a retention policy took between base backups. */
    expired: MissingJson[];
  }[];
  /** Where one begins and what it needs is null of a backup that failed before its tool knew. */
  backups: (StoredBackupJson & {
    startLsn: string | null;
    endLsn: string | null;
    timeline: number | null;
    label: string | null;
    files: string[];
    state: BackupReport['state'];
    firstSegment: string | null;
    lastSegment: string | null;
    missing: MissingJson[];
    /** Null without `--verify`, of a backup that cannot be restored, and where its files are not here. */
    verified: VerifiedJson | null;
  })[];
  /** Segments of another timeline than the history file of its number tells of, by another server or restore. */
  foreign: {
    timeline: number;
    first: string;
    last: string;
    count: number;
    /** Where that timeline began, and as whose child; null where nothing here tells. */
    switchLsn: string | null;
    parent: number | null;
  }[];
  /** Segments that there are several whole files of. */
  duplicates: { segment: string; files: string[] }[];
  /** `.partial` files; `whole`: the whole segment is there as well. */
  partial: { segment: string; file: string; whole: boolean }[];
  /** What `pg_wal/archive_status` says is still to be archived. */
  notArchived: string[];
  /** Files called as segments that hold none, or one of another place. */
  unused: { segment: string; file: string; reason: 'zeroed' | 'recycled' | 'empty' }[];
  /** There only with a limit: how many of each list it leaves out, all of them older. */
  older?: OlderInArchive;
  problems: Problem[];
}

/** What reading all files of a backup showed. */
export interface VerifiedJson {
  /** Nothing is wrong with it. */
  sound: boolean;
  /** What has the checksums of its files; null where nothing has. */
  checksums: 'backup_manifest' | 'backup.manifest' | null;
  files: number;
  /** Of files, unpacked. */
  bytes: number;
  /** Pages whose own checksums were looked at; null where they were not. */
  pages: number | null;
  problems: Problem[];
}

/** What a backup tool tells of a base backup; all null where it is of no repository. */
export interface StoredBackupJson {
  tool: ToolName | null;
  name: string | null;
  type: 'full' | 'differential' | 'incremental' | null;
  /** The backup that it builds on. */
  parent: string | null;
  startTime: string | null;
  stopTime: string | null;
  /** Bytes of the data folder. */
  size: number | null;
  /** Bytes that it takes in the repository, without those of backups that it builds on. */
  storedSize: number | null;
  /** Why it is `unusable`. */
  problem: Problem | null;
}

/** Segments of one timeline that follow each other without a gap. */
export interface RunJson {
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

/** A stretch of segments that are missing, by the first and the last: there may be too many to list. */
export interface MissingJson {
  timeline: number;
  first: string;
  last: string;
  count: number;
}

/**
 * Makes JSON of what `examineArchive` gives.
 * @param limit so many of each list, the newest; but all problems
 */
export function archiveJson(examined: ArchiveExamined, limit?: number): ArchiveJson {
  const { report, older } = limitedReport(examined, limit);
  const { format, quick, timelines, backups, foreign, duplicates, partial, notArchived, unused, problems } =
    report;
  const { version: postgres, systemIdentifier, segmentSize } = format;
  return {
    ...headJson({ postgres, systemIdentifier, ...rangeOf(examined.timelines) }),
    segmentSize,
    quick,
    complete: problems.length === 0,
    wal: timelines.map(timelineJson),
    backups: [...backups.map(backupJson), ...report.unplaced.map(unplacedJson)],
    foreign: foreign.map(foreignJson),
    duplicates,
    partial,
    notArchived,
    unused,
    ...(limit === undefined ? {} : { older }),
    problems: problems.map((problem) => problem.toJSON()),
  };
}

/** From the first segment to the last record or, where headers alone were read, to the end of the last segment. */
function rangeOf(all: readonly ArchiveTimeline[]): Pick<AnswerHead, 'timelines' | 'startLsn' | 'endLsn'> {
  const runs = all.flatMap((one) => one.runs);
  const ends = runs.map(({ content, endLsn }) => content?.lastRecordEnd ?? endLsn);
  return {
    timelines: all.map(({ timeline }) => timeline),
    startLsn: lowest(runs.map(({ startLsn }) => startLsn)),
    endLsn: highest(ends),
  };
}

function timelineJson(one: ArchiveTimeline): ArchiveJson['wal'][number] {
  return {
    timeline: one.timeline,
    parent: one.parent ?? null,
    switchLsn: lsnJson(one.switchLsn),
    reason: one.reason ?? null,
    toldBy: one.toldBy ?? null,
    runs: one.runs.map(runJson),
    missing: one.missing.map(missingJson),
    expired: one.expired.map(missingJson),
  };
}

function foreignJson(one: ForeignSegments): ArchiveJson['foreign'][number] {
  return {
    timeline: one.timeline,
    first: one.firstName,
    last: one.lastName,
    count: one.count,
    switchLsn: lsnJson(one.switchLsn),
    parent: one.parent ?? null,
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
    firstCommitTime: timeJson(content?.firstCommit),
    lastCommitTime: timeJson(content?.lastCommit),
    lastRecordEnd: lsnJson(content?.lastRecordEnd),
    full: content?.isFull ?? null,
  };
}

export function missingJson({ timeline, firstName, lastName, count }: MissingSegments): MissingJson {
  return { timeline, first: firstName, last: lastName, count };
}

function backupJson(backup: BackupReport): ArchiveJson['backups'][number] {
  const { startLsn, endLsn, timeline, label, files, state, firstSegment, lastSegment, missing } = backup;
  return {
    ...storedJson(backup.stored),
    startLsn: formatLsn(startLsn),
    endLsn: lsnJson(endLsn),
    timeline,
    label: label ?? null,
    files,
    state,
    firstSegment,
    lastSegment: lastSegment ?? null,
    missing: missing.map(missingJson),
    verified: verifiedJson(backup.verified),
  };
}

const unplacedJson = (stored: ArchiveExamined['unplaced'][number]): ArchiveJson['backups'][number] => ({
  ...storedJson(stored),
  startLsn: null,
  endLsn: null,
  timeline: null,
  label: null,
  files: [],
  state: stored.problem === undefined ? 'end-unknown' : 'unusable',
  firstSegment: null,
  lastSegment: null,
  missing: [],
  verified: verifiedJson(stored.verified),
});

function verifiedJson(verified: VerifiedBackup | undefined): VerifiedJson | null {
  if (verified === undefined) return null;
  const { checksums, files, bytes, pages, problems } = verified;
  return {
    sound: problems.length === 0,
    checksums: checksums ?? null,
    files,
    bytes,
    pages: pages ?? null,
    problems: problems.map((problem) => problem.toJSON()),
  };
}

function storedJson(stored: StoredBackupFacts | undefined): StoredBackupJson {
  return {
    tool: stored?.tool ?? null,
    name: stored?.name ?? null,
    type: stored?.type ?? null,
    parent: stored?.parent ?? null,
    startTime: timeJson(stored?.startTime),
    stopTime: timeJson(stored?.stopTime),
    size: stored?.size ?? null,
    storedSize: stored?.storedSize ?? null,
    problem: stored?.problem?.toJSON() ?? null,
  };
}
