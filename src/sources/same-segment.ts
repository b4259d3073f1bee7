import { compareCopies } from '../reader/copies.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import type { ByteSource } from './byte-source.js';
import { readSegmentBytes } from './read.js';
import type { Reading } from './reading.js';

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
 * one, as a `.partial` file does, gives way to that; whole files come before `.partial` ones. At most two files
 * are in memory at a time.
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
  let best = await readSegmentBytes(first.source, segment.segmentSize, reading);
  if (best.problem?.kind === 'system') settled.unread.push(best.problem);
  for (const other of others) {
    const bytes = await readSegmentBytes(other.source, segment.segmentSize, reading);
    if (bytes.problem?.kind === 'system') {
      settled.unread.push(bytes.problem);
      settled.copies.push(other.source);
      continue;
    }
    const verdict = compareCopies(best.bytes, bytes.bytes, segment);
    if (verdict === 'second') {
      if (best.problem && best.problem.kind !== 'system' && !settled.chosen.partial) {
        settled.broken.push(best.problem);
      }
      settled.copies.push(settled.chosen.source);
      settled.chosen = other;
      best = bytes;
    } else if (verdict === 'first') {
      if (bytes.problem && !other.partial) settled.broken.push(bytes.problem);
      settled.copies.push(other.source);
    } else {
      settled.conflicts.push(differentContent(settled.chosen.source, other.source, segment, verdict));
    }
  }
  return settled;
}

function differentContent(a: ByteSource, b: ByteSource, segment: ClaimedSegment, offset: number): WalError {
  const lsn = segment.start + BigInt(offset);
  return new WalError(
    'different-content',
    `${a.name} and ${b.name} are both segment ${segment.name} but differ from ${formatLsn(lsn)} on; give only the right one`,
    { file: b.name, lsn },
  );
}
