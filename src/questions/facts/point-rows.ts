import { decode } from '../../rmgr/index.js';
import { XLOG_FPI, XLOG_FPI_FOR_HINT } from '../../rmgr/xlog.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_XLOG_ID } from '../../wal/rmgr-id.js';
import { POSTGRES_EPOCH_US } from '../../wal/timestamp.js';
import type { FactRow } from './tables.js';

/** The tables `checkpoints` and `restore_points`: places that a recovery may begin at, or stop at. */
export class PointRows {
  readonly restorePoints: FactRow<'restore_points'>[] = [];
  readonly checkpoints: FactRow<'checkpoints'>[] = [];

  /** Takes in a record of the resource manager XLOG or Standby. */
  add(record: WalRecord): void {
    const { rmid, rmgrInfo, lsn } = record;
    if (rmid === RM_XLOG_ID && (rmgrInfo === XLOG_FPI || rmgrInfo === XLOG_FPI_FOR_HINT)) return;
    const data = decode(record);
    if (data.rmgr === 'Standby' && data.type === 'running-xacts') {
      const none = { redo_lsn: undefined, time: undefined, this_timeline: 0, previous_timeline: 0 };
      const { nextXid: next_xid, oldestRunningXid: oldest_xid } = data;
      this.checkpoints.push({ ...none, lsn, kind: 'running', next_xid, oldest_xid });
    }
    if (data.rmgr !== 'XLOG') return;
    switch (data.type) {
      case 'checkpoint-online':
      case 'checkpoint-shutdown':
        this.checkpoints.push({
          ...{ lsn, kind: data.type.slice('checkpoint-'.length), redo_lsn: data.redo },
          time: BigInt(data.time) * 1_000_000n - POSTGRES_EPOCH_US,
          ...{ this_timeline: data.thisTimeLineID, previous_timeline: data.prevTimeLineID },
          ...{ next_xid: Number(data.nextXid & 0xffffffffn), oldest_xid: 0 },
        });
        break;
      case 'end-of-recovery':
        this.checkpoints.push({
          ...{ lsn, kind: data.type, redo_lsn: undefined, time: data.endTime, next_xid: 0, oldest_xid: 0 },
          ...{ this_timeline: data.thisTimeLineID, previous_timeline: data.prevTimeLineID },
        });
        break;
      case 'restore-point':
        this.restorePoints.push({ lsn, time: data.rpTime, name: data.rpName });
    }
  }
}
