import { countRecord, emptyStats, type WalStats } from '../../dump/stats.js';
import { copyColumn, type KeepColumn } from '../../follow/columns.js';
import { RelationAt } from '../../follow/relation-at.js';
import { transactionEnd } from '../../follow/transaction-end.js';
import {
  type Assignment,
  isCut,
  type TransactionEvents,
  TransactionEventsBuilder,
} from '../../follow/transaction-events.js';
import type { Segment } from '../../reader/segment.js';
import type { SegmentScan } from '../../reader/segment-scan.js';
import { SpanReader, type WalSpan } from '../../reader/span.js';
import { decode, type RecordData } from '../../rmgr/index.js';
import { XLOG_RUNNING_XACTS } from '../../rmgr/standby.js';
import {
  XLOG_XACT_ABORT,
  XLOG_XACT_ABORT_PREPARED,
  XLOG_XACT_COMMIT,
  XLOG_XACT_COMMIT_PREPARED,
  XLOG_XACT_OPMASK,
} from '../../rmgr/transaction.js';
import { XLOG_FPI, XLOG_FPI_FOR_HINT } from '../../rmgr/xlog.js';
import type { Lsn } from '../../wal/lsn.js';
import { BLCKSZ, INVALID_XID, type WalRecord } from '../../wal/record.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../../wal/rmgr-id.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';
import { OverTime, type TimePart } from './over-time.js';
import { type RelationColumns, RelationSums } from './relation-volumes.js';
import { type XidVolumes, XidVolumesBuilder } from './transaction-volumes.js';
import { noVolume, type Volume } from './volume.js';

/** Which of a segment's records count. */
export interface ReportQuery {
  /** From here on only: what comes before counts elsewhere. */
  startLsn: Lsn | undefined;
  /** Before the first end of a transaction that is later. */
  until: TimestampTz | undefined;
}

/** Full-page images. */
export interface ImageSums {
  count: number;
  bytes: number;
  compressed: { count: number; bytes: number };
  /** What all of them come to uncompressed, without the holes of pages. */
  uncompressedBytes: number;
}

/** Why there was a checkpoint: while the server ran, when it was stopped, when a recovery ended. */
export type CheckpointKind = 'online' | 'shutdown' | 'end-of-recovery';

/** A checkpoint, as its record tells it. */
export interface ReportedCheckpoint {
  lsn: Lsn;
  /** Where recovery from it begins to read. */
  redo: Lsn;
  time: TimestampTz;
  kind: CheckpointKind;
}

/**
 * Where a redo position may be found: checkpoints, and what is written at their redo position (CHECKPOINT_REDO, since
 * 17) or right after it (RUNNING_XACTS).
 */
export interface Mark {
  lsn: Lsn;
  /** What comes before it in the stretch. */
  before: Volume;
  checkpoint: ReportedCheckpoint | undefined;
}

/** What `pg_create_restore_point` wrote. */
export interface ReportedRestorePoint {
  name: string;
  lsn: Lsn;
  time: TimestampTz;
}

/** What the records of a stretch of WAL come to: plain data. */
export interface ReportChunk {
  stats: WalStats;
  images: ImageSums;
  relations: RelationColumns;
  /** Records without blocks. */
  withoutRelation: Volume;
  time: TimePart;
  transactions: XidVolumes;
  events: TransactionEvents;
  assignments: Assignment[];
  /** Records of no transaction. */
  withoutTransaction: Volume;
  total: Volume;
  marks: Mark[];
  restorePoints: ReportedRestorePoint[];
  /** Records that contradict themselves although their checksum is right. */
  undecodable: Lsn[];
}

/** What is kept of one segment: plain data. */
export interface ReportPart {
  span: WalSpan;
  chunk: ReportChunk;
  /** The first transaction that ended too late: what comes from there on does not count. */
  late: { lsn: Lsn; time: TimestampTz } | undefined;
}

