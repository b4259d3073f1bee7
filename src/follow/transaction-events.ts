import { decode } from '../rmgr/index.js';
import { XLOG_CHECKPOINT_SHUTDOWN, XLOG_END_OF_RECOVERY } from '../rmgr/xlog.js';
import type { Lsn } from '../wal/lsn.js';
import { INVALID_XID, type RelFileLocator, type WalRecord } from '../wal/record.js';
import type { KeepColumn } from './columns.js';
import { Spare } from './spare.js';
import { isBareCommit, isBareEnd, type TransactionEnd, transactionEnd } from './transaction-end.js';

/** What WAL tells about the fate of transactions. */
type TransactionEvent =
  | ({ kind: 'end' } & TransactionEnd)
  | { kind: 'prepare'; lsn: Lsn; xid: number; subxacts: readonly number[] }
  /** A restart or a promotion: it ends every transaction that is not prepared. */
  | { kind: 'cut'; lsn: Lsn };

export const COMMIT = 0;
export const ABORT = 1;
export const PREPARE = 2;
export const CUT = 3;

/**
 * Transaction events in the order of the WAL, as plain data. In columns: a segment may hold 20,000 commits, and a
 * few arrays are handed from one thread to another at no cost (docs/decisions/columns.md).
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
  const kind = events.kinds[index];
  const lsn = events.lsns[index];
  if (kind === CUT) return { kind: 'cut', lsn };
  const xid = events.xids[index];
  const subxacts = events.subxacts.get(index) ?? [];
  if (kind === PREPARE) return { kind: 'prepare', lsn, xid, subxacts };
  return {
    kind: 'end',
    status: kind === COMMIT ? 'committed' : 'aborted',
    lsn,
    time: events.times[index],
    xid,
    subxacts,
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

type EventColumns = Pick<TransactionEvents, 'kinds' | 'xids' | 'lsns' | 'times'>;

const columnsOf = (size: number): EventColumns => ({
  kinds: new Uint8Array(size),
  xids: new Uint32Array(size),
  lsns: new BigUint64Array(size),
  times: new BigInt64Array(size),
});

const spare = new Spare(
  () => columnsOf(16),
  ({ kinds, xids, lsns, times }) => kinds.byteLength + xids.byteLength + lsns.byteLength + times.byteLength,
);

/** Collects {@link TransactionEvents} and {@link Assignment}s out of Transaction records. */
export class TransactionEventsBuilder {
  readonly assignments: Assignment[] = [];
  private count = 0;
  private events = spare.take();
  private readonly subxacts = new Map<number, readonly number[]>();
  private readonly dropped = new Map<number, readonly RelFileLocator[]>();
  /** The same LSNs and times, the low half of each first. */
  private lsnHalves = new Uint32Array(this.events.lsns.buffer);
  private timeHalves = new Uint32Array(this.events.times.buffer);

  /** @param ended is told each transaction id that comes to an end, and the index of the event */
  constructor(private readonly ended: (xid: number, event: number) => void) {}

  /** Takes in a record of the resource manager Transaction. @returns false where it cannot be decoded */
  add(record: WalRecord): boolean {
    if (isBareEnd(record)) {
      const { main, xid } = record;
      const kind = isBareCommit(record) ? COMMIT : ABORT;
      this.ended(xid, this.push(kind, record, xid, main.u32(0), main.u32(4)));
      return true;
    }
    const data = decode(record);
    if (data.type === 'undecodable') return false;
    if (data.rmgr !== 'Transaction') return true;
    const end = transactionEnd(record, data);
    if (end !== undefined) this.addEnd(record, end);
    else if (data.type === 'prepare') {
      const index = this.push(PREPARE, record, data.twophaseXid, 0, 0);
      if (data.subxacts.length > 0) this.subxacts.set(index, data.subxacts);
    } else if (data.type === 'assignment') {
      this.assignments.push({ lsn: record.lsn, topXid: data.xtop, subxacts: data.xsub });
    }
    return true;
  }

  private addEnd(record: WalRecord, { status, xid, time, subxacts, dropped }: TransactionEnd): void {
    const [timeLo, timeHi] = [Number(time & 0xffffffffn), Number((time >> 32n) & 0xffffffffn)];
    const index = this.push(status === 'committed' ? COMMIT : ABORT, record, xid, timeLo, timeHi);
    if (subxacts.length > 0) this.subxacts.set(index, subxacts);
    if (status === 'committed' && dropped.length > 0) this.dropped.set(index, dropped);
    this.ended(xid, index);
    for (const subxact of subxacts) this.ended(subxact, index);
  }

  /** Takes in that a restart or a promotion comes here. */
  addCut(record: WalRecord): void {
    this.push(CUT, record, INVALID_XID, 0, 0);
  }

  /** No more can be added after that. */
  build(keep: KeepColumn): TransactionEvents {
    const { events, subxacts, dropped } = this;
    const { kinds, xids, lsns, times } = events;
    const built = {
      kinds: keep(kinds.subarray(0, this.count)),
      xids: keep(xids.subarray(0, this.count)),
      lsns: keep(lsns.subarray(0, this.count)),
      times: keep(times.subarray(0, this.count)),
      subxacts,
      dropped,
    };
    spare.giveBack(events);
    return built;
  }

  /** In halves, since bigints would have to be made (docs/decisions/records.md). @returns the event's index */
  private push(
    kind: number,
    { lsnLo, lsnHi }: WalRecord,
    xid: number,
    timeLo: number,
    timeHi: number,
  ): number {
    const index = this.count++;
    if (index === this.events.kinds.length) this.grow();
    const { events, lsnHalves, timeHalves } = this;
    events.kinds[index] = kind;
    events.xids[index] = xid;
    lsnHalves[2 * index] = lsnLo;
    lsnHalves[2 * index + 1] = lsnHi;
    timeHalves[2 * index] = timeLo;
    timeHalves[2 * index + 1] = timeHi;
    return index;
  }

  private grow(): void {
    const { kinds, xids, lsns, times } = this.events;
    const larger = columnsOf(2 * kinds.length);
    larger.kinds.set(kinds);
    larger.xids.set(xids);
    larger.lsns.set(lsns);
    larger.times.set(times);
    this.events = larger;
    this.lsnHalves = new Uint32Array(larger.lsns.buffer);
    this.timeHalves = new Uint32Array(larger.times.buffer);
  }
}
