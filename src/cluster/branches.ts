import type { WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import { historyFileName } from './history.js';
import type { PlacedSegment } from './placed-segment.js';

/**
 * Segments of one timeline that follow each other. Two servers that were restored from one may both have begun a
 * timeline of the same number, and have archived to the same folder: the segments are of several branches then.
 */
export interface Branch<S extends PlacedSegment = PlacedSegment> {
  timeline: number;
  segments: S[];
  /** Its first segment does not go on with the one before it. */
  isBreak: boolean;
}

/** A branch whose timeline is another one, of the same number, than its history file tells of. */
export interface ForeignBranch<S extends PlacedSegment = PlacedSegment> extends Branch<S> {
  /** Where the history file says that the timeline began; undefined where there is none, but other such branches. */
  historyBegin: Lsn | undefined;
  /** Where this one began, and as whose child, where its own WAL tells. */
  switchLsn: Lsn | undefined;
  parent: number | undefined;
  /** Other segments of that number fit the history: else it may be the history that is wrong. */
  hasOwn: boolean;
}

/**
 * The branches of one timeline.
 * @param segments all of that timeline
 * @param isBreak whether a segment is known not to go on with the one before it
 */
export function branchesOf<S extends PlacedSegment>(
  segments: readonly S[],
  size: bigint,
  isBreak: (segment: S) => boolean,
): Branch<S>[] {
  const branches: Branch<S>[] = [];
  for (const segment of [...segments].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const { timeline, start } = segment;
    const last = branches.at(-1);
    const isNext = last?.segments.at(-1)?.start === start - size;
    const breaks = isNext && isBreak(segment);
    if (isNext && !breaks && !segment.beginsTimeline) last!.segments.push(segment);
    else branches.push({ timeline, segments: [segment], isBreak: breaks });
  }
  return branches;
}

/**
 * Those of a timeline's branches that cannot be of the one that its history tells of: a timeline begins in the segment
 * of its switch point, whose first page is its parent's, and nowhere else; all pages before are its parent's, and all
 * behind its own.
 * @param begin its switch point in the history; undefined where no history is there: then all, if they are of several
 */
export function foreignBranches<S extends PlacedSegment>(
  branches: readonly Branch<S>[],
  begin: Lsn | undefined,
  size: bigint,
): Branch<S>[] {
  if (begin === undefined) {
    const beginnings = branches.filter(({ segments }) => segments[0].beginsTimeline);
    return beginnings.length > 1 || branches.some(({ isBreak }) => isBreak) ? [...branches] : [];
  }
  const home = begin - (begin % size);
  const foreign: Branch<S>[] = [];
  let isOwn = false;
  for (const branch of branches) {
    const { beginsTimeline, start } = branch.segments[0];
    isOwn = beginsTimeline ? start === home : start >= home && !(branch.isBreak && isOwn);
    if (!isOwn) foreign.push(branch);
  }
  return foreign;
}

/** A foreign branch as a problem to be told. */
export function foreignProblem(
  { timeline, segments, isBreak, historyBegin, switchLsn, parent, hasOwn }: ForeignBranch,
  { segmentSize }: WalFormat,
): WalError {
  const name = ({ start }: PlacedSegment): string => segmentFileNameOf(timeline, start, segmentSize);
  const [first, last] = [segments[0], segments[segments.length - 1]];
  const began =
    switchLsn !== undefined
      ? message`which began at ${formatLsn(switchLsn)} on timeline ${parent!}`
      : first.beginsTimeline
        ? message`which began in ${name(first)}`
        : isBreak
          ? message`for its WAL does not go on where the segment before it ends`
          : message`which began before ${formatLsn(first.start)}`;
  const other =
    historyBegin === undefined
      ? message`; other segments here are not of the same one, and no history file tells which is the right one`
      : historyBegin === 0n
        ? ''
        : message`; the one of ${historyFileName(timeline)} began at ${formatLsn(historyBegin)}`;
  const advice =
    hasOwn || historyBegin === undefined
      ? message`several servers or restores have archived here, keep their files apart`
      : message`find out which of the two is of this cluster`;
  return new WalError(
    'wrong-history',
    segments.length === 1
      ? message`segment ${name(first)} belongs to another timeline ${timeline}, ${began}${other}: ${advice}`
      : message`segments ${name(first)} to ${name(last)} belong to another timeline ${timeline}, ${began}${other}: ${advice}`,
    { file: name(first), lsn: first.start },
  );
}
