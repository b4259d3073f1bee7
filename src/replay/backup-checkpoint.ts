import type { BaseBackup } from '../cluster/base-backup.js';
import { decode } from '../rmgr/index.js';
import type { XlogCheckpoint } from '../rmgr/xlog.js';
import type { WalRecord } from '../wal/record.js';
import { RM_XLOG_ID } from '../wal/rmgr-id.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../wal/timestamp.js';
import type { StopTarget } from './recovery.js';

/** Looks in the WAL from a base backup's start on for the backup's checkpoint, which shows that the two belong together. */
export class BackupCheckpoint {
  /** Undefined until its record comes. */
  record: XlogCheckpoint | undefined;
  private started = false;

  constructor(private readonly backup: Pick<BaseBackup, 'startLsn' | 'checkpointLsn'>) {}

  /**
   * Takes one record after the other, beginning with the first one at or after the backup's start.
   * @returns false where the WAL is not the one that the backup was made with
   */
  take(record: WalRecord): boolean {
    const { startLsn, checkpointLsn } = this.backup;
    if (!this.started) {
      this.started = true;
      if (record.lsn !== startLsn) return false;
    }
    if (this.record !== undefined) return true;
    const checkpoint = checkpointOf(record);
    if (checkpoint?.redo === startLsn) this.record = checkpoint;
    return this.record !== undefined || record.lsn !== checkpointLsn;
  }

  /** When it began, in whole seconds; undefined until its record comes. */
  get time(): TimestampTz | undefined {
    return this.record && BigInt(this.record.time) * 1_000_000n - POSTGRES_EPOCH_US;
  }

  /**
   * Whether a target lies before the backup. Recovery to it ends at the first place it can, with newer data than
   * asked for; a server refuses only where the backup is not consistent by then.
   */
  comesAfter(target: StopTarget): boolean {
    if (target.kind === 'lsn') return target.lsn < this.backup.startLsn;
    const { time } = this;
    return target.kind === 'time' && time !== undefined && target.time < time;
  }
}

function checkpointOf(record: WalRecord): XlogCheckpoint | undefined {
  if (record.rmid !== RM_XLOG_ID) return undefined;
  const data = decode(record);
  if (data.rmgr !== 'XLOG') return undefined;
  return data.type === 'checkpoint-online' || data.type === 'checkpoint-shutdown' ? data : undefined;
}
