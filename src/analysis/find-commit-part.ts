import type { Segment } from '../reader/segment.js';
import { joinSpans, readSpan, type WalSpan } from '../reader/span.js';
import {
  XLH_DELETE_IS_PARTITION_MOVE,
  XLH_DELETE_IS_SUPER,
  XLH_INSERT_IS_SPECULATIVE,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
} from '../rmgr/heap.js';
import type { Heap2MultiInsert } from '../rmgr/heap2.js';
import { XLOG_HEAP2_MULTI_INSERT } from '../rmgr/heap2.js';
import { decode } from '../rmgr/index.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { RM_HEAP_ID, RM_HEAP2_ID, RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import { type FileUse, FileUseBuilder } from './file-use.js';
import { RelationAt, relationKey } from './first-relation.js';
import { matchesAny, type RelationFilter } from './relation-filter.js';
import {
  type Assignment,
  isCut,
  type TransactionEvents,
  TransactionEventsBuilder,
} from './transaction-events.js';

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

/** Where a row was inserted, and by which record. */
export interface RowInsert {
  lsn: Lsn;
  /** The record's own xid: a subtransaction's, if one wrote it. */
  xid: number;
  block: number;
  /** Line pointer; the last one where a record inserts several rows (COPY). */
  offset: number;
}

/** What one transaction id did to the rows of one relation. */
export interface RowChanges {
  /** `tablespace/database/relfilenode` */
  relation: string;
  xid: number;
  /** What it is a subtransaction of, where a record says so; else 0. */
  topXid: number;
  firstLsn: Lsn;
  lastLsn: Lsn;
  inserted: number;
  updated: number;
  deleted: number;
  /** Taken out by an UPDATE that put them into another partition. */
  moved: number;
  lastInsert: RowInsert | undefined;
  firstDelete: Lsn | undefined;
  lastDelete: Lsn | undefined;
  /** An insertion that INSERT … ON CONFLICT has neither confirmed nor withdrawn so far; not counted yet. */
  speculative: RowInsert | undefined;
  /** What became, as the first thing here, of a speculative insertion that came before. */
  settled: 'confirmed' | 'withdrawn' | undefined;
}

/** What the records of one segment say, or one record that runs over from a segment into the next. */
export interface FindCommitChunk {
  /** In the order of their first record. */
  changes: RowChanges[];
  events: TransactionEvents;
  assignments: Assignment[];
  files: FileUse;
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
  private readonly changes: RowChanges[] = [];
  /** Those of transaction ids that have not come to an end. */
  private readonly current = new Map<number, RowChanges[]>();
  private readonly events = new TransactionEventsBuilder((xid) => this.current.delete(xid));
  private readonly files = new FileUseBuilder();
  private readonly undecodable: Lsn[] = [];
  private readonly at = new RelationAt();

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
      changes: this.changes,
      events: this.events.build(),
      assignments: this.events.assignments,
      files: this.files.build(),
      undecodable: this.undecodable,
    };
  }

  /** Every record passes here: what most of them need is one look at the resource manager and the relation. */
  take(record: WalRecord): void {
    switch (record.rmid) {
      case RM_HEAP_ID: {
        const isOurs = this.at.seek(record) && this.isWanted(this.at.relNumber);
        if ((record.info & XLOG_HEAP_OPMASK) === XLOG_HEAP_INSERT) this.files.addRow(record, this.at);
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
          this.events.addCut(record.lsn);
          this.current.clear();
        } else this.files.add(record);
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
    const tuple = { lsn: record.lsn, xid: record.xid, block: block.blockNumber };
    switch (data.type) {
      case 'insert': {
        const insert = { ...tuple, offset: data.offnum };
        const changes = this.changesOf(record);
        if (data.flags & XLH_INSERT_IS_SPECULATIVE) changes.speculative = insert;
        else addInsert(changes, insert, 1);
        break;
      }
      case 'multi-insert': {
        const offset = lastOffset(record, data);
        addInsert(this.changesOf(record), { ...tuple, offset }, data.ntuples);
        break;
      }
      case 'confirm':
        settleSpeculative(this.changesOf(record), 'confirmed');
        break;
      case 'delete':
        this.delete(this.changesOf(record), record.lsn, data.flags);
        break;
      case 'update':
      case 'hot-update':
        this.changesOf(record).updated++;
        break;
    }
  }

  private delete(changes: RowChanges, lsn: Lsn, flags: number): void {
    if (flags & XLH_DELETE_IS_SUPER) settleSpeculative(changes, 'withdrawn');
    else if (flags & XLH_DELETE_IS_PARTITION_MOVE) changes.moved++;
    else {
      changes.deleted++;
      changes.firstDelete ??= lsn;
      changes.lastDelete = lsn;
    }
  }

  private changesOf(record: WalRecord): RowChanges {
    const { xid, lsn, toplevelXid } = record;
    const relation = relationKey(record.blocks[0].rel);
    const ofXid = this.current.get(xid) ?? [];
    const known = ofXid.find((one) => one.relation === relation);
    if (known) {
      known.lastLsn = lsn;
      known.topXid ||= toplevelXid;
      return known;
    }
    const changes: RowChanges = {
      relation,
      xid,
      topXid: toplevelXid,
      firstLsn: lsn,
      lastLsn: lsn,
      inserted: 0,
      updated: 0,
      deleted: 0,
      moved: 0,
      lastInsert: undefined,
      firstDelete: undefined,
      lastDelete: undefined,
      speculative: undefined,
      settled: undefined,
    };
    this.changes.push(changes);
    ofXid.push(changes);
    this.current.set(xid, ofXid);
    return changes;
  }
}

/** `xl_heap_multi_insert`: on a page that it initialises, the line pointers are 1, 2 … and left out. */
function lastOffset({ main }: WalRecord, { initPage, ntuples }: Heap2MultiInsert): number {
  const at = 4 + 2 * (ntuples - 1);
  return initPage || at < 4 || at + 2 > main.length ? ntuples : main.u16(at);
}

function addInsert(changes: RowChanges, insert: RowInsert, rows: number): void {
  changes.inserted += rows;
  changes.lastInsert = insert;
}

/** A session has one speculative insertion at a time, which it settles before its next change. */
function settleSpeculative(changes: RowChanges, settled: 'confirmed' | 'withdrawn'): void {
  const { speculative } = changes;
  if (speculative === undefined) {
    changes.settled ??= settled;
    return;
  }
  changes.speculative = undefined;
  if (settled === 'confirmed') addInsert(changes, speculative, 1);
}

/** The changes of the same transaction id to the same relation, of which `b` come later. */
export function concatChanges(a: RowChanges, b: RowChanges): RowChanges {
  const both: RowChanges = {
    relation: a.relation,
    xid: a.xid,
    topXid: a.topXid || b.topXid,
    firstLsn: a.firstLsn,
    lastLsn: b.lastLsn,
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    deleted: a.deleted + b.deleted,
    moved: a.moved + b.moved,
    lastInsert: b.lastInsert ?? a.lastInsert,
    firstDelete: a.firstDelete ?? b.firstDelete,
    lastDelete: b.lastDelete ?? a.lastDelete,
    speculative: b.speculative,
    settled: a.settled,
  };
  const pending = a.speculative;
  if (pending !== undefined && b.settled === 'confirmed') {
    both.inserted++;
    both.lastInsert = b.lastInsert ?? pending;
  }
  if (pending !== undefined && b.settled === undefined) both.speculative ??= pending;
  return both;
}
