import { decode } from '../rmgr/index.js';
import {
  XLOG_XACT_ABORT,
  XLOG_XACT_COMMIT,
  XLOG_XACT_HAS_INFO,
  XLOG_XACT_OPMASK,
} from '../rmgr/transaction.js';
import { XLOG_CHECKPOINT_SHUTDOWN, XLOG_END_OF_RECOVERY } from '../rmgr/xlog.js';
import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import type { TimestampTz } from '../wal/timestamp.js';

/**
 * What WAL tells about the fate of transactions. `cut` is a restart or a promotion: it ends every transaction
 * that is not prepared.
 */
export type TransactionEvent = TransactionEnd | { kind: 'cut'; lsn: Lsn };

export interface TransactionEnd {
  kind: 'commit' | 'abort' | 'prepare';
  lsn: Lsn;
  time: TimestampTz;
  /** Of the transaction: the prepared one's where COMMIT PREPARED or ROLLBACK PREPARED ends it. */
  xid: number;
  /** Subtransactions that share its fate. */
  subxacts: readonly number[];
  /** Files that are gone from then on; of a commit only. */
  dropped: readonly RelFileLocator[];
}

const KINDS = ['commit', 'abort', 'prepare', 'cut'] as const;
const COMMIT = 0;
const ABORT = 1;
const PREPARE = 2;
const CUT = 3;

/**
 * Transaction events in the order of the WAL, as plain data. In columns: a segment may hold 20,000 commits, and a
 * few arrays are handed from a worker to another at no cost where as many objects take 20 ms.
 */
export interface TransactionEvents {
  kinds: Uint8Array;
  xids: Uint32Array;
  lsns: BigUint64Array;
  times: BigInt64Array;
  /** By index, where there are any. */
  subxacts: Map<number, readonly number[]>;
  dropped: Map<number, readonly RelFileLocator[]>;
}

export function eventAt(events: TransactionEvents, index: number): TransactionEvent {
  const kind = KINDS[events.kinds[index]];
  const lsn = events.lsns[index];
  if (kind === 'cut') return { kind, lsn };
  return {
    kind,
    lsn,
    time: events.times[index],
    xid: events.xids[index],
    subxacts: events.subxacts.get(index) ?? [],
    dropped: events.dropped.get(index) ?? [],
  };
}

/** An end without subtransactions and dropped files: it concerns its own transaction id and nothing else. */
export function isPlainEnd(events: TransactionEvents, index: number): boolean {
  const kind = events.kinds[index];
  return (kind === COMMIT || kind === ABORT) && !events.subxacts.has(index) && !events.dropped.has(index);
}

/** What subtransactions belong to (`XLOG_XACT_ASSIGNMENT`), told once a transaction has 64 of them. */
export interface Assignment {
  lsn: Lsn;
  topXid: number;
  subxacts: readonly number[];
}

/** An XLOG record after which no transaction from before runs: at a shutdown none does, a promotion goes on without. */
export function isCut({ rmgrInfo }: WalRecord): boolean {
  return rmgrInfo === XLOG_CHECKPOINT_SHUTDOWN || rmgrInfo === XLOG_END_OF_RECOVERY;
}

/** Collects {@link TransactionEvents} and {@link Assignment}s out of Transaction records. */
export class TransactionEventsBuilder {
  readonly assignments: Assignment[] = [];
  private count = 0;
  private events: TransactionEvents = {
    kinds: new Uint8Array(16),
    xids: new Uint32Array(16),
    lsns: new BigUint64Array(16),
    times: new BigInt64Array(16),
    subxacts: new Map(),
    dropped: new Map(),
  };

  /** @param ended is told each transaction id that comes to an end */
  constructor(private readonly ended: (xid: number) => void) {}

  /** Takes in a record of the resource manager Transaction. @returns false where it cannot be decoded */
  add(record: WalRecord): boolean {
    const { info } = record;
    const operation = info & XLOG_XACT_OPMASK;
    // the commit of an everyday transaction holds its time and nothing else
    if (!(info & XLOG_XACT_HAS_INFO) && (operation === XLOG_XACT_COMMIT || operation === XLOG_XACT_ABORT)) {
      if (record.mainLength < 8) return false;
      const kind = operation === XLOG_XACT_COMMIT ? COMMIT : ABORT;
      this.push(kind, record.lsn, record.xid, record.main.i64(0));
      this.ended(record.xid);
      return true;
    }
    const data = decode(record);
    if (data.type === 'undecodable') return false;
    if (data.rmgr !== 'Transaction' || data.type === 'unknown') return true;
    switch (data.type) {
      case 'commit':
      case 'commit-prepared':
      case 'abort':
      case 'abort-prepared': {
        const isCommit = data.type === 'commit' || data.type === 'commit-prepared';
        const xid = data.twophaseXid || record.xid;
        const index = this.push(isCommit ? COMMIT : ABORT, record.lsn, xid, data.xactTime);
        if (data.subxacts.length > 0) this.events.subxacts.set(index, data.subxacts);
        if (isCommit && data.xlocators.length > 0) this.events.dropped.set(index, data.xlocators);
        this.ended(xid);
        for (const subxact of data.subxacts) this.ended(subxact);
        break;
      }
      case 'prepare': {
        const index = this.push(PREPARE, record.lsn, data.twophaseXid, data.xactTime);
        if (data.subxacts.length > 0) this.events.subxacts.set(index, data.subxacts);
        break;
      }
      case 'assignment':
        this.assignments.push({ lsn: record.lsn, topXid: data.xtop, subxacts: data.xsub });
        break;
      case 'invalidation':
        break;
    }
    return true;
  }

  /** Takes in that a restart or a promotion comes here. */
  addCut(lsn: Lsn): void {
    this.push(CUT, lsn, 0, 0n);
  }

  build(): TransactionEvents {
    const { kinds, xids, lsns, times, subxacts, dropped } = this.events;
    return {
      kinds: kinds.slice(0, this.count),
      xids: xids.slice(0, this.count),
      lsns: lsns.slice(0, this.count),
      times: times.slice(0, this.count),
      subxacts,
      dropped,
    };
  }

  private push(kind: number, lsn: Lsn, xid: number, time: TimestampTz): number {
    const index = this.count++;
    if (index === this.events.kinds.length) this.grow();
    const { kinds, xids, lsns, times } = this.events;
    kinds[index] = kind;
    xids[index] = xid;
    lsns[index] = lsn;
    times[index] = time;
    return index;
  }

  private grow(): void {
    const { kinds, xids, lsns, times } = this.events;
    const size = 2 * kinds.length;
    this.events = {
      ...this.events,
      kinds: new Uint8Array(size),
      xids: new Uint32Array(size),
      lsns: new BigUint64Array(size),
      times: new BigInt64Array(size),
    };
    this.events.kinds.set(kinds);
    this.events.xids.set(xids);
    this.events.lsns.set(lsns);
    this.events.times.set(times);
  }
}