/** Scans one segment on its own, whatever comes before and after it, window by window. */
export class ReportScan implements SegmentScan<ReportPart> {
  private readonly spans: SpanReader;
  private counter: RecordCounter | undefined;

  constructor(
    private readonly query: ReportQuery,
    private readonly keep?: KeepColumn,
  ) {
    const { startLsn } = query;
    this.spans = new SpanReader(startLsn === undefined ? {} : { startLsn });
  }

  take(window: Segment): void {
    this.counter ??= new RecordCounter(window.version, this.query.until);
    const { counter } = this;
    this.spans.read(window, (record) => counter.take(record));
  }

  cut(): ReportPart | undefined {
    const span = this.spans.cut();
    if (span === undefined) return undefined;
    const part = { span, ...this.counter!.build(this.keep) };
    this.counter = undefined;
    return part;
  }

  finish(): ReportPart {
    return { span: this.spans.finish(), ...this.counter!.build(this.keep) };
  }
}

/** Counts records one after the other. */
export class RecordCounter {
  private readonly stats: WalStats;
  private readonly images: ImageSums = noImages();
  private readonly relations = new RelationSums();
  private readonly withoutRelation = noVolume();
  private readonly time = new OverTime(undefined);
  private readonly xids = new XidVolumesBuilder();
  private readonly events = new TransactionEventsBuilder((xid, event) => this.xids.end(xid, event));
  private readonly withoutTransaction = noVolume();
  private readonly total = noVolume();
  private readonly marks: Mark[] = [];
  private readonly restorePoints: ReportedRestorePoint[] = [];
  private readonly undecodable: Lsn[] = [];
  private readonly at = new RelationAt();
  private late: ReportPart['late'];

  constructor(
    version: number,
    private readonly until: TimestampTz | undefined,
  ) {
    this.stats = emptyStats(version);
  }

  take(record: WalRecord): void {
    const { rmid } = record;
    if (rmid === RM_XACT_ID) this.late ??= this.lateEnd(record);
    if (this.late !== undefined) return;
    const data = isTold(record) ? decode(record) : undefined;
    if (data !== undefined) this.mark(record, data);
    this.count(record);
    if (rmid === RM_XLOG_ID && data !== undefined) this.takeXlog(record, data);
    else if (rmid === RM_XACT_ID) this.takeTransaction(record);
  }

  private lateEnd(record: WalRecord): ReportPart['late'] {
    const { until } = this;
    const time = until === undefined ? undefined : transactionEnd(record)?.time;
    return time !== undefined && time > until! ? { lsn: record.lsn, time } : undefined;
  }

  private count(record: WalRecord): void {
    const imageBytes = record.imageLength;
    const recordBytes = record.totalLength - imageBytes;
    countRecord(this.stats, record);
    add(this.total, recordBytes, imageBytes);
    if (record.xid === INVALID_XID) add(this.withoutTransaction, recordBytes, imageBytes);
    else this.xids.add(record);
    if (this.at.seek(record)) {
      add(this.relations.of(this.at), recordBytes, 0);
      if (imageBytes > 0) this.addImages(record);
    } else add(this.withoutRelation, recordBytes, imageBytes);
    const { pending } = this.time;
    pending.records++;
    pending.imageBytes += imageBytes;
    pending.bytes.set(record.rmid, (pending.bytes.get(record.rmid) ?? 0) + recordBytes);
  }

  private addImages(record: WalRecord): void {
    const { images } = this;
    for (const { rel, image } of record.blocks) {
      if (image === undefined) continue;
      this.relations.of(rel).imageBytes += image.length;
      images.count++;
      images.bytes += image.length;
      images.uncompressedBytes += Math.max(0, BLCKSZ - image.holeLength);
      if (image.compression === 'none') continue;
      images.compressed.count++;
      images.compressed.bytes += image.length;
    }
  }

  private mark(record: WalRecord, data: RecordData): void {
    const checkpoint = checkpointOf(record, data);
    const isMark = data.type === 'running-xacts' || data.type === 'checkpoint-redo' || checkpoint;
    if (isMark) this.marks.push({ lsn: record.lsn, before: { ...this.total }, checkpoint });
  }

