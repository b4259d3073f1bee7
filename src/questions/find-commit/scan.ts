import type { KeepColumn } from '../../follow/columns.js';
import { matchesAny, type RelationFilter, Relations } from '../../follow/relation.js';
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
  XLOG_HEAP_DELETE,
  XLOG_HEAP_HOT_UPDATE,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
  XLOG_HEAP_UPDATE,
} from '../../rmgr/heap.js';
import type { Heap2MultiInsert } from '../../rmgr/heap2.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID } from '../../wal/rmgr-id.js';

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

/** How many bytes `xl_heap_insert`, `xl_heap_delete`, `xl_heap_update` take at least (src/include/access/heapam_xlog.h). */
const INSERT_SIZE = 3;
const DELETE_SIZE = 8;
const UPDATE_SIZE = 14;

/** Takes in the changes of rows of the relations that are asked for. */
export class RowChangesSink implements RowSink<RowChangesTable> {
  private readonly changes = new RowChangesBuilder();
  private readonly relations = new Relations();

  /** Relfilenodes asked for: of several, those after the first. */
  private readonly relNumber: number | undefined;
  private readonly others: ReadonlySet<number> | undefined;

  /** @param filters left out, it takes those of all relations */
  constructor(private readonly filters?: readonly RelationFilter[]) {
    const [first, ...others] = filters?.map(({ relNumber }) => relNumber) ?? [];
    this.relNumber = first;
    this.others = others.length > 0 ? new Set(others) : undefined;
  }

  private isWanted(at: RelationAt): boolean {
    const { filters, relNumber, others } = this;
    if (filters === undefined) return true;
    const isNumber = at.relNumber === relNumber || (others?.has(at.relNumber) ?? false);
    return isNumber && matchesAny(filters, at);
  }

  take(record: WalRecord, at: RelationAt): boolean {
    if (record.xid === 0 || !this.isWanted(at)) return true;
    return record.rmid === RM_HEAP_ID ? this.heap(record, at) : this.multiInsert(record, at);
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

  /** Fields are read where they are: an object for each of a million records takes as long as all the rest. */
  private heap(record: WalRecord, at: RelationAt): boolean {
    const { main, mainLength } = record;
    switch (record.info & XLOG_HEAP_OPMASK) {
      case XLOG_HEAP_INSERT:
        if (mainLength < INSERT_SIZE) return false;
        this.insert(record, at, main.u16(0), main.u8(2));
        break;
      case XLOG_HEAP_DELETE:
        if (mainLength < DELETE_SIZE) return false;
        this.delete(record, at, main.u8(7));
        break;
      case XLOG_HEAP_UPDATE:
      case XLOG_HEAP_HOT_UPDATE:
        if (mainLength < UPDATE_SIZE) return false;
        this.changes.update(this.rowOf(record, at));
        break;
      default:
        return this.other(record, at);
    }
    return true;
  }

  private insert(record: WalRecord, at: RelationAt, offset: number, flags: number): void {
    const row = this.rowOf(record, at);
    const { blockNumber } = at;
    if (flags & XLH_INSERT_IS_SPECULATIVE) this.changes.insertSpeculatively(row, record, blockNumber, offset);
    else this.changes.insert(row, record, 1, blockNumber, offset);
  }

  private delete(record: WalRecord, at: RelationAt, flags: number): void {
    if (flags & XLH_DELETE_NO_LOGICAL) return;
    const row = this.rowOf(record, at);
    if (flags & XLH_DELETE_IS_SUPER) this.changes.settle(row, 'withdrawn');
    else if (flags & XLH_DELETE_IS_PARTITION_MOVE) this.changes.moveAway(row);
    else this.changes.delete(row, record);
  }

  private other(record: WalRecord, at: RelationAt): boolean {
    const data = decode(record);
    if (data.type === 'confirm') this.changes.settle(this.rowOf(record, at), 'confirmed');
    return data.type !== 'undecodable';
  }

  private multiInsert(record: WalRecord, at: RelationAt): boolean {
    const data = decode(record);
    if (data.type === 'multi-insert') {
      const offset = lastOffset(record, data);
      this.changes.insert(this.rowOf(record, at), record, data.ntuples, at.blockNumber, offset);
    }
    return data.type !== 'undecodable';
  }

  private rowOf(record: WalRecord, at: RelationAt): number {
    return this.changes.rowOf(record, this.relations.of(at));
  }
}

/** `xl_heap_multi_insert`: on a page that it initialises, the line pointers are 1, 2 … and left out. */
function lastOffset({ main }: WalRecord, { initPage, ntuples }: Heap2MultiInsert): number {
  const at = 4 + 2 * (ntuples - 1);
  return initPage || at < 4 || at + 2 > main.length ? ntuples : main.u16(at);
}
