import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { compareXids } from '../wal/xid.js';
import {
  FROZEN_XID,
  HEAP_XMAX_COMMITTED,
  HEAP_XMAX_INVALID,
  HEAP_XMAX_IS_MULTI,
  HEAP_XMIN_COMMITTED,
  HEAP_XMIN_INVALID,
  type TupleHeader,
} from './tuple.js';
import { XidStates, XidTimes } from './xid-table.js';

/**
 * What became of transactions, and which tuples can be seen for it (PostgreSQL:
 * src/backend/access/heap/heapam_visibility.c). The moment is always that up to which the WAL was replayed: a
 * transaction that has not committed by then has not happened.
 */

const BOOTSTRAP_XID = 1;

/** `unknown`: neither the WAL given nor the backup's pg_xact says. */
type TransactionFate = 'committed' | 'aborted' | 'in-progress' | 'unknown';

const COMMITTED = 1;
const ABORTED = 2;
const IN_PROGRESS = 3;
const FATES: readonly (TransactionFate | undefined)[] = [undefined, 'committed', 'aborted', 'in-progress'];

/** A page of a directory such as pg_xact, by number; undefined where there is none. */
export type SlruPage = (pageNumber: number) => Uint8Array | undefined;

/** Commits and aborts seen in the WAL, before them what pg_xact of the backup says. */
export class TransactionLog {
  private readonly fromWal = new XidStates();
  private readonly times: XidTimes | undefined;
  private oldestComplete: number | undefined;
  /** How often a transaction was rolled back so far. */
  aborts = 0;
  /** What was last said not to be known: one transaction may have made millions of tuples. */
  private lastUnknown: { xid: number; error: WalError } | undefined;

  /**
   * @param pages of pg_xact
   * @param blockSize of those pages
   * @param commitTimes pages of pg_commit_ts, filled where the server had track_commit_timestamp on
   * @param keepsTimes whether the times of commits are kept, which takes 12 times as much memory
   */
  constructor(
    private readonly pages: SlruPage,
    private readonly blockSize: number,
    private readonly commitTimes: SlruPage = () => undefined,
    readonly keepsTimes = false,
  ) {
    this.times = keepsTimes ? new XidTimes() : undefined;
  }

  /** @param time of the commit; needed only where it is kept */
  commit(xid: number, time: TimestampTz = 0n): void {
    this.fromWal.set(xid, COMMITTED);
    this.times?.set(xid, time);
  }

  abort(xid: number): void {
    this.aborts++;
    this.fromWal.set(xid, ABORTED);
  }

  /** It runs at this moment, whatever else is known of it: its end comes next. */
  run(xid: number): void {
    this.fromWal.set(xid, IN_PROGRESS);
  }

  /** From here on WAL has every commit: a transaction as young as this that did not end in it still runs. */
  completeFrom(xid: number): void {
    this.oldestComplete ??= xid;
  }

  status(xid: number): TransactionFate {
    if (xid === BOOTSTRAP_XID || xid === FROZEN_XID) return 'committed';
    return FATES[this.fromWal.stateOf(xid)] ?? this.statusInPages(xid);
  }

  /** @throws WalError `unknown-transaction` */
  isCommitted(xid: number): boolean {
    const status = this.status(xid);
    if (status === 'unknown') throw this.unknown(xid);
    return status === 'committed';
  }

  private unknown(xid: number): WalError {
    if (this.lastUnknown?.xid !== xid) {
      const text = message`what became of transaction ${xid} is not in the input`;
      this.lastUnknown = { xid, error: new WalError('unknown-transaction', text) };
    }
    return this.lastUnknown.error;
  }

  /** pg_xact has two bits for each transaction: 0 in progress, 1 committed, 2 aborted, 3 subcommitted. */
  private statusInPages(xid: number): TransactionFate {
    const perPage = this.blockSize * 4;
    const page = this.pages(Math.floor(xid / perPage));
    if (!page) return this.isYoung(xid) ? 'in-progress' : 'unknown';
    const at = xid % perPage;
    const bits = (page[at >> 2] >> ((at & 3) * 2)) & 3;
    if (bits === 1) return 'committed';
    return bits === 2 ? 'aborted' : 'in-progress';
  }

  private isYoung(xid: number): boolean {
    return this.oldestComplete !== undefined && compareXids(xid, this.oldestComplete) >= 0;
  }

  /** When a transaction committed; undefined where that is not recorded, or not kept. */
  commitTime(xid: number): TimestampTz | undefined {
    return this.times?.timeOf(xid) || this.timeInPages(xid);
  }

  /** pg_commit_ts has ten bytes for each transaction: the time and a replication origin. */
  private timeInPages(xid: number): TimestampTz | undefined {
    const perPage = Math.floor(this.blockSize / 10);
    const page = this.commitTimes(Math.floor(xid / perPage));
    const at = (xid % perPage) * 10;
    if (!page || at + 8 > page.length) return undefined;
    const time = new DataView(page.buffer, page.byteOffset + at, 8).getBigInt64(0, true);
    return time === 0n ? undefined : time;
  }
}

/** Who took part in a multixact. */
export interface MultixactMember {
  xid: number;
  /** 0–3 lockers, 4 and 5 updates and deletes (`MultiXactStatus`). */
  status: number;
}

const FIRST_UPDATE_STATUS = 4;

/** The members of a multixact; undefined where they are not known. */
type MultixactMembers = (multi: number) => readonly MultixactMember[] | undefined;

/** The transactions whose fate decides what can be seen. */
export interface Transactions {
  log: TransactionLog;
  multixactMembers: MultixactMembers;
}

/** Whether the transaction that made this tuple has committed. */
export function isBorn(tuple: TupleHeader, { log }: Transactions): boolean {
  if (tuple.xminFrozen) return true;
  if (tuple.infomask & HEAP_XMIN_COMMITTED) return true;
  // no xmin: a speculative insertion that was taken back
  if (tuple.infomask & HEAP_XMIN_INVALID || tuple.xmin === 0) return false;
  return log.isCommitted(tuple.xmin);
}

/** The transaction that updated or deleted this tuple, committed or not; undefined when none did. */
export function updater(tuple: TupleHeader, { multixactMembers }: Transactions): number | undefined {
  if (tuple.infomask & HEAP_XMAX_INVALID || tuple.lockedOnly || tuple.xmax === 0) return undefined;
  if (!(tuple.infomask & HEAP_XMAX_IS_MULTI)) return tuple.xmax;
  const members = multixactMembers(tuple.xmax);
  if (!members) {
    throw new WalError(
      'unknown-multixact',
      message`the members of multixact ${tuple.xmax} are not in the input`,
    );
  }
  return members.find((member) => member.status >= FIRST_UPDATE_STATUS)?.xid;
}

/** Whether a transaction that starts at this moment sees the tuple. @throws WalError `unknown-transaction` */
export function isVisible(tuple: TupleHeader, transactions: Transactions): boolean {
  if (!isBorn(tuple, transactions)) return false;
  const xid = updater(tuple, transactions);
  if (xid === undefined) return true;
  const hinted = tuple.infomask & HEAP_XMAX_COMMITTED && !(tuple.infomask & HEAP_XMAX_IS_MULTI);
  return !hinted && !transactions.log.isCommitted(xid);
}
