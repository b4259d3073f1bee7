import type { XidHorizon } from '../../follow/xid-horizon.js';
import { decode } from '../../rmgr/index.js';
import { XLOG_FPI, XLOG_FPI_FOR_HINT } from '../../rmgr/xlog.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_XLOG_ID } from '../../wal/rmgr-id.js';
import { POSTGRES_EPOCH_US } from '../../wal/timestamp.js';
import type { FactRow } from './tables.js';

type CheckpointRow = FactRow<'checkpoints'>;

/** The tables `checkpoints` and `restore_points`: places that a recovery may begin at, or stop at. */
export class PointRows {
  readonly restorePoints: FactRow<'restore_points'>[] = [];
  private readonly checkpoints: CheckpointRow[] = [];

  /** Takes in a record of the resource manager XLOG. */
  add(record: WalRecord): void {
    if (record.rmid !== RM_XLOG_ID || record.rmgrInfo === XLOG_FPI || record.rmgrInfo === XLOG_FPI_FOR_HINT)
      return;
    const data = decode(record);
    if (data.rmgr !== 'XLOG') return;
    const { lsn } = record;
    switch (data.type) {
      case 'checkpoint-online':
      case 'checkpoint-shutdown':
        this.checkpoints.push({
          ...{ lsn, kind: data.type.slice('checkpoint-'.length), redo_lsn: data.redo },
          time: BigInt(data.time) * 1_000_000n - POSTGRES_EPOCH_US,
          ...{ timeline: data.thisTimeLineID, previous_timeline: data.prevTimeLineID },
          next_xid: Number(data.nextXid & 0xffffffffn),
        });
        break;
      case 'end-of-recovery':
        this.checkpoints.push({
          ...{ lsn, kind: data.type, redo_lsn: undefined, time: data.endTime, next_xid: 0 },
          ...{ timeline: data.thisTimeLineID, previous_timeline: data.prevTimeLineID },
        });
        break;
      case 'restore-point':
        this.restorePoints.push({ lsn, time: data.rpTime, name: data.rpName });
    }
  }

  /** @param horizons what is said of running transactions */
  checkpointRows(horizons: readonly XidHorizon[]): CheckpointRow[] {
    const running = horizons.map(({ lsn, nextXid }): CheckpointRow => {
      const none = { redo_lsn: undefined, time: undefined, timeline: 0, previous_timeline: 0 };
      return { ...none, lsn, kind: 'running', next_xid: nextXid };
    });
    return [...this.checkpoints, ...running].sort((a, b) => (a.lsn < b.lsn ? -1 : a.lsn > b.lsn ? 1 : 0));
  }
}
