import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { type MissingJson, missingJson } from '../archive/json.js';
import type { MomentAnswer, MomentFound } from './ask.js';
import type { MomentInChain } from './bisect.js';
import type { TransactionMoment } from './scan.js';

/** What `walscan archive --at --json` prints: LSNs as `0/04000680`, times in UTC with microseconds. */
export interface MomentJson extends HeadJson {
  /** The moment. */
  time: string;
  /** It was looked for by bisection, which is right only if the clock was never set back. */
  quick: boolean;
  /** For each timeline, those that have the same answer together. */
  answers: {
    timelines: number[];
    state: MomentInChain<PlacedSegment>['state'];
    segment: string | null;
    before: TransactionMomentJson | null;
    after: TransactionMomentJson | null;
    /** What holds `after`, before which recovery to the moment stops. */
    stopSegment: string | null;
    /** Transactions that had ended by then but come behind where recovery to the moment stops, which loses them. */
    behind: { count: number; first: TransactionMomentJson; last: TransactionMomentJson } | null;
    missing: MissingJson[];
  }[];
  problems: Problem[];
}

/** The end of a transaction in JSON. */
export interface TransactionMomentJson {
  record: TransactionMoment['record'];
  xid: number;
  lsn: string;
  time: string;
}

/** Makes JSON of what `findMoment` gives. */
export function momentJson({
  time,
  quick,
  format,
  startLsn,
  endLsn,
  answers,
  unread,
}: MomentFound): MomentJson {
  const { version: postgres, systemIdentifier } = format;
  const timelines = answers.flatMap((answer) => answer.timelines).sort((a, b) => a - b);
  return {
    ...headJson({ postgres, systemIdentifier, timelines, startLsn, endLsn }),
    time: formatTimestampIso(time),
    quick,
    answers: answers.map(answerJson),
    problems: unread.map((problem) => problem.toJSON()),
  };
}

function answerJson(answer: MomentAnswer): MomentJson['answers'][number] {
  const { timelines, state, segment, before, after, stopSegment, behind, missing } = answer;
  return {
    timelines,
    state,
    segment: segment?.file.name ?? null,
    before: before ? endJson(before) : null,
    after: after ? endJson(after) : null,
    stopSegment: stopSegment?.file.name ?? null,
    behind: behind ? { count: behind.count, first: endJson(behind.first), last: endJson(behind.last) } : null,
    missing: missing.map(missingJson),
  };
}

function endJson({ record, xid, lsn, time }: TransactionMoment): TransactionMomentJson {
  return { record, xid, lsn: formatLsn(lsn), time: formatTimestampIso(time) };
}
