import type { SummedCommit } from '../../../follow/summed-transactions.js';
import type { TransactionPoint } from '../../../follow/transaction-end.js';
import { COMMIT, PREPARE, type TransactionEvents } from '../../../follow/transaction-events.js';

/** An event that is kept: the end of a transaction, or that it is prepared. */
export interface KeptEvent extends TransactionPoint {
  kind: number;
  subxacts: readonly number[];
  /** Of the ends before it the one with the latest time. */
  latestBefore: KeptEvent | undefined;
}

/** The events of a chunk, and of each which end before it had the latest time. */
export class ChunkEvents {
  /** By event: one more than the index of that end; 0 where it is of before the chunk. */
  private readonly before: Uint32Array;
  /** Of all ends up to the end of the chunk. */
  readonly latest: KeptEvent | undefined;
  /** Those that were asked for as the latest. */
  private readonly ends = new Map<number, KeptEvent>();

  /** @param carried of the ends before the chunk the one with the latest time */
  constructor(
    private readonly events: TransactionEvents,
    private readonly carried: KeptEvent | undefined,
  ) {
    const { kinds, times } = events;
    this.before = new Uint32Array(kinds.length);
    let latest = 0;
    let time = carried?.time;
    for (let i = 0; i < kinds.length; i++) {
      this.before[i] = latest;
      if (kinds[i] === PREPARE || (time !== undefined && times[i] <= time)) continue;
      latest = i + 1;
      time = times[i];
    }
    this.latest = this.latestOf(latest);
  }

  at(i: number): KeptEvent {
    return { ...this.pointAt(i), latestBefore: this.latestOf(this.before[i]) };
  }

  isCommit(i: number): boolean {
    return this.events.kinds[i] === COMMIT;
  }

  private latestOf(number: number): KeptEvent | undefined {
    if (number === 0) return this.carried;
    let end = this.ends.get(number);
    if (end === undefined) {
      // without what came before it: else the last would hold all
      end = { ...this.pointAt(number - 1), latestBefore: undefined };
      this.ends.set(number, end);
    }
    return end;
  }

  private pointAt(i: number): Omit<KeptEvent, 'latestBefore'> {
    const { kinds, xids, lsns, times, subxacts } = this.events;
    return { kind: kinds[i], xid: xids[i], lsn: lsns[i], time: times[i], subxacts: subxacts.get(i) ?? [] };
  }
}

/** The commit of a transaction that is summed up; undefined where it was rolled back. */
export function commitOf({ kind, xid, lsn, time, latestBefore }: KeptEvent): SummedCommit | undefined {
  if (kind !== COMMIT) return undefined;
  const before = latestBefore && { xid: latestBefore.xid, lsn: latestBefore.lsn, time: latestBefore.time };
  return { xid, lsn, time, latestBefore: before };
}
