import type { Relation } from '../../../follow/relation.js';
import type { RowChanges } from '../../../follow/row-changes.js';
import type { SummedChanges } from '../../../follow/summed-transactions.js';
import { commitOf, type KeptEvent } from './chunk-events.js';

/** So many times those that stay rows come together before they are sorted. */
const TOGETHER = 4;

/** What a transaction that has ended did to a relation. */
interface Ended {
  changes: RowChanges;
  end: KeptEvent;
}

/** What several transactions come to. */
interface Sums extends Pick<SummedChanges, 'committed' | 'aborted' | 'isChanged' | 'mostRows'> {
  /** Of those that committed the one that has the last INSERT, and the last one to commit that deleted rows. */
  insert: Ended | undefined;
  removal: Ended | undefined;
}

/** Sums up what transactions that have ended did to one relation. */
export class RelationSum {
  private ended: Ended[] = [];
  private sum: SummedChanges | undefined;

  /** @param kept so many stay rows */
  constructor(
    private readonly relation: Relation,
    private readonly kept: number,
  ) {}

  add(changes: RowChanges, end: KeptEvent): void {
    if (this.ended.push({ changes, end }) >= TOGETHER * this.kept) this.sumUpOlder();
  }

  /** Those that stay rows. */
  newest(): readonly Ended[] {
    this.sumUpOlder();
    return this.ended;
  }

  /** All others; undefined where there are none. */
  summed(): SummedChanges | undefined {
    this.sumUpOlder();
    return this.sum;
  }

  private sumUpOlder(): void {
    if (this.ended.length <= this.kept) return;
    this.ended.sort((a, b) => (a.changes.firstLsn < b.changes.firstLsn ? -1 : 1));
    for (const one of this.ended.splice(0, this.ended.length - this.kept)) {
      const { updated, deleted } = one.changes;
      const rows = deleted + updated;
      const isCommit = commitOf(one.end) !== undefined;
      const counts = { committed: isCommit ? 1 : 0, aborted: isCommit ? 0 : 1, isChanged: rows > 0 };
      const own = isCommit ? one : undefined;
      this.addSums({ ...counts, mostRows: isCommit ? rows : 0, insert: own, removal: own });
    }
  }

  /** Of transactions that are older than {@link kept} others. */
  addSums({ committed, aborted, isChanged, mostRows, insert, removal }: Sums): void {
    this.sum ??= {
      ...{ relation: this.relation, committed: 0, aborted: 0, isChanged: false, mostRows: 0 },
      ...{ lastInsert: undefined, lastDelete: undefined },
    };
    const { sum } = this;
    sum.committed += committed;
    sum.aborted += aborted;
    sum.isChanged ||= isChanged;
    sum.mostRows = Math.max(sum.mostRows, mostRows);
    if (insert !== undefined) noteInsert(sum, insert);
    if (removal !== undefined) noteDelete(sum, removal);
  }
}

function noteInsert(sum: SummedChanges, { changes: { lastInsert, inserted: rows }, end }: Ended): void {
  const commit = commitOf(end);
  if (lastInsert === undefined || commit === undefined) return;
  if (sum.lastInsert !== undefined && sum.lastInsert.lsn > lastInsert.lsn) return;
  const { lsn, block, offset } = lastInsert;
  sum.lastInsert = { lsn, block, offset, rows, commit };
}

function noteDelete(
  sum: SummedChanges,
  { changes: { firstDelete, lastDelete, deleted: rows }, end }: Ended,
): void {
  const commit = commitOf(end);
  if (firstDelete === undefined || lastDelete === undefined || commit === undefined) return;
  if (sum.lastDelete !== undefined && sum.lastDelete.commit.lsn > commit.lsn) return;
  sum.lastDelete = { firstLsn: firstDelete, lsn: lastDelete, rows, commit };
}
