import { type DatabaseUse, DatabaseUseBuilder } from '../../follow/database-use.js';
import { type FileUse, FileUseBuilder } from '../../follow/file-use.js';
import { matchesAny, type RelationFilter } from '../../follow/relation.js';
import { RelationAt, relationKey } from '../../follow/relation-at.js';
import { RowChangesBuilder, type RowChangesTable } from '../../follow/row-changes.js';
import {
  type Assignment,
  isCut,
  type TransactionEvents,
  TransactionEventsBuilder,
} from '../../follow/transaction-events.js';
import type { Segment } from '../../reader/segment.js';
import { joinSpans, readSpan, type WalSpan } from '../../reader/span.js';
import {
  XLH_DELETE_IS_PARTITION_MOVE,
  XLH_DELETE_IS_SUPER,
  XLH_INSERT_IS_SPECULATIVE,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
} from '../../rmgr/heap.js';
import type { Heap2MultiInsert } from '../../rmgr/heap2.js';
import { XLOG_HEAP2_MULTI_INSERT } from '../../rmgr/heap2.js';
import { decode } from '../../rmgr/index.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator, WalRecord } from '../../wal/record.js';
import { RM_DBASE_ID, RM_HEAP_ID, RM_HEAP2_ID, RM_XACT_ID, RM_XLOG_ID } from '../../wal/rmgr-id.js';

/** What find-commit is asked for. */
export interface FindCommitQuery {
  /** One relation or several, such as all the files that a table had. */
  relation: RelationFilter | readonly RelationFilter[];
  /** Records from here on only. */
  startLsn?: Lsn;
  /** Records that end here at the latest. */
  endLsn?: Lsn;
  /** False: do not list the transactions that have ended, so that memory does not grow with their number. */
  transactions?: boolean;
}

/** What the records of one segment say, or one record that runs over from a segment into the next. */
export interface FindCommitChunk {
  changes: RowChangesTable;
  events: TransactionEvents;
  assignments: Assignment[];
  files: FileUse;
  databases: DatabaseUse;
  /** Records that contradict themselves although their checksum is right. */
  undecodable: Lsn[];
}

/** What find-commit keeps of a stretch of WAL: plain data, see {@link WalSpan}. */
export interface FindCommitPart {
  span: WalSpan;
  /** In the order of the WAL. */
  chunks: FindCommitChunk[];
}

/** Scans one segment on its own, whatever comes before and after it. */
export function scanSegment(segment: Segment, query: FindCommitQuery): FindCommitPart {
  const scanner = new Scanner([query.relation].flat());
  const span = readSpan(segment, query, (record) => scanner.take(record));
  return { span, chunks: [scanner.build()] };
}

/**
 * Merges what was found in two stretches of WAL, the second of which comes after the first. Associative: any order
 * of merging neighbours gives the same answer. Costs as much as the lists are long; neither part is changed.
 */
export function mergeParts(a: FindCommitPart, b: FindCommitPart, query: FindCommitQuery): FindCommitPart {
  const { span, record } = joinSpans(a.span, b.span);
  return { span, chunks: [...a.chunks, ...chunkOf(record, query), ...b.chunks] };
}

/** The record between two parts, if there is one and it is asked for. */
export function chunkOf(record: WalRecord | undefined, query: FindCommitQuery): FindCommitChunk[] {
  if (record === undefined || (query.startLsn !== undefined && record.lsn < query.startLsn)) return [];
  const scanner = new Scanner([query.relation].flat());
  scanner.take(record);
  return [scanner.build()];
}

class Scanner {
  private readonly changes = new RowChangesBuilder();
  private readonly events = new TransactionEventsBuilder((xid, event) => this.changes.end(xid, event));
  private readonly files = new FileUseBuilder();
  private readonly databases = new DatabaseUseBuilder();
  private readonly undecodable: Lsn[] = [];
  private readonly at = new RelationAt();
  /** The relation of the last change, and its name: most changes go where the one before went. */
  private rel: RelFileLocator | undefined;
  private relation = '';

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

  build(): FindCommitChunk {
    return {
      changes: this.changes.build(),
      events: this.events.build(),
      assignments: this.events.assignments,
      files: this.files.build(),
      databases: this.databases.build(),
      undecodable: this.undecodable,
    };
  }

  /** Every record passes here: what most of them need is one look at the resource manager and the relation. */
  take(record: WalRecord): void {
    switch (record.rmid) {
      case RM_HEAP_ID: {
        const isOurs = this.at.seek(record) && this.isWanted(this.at.relNumber);
        if ((record.info & XLOG_HEAP_OPMASK) === XLOG_HEAP_INSERT) this.files.addRow(record, this.at);
        else this.databases.addHeap(record, this.at);
        if (isOurs) this.heap(record);
        break;
      }
      case RM_HEAP2_ID:
        if ((record.info & XLOG_HEAP_OPMASK) !== XLOG_HEAP2_MULTI_INSERT || !this.at.seek(record)) break;
        this.files.addRow(record, this.at);
        if (this.isWanted(this.at.relNumber)) this.heap(record);
        break;
      case RM_XACT_ID:
        if (!this.events.add(record)) this.undecodable.push(record.lsn);
        break;
      case RM_XLOG_ID:
        if (isCut(record)) {
          this.events.addCut(record);
          this.changes.cut();
        } else this.files.add(record);
        break;
      case RM_DBASE_ID:
        this.databases.add(record);
        break;
      default:
        this.files.add(record);
    }
  }

  /** A change of rows in a relation with our relfilenode. */
  private heap(record: WalRecord): void {
    const block = record.blocks[0];
    if (!matchesAny(this.filters, block.rel) || record.xid === 0) return;
    const data = decode(record);
    if (data.type === 'undecodable') this.undecodable.push(record.lsn);
    if (data.rmgr !== 'Heap' && data.rmgr !== 'Heap2') return;
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
        this.delete(this.rowOf(record, block.rel), record, data.flags);
        break;
      case 'update':
      case 'hot-update':
        changes.update(this.rowOf(record, block.rel));
        break;
    }
  }

  private delete(row: number, record: WalRecord, flags: number): void {
    if (flags & XLH_DELETE_IS_SUPER) this.changes.settle(row, 'withdrawn');
    else if (flags & XLH_DELETE_IS_PARTITION_MOVE) this.changes.moveAway(row);
    else this.changes.delete(row, record);
  }

  private rowOf(record: WalRecord, rel: RelFileLocator): number {
    if (rel !== this.rel) {
      this.rel = rel;
      this.relation = relationKey(rel);
    }
    return this.changes.rowOf(record, this.relation);
  }
}

/** `xl_heap_multi_insert`: on a page that it initialises, the line pointers are 1, 2 … and left out. */
function lastOffset({ main }: WalRecord, { initPage, ntuples }: Heap2MultiInsert): number {
  const at = 4 + 2 * (ntuples - 1);
  return initPage || at < 4 || at + 2 > main.length ? ntuples : main.u16(at);
}
