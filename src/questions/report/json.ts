import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import { kindName } from '../../dump/kind-name.js';
import type { KindStats, WalStats } from '../../dump/stats.js';
import type { RelationName } from '../../replay/relation-names.js';
import { rmgrName } from '../../rmgr/index.js';
import { lsnJson, timeJson } from '../../text/json.js';
import { version } from '../../text/version.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { type ArchiveJson, archiveJson } from '../archive/json.js';
import { type IncidentsJson, incidentsJson } from '../incidents/json.js';
import type { Report } from './ask.js';
import type { StepsOverTime, TimeSums } from './over-time.js';
import type { BackupReach } from './reach.js';
import type { WalReport } from './run.js';
import type { CheckpointKind } from './scan.js';
import { type LeftOutJson, Shortened, shortArchive, shortIncidents, withNewest } from './shorten.js';
import { addVolume, bytesOf, noVolume, type Volume } from './volume.js';
import type { EndOnTimeline } from './window-start.js';

/**
 * What `walscan report` shows, and `walscan report --json` prints: LSNs as `0/04000680`, times in UTC with microseconds,
 * sizes in bytes, null where something is not known.
 */
export interface ReportJson {
  /** Of walscan, which made it. */
  walscan: string;
  /** When it was made. */
  made: string;
  /** As `walscan archive --json` has it; headers alone where times bound the report. */
  archive: ArchiveJson;
  /** As `walscan incidents --json` has it, with the same bounds. */
  incidents: IncidentsJson;
  wal: WalReportJson;
  /** What lists of all that are shorter here than they would be, so that the report does not grow without end. */
  leftOut: LeftOutJson[];
}

/** Records, and the bytes that they take. */
export interface VolumeJson {
  records: number;
  /** Without full-page images. */
  recordBytes: number;
  /** Of full-page images, as stored. */
  imageBytes: number;
}

/** What the WAL itself says, of all timelines. WAL that two timelines share counts once. */
export interface WalReportJson extends HeadJson {
  /** How many were read. */
  segments: number;
  since: string | null;
  until: string | null;
  /** As `walscan dump -z` counts them, in the order of the resource managers' ids, without those that have no record. */
  rmgrs: RmgrVolumeJson[];
  /** Null where the WAL tells no time. */
  overTime: OverTimeJson | null;
  relations: RelationVolumesJson;
  transactions: TransactionVolumesJson;
  images: ImagesJson;
  /** Newest first. */
  checkpoints: CheckpointJson[];
  /** There are so many more, older than these. */
  olderCheckpoints: number;
  /** In the order of the WAL. */
  restorePoints: RestorePointJson[];
  moreRestorePoints: number;
  /** Where commits' times go back by more than commits can overtake each other. */
  clockSteps: ClockStepJson[];
  moreClockSteps: number;
  /**
   * Null but for a report of times at which no transaction ended: the last one that ended before, and the first one
   * after. Without one after, the WAL ends there.
   */
  nearest: { before: NearestJson | null; after: NearestJson | null } | null;
  /** How far each base backup can be recovered: those of the archive, and the one that was asked for. */
  reach: BackupReachJson[];
  problems: Problem[];
}

/** What records of one resource manager come to. */
export interface RmgrVolumeJson extends VolumeJson {
  rmgr: string;
  /** By kind, as `walscan dump --stats=record` counts them. */
  kinds: (VolumeJson & { kind: string })[];
}

/**
 * WAL by time, in steps of the same length. Records themselves have no time: one counts to the time that the WAL tells
 * next (of a commit, an abort, a checkpoint or a restore point), those after the last one to that.
 */
export interface OverTimeJson {
  /** When the first step begins. */
  start: string;
  /** How long each is. */
  stepSeconds: number;
  steps: number;
  /** Bytes by resource manager, without images; a number a step. */
  bytes: { rmgr: string; values: number[] }[];
  imageBytes: number[];
  records: number[];
  commits: number[];
  aborts: number[];
  checkpoints: number[];
  /** What is of times so far off that the steps would tell nothing of all the rest; null where nothing is. */
  elsewhere: (VolumeJson & { from: string; to: string }) | null;
}

/**
 * What was written for which relation, largest first. A record counts to the relation of its first block, each image
 * to that of its block, so that all of them, with `others` and `none`, come to what the resource managers come to.
 */
export interface RelationVolumesJson {
  largest: (VolumeJson & {
    /** `tablespace/database/relfilenode` */
    relation: string;
    name: RelationName | null;
    /** The table that it belongs to, of a TOAST table or an index. */
    owner: RelationName | null;
  })[];
  others: VolumeJson & { relations: number };
  /** False where there were so many that those which wrote least were put together early: then sums may be too small. */
  exact: boolean;
  /** Records without blocks. */
  none: VolumeJson;
}

