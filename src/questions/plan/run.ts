import type { BaseBackup } from '../../cluster/base-backup.js';
import type { ChainSegment, TimelineChain, WalReset } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import { whyNotDescended } from '../../cluster/recovery-timeline.js';
import { beginsMinimalWal } from '../../follow/minimal-wal.js';
import { type TransactionPoint, transactionEnd } from '../../follow/transaction-end.js';
import { faultSaid, type ReadFault } from '../../reader/fault.js';
import { offsetInSegment, type Segment, type WalFormat } from '../../reader/segment.js';
import { WalReader } from '../../reader/wal-reader.js';
import { AlikeRestorePoints } from '../../replay/alike-restore-points.js';
import { BackupCheckpoint } from '../../replay/backup-checkpoint.js';
import type { HeldLock } from '../../replay/held-locks.js';
import { RecoveringServer } from '../../replay/recovering-server.js';
import {
  isCommit,
  isTransactionEnd,
  Recovery,
  type RecoveryEvent,
  type RecoveryStop,
  type StopTarget,
} from '../../replay/recovery.js';
import type { CreatedTablespace, RaisedSettings, RequiredSettings } from '../../replay/server-needs.js';
import type { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { RecordPosition, type WalRecord } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { withoutEpoch } from '../../wal/xid.js';
import { CommitsAround } from './commits.js';
import { LastRecord } from './last-record.js';
import { MissingWal } from './missing-wal.js';
import type { Obstacle } from './obstacle.js';

/**
 * How far a server that prefetches (15 and later) may read ahead of what it replays: as much as
 * `wal_decode_buffer_size` has room for by default. Records take more room there than in the WAL.
 */
const READ_AHEAD = 512 * 1024;

/** What recovery would do. */
export interface RecoveryPlan {
  timeline: number;
  /** The WAL read: its first record, and the position after its last one; undefined where there is no record. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  /** Undefined where the target can be reached. */
  obstacle: Obstacle | undefined;
  /** Where recovery stops, if it does: also where it refuses to go on from there, or stops at newer data. */
  stop: RecoveryStop | undefined;
  /** The backup's end, as far as the backup or the WAL tells it. */
  backupEndLsn: Lsn | undefined;
  /** Where the data become consistent; undefined where the WAL does not reach so far. */
  consistentLsn: Lsn | undefined;
  /** The earliest time that this backup can be recovered to. */
  earliestTime: TimestampTz | undefined;
  /** When the backup's checkpoint began. */
  checkpointTime: TimestampTz | undefined;
  /** The next transaction id at the backup's checkpoint. */
  nextXid: number | undefined;
  lastKept: TransactionPoint | undefined;
  /** The first commit after the stop, and how many there are in the WAL read. */
  firstLost: TransactionPoint | undefined;
  committedAfter: number;
  /** Of a target by name: restore points in the WAL read up to the stop, the most alike first; not more than a few. */
  restorePoints: readonly string[];
  /** How far the WAL could be read without interruption. */
  walEnd: Lsn | undefined;
  /** The names of the segments that recovery reads. */
  segments: string[];
  server: ServerOutlook;
}

/** What becomes of the server on its way to the target, and at it. */
export interface ServerOutlook {
  /**
   * Whether it stays paused at the target, if told to: else, `pause` or not, it opens at once. Undefined where it
   * stops at none.
   */
  pauses: boolean | undefined;
  /** From where on it would pause: hot standby is active; undefined where the WAL does not reach so far. */
  hotStandbyLsn: Lsn | undefined;
  /** How far it has replayed when it stops, as `pg_last_wal_replay_lsn()` says it. */
  replayedTo: Lsn | undefined;
  /** The least that it must be set to; undefined where neither a pg_control nor a record up to the target tells. */
  settings: RequiredSettings | undefined;
  /** Whether the backup's pg_control tells, too; without it the settings may have to be higher. */
  isControlKnown: boolean;
  raised: RaisedSettings[];
  tablespaces: CreatedTablespace[];
  /** The ids of extensions' resource managers whose records are replayed. */
  customRmgrs: number[];
  /** Held where it stops: a query of these tables waits there. */
  locks: HeldLock[];
}

/**
 * Follows recovery of a backup to a target through the WAL of one timeline. Segments are given one after the other:
 *
 * ```ts
 * const planner = new RecoveryPlanner(backup, target, recoveryChain(stock, 1, backup.startLsn), format);
 * for (const segment of planner.wanted) planner.push(…);
 * const plan = planner.finish();
 * ```
 */
export class RecoveryPlanner<S extends PlacedSegment = PlacedSegment> {
  /** The segments to be given to {@link push}, in this order. */
  readonly wanted: ChainSegment<S>[];
  /** The names of segments that do not go on with the one before them. */
  readonly breaks: string[] = [];
  private readonly reader: WalReader;
  private recovery: Recovery | undefined;
  private server: RecoveringServer | undefined;
  /** To find consistency where the target comes before it. */
  private whole: Recovery | undefined;
  private obstacle: Obstacle | undefined;
  private readonly missing: MissingWal;
  private readonly checkpoint: BackupCheckpoint;
  private readonly last = new LastRecord();
  private latestTimeBefore: TimestampTz | undefined;
  private readonly commits = new CommitsAround();
  private readonly restorePoints: AlikeRestorePoints;
  /** Bytes of records after the stop. */
  private afterStop = 0;
  private walEnd: Lsn | undefined;
  private lastProblem: WalError | undefined;
  /** The timeline of the segment that is read. */
  private timeline = 0;
  private strayed: Extract<Obstacle, { strayed: unknown }> | undefined;
  private startLsn: Lsn | undefined;
  /** Of the segment that is read, as long as it has given no record: how many damages there were before it. */
  private knownDamages: number | undefined;
  private readonly latest = new RecordPosition();

  /** @param settings that the backup's pg_control says the server ran with */
  constructor(
    private readonly backup: BaseBackup,
    private readonly target: StopTarget,
    private readonly chain: TimelineChain<S>,
    private readonly format: WalFormat,
    private readonly settings?: RequiredSettings,
  ) {
    const { startLsn, timeline, checkpointLsn, minRecoveryPoint, walLevel, systemIdentifier } = backup;
    this.reader = new WalReader({ startLsn, onFault: 'resume', transient: true });
    this.checkpoint = new BackupCheckpoint(backup);
    this.wanted = chain.segments.filter(({ end }) => end > startLsn);
    this.missing = new MissingWal(chain, format, startLsn);
    this.restorePoints = new AlikeRestorePoints(target);
    const detail = whyNotDescended(chain, { lsn: checkpointLsn ?? startLsn, timeline }, minRecoveryPoint);
    if (detail !== undefined) this.refuse({ reason: 'timeline-not-descended', detail });
    if (systemIdentifier !== undefined && systemIdentifier !== format.systemIdentifier) {
      const wal = message`the WAL's system identifier is ${format.systemIdentifier}, the backup's ${systemIdentifier}`;
      this.refuse({ reason: 'wrong-system', detail: wal });
    }
    if (walLevel === 'minimal') this.refuse({ reason: 'minimal-wal', lsn: startLsn });
  }

  /**
   * Takes in a segment, or a window of one.
   * @param problem why the segment is not whole, where it is not
   * @param inPlace whether the server reads it where it lies, in the backup's own `pg_wal`. Any other it restores,
   *   as a whole or not at all.
   */
  push(segment: Segment, problem?: WalError, inPlace = false): void {
    const reset = this.chain.resets.find(({ start }) => start === segment.start);
    // what a backup begins in follows on no other for it
    const isPassed = reset !== undefined && reset.lsn > this.backup.startLsn;
    if (isPassed) this.refuseReset(reset);
    const offset = offsetInSegment(segment, segment);
    if (problem !== undefined && !inPlace && offset === 0) this.refuseUnrestorable(segment, problem);
    this.reader.push(segment, isPassed);
    this.timeline = segment.timeline;
    this.lastProblem = problem;
    if (offset === 0) this.knownDamages = this.reader.damages.length;
    for (let record = this.reader.next(); record !== undefined; record = this.reader.next()) {
      if (this.knownDamages !== undefined) {
        this.noteBreak(segment, this.reader.damages[this.knownDamages]?.fault);
        this.knownDamages = undefined;
      }
      this.take(record);
    }
    const isLast = offset + segment.size === segment.segmentSize;
    if (isLast && this.knownDamages !== undefined) this.noteBreak(segment, this.reader.fault);
  }

  /** @param fault what was in the way before the first record of the segment that could be read */
  private noteBreak(segment: Segment, fault: ReadFault | undefined): void {
    const start = segment.start - BigInt(offsetInSegment(segment, segment));
    if (fault?.kind !== 'bad-prev-link' || fault.lsn < start) return;
    this.breaks.push(this.missing.nameOf(segment));
  }

  /**
   * The history file of the timeline is of no use.
   * @param isEmpty it names no ancestor: that is no matter to a backup of the timeline itself
   */
  refuseHistory({ said: detail }: WalError, isEmpty: boolean): void {
    if (isEmpty && this.backup.timeline === this.chain.timeline) return;
    const [fatal] = /(?:syntax error|invalid data) in history file/.exec(String(detail)) ?? [
      'could not locate required checkpoint record',
    ];
    this.obstacle = { reason: 'timeline-not-descended', detail, fatal };
  }

  finish(): RecoveryPlan {
    const stop = this.recovery?.stop;
    // what was met behind it was met on the parent
    this.obstacle = this.strayed ?? this.obstacle;
    if (stop === undefined) this.obstacle ??= this.obstacleAtEnd();
    else if (this.isTooEarly(stop)) this.obstacle ??= { reason: 'target-before-consistency' };
    const atEnd = this.obstacle === undefined && stop === undefined ? this.stopAtEnd() : undefined;
    const readTo = stop?.endLsn ?? this.walEnd ?? this.backup.startLsn;
    const consistentLsn = this.whole?.consistentLsn;
    return {
      timeline: this.chain.timeline,
      startLsn: this.startLsn,
      endLsn: this.latest.endLsn,
      obstacle: this.obstacle,
      stop: stop ?? atEnd,
      backupEndLsn: this.backup.endLsn ?? consistentLsn,
      consistentLsn,
      earliestTime: consistentLsn === undefined ? undefined : this.earliestTime(),
      checkpointTime: this.checkpoint.time,
      nextXid: this.checkpoint.record && withoutEpoch(this.checkpoint.record.nextXid),
      lastKept: this.commits.lastKept,
      firstLost: this.commits.firstLost,
      committedAfter: this.commits.lost,
      restorePoints: this.restorePoints.names,
      walEnd: this.walEnd,
      segments: this.wanted
        .filter(({ file }) => file.start < readTo)
        .map(({ file }) => this.missing.nameOf(file)),
      server: this.outlook(),
    };
  }

  private refuseReset(reset: WalReset): void {
    if (this.recovery?.stop !== undefined) return;
    const missing = this.missing.upTo(reset.start);
    if (missing.length > 0) this.refuse({ reason: 'missing-segment', missing });
    this.refuse({ reason: 'wal-reset', lsn: reset.lsn, reset });
  }

  private refuseUnrestorable({ timeline, start: lsn }: Segment, { code, said: detail }: WalError): void {
    const isWrongSize = code === 'truncated-segment' || code === 'oversized-segment';
    const stop = this.recovery?.stop;
    // where the server reads ahead, no segment is no harm, but one of the wrong size is
    const isReadAhead = isWrongSize && this.format.version >= 15 && this.afterStop < READ_AHEAD;
    if (stop !== undefined && !isReadAhead) return;
    const missing = this.missing.upTo(lsn);
    if (stop === undefined && missing.length > 0) this.refuse({ reason: 'missing-segment', missing });
    const damage = { reason: 'damaged-wal', lsn, detail } as const;
    this.refuse(
      isWrongSize ? { ...damage, wrongSize: this.missing.nameOf({ timeline, start: lsn }) } : damage,
    );
  }

  private take(record: WalRecord): void {
    this.startLsn ??= record.lsn;
    this.latest.set(record);
    this.obstacle ??= this.interruption(record);
    if (!this.isDone && !this.checkpoint.take(record)) this.refuse(this.noCheckpoint());
    if (this.isDone) {
      this.afterStop += record.totalLength;
      const end = transactionEnd(record);
      this.followConsistency(record, end);
      this.server?.follow(record, this.isConsistent);
      if (end?.status === 'committed') this.commits.lose(end);
      return;
    }
    this.last.set(record);
    this.walEnd = record.endLsn;
    if (this.recovery === undefined && !this.begin(record)) return;
    this.replay(record);
  }

  /** Whether it is known where recovery ends. */
  private get isDone(): boolean {
    return this.obstacle !== undefined || this.recovery?.stop !== undefined;
  }

  private replay(record: WalRecord): void {
    const event = this.recovery?.next(record);
    this.followConsistency(record, event);
    this.followServer(record);
    this.last.event = event;
    if (event !== undefined) this.restorePoints.take(event);
    if (this.recovery?.stop?.position !== 'before') this.noteStray(record);
    if (this.recovery?.stop?.position !== 'before' && beginsMinimalWal(record)) {
      this.refuse({ reason: 'minimal-wal', lsn: record.lsn });
    }
    if (this.recovery?.canceledLsn !== undefined) {
      this.refuse({ reason: 'backup-canceled', lsn: this.recovery.canceledLsn });
    }
    if (!isCommit(event)) return;
    if (this.recovery?.stop?.position === 'before') this.commits.lose(event);
    else this.commits.keep(event);
  }

  private followServer(record: WalRecord): void {
    const position = this.recovery?.stop?.position;
    if (position === 'before') {
      this.server?.stop();
      this.server?.follow(record, this.isConsistent);
    } else this.server?.replay(record, this.isConsistent);
    if (position === 'after') this.server?.stop();
  }

  /** Whether the data are, with the record read last, whether or not recovery stopped before it. */
  private get isConsistent(): boolean {
    return this.whole?.consistentLsn !== undefined;
  }

  private noteStray({ lsn }: WalRecord): void {
    if (this.strayed !== undefined) return;
    const { history } = this.chain;
    const { timeline: parent, end: switchLsn } = history.find((one) => one.timeline === this.timeline) ?? {};
    if (parent === undefined || switchLsn === undefined || lsn < switchLsn) return;
    const missing = this.missing.between(switchLsn, switchLsn + 1n);
    this.strayed = { reason: 'missing-segment', missing, strayed: { parent, switchLsn } };
  }

  /**
   * Where the redo point is the checkpoint's own record (up to 16, and at a shutdown), replay begins after it.
   * @returns whether the record is replayed
   */
  private begin(record: WalRecord): boolean {
    const isCheckpoint = this.checkpoint.record !== undefined;
    const replayedTo = isCheckpoint ? record.endLsn : record.lsn;
    this.recovery = new Recovery(this.target, this.backup.consistency, replayedTo);
    this.whole = new Recovery({ kind: 'latest' }, this.backup.consistency, replayedTo);
    this.server = new RecoveringServer(replayedTo, this.settings);
    if (this.checkpoint.record?.type === 'checkpoint-shutdown')
      this.server.beginAtShutdown(this.isConsistent);
    return !isCheckpoint;
  }

  private followConsistency(record: WalRecord, event: RecoveryEvent | undefined): void {
    if (this.whole === undefined || this.whole.consistentLsn !== undefined) return;
    if (this.obstacle !== undefined) return;
    this.whole.next(record);
    if (!isTransactionEnd(event)) return;
    if (this.latestTimeBefore === undefined || event.time > this.latestTimeBefore) {
      this.latestTimeBefore = event.time;
    }
  }

  private noCheckpoint(): Obstacle {
    const detail = message`at the backup's start the WAL has no checkpoint of it: it is not the WAL that the backup was made with`;
    return { reason: 'wrong-system', detail };
  }

  private refuse(obstacle: Obstacle): void {
    this.obstacle ??= obstacle;
  }

  /** What lies between the last record and this one, where they do not follow on each other. */
  private interruption(record: WalRecord): Obstacle | undefined {
    if (this.recovery?.stop !== undefined) return undefined;
    const missing = this.missing.upTo(record.lsn);
    if (missing.length > 0) return { reason: 'missing-segment', missing };
    const [damage] = this.reader.damages;
    if (damage === undefined) return undefined;
    const detail = faultSaid(damage.fault, this.format.version);
    return { reason: 'damaged-wal', lsn: damage.fault.lsn, detail };
  }

  private obstacleAtEnd(): Obstacle | undefined {
    const missing = [...this.missing.all];
    if (this.last.isNone && missing.length > 0) return { reason: 'missing-segment', missing };
    const end = this.walEnd ?? this.backup.startLsn;
    const { fault } = this.reader;
    if (this.lastProblem !== undefined || (this.last.isNone && fault !== undefined)) {
      const detail = this.lastProblem?.said ?? faultSaid(fault!, this.format.version);
      return { reason: 'damaged-wal', lsn: end, detail };
    }
    if (this.whole?.consistentLsn === undefined) {
      return { reason: 'missing-segment', missing: this.missing.behind(end, this.backup.endLsn) };
    }
    return this.target.kind === 'latest' ? undefined : { reason: 'target-not-found' };
  }

  private stopAtEnd(): RecoveryStop | undefined {
    const place = this.last.place;
    return place && { ...place, position: 'after', consistent: true };
  }

  /** The server refuses to stop before consistency; when told a time or LSN before the backup, it may not notice. */
  private isTooEarly({ consistent }: RecoveryStop): boolean {
    return !consistent || this.checkpoint.comesAfter(this.target);
  }

  private earliestTime(): TimestampTz | undefined {
    const { time: checkpointTime } = this.checkpoint;
    const latest = this.latestTimeBefore;
    return latest !== undefined && (checkpointTime === undefined || latest > checkpointTime)
      ? latest
      : checkpointTime;
  }

  private outlook(): ServerOutlook {
    const { server, settings } = this;
    return {
      pauses: server?.pauses,
      hotStandbyLsn: server?.hotStandbyLsn,
      replayedTo: server?.replayedTo,
      settings: server?.needs.settings ?? settings,
      isControlKnown: settings !== undefined,
      raised: server?.needs.raised ?? [],
      tablespaces: server?.needs.tablespaces ?? [],
      customRmgrs: [...(server?.needs.customRmgrs ?? [])],
      locks: server?.locks ?? [],
    };
  }
}
