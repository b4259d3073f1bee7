import { CopyComparison } from '../reader/copies.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import type { ByteSource } from './byte-source.js';
import { emptyRoom, type Reading } from './reading.js';
import { SegmentBytes, type WindowBytes } from './segment-bytes.js';

/** The segment that several files claim to be. */
interface ClaimedSegment {
  name: string;
  start: Lsn;
  segmentSize: number;
  blockSize: number;
}

export interface SegmentCopy {
  source: ByteSource;
  partial: boolean;
}

/** Which of several files of one segment to read, and what was found on the way. */
interface Settled<C extends SegmentCopy> {
  chosen: C;
  /** Those that hold the same, or the beginning of it. */
  copies: ByteSource[];
  /** Files with other content: an error for each. */
  conflicts: WalError[];
  /** Why files that were not chosen are not whole, though they should be. */
  broken: WalError[];
  /** What could not be read now: what it holds may differ, or be more. */
  unread: WalError[];
}

/**
 * Compares all files of one segment. Identical content counts once; a file that holds the beginning of another
 * one, as a `.partial` file does, gives way to that; whole files come before `.partial` ones. At most two files, or
 * windows of them, are in memory at a time.
 * @param uncompared take it for granted that all hold the same
 */
export async function settleCopies<C extends SegmentCopy>(
  files: C[],
  segment: ClaimedSegment,
  reading: Reading,
  uncompared = false,
): Promise<Settled<C>> {
  const [first, ...others] = [...files].sort((a, b) => Number(a.partial) - Number(b.partial));
  const settled: Settled<C> = { chosen: first, copies: [], conflicts: [], broken: [], unread: [] };
  if (others.length === 0 || uncompared) {
    return { ...settled, copies: others.map(({ source }) => source) };
  }
  const compare = comparing(segment, reading);
  let isUnreadTold = false;
  for (const other of others) {
    const { verdict, best, problem } = await compare(settled.chosen.source, other.source);
    if (best?.kind === 'system' && !isUnreadTold) settled.unread.push(best);
    isUnreadTold = best?.kind === 'system';
    if (problem?.kind === 'system') {
      settled.unread.push(problem);
      settled.copies.push(other.source);
      continue;
    }
    if (verdict === 'second') {
      if (best && best.kind !== 'system' && !settled.chosen.partial) settled.broken.push(best);
      settled.copies.push(settled.chosen.source);
      settled.chosen = other;
    } else if (verdict === 'first') {
      if (problem && !other.partial) settled.broken.push(problem);
      settled.copies.push(other.source);
    } else {
      settled.conflicts.push(differentContent(settled.chosen.source, other.source, segment, verdict));
    }
  }
  return settled;
}

interface Compared {
  /** As of {@link CopyComparison}. */
  verdict: 'first' | 'second' | number;
  /** Why the first is not whole, and the second. */
  best: WalError | undefined;
  problem: WalError | undefined;
}

/** Compares files one after the other. One that fits into a window is read once, however many it is compared with. */
function comparing(
  segment: ClaimedSegment,
  reading: Reading,
): (best: ByteSource, other: ByteSource) => Promise<Compared> {
  let whole = new Map<ByteSource, WindowBytes>();
  return async (...sources) => {
    const comparison = new CopyComparison(segment);
    const files = sources.map((source) => new SegmentBytes(source, segment.segmentSize, reading));
    const rooms = sources.map(emptyRoom);
    const windows = sources.map((source) => whole.get(source) ?? NO_WINDOW);
    const isKnown = windows.map(({ isLast }) => isLast);
    const first = [...windows];
    try {
      for (let isFirst = true; isFirst || windows.some(({ isLast }) => !isLast); isFirst = false) {
        for (const [i, file] of files.entries()) {
          if (!windows[i].isLast) windows[i] = await file.next(rooms[i]);
          else if (!isFirst || !isKnown[i]) windows[i] = { ...windows[i], bytes: NO_WINDOW.bytes };
          if (isFirst) first[i] = windows[i];
        }
        comparison.take(windows[0].bytes, windows[1].bytes);
      }
    } finally {
      for (const file of files) await file.close();
    }
    whole = new Map(
      sources.map((source, i) => [source, first[i]] as const).filter(([, { isLast }]) => isLast),
    );
    return { verdict: comparison.verdict, best: windows[0].problem, problem: windows[1].problem };
  };
}

const NO_WINDOW: WindowBytes = { bytes: new Uint8Array(0), problem: undefined, isLast: false };

function differentContent(a: ByteSource, b: ByteSource, segment: ClaimedSegment, offset: number): WalError {
  const lsn = segment.start + BigInt(offset);
  return new WalError(
    'different-content',
    message`${a.name} and ${b.name} are both segment ${segment.name} but differ from ${formatLsn(lsn)} on; give only the right one`,
    { file: b.name, lsn },
  );
}