/** What transactions wrote, largest first, subtransactions to their top-level one. */
export interface TransactionVolumesJson {
  largest: (VolumeJson & {
    xid: number;
    timeline: number;
    /** `open`: the WAL does not tell how it ended. */
    state: 'committed' | 'aborted' | 'prepared' | 'open';
    /** Of its end; null where that is not known. */
    lsn: string | null;
    time: string | null;
  })[];
  others: VolumeJson & { transactions: number };
  /** Records of no transaction. */
  none: VolumeJson;
}

/** Full-page images, and what they would be otherwise. */
export interface ImagesJson {
  count: number;
  /** As stored. */
  bytes: number;
  /** Those that are compressed (`wal_compression`). */
  compressed: { count: number; bytes: number };
  /** What all of them come to uncompressed, without the holes of pages. */
  uncompressedBytes: number;
  /** Their share of all bytes of WAL, 0 to 1. */
  share: number;
  /**
   * What could make them fewer or smaller: `checkpoint_timeout` where checkpoints come so often that images are much of
   * the WAL; `wal_compression` where images are much of the WAL and not compressed.
   */
  hints: ('checkpoint_timeout' | 'wal_compression')[];
}

/** A checkpoint, and the WAL after it. */
export interface CheckpointJson {
  lsn: string;
  redoLsn: string;
  timeline: number;
  time: string;
  kind: CheckpointKind;
  /** WAL from its redo position to the next one's, or to the end. */
  after: VolumeJson;
}

/** What `pg_create_restore_point` wrote. */
export interface RestorePointJson {
  name: string;
  lsn: string;
  timeline: number;
  time: string;
}

/** Where commits' times go back by more than commits can overtake each other. */
export interface ClockStepJson {
  /** Of the commit whose time is earlier. */
  lsn: string;
  timeline: number;
  /** The latest time before it. */
  from: string;
  to: string;
}

/** The end of a transaction. */
export interface NearestJson {
  lsn: string;
  timeline: number;
  time: string;
}

/** How far a base backup can be recovered. */
export interface BackupReachJson {
  /** Its tool's name or its label; else its first file. */
  backup: string;
  /** Where it begins decides how far it reaches. `archive.backups` has it, too, unless it was given apart. */
  startLsn: string;
  timeline: number;
  /** To the end of which timelines there is WAL without a gap, or up to where; newest first. */
  timelines: { timeline: number; lsn: string; time: string | null; complete: boolean }[];
}

/** Makes JSON of what `readReport` gives. */
export function reportJson(report: Report): ReportJson {
  const short = new Shortened();
  return {
    walscan: version,
    made: formatTimestampIso(report.made),
    archive: shortArchive(archiveJson(report.archive), short),
    incidents: shortIncidents(incidentsJson(withNewest(report.incidents)), short),
    wal: walJson(report, short),
    leftOut: short.leftOut,
  };
}

function walJson({ wal, since, until, reach, names, owners }: Report, short: Shortened): WalReportJson {
  const { relations, transactions, checkpoints, restorePoints, clockSteps, problems } = wal;
  return {
    ...headJson(wal),
    segments: wal.segments,
    since: timeJson(since),
    until: timeJson(until),
    rmgrs: rmgrsJson(wal.stats),
    overTime: overTimeJson(wal.overTime),
    relations: {
      ...relations,
      largest: relations.largest.map(({ relation, ...volume }) => {
        const [name = null, owner = null] = [names.get(relation), owners.get(relation)];
        return { relation, name, owner, ...volume };
      }),
    },
    transactions: {
      ...transactions,
      largest: transactions.largest.map((one) => {
        return { ...one, lsn: lsnJson(one.lsn), time: timeJson(one.time) };
      }),
    },
    images: imagesJson(wal),
    checkpoints: checkpoints.map(({ lsn, redo, timeline, time, kind, after }) => ({
      ...{ lsn: formatLsn(lsn), redoLsn: formatLsn(redo), timeline },
      ...{ time: formatTimestampIso(time), kind, after },
    })),
    olderCheckpoints: wal.olderCheckpoints,
    restorePoints: restorePoints.map(({ name, lsn, timeline, time }) => {
      return { name, lsn: formatLsn(lsn), timeline, time: formatTimestampIso(time) };
    }),
    moreRestorePoints: wal.moreRestorePoints,
    clockSteps: clockSteps.map(({ lsn, timeline, from, to }) => {
      return { lsn: formatLsn(lsn), timeline, from: formatTimestampIso(from), to: formatTimestampIso(to) };
    }),
    moreClockSteps: wal.moreClockSteps,
    nearest: wal.nearest
      ? { before: nearestJson(wal.nearest.before), after: nearestJson(wal.nearest.after) }
      : null,
    reach: short.cutOld('wal.reach', reach).map((one) => reachJson(one, short)),
    problems: short.cut('wal.problems', problems).map((problem) => problem.toJSON()),
  };
}

