import type { HeadJson } from '../../cluster/answer-head.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { Problem } from '../../wal/error.js';
import type { ArchiveJson } from '../archive/json.js';
import type { IncidentsJson } from '../incidents/json.js';

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
  /** How far each base backup can be recovered. */
  reach: BackupReachJson[];
  problems: Problem[];
}

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
  })[];
  others: VolumeJson & { relations: number };
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

export interface CheckpointJson {
  lsn: string;
  redoLsn: string;
  timeline: number;
  time: string;
  kind: 'online' | 'shutdown' | 'end-of-recovery';
  /** WAL from its redo position to the next one's, or to the end. */
  after: VolumeJson;
}

export interface RestorePointJson {
  name: string;
  lsn: string;
  timeline: number;
  time: string;
}

export interface ClockStepJson {
  /** Of the commit whose time is earlier. */
  lsn: string;
  timeline: number;
  /** The latest time before it. */
  from: string;
  to: string;
}

export interface BackupReachJson {
  /** As in `archive.backups`: its label or its tool's name; else its first file. */
  backup: string;
  /** To the end of which timelines there is WAL without a gap, or up to where; newest first. */
  timelines: { timeline: number; lsn: string; time: string | null; complete: boolean }[];
}
