import { isRowProblem } from '../../heap/row.js';
import { HEAP_UPDATED, type PlacedTuple, TupleHeader, type TupleId } from '../../heap/tuple.js';
import { type Transactions, updater } from '../../heap/visibility.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { TidSet } from '../../replay/tid-set.js';
import type { UnknownRow } from '../../replay/unknown-rows.js';

/** What is known of a version of a row, with or without its values. */
interface Version {
  tid: TupleId;
  xmin: number | undefined;
  /** The transaction that updated or deleted it. */
  xmax: number | undefined;
  /** The next version, or itself. */
  ctid: TupleId;
  /** An UPDATE made it. */
  isUpdate: boolean;
}

/**
 * The rows that transactions deleted, each by the version that others could see: not the one that the transactions
 * had made of it before they deleted it, and no row that they had inserted themselves.
 */
export class DeletedRows {
  /** Whether {@link has} was asked for tuples that the transactions made themselves. */
  private hasOwn = false;
  /** Versions made by the transactions themselves to which an older version leads. */
  private readonly reached = new TidSet();

  /** @param xids a transaction and its subtransactions */
  constructor(
    private readonly relation: ReplayedRelation,
    private readonly transactions: Transactions,
    private readonly xids: ReadonlySet<number>,
  ) {}

  /** Rows of others, of those that {@link has} was asked for, that the transactions changed and did not delete. */
  updated = 0;

  /** Whether this tuple is one of them. @throws WalError `unknown-multixact` */
  has(placed: PlacedTuple): boolean {
    if (this.isOurs(makerOf(new TupleHeader(placed.tuple)))) {
      this.hasOwn = true;
      return false;
    }
    const version = this.versionOf(placed);
    const isDeleted = this.isDeleted(version);
    if (!isDeleted && this.isOurs(version.xmax)) this.updated++;
    return isDeleted;
  }

  /**
   * Those of which no values are known, or only such as the transactions wrote themselves. To be asked for when
   * {@link has} was asked for all tuples.
   */
  *withoutValues(): Generator<TupleId> {
    for (const row of this.relation.unknownRows()) {
      const version = versionOfUnknown(row);
      if (this.isOurs(version.xmin)) continue;
      if (this.mayBe(() => this.isDeleted(version))) yield version.tid;
      else if (this.isOurs(version.xmax)) this.updated++;
    }
    for (const row of this.relation.unknownRows()) {
      const version = versionOfUnknown(row);
      if (this.isOurs(version.xmin) && this.isOrphan(version)) yield version.tid;
    }
    if (!this.hasOwn) return;
    for (const { block, offset, tuple } of this.relation.tuples()) {
      if (!this.isOurs(makerOf(new TupleHeader(tuple)))) continue;
      const tid = { block, offset };
      if (this.mayBe(() => this.isOrphan(this.versionOf({ ...tid, tuple })))) yield tid;
    }
  }

  /** What cannot be told for lack of a multixact's members, or of a page that is damaged, may be so. */
  private mayBe(test: () => boolean): boolean {
    try {
      return test();
    } catch (error) {
      if (isRowProblem(error)) return true;
      throw error;
    }
  }

  /** A version of the transactions' own that they deleted, made out of one that is not known. */
  private isOrphan(version: Version): boolean {
    return version.isUpdate && this.isEnd(version) && !this.reached.has(version.tid);
  }

  /** Follows a version of others to the last one that the transactions made of it. */
  private isDeleted(first: Version): boolean {
    let version = first;
    while (this.isOurs(version.xmax)) {
      if (this.isEnd(version)) return true;
      const next = this.versionAt(version.ctid);
      if (!next || !this.isOurs(next.xmin)) return false;
      // damaged pages can lead in a circle
      if (this.reached.has(next.tid)) return false;
      this.reached.add(next.tid);
      version = next;
    }
    return false;
  }

  /** Whether the transactions deleted this very version: an UPDATE, or a move to another partition, leads on. */
  private isEnd({ tid, xmax, ctid }: Version): boolean {
    return this.isOurs(xmax) && ctid.block === tid.block && ctid.offset === tid.offset;
  }

  private isOurs(xid: number | undefined): boolean {
    return xid !== undefined && this.xids.has(xid);
  }

  private versionAt(tid: TupleId): Version | undefined {
    const tuple = this.relation.find(tid);
    if (tuple) return this.versionOf({ ...tid, tuple });
    const unknown = this.relation.unknownAt(tid);
    return unknown && versionOfUnknown(unknown);
  }

  private versionOf({ block, offset, tuple }: PlacedTuple): Version {
    const header = new TupleHeader(tuple);
    const tid = { block, offset };
    const { ctid } = header;
    const xmin = makerOf(header);
    const isUpdate = (header.infomask & HEAP_UPDATED) !== 0;
    return { tid, xmin, xmax: updater(header, this.transactions), ctid, isUpdate };
  }
}

/** What comes without its values was made by an UPDATE that took them from a version before. */
function versionOfUnknown({ block, offset, xmin, xmax, ctid }: UnknownRow): Version {
  return { tid: { block, offset }, xmin, xmax, ctid, isUpdate: xmin !== undefined };
}

/** The number that a frozen tuple has may be that of a transaction four billions ago. */
const makerOf = (header: TupleHeader): number | undefined => (header.xminFrozen ? undefined : header.xmin);
