import { placeOf, type RecoveryEvent } from '../../replay/recovery.js';
import { RecordPosition, type WalRecord } from '../../wal/record.js';

/** What is kept of the record read last: the object that stands for it is another one's by the time it is asked for. */
export class LastRecord {
  /** The record as an event, where it is one. */
  event: RecoveryEvent | undefined;
  private readonly position = new RecordPosition();
  private kind = { rmid: 0, info: 0, version: 0, xid: 0 };

  set(record: WalRecord): void {
    const { rmid, info, version, xid } = record;
    this.position.set(record);
    this.kind = { rmid, info, version, xid };
    this.event = undefined;
  }

  get isNone(): boolean {
    return this.position.lsn === undefined;
  }

  /** Undefined before any record. */
  get place(): ReturnType<typeof placeOf> | undefined {
    const { lsn, endLsn } = this.position;
    if (lsn === undefined || endLsn === undefined) return undefined;
    return placeOf({ ...this.kind, lsn, endLsn }, this.event);
  }
}