function rmgrsJson({ kinds, version: postgres }: WalStats): RmgrVolumeJson[] {
  const rmgrs = new Map<number, RmgrVolumeJson>();
  const inOrder = Object.keys(kinds)
    .map(Number)
    .sort((a, b) => a - b);
  for (const kind of inOrder) {
    const rmid = kind >> 4;
    const volume = volumeOf(kinds[kind]);
    const rmgr = rmgrs.get(rmid) ?? { rmgr: rmgrName(rmid), ...noVolume(), kinds: [] };
    addVolume(rmgr, volume);
    rmgr.kinds.push({ kind: kindName(rmid, (kind & 0x0f) << 4, postgres), ...volume });
    rmgrs.set(rmid, rmgr);
  }
  return [...rmgrs.values()];
}

const volumeOf = ({ count, recordBytes, imageBytes }: KindStats): Volume => {
  return { records: count, recordBytes, imageBytes };
};

function overTimeJson(steps: StepsOverTime | undefined): OverTimeJson | null {
  if (steps === undefined) return null;
  const { first, seconds, sums, elsewhere } = steps;
  const rmids = [...new Set(sums.flatMap((one) => (one ? [...one.bytes.keys()] : [])))].sort((a, b) => a - b);
  const values = (of: (sums: TimeSums) => number): number[] => sums.map((one) => (one ? of(one) : 0));
  const timeOf = (step: number): string => formatTimestampIso(BigInt(step) * BigInt(seconds) * 1_000_000n);
  return {
    start: timeOf(first),
    stepSeconds: seconds,
    steps: sums.length,
    bytes: rmids.map((rmid) => ({
      rmgr: rmgrName(rmid),
      values: values(({ bytes }) => bytes.get(rmid) ?? 0),
    })),
    imageBytes: values((one) => one.imageBytes),
    records: values((one) => one.records),
    commits: values((one) => one.commits),
    aborts: values((one) => one.aborts),
    checkpoints: values((one) => one.checkpoints),
    elsewhere: elsewhere && {
      ...volumeOfSums(elsewhere.sums),
      from: timeOf(elsewhere.first),
      to: timeOf(elsewhere.last + 1),
    },
  };
}

function volumeOfSums({ records, bytes, imageBytes }: TimeSums): Volume {
  return { records, recordBytes: [...bytes.values()].reduce((sum, one) => sum + one, 0), imageBytes };
}

/** Images are much of the WAL: at least this share of its bytes. */
const MUCH = 0.3;
/** More of the images than this are not compressed. */
const MOST_COMPRESSED = 0.5;
/** Checkpoints come often: as often as `checkpoint_timeout` is by default, in seconds, or more so. */
const OFTEN = 300;

function imagesJson({ images, total, checkpoints }: WalReport): ImagesJson {
  const all = bytesOf(total);
  const share = all === 0 ? 0 : images.bytes / all;
  const hints: ImagesJson['hints'] = [];
  if (share >= MUCH && areOften(checkpoints)) hints.push('checkpoint_timeout');
  if (share >= MUCH && images.compressed.count < MOST_COMPRESSED * images.count)
    hints.push('wal_compression');
  return { ...images, share, hints };
}

/** The middle one of the times between online checkpoints tells: some come early for backups. */
function areOften(checkpoints: WalReport['checkpoints']): boolean {
  const online = checkpoints.filter(({ kind }) => kind === 'online');
  const between = online.slice(1).map(({ time }, i) => Number(online[i].time - time) / 1e6);
  const sorted = between.sort((a, b) => a - b);
  return sorted.length > 0 && sorted[sorted.length >> 1] <= OFTEN * 1.1;
}

function nearestJson(end: EndOnTimeline | undefined): NearestJson | null {
  if (end === undefined) return null;
  const { lsn, timeline, time } = end;
  return { lsn: formatLsn(lsn), timeline, time: formatTimestampIso(time) };
}

function reachJson({ backup, timelines }: BackupReach, short: Shortened): BackupReachJson {
  const { stored, label, files, timeline } = backup;
  const startLsn = formatLsn(backup.startLsn);
  return {
    ...{ backup: stored?.name ?? label ?? files[0] ?? startLsn, startLsn, timeline },
    timelines: short.cut('wal.reach.timelines', timelines, 10).map(({ timeline, lsn, time, complete }) => {
      return { timeline, lsn: formatLsn(lsn), time: timeJson(time), complete };
    }),
  };
}
