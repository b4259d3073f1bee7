import {
  missingProblem,
  missingSegments,
  resetProblem,
  type TimelineChain,
  type WalStock,
} from '../cluster/chain.js';
import { historyFileName } from '../cluster/history.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { faultSaid, type ReadFault } from '../reader/fault.js';
import type { WalFormat } from '../reader/segment.js';
import type { WalSpan } from '../reader/span.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';

/** Where a timeline may share WAL with an older one, and nothing tells whether it does. */
export function lacksHistory(
  { timeline, historyKnown }: TimelineChain,
  { segments, histories }: WalStock<PlacedSegment>,
): boolean {
  const isThere = histories.some((history) => history.timeline === timeline);
  return !historyKnown && !isThere && segments.some((segment) => segment.timeline < timeline);
}

export function historyProblem(chain: TimelineChain, stock: WalStock<PlacedSegment>): WalError[] {
  if (!lacksHistory(chain, stock)) return [];
  const { timeline } = chain;
  const text = message`${historyFileName(timeline)} is missing: without it only timeline ${timeline}'s own segments can be searched, not what it shares with others`;
  return [new WalError('missing-history', text)];
}

/** As many are told one by one. */
const MOST_UNDECODABLE = 1000;

/** Keeps where records are that contradict themselves: no more of them than are told. */
export function keepUndecodable(kept: Lsn[], more: readonly Lsn[]): void {
  for (const lsn of more) {
    if (kept.length >= MOST_UNDECODABLE) return;
    kept.push(lsn);
  }
}

/**
 * What was missing, damaged or contradictory in the WAL of a timeline that was read. That a file is too short is told
 * of the file itself.
 */
export function spanProblems(
  span: Pick<WalSpan, 'start' | 'end' | 'gaps' | 'damages' | 'fault'>,
  undecodable: readonly Lsn[],
  chain: TimelineChain,
  format: WalFormat,
): WalError[] {
  const { version } = format;
  const resets = chain.resets.filter(({ start }) => span.start < start && start < span.end);
  const problems = resets.map(resetProblem);
  for (const { from, to } of span.gaps) {
    if (!resets.some(({ start }) => start === to))
      problems.push(...missingSegments(from, to, chain.history, format).map(missingProblem));
  }
  for (const { fault, resumedAt } of span.damages) {
    // how WAL ends that goes on no further is no damage, whatever it is
    if (fault.kind === 'short-file' || resets.some(({ lsn }) => lsn === resumedAt)) continue;
    const text = message`${faultSaid(fault, version)}; nothing was read from there to ${formatLsn(resumedAt)}`;
    problems.push(new WalError('damaged-wal', text, { lsn: fault.lsn }));
  }
  if (span.fault && span.fault.kind !== 'short-file' && !isEndOfWal(span.fault, chain)) {
    const text = message`${faultSaid(span.fault, version)}; nothing could be read from there on`;
    problems.push(new WalError('damaged-wal', text, { lsn: span.fault.lsn }));
  }
  for (const lsn of undecodable) {
    const text = message`the record at ${formatLsn(lsn)} contradicts itself and was left out`;
    problems.push(new WalError('undecodable-record', text, { lsn }));
  }
  if (undecodable.length >= MOST_UNDECODABLE) {
    const text = message`there may be more records that contradict themselves, which are not told one by one`;
    problems.push(new WalError('undecodable-record', text));
  }
  return problems;
}

/**
 * Zeroes, or what was in a segment file before the server took it into use again, are how WAL ends. In a `.partial`
 * file, anything is: it was being written to, and need not be padded.
 */
export function isEndOfWal(fault: ReadFault, { segments }: TimelineChain): boolean {
  const home = segments.find(({ file, end }) => file.start <= fault.lsn && fault.lsn < end);
  if (home?.file.partial) return true;
  switch (fault.kind) {
    case 'record-length':
      return fault.length === 0;
    case 'bad-magic':
      return fault.magic === 0;
    case 'unexpected-page-address':
      return fault.pageAddress < fault.lsn;
    default:
      return false;
  }
}

/** Says that something was not found where not all of the WAL could be read: it may be in the rest. */
export function notFoundIn(what: Message, problems: readonly WalError[]): WalError {
  const [first, ...others] = problems;
  const more = others.length === 0 ? '' : message` (and ${others.length} more)`;
  return new WalError(
    'incomplete-wal',
    message`${what} as far as the WAL can be read: ${first.said}${more}`,
    {
      lsn: first.lsn,
      file: first.file,
    },
  );
}

/** Timelines share WAL, and with it what is wrong with that. In the order of the WAL. */
export function distinctProblems(problems: WalError[]): WalError[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.code} ${problem.lsn} ${problem.message}`, problem]),
  );
  return [...byText.values()].sort((a, b) => Number((a.lsn ?? 0n) - (b.lsn ?? 0n)));
}
