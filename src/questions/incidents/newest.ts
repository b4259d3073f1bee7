import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { Incident } from './incident.js';

/** The newest ones that are kept, so that memory does not grow with the WAL. */
export const MOST_INCIDENTS = 10_000;

/**
 * The newest incidents, the oldest of which make room for others. Those of rows are in columns: an object for each, of
 * hundreds of thousands, would live just long enough to cost most (docs/decisions/columns.md).
 */
export class NewestIncidents {
  /** How many came. */
  private count = 0;
  private size = 0;
  private lsns = new BigUint64Array(0);
  private times = new BigInt64Array(0);
  private xids = new Uint32Array(0);
  private deleted = new Float64Array(0);
  private updated = new Float64Array(0);
  private readonly relations: string[] = [];
  /** Those of another kind, at the same places. */
  private readonly others = new Map<number, Incident>();

  /** How many older ones were dropped. */
  get dropped(): number {
    return Math.max(0, this.count - MOST_INCIDENTS);
  }

  push(incident: Incident): void {
    this.others.set(this.next(), incident);
  }

  pushRows({ xid, lsn, time }: TransactionPoint, relation: string, deleted: number, updated: number): void {
    const at = this.next();
    this.others.delete(at);
    this.lsns[at] = lsn;
    this.times[at] = time;
    this.xids[at] = xid;
    this.relations[at] = relation;
    this.deleted[at] = deleted;
    this.updated[at] = updated;
  }

  /** Where the next one goes. */
  private next(): number {
    const at = this.count++ % MOST_INCIDENTS;
    if (at === this.size) this.grow();
    return at;
  }

  /** In the order in which they came. */
  list(): Incident[] {
    const { count, dropped } = this;
    return Array.from({ length: count - dropped }, (_, i) => this.at((dropped + i) % MOST_INCIDENTS));
  }

  /** The one that came last. */
  get last(): Incident | undefined {
    return this.count === 0 ? undefined : this.at((this.count - 1) % MOST_INCIDENTS);
  }

  private at(at: number): Incident {
    const other = this.others.get(at);
    if (other !== undefined) return other;
    return {
      ...{ xid: this.xids[at], lsn: this.lsns[at], time: this.times[at] },
      ...{ kind: 'rows', relation: this.relations[at], deleted: this.deleted[at], updated: this.updated[at] },
    };
  }

  private grow(): void {
    this.size = Math.min(Math.max(64, 2 * this.size), MOST_INCIDENTS);
    this.lsns = grown(this.lsns, new BigUint64Array(this.size));
    this.times = grown(this.times, new BigInt64Array(this.size));
    this.xids = grown(this.xids, new Uint32Array(this.size));
    this.deleted = grown(this.deleted, new Float64Array(this.size));
    this.updated = grown(this.updated, new Float64Array(this.size));
  }
}

function grown<T extends { set(from: T): void }>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
