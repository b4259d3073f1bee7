import type { KeepColumn } from '../../follow/columns.js';
import { matchesAny, type Relation, type RelationFilter, relationOf } from '../../follow/relation.js';
import type { RelationAt } from '../../follow/relation-at.js';
import { RowChangesBuilder, type RowChangesTable } from '../../follow/row-changes.js';
import {
  joinParts,
  type RowSink,
  scanPart,
  type WalChunk,
  type WalPart,
  type WalScan,
} from '../../follow/scanner.js';
import type { Segment } from '../../reader/segment.js';
import {
  XLH_DELETE_IS_PARTITION_MOVE,
  XLH_DELETE_IS_SUPER,
  XLH_DELETE_NO_LOGICAL,
  XLH_INSERT_IS_SPECULATIVE,
} from '../../rmgr/heap.js';
import type { Heap2MultiInsert } from '../../rmgr/heap2.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../../wal/record.js';

/** What find-commit is asked for. */
export interface FindCommitQuery {
  /** One relation or several, such as all the files that a table had. */
  relation: RelationFilter | readonly RelationFilter[];
  /** Records from here on only. */
  startLsn?: Lsn;
  /** Records that end here at the latest. */
  endLsn?: Lsn;
  /** How many transactions are listed of each relation: the newest ones. Default 100. */
  transactions?: number | 'all';
}

/** What the records of one segment say, or one record that runs over from a segment into the next. */
export type FindCommitChunk = WalChunk<RowChangesTable>;

/** What find-commit keeps of a stretch of WAL: plain data. */
export type FindCommitPart = WalPart<RowChangesTable>;

export function findCommitScan({ relation, startLsn, endLsn }: FindCommitQuery): WalScan<RowChangesTable> {
  const filters = [relation].flat();
  return { startLsn, endLsn, newSink: () => new RowChangesSink(filters) };
}

/**
 * Scans one segment on its own, whatever comes before and after it.
 * @param keep where the part's columns are kept; left out, in memory of their own
 */
export const scanSegment = (segment: Segment, query: FindCommitQuery, keep?: KeepColumn): FindCommitPart =>
  scanPart(segment, findCommitScan(query), keep);

/**
 * Merges what was found in two stretches of WAL, the second of which comes after the first. Associative: any order
 * of merging neighbours gives the same answer. Costs as much as the lists are long; neither part is changed.
 */
export const mergeParts = (a: FindCommitPart, b: FindCommitPart, query: FindCommitQuery): FindCommitPart =>
  joinParts(a, b, findCommitScan(query));

/** Takes in the changes of rows of the relations that are asked for. */
class RowChangesSink implements RowSink<RowChangesTable> {
  private readonly changes = new RowChangesBuilder();
  /** The file of the last change, and its relation: most changes go where the one before went. */
  private file: RelFileLocator | undefined;
  private relation: Relation | undefined;

  /** Relfilenodes asked for: of several, those after the first. */
  private readonly relNumber: number;
  private readonly others: ReadonlySet<number> | undefined;

  constructor(private readonly filters: readonly RelationFilter[]) {
    const [first, ...others] = filters.map(({ relNumber }) => relNumber);
    this.relNumber = first;
    this.others = others.length > 0 ? new Set(others) : undefined;
  }

  private isWanted(relNumber: number): boolean {
    return relNumber === this.relNumber || (this.others?.has(relNumber) ?? false);
  }

  take(record: WalRecord, at: RelationAt): boolean {
    return !this.isWanted(at.relNumber) || this.heap(record);
  }

  end(xid: number, event: number): void {
    this.changes.end(xid, event);
  }

  cut(): void {
    this.changes.cut();
  }

  build(keep: KeepColumn): RowChangesTable {
    return this.changes.build(keep);
  }

  /** A change of rows in a relation with our relfilenode. */
  private heap(record: WalRecord): boolean {
    const block = record.blocks[0];
    if (!matchesAny(this.filters, block.rel) || record.xid === 0) return true;
    const data = decode(record);
    if (data.type === 'undecodable') return false;
    if (data.rmgr !== 'Heap' && data.rmgr !== 'Heap2') return true;
    const { changes } = this;
    const { blockNumber } = block;
    switch (data.type) {
      case 'insert': {
        const row = this.rowOf(record, block.rel);
        if (data.flags & XLH_INSERT_IS_SPECULATIVE) {
          changes.insertSpeculatively(row, record, blockNumber, data.offnum);
        } else changes.insert(row, record, 1, blockNumber, data.offnum);
        break;
      }
      case 'multi-insert': {
        const offset = lastOffset(record, data);
        changes.insert(this.rowOf(record, block.rel), record, data.ntuples, blockNumber, offset);
        break;
      }
      case 'confirm':
        changes.settle(this.rowOf(record, block.rel), 'confirmed');
        break;
      case 'delete':
        if ((data.flags & XLH_DELETE_NO_LOGICAL) === 0) {
          this.delete(this.rowOf(record, block.rel), record, data.flags);
        }
        break;
      case 'update':
      case 'hot-update':
        changes.update(this.rowOf(record, block.rel));
        break;
    }
    return true;
  }

  private delete(row: number, record: WalRecord, flags: number): void {
    if (flags & XLH_DELETE_IS_SUPER) this.changes.settle(row, 'withdrawn');
    else if (flags & XLH_DELETE_IS_PARTITION_MOVE) this.changes.moveAway(row);
    else this.changes.delete(row, record);
  }

  private rowOf(record: WalRecord, rel: RelFileLocator): number {
    if (this.relation === undefined || rel !== this.file) {
      this.file = rel;
      this.relation = relationOf(rel);
    }
    return this.changes.rowOf(record, this.relation);
  }
}

/** `xl_heap_multi_insert`: on a page that it initialises, the line pointers are 1, 2 … and left out. */
function lastOffset({ main }: WalRecord, { initPage, ntuples }: Heap2MultiInsert): number {
  const at = 4 + 2 * (ntuples - 1);
  return initPage || at < 4 || at + 2 > main.length ? ntuples : main.u16(at);
}