  private takeXlog(record: WalRecord, data: RecordData): void {
    const { time, events } = this;
    const checkpoint = checkpointOf(record, data);
    if (checkpoint !== undefined) time.pending.checkpoints++;
    if (checkpoint?.kind === 'online') time.tellBeginning(Number(checkpoint.time));
    else if (checkpoint !== undefined) time.tell(Number(checkpoint.time));
    if (data.rmgr === 'XLOG' && data.type === 'restore-point') {
      const { rpName: name, rpTime } = data;
      this.restorePoints.push({ name, lsn: record.lsn, time: rpTime });
      time.tell(Number(rpTime));
    }
    if (!isCut(record)) return;
    events.addCut(record);
    this.xids.cut();
  }

  private takeTransaction(record: WalRecord): void {
    const { events, time } = this;
    if (!events.add(record)) {
      this.undecodable.push(record.lsn);
      return;
    }
    const operation = record.info & XLOG_XACT_OPMASK;
    const { pending } = time;
    switch (operation) {
      case XLOG_XACT_COMMIT:
      case XLOG_XACT_COMMIT_PREPARED:
        pending.commits++;
        break;
      case XLOG_XACT_ABORT:
      case XLOG_XACT_ABORT_PREPARED:
        pending.aborts++;
        break;
      default:
        return;
    }
    // all of these begin with their time
    const { main } = record;
    time.tell(main.i32(4) * 2 ** 32 + main.u32(0));
  }

  build(keep = copyColumn): Omit<ReportPart, 'span'> {
    const { stats, images, withoutRelation, withoutTransaction, total } = this;
    const { marks, restorePoints, undecodable, late } = this;
    const chunk: ReportChunk = {
      ...{ stats, images, withoutRelation, withoutTransaction, total },
      ...{ marks, restorePoints, undecodable },
      relations: this.relations.build(keep),
      time: this.time.build(),
      transactions: this.xids.build(keep),
      events: this.events.build(keep),
      assignments: this.events.assignments,
    };
    return { chunk, late };
  }
}

/** Whether a record may be one whose content is told: pages, which are most of those of XLOG, are not. */
function isTold({ rmid, rmgrInfo }: WalRecord): boolean {
  if (rmid === RM_XLOG_ID) return rmgrInfo !== XLOG_FPI && rmgrInfo !== XLOG_FPI_FOR_HINT;
  return rmid === RM_STANDBY_ID && rmgrInfo === XLOG_RUNNING_XACTS;
}

function add(sum: Volume, recordBytes: number, imageBytes: number): void {
  sum.records++;
  sum.recordBytes += recordBytes;
  sum.imageBytes += imageBytes;
}

function checkpointOf({ lsn }: WalRecord, data: RecordData): ReportedCheckpoint | undefined {
  if (data.rmgr !== 'XLOG') return undefined;
  switch (data.type) {
    case 'checkpoint-online':
    case 'checkpoint-shutdown': {
      const time = BigInt(data.time) * 1_000_000n - POSTGRES_EPOCH_US;
      return { lsn, redo: data.redo, time, kind: data.type === 'checkpoint-online' ? 'online' : 'shutdown' };
    }
    case 'end-of-recovery':
      return { lsn, redo: lsn, time: data.endTime, kind: 'end-of-recovery' };
    default:
      return undefined;
  }
}

export const noImages = (): ImageSums => ({
  ...{ count: 0, bytes: 0, uncompressedBytes: 0 },
  compressed: { count: 0, bytes: 0 },
});

export function addImages(sum: ImageSums, more: ImageSums): void {
  sum.count += more.count;
  sum.bytes += more.bytes;
  sum.uncompressedBytes += more.uncompressedBytes;
  sum.compressed.count += more.compressed.count;
  sum.compressed.bytes += more.compressed.bytes;
}
