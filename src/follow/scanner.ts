import type { Segment } from '../reader/segment.js';
import { type SegmentScan, scanWhole } from '../reader/segment-scan.js';
import { joinSpans, type ReadSpanOptions, SpanReader, type WalSpan } from '../reader/span.js';
import {
  XLOG_HEAP_HOT_UPDATE,
  XLOG_HEAP_INPLACE,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
  XLOG_HEAP_UPDATE,
} from '../rmgr/heap.js';
import { XLOG_HEAP2_MULTI_INSERT } from '../rmgr/heap2.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import {
  RM_BRIN_ID,
  RM_BTREE_ID,
  RM_DBASE_ID,
  RM_HEAP_ID,
  RM_HEAP2_ID,
  RM_XACT_ID,
  RM_XLOG_ID,
} from '../wal/rmgr-id.js';
import { copyColumn, type KeepColumn } from './columns.js';
import { type DatabaseUse, DatabaseUseBuilder } from './database-use.js';
import { type FileUse, FileUseBuilder } from './file-use.js';
import { RelationAt } from './relation-at.js';
import type { SummedTransactions } from './summed-transactions.js';
import {
  type Assignment,
  isCut,
  type TransactionEvents,
  TransactionEventsBuilder,
} from './transaction-events.js';

/** What the records of a stretch of WAL say of transactions, and of rows what a question keeps of them: plain data. */
export interface WalChunk<R> {
  rows: R;
  events: TransactionEvents;
  assignments: Assignment[];
  files: FileUse;
  databases: DatabaseUse;
  /** Records that contradict themselves although their checksum is right. */
  undecodable: Lsn[];
}

/** What is kept of a stretch of WAL that was read: plain data, see {@link WalSpan}. */
export interface WalPart<R> {
  span: WalSpan;
  /** In the order of the WAL. */
  chunks: WalChunk<R>[];
  /** Transactions that the chunks have nothing of. Only a part out of a roll-up of facts has some. */
  summed?: SummedTransactions;
}

/** Takes in what records say of rows, for a question. */
export interface RowSink<R> {
  /**
   * A record of the resource manager Heap that has a block reference, or a MULTI_INSERT.
   * @param at its relation
   * @returns false where it contradicts itself
   */
  take(record: WalRecord, at: RelationAt): boolean;
  /** A record of an index or a sequence. @param at its relation, once it is told to seek that */
  takeIndex?(record: WalRecord, at: RelationAt): void;
  /** A transaction id has come to an end, by the event of this index: what comes under that number is another's. */
  end(xid: number, event: number): void;
  /** All transaction ids have come to an end, by no event of their own. */
  cut(): void;
  /** @param keep has to be asked to keep what lies in memory that is used again */
  build(keep: KeepColumn): R;
}

/** Goes through records and keeps what following transactions needs. */
export class Scanner<R> {
  private readonly events: TransactionEventsBuilder;
  private readonly files = new FileUseBuilder();
  private readonly databases = new DatabaseUseBuilder();
  private readonly undecodable: Lsn[] = [];
  private readonly at = new RelationAt();

  constructor(private readonly rows: RowSink<R>) {
    this.events = new TransactionEventsBuilder((xid, event) => rows.end(xid, event));
  }

  build(keep = copyColumn): WalChunk<R> {
    return {
      rows: this.rows.build(keep),
      events: this.events.build(keep),
      assignments: this.events.assignments,
      files: this.files.build(),
      databases: this.databases.build(),
      undecodable: this.undecodable,
    };
  }

  /** Every record passes here: what most of them need is one look at the resource manager and the relation. */
  take(record: WalRecord): void {
    switch (record.rmid) {
      case RM_HEAP_ID:
        this.heap(record);
        break;
      case RM_HEAP2_ID:
        if ((record.info & XLOG_HEAP_OPMASK) !== XLOG_HEAP2_MULTI_INSERT || !this.at.seek(record)) break;
        this.files.addRow(record, this.at);
        this.row(record);
        break;
      case RM_XACT_ID:
        if (!this.events.add(record)) this.undecodable.push(record.lsn);
        break;
      case RM_XLOG_ID:
        if (isCut(record)) {
          this.events.addCut(record);
          this.rows.cut();
        } else this.files.add(record);
        break;
      case RM_DBASE_ID:
        this.databases.add(record);
        break;
      default:
        if (record.rmid >= RM_BTREE_ID && record.rmid <= RM_BRIN_ID) this.rows.takeIndex?.(record, this.at);
        this.files.add(record);
    }
  }

  private heap(record: WalRecord): void {
    if (!this.at.seek(record)) return;
    const operation = record.info & XLOG_HEAP_OPMASK;
    if (operation === XLOG_HEAP_INSERT) this.files.addRow(record, this.at);
    else if (operation === XLOG_HEAP_UPDATE || operation === XLOG_HEAP_HOT_UPDATE) {
      this.files.addUpdate(record, this.at);
    } else if (operation === XLOG_HEAP_INPLACE) this.databases.addInPlace(record, this.at);
    this.row(record);
  }

  private row(record: WalRecord): void {
    if (!this.rows.take(record, this.at)) this.undecodable.push(record.lsn);
  }
}

/** What a question wants of WAL: which part of it, and of its rows what its sink keeps. */
export interface WalScan<R> extends ReadSpanOptions {
  newSink: () => RowSink<R>;
}

/**
 * Scans one segment on its own, whatever comes before and after it.
 * @param keep where the part's columns are kept
 */
export const scanPart = <R>(segment: Segment, scan: WalScan<R>, keep?: KeepColumn): WalPart<R> =>
  scanWhole(new PartScan(scan, keep), segment);

/** As {@link scanPart}, window by window: what is found can be told piece by piece. */
export class PartScan<R> implements SegmentScan<WalPart<R>> {
  private readonly spans: SpanReader;
  private scanner: Scanner<R>;

  constructor(
    private readonly scan: WalScan<R>,
    private readonly keep?: KeepColumn,
  ) {
    this.spans = new SpanReader(scan);
    this.scanner = new Scanner(scan.newSink());
  }

  take(window: Segment): void {
    const { scanner } = this;
    this.spans.read(window, (record) => scanner.take(record));
  }

  cut(): WalPart<R> | undefined {
    const span = this.spans.cut();
    if (span === undefined) return undefined;
    const part = { span, chunks: [this.scanner.build(this.keep)] };
    this.scanner = new Scanner(this.scan.newSink());
    return part;
  }

  finish(): WalPart<R> {
    return { span: this.spans.finish(), chunks: [this.scanner.build(this.keep)] };
  }
}

/**
 * Merges what was found in two stretches of WAL, the second of which comes after the first. Associative: any order
 * of merging neighbours gives the same answer. Costs as much as the lists are long; neither part is changed.
 */
export function joinParts<R>(a: WalPart<R>, b: WalPart<R>, scan: WalScan<R>): WalPart<R> {
  const { span, record } = joinSpans(a.span, b.span);
  return { span, chunks: [...a.chunks, ...chunksOf(record, scan), ...b.chunks] };
}

/** The record between two parts, if there is one and it is asked for. */
export function chunksOf<R>(record: WalRecord | undefined, scan: WalScan<R>): WalChunk<R>[] {
  if (record === undefined || (scan.startLsn !== undefined && record.lsn < scan.startLsn)) return [];
  const scanner = new Scanner(scan.newSink());
  scanner.take(record);
  return [scanner.build()];
}
