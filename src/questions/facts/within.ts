import type { ReadSpanOptions, WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import { LONG_PAGE_HEADER_SIZE } from '../../wal/page-header.js';
import { RECORD_HEADER_SIZE } from '../../wal/record.js';

/** What reading a stretch of a segment would leave behind. */
interface SpanWithin {
  span: WalSpan;
  /** All of the segment's records are in the stretch; else none is. */
  hasRecords: boolean;
}

/**
 * What reading a stretch of a segment would leave behind, out of what reading all of it has left.
 * @returns undefined where that does not tell it: some records are in the stretch, and others are not
 */
export function spanWithin(whole: WalSpan, { startLsn, endLsn }: ReadSpanOptions): SpanWithin | undefined {
  const all = { span: whole, hasRecords: true };
  const begun = startLsn === undefined || startLsn <= whole.start ? all : spanFrom(whole, startLsn);
  if (begun === undefined || endLsn === undefined || endLsn >= whole.end) return begun;
  return begun.hasRecords ? spanUpTo(begun.span, endLsn) : undefined;
}

function spanFrom(whole: WalSpan, startLsn: Lsn): SpanWithin | undefined {
  const { firstRecord, lastRecord, damages, fault } = whole;
  // how far reading from there would tell of them is not known
  if (damages.length > 0 || (fault !== undefined && fault.lsn < startLsn)) return undefined;
  const span = { ...whole, heads: [], firstLink: undefined, lostRest: 0 };
  if (firstRecord === undefined || firstRecord >= startLsn) return { span, hasRecords: true };
  if (lastRecord === undefined || lastRecord >= startLsn) return undefined;
  return { span: { ...span, firstRecord: undefined, lastRecordEnd: undefined }, hasRecords: false };
}

/** Reading goes so much beyond a place to see what is wrong there. */
const LOOKED_AT = BigInt(LONG_PAGE_HEADER_SIZE + RECORD_HEADER_SIZE);

function spanUpTo(whole: WalSpan, endLsn: Lsn): SpanWithin | undefined {
  const { firstRecord, lastRecordEnd, damages, fault, heads } = whole;
  if (firstRecord === undefined || lastRecordEnd === undefined) return undefined;
  if (lastRecordEnd <= endLsn) {
    const isSeen = fault !== undefined && fault.lsn + LOOKED_AT <= endLsn;
    return {
      span: isSeen ? whole : { ...whole, end: endLsn, tail: undefined, fault: undefined },
      hasRecords: true,
    };
  }
  if (firstRecord < endLsn || damages.length > 0) return undefined;
  const isWithin = heads.every(({ endOffset }) => whole.start + BigInt(endOffset) <= endLsn);
  const none = {
    firstLink: undefined,
    firstRecord: undefined,
    lastRecord: undefined,
    lastRecordEnd: undefined,
  };
  const end = { end: endLsn, tail: undefined, lostRest: 0, fault: undefined };
  return { span: { ...whole, heads: isWithin ? heads : [], ...none, ...end }, hasRecords: false };
}
