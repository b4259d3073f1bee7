import { type EndRecord, type TransactionPoint, transactionEnd } from '../../follow/transaction-end.js';
import type { Segment } from '../../reader/segment.js';
import { type SegmentScan, scanWhole } from '../../reader/segment-scan.js';
import { type ReadSpanOptions, readSpan, SpanReader, type WalSpan } from '../../reader/span.js';
import { isBeyondTime } from '../../replay/recovery.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/** The end of a transaction, which is how WAL tells the time. */
export interface TransactionMoment extends TransactionPoint {
  record: EndRecord['record'];
}

/** What a segment tells of times. */
export interface SegmentTimes {
  span: WalSpan;
  /** In the order of the WAL. */
  ends: TransactionMoment[];
}

/** Ends of transactions that follow each other in the WAL, all of them by a moment or all later than it. */
export interface EndRun {
  isLater: boolean;
  first: TransactionMoment;
  last: TransactionMoment;
  count: number;
}

/** What a segment tells of a moment: plain data, however many transactions end in it. */
export interface MomentPart {
  span: WalSpan;
  /** In the order of the WAL. */
  runs: EndRun[];
}

export interface MomentQuery {
  time: TimestampTz;
  /** Where the timeline's WAL in the segment ends. */
  endLsn: Lsn;
}

/**
 * Looks in one segment, on its own, for the ends of transactions and their times. Damage is no error: the
 * span tells it.
 */
export function scanForTimes(segment: Segment): SegmentTimes {
  const ends: TransactionMoment[] = [];
  const span = readSpan(segment, {}, (record) => {
    const moment = transactionMoment(record);
    if (moment !== undefined) ends.push(moment);
  });
  return { span, ends };
}

/** As {@link scanForTimes}, for one moment. */
export const scanForMoment = (segment: Segment, { time, endLsn }: MomentQuery): MomentPart =>
  scanWhole(new MomentScan(time, { endLsn }), segment);

/** As {@link scanForMoment}, window by window. */
export class MomentScan implements SegmentScan<MomentPart> {
  private readonly spans: SpanReader;
  private readonly runs: EndRun[] = [];

  constructor(
    private readonly time: TimestampTz,
    options: ReadSpanOptions,
  ) {
    this.spans = new SpanReader(options);
  }

  take(window: Segment): void {
    const { runs, time } = this;
    this.spans.read(window, (record) => {
      const moment = transactionMoment(record);
      if (moment !== undefined) addEnd(runs, moment, time);
    });
  }

  finish(): MomentPart {
    return { span: this.spans.finish(), runs: this.runs };
  }
}

/** Adds the next end of a transaction. */
export function addEnd(runs: EndRun[], end: TransactionMoment, time: TimestampTz): void {
  addRun(runs, { isLater: isBeyondTime(end, { time, inclusive: true }), first: end, last: end, count: 1 });
}

/** Adds the ends that come next. */
export function addRun(runs: EndRun[], next: EndRun): void {
  const last = runs.at(-1);
  if (last?.isLater !== next.isLater) runs.push({ ...next });
  else {
    last.last = next.last;
    last.count += next.count;
  }
}

/** The record as the end of a transaction; undefined for all others. */
export function transactionMoment(record: WalRecord): TransactionMoment | undefined {
  const end = transactionEnd(record);
  return end && { record: end.record, xid: end.xid, lsn: end.lsn, time: end.time };
}
