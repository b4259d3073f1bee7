import { transactionEnd } from '../follow/transaction-end.js';
import { decode } from '../rmgr/index.js';
import type { StandbyLock } from '../rmgr/standby.js';
import type { WalRecord } from '../wal/record.js';
import { RM_STANDBY_ID, RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import { compareXids } from '../wal/xid.js';

/** A lock with which a server in recovery keeps everybody from a table, as DROP, TRUNCATE and ALTER take it. */
export interface HeldLock extends StandbyLock {
  /** Its transaction is prepared: it holds the lock until it is ended, even when the server is open. */
  isPrepared: boolean;
}

/**
 * The access exclusive locks of transactions that run (`StandbyAcquireAccessExclusiveLock`, `StandbyReleaseLockTree`,
 * `StandbyReleaseOldLocks`, src/backend/storage/ipc/standby.c). Which were held when the backup was taken its
 * checkpoint's snapshot tells.
 */
export class HeldLocks {
  private readonly byXid = new Map<number, StandbyLock[]>();
  private readonly prepared = new Set<number>();

  /** One for each table: a snapshot tells a subtransaction's as its transaction's, which the server holds, too. */
  get all(): HeldLock[] {
    const byTable = new Map<string, HeldLock>();
    for (const [xid, locks] of this.byXid) {
      const isPrepared = this.prepared.has(xid);
      for (const lock of locks) byTable.set(`${lock.dbOid}/${lock.relOid}`, { ...lock, isPrepared });
    }
    return [...byTable.values()];
  }

  /** Takes the next record that is replayed. */
  replay(record: WalRecord): void {
    const { rmid } = record;
    if (rmid === RM_XACT_ID) this.followTransaction(record);
    if (rmid === RM_STANDBY_ID) this.followStandby(record);
    if (rmid !== RM_XLOG_ID || this.byXid.size === 0) return;
    // the server was shut down: no transaction outlives that but a prepared one
    if (decode(record).type === 'checkpoint-shutdown') this.release((xid) => !this.prepared.has(xid));
  }

  private followTransaction(record: WalRecord): void {
    if (this.byXid.size === 0) return;
    const end = transactionEnd(record);
    if (end !== undefined) {
      for (const xid of [end.xid, ...end.subxacts]) this.byXid.delete(xid);
      return;
    }
    const data = decode(record);
    if (data.rmgr !== 'Transaction' || data.type !== 'prepare') return;
    for (const xid of [record.xid, ...data.subxacts]) this.prepared.add(xid);
  }

  private followStandby(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Standby') return;
    if (data.type === 'running-xacts') {
      this.release((xid) => compareXids(xid, data.oldestRunningXid) < 0);
    } else if (data.type === 'lock') {
      for (const lock of data.locks) this.acquire(lock);
    }
  }

  private acquire(lock: StandbyLock): void {
    const locks = this.byXid.get(lock.xid) ?? [];
    // a snapshot repeats those that are held
    if (locks.some(({ dbOid, relOid }) => dbOid === lock.dbOid && relOid === lock.relOid)) return;
    this.byXid.set(lock.xid, [...locks, lock]);
  }

  private release(isOver: (xid: number) => boolean): void {
    for (const xid of this.byXid.keys()) if (isOver(xid)) this.byXid.delete(xid);
  }
}
