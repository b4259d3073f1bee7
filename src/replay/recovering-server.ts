import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { type HeldLock, HeldLocks } from './held-locks.js';
import { StandbySnapshot } from './hot-standby.js';
import { type RequiredSettings, ServerNeeds } from './server-needs.js';

/**
 * The server around recovery: when it comes to answer queries, without which it does not pause either, and what it
 * needs on the way. Hot standby is active as soon as the data are consistent and the snapshot is complete
 * (`CheckRecoveryConsistency`, src/backend/access/transam/xlogrecovery.c; up to 14 xlog.c).
 */
export class RecoveringServer {
  readonly needs: ServerNeeds;
  /** The end of the record with which hot standby is active. */
  hotStandbyLsn: Lsn | undefined;
  /** Whether hot standby was active where recovery stopped: then it pauses there, if told to. */
  pauses: boolean | undefined;
  private readonly held = new HeldLocks();
  private readonly snapshot = new StandbySnapshot();

  /**
   * @param replayedTo where replay begins; then the end of the record replayed last (`pg_last_wal_replay_lsn()`)
   * @param settings of the backup's pg_control, where that is known
   */
  constructor(
    public replayedTo: Lsn,
    settings: RequiredSettings | undefined,
  ) {
    this.needs = new ServerNeeds(settings);
  }

  /** The locks that are held by then: a query of their tables waits. */
  get locks(): HeldLock[] {
    return this.held.all;
  }

  /** Recovery begins at the checkpoint of a shutdown. */
  beginAtShutdown(isConsistent: boolean): void {
    this.snapshot.beginAtShutdown();
    this.activate(isConsistent);
  }

  /**
   * The next record is replayed.
   * @param isConsistent whether the data are, with it
   */
  replay(record: WalRecord, isConsistent: boolean): void {
    this.needs.replay(record, this.replayedTo, this.hotStandbyLsn !== undefined);
    this.held.replay(record);
    this.replayedTo = record.endLsn;
    this.follow(record, isConsistent);
  }

  /** The next record would be replayed, had recovery not stopped. */
  follow(record: WalRecord, isConsistent: boolean): void {
    if (this.hotStandbyLsn !== undefined) return;
    this.snapshot.replay(record);
    this.activate(isConsistent, record.endLsn);
  }

  /** Recovery stops here. */
  stop(): void {
    this.pauses = this.hotStandbyLsn !== undefined;
  }

  private activate(isConsistent: boolean, lsn = this.replayedTo): void {
    if (isConsistent && this.snapshot.isReady) this.hotStandbyLsn = lsn;
  }
}
