import { parseHistory, parseHistoryFileName, type TimelineSwitch } from '../../cluster/history.js';
import { parseRelation, type RelationFilter } from '../../follow/relation.js';
import { compareCopies } from '../../reader/copies.js';
import { gunzipSegment } from '../../reader/gunzip.js';
import { openSegment, type Segment } from '../../reader/segment.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { parseSegmentFileName } from '../../wal/segment-name.js';
import { type FindCommitResult, FindCommitRun } from './run.js';
import { scanSegment } from './scan.js';

/** A file in memory. Its name tells a history file and a `.partial` one; segments are known by their content. */
export interface WalFile {
  name: string;
  bytes: Uint8Array;
}

/** Which relation to look for, and in which part of the WAL. */
export interface FindCommitOptions {
  /** `16386`, `1663/16384/16386`, or as {@link RelationFilter}. */
  relation: string | RelationFilter;
  /** Search records from here on only. */
  startLsn?: Lsn;
  /** Search records that end here at the latest. */
  endLsn?: Lsn;
  /** Search this timeline only. */
  timeline?: number;
  /** How many transactions are listed of each relation: the newest ones. Default 100. */
  transactions?: number | 'all';
}

/**
 * Finds the last INSERT into a relation, what was deleted or removed last, and where recovery has to stop before
 * that, in WAL that is in memory.
 *
 * @param files segments as they are or gzipped, in any order, and history files. Of a segment that is there twice
 *   the fuller one counts, if the other holds the same or the beginning of it.
 * @throws WalError `bad-relation`, `no-wal`, `unknown-timeline`, `foreign-cluster`, `mixed-formats`,
 *   `different-content`, and what is wrong with a file: `not-wal`, `corrupt-compression`, `bad-history` …
 */
export function findCommit(
  files: Iterable<Uint8Array | WalFile>,
  { relation, timeline, ...query }: FindCommitOptions,
): FindCommitResult {
  const filter = typeof relation === 'string' ? parseRelation(relation) : relation;
  const run = new FindCommitRun(takeStock(files), { ...query, relation: filter }, timeline);
  for (const task of run.tasks) run.add(task, scanSegment(task.segment.file, run.queryOf(task)));
  return run.finish();
}

type BufferSegment = Segment & { partial?: boolean };

interface BufferStock {
  format: Segment | undefined;
  segments: BufferSegment[];
  histories: { timeline: number; switches: TimelineSwitch[] }[];
}

function takeStock(files: Iterable<Uint8Array | WalFile>): BufferStock {
  const stock: BufferStock = { format: undefined, segments: [], histories: [] };
  for (const file of files) {
    const { name, bytes } = file instanceof Uint8Array ? { name: undefined, bytes: file } : file;
    const historyOf = name === undefined ? undefined : parseHistoryFileName(baseName(name));
    if (historyOf !== undefined) {
      stock.histories.push({ timeline: historyOf, switches: parseHistory(bytes, historyOf, name) });
    } else {
      addSegment(stock, openNamed(gunzipSegment(bytes, name), name));
    }
  }
  return stock;
}

/** The name says the timeline: a timeline's first segment begins as a copy of its parent's, whose number it bears. */
function openNamed(bytes: Uint8Array, file: string | undefined): BufferSegment {
  const segment = openSegment(bytes, { file });
  const [, named, partial] = /^([0-9A-F]{24})(?:.*(\.partial))?/.exec(baseName(file ?? '')) ?? [];
  const place = named === undefined ? undefined : parseSegmentFileName(named, segment.segmentSize);
  if (place === undefined) return segment;
  return { ...openSegment(bytes, { file, timeline: place.timeline }), partial: partial !== undefined };
}

function addSegment(stock: BufferStock, segment: BufferSegment): void {
  stock.format ??= segment;
  const { format } = stock;
  if (segment.systemIdentifier !== format.systemIdentifier) {
    throw new WalError(
      'foreign-cluster',
      `${segment.name} is of system identifier ${segment.systemIdentifier}, ${format.name} of ${format.systemIdentifier}; give the WAL of one cluster`,
    );
  }
  if (
    segment.version !== format.version ||
    segment.segmentSize !== format.segmentSize ||
    segment.blockSize !== format.blockSize
  ) {
    throw new WalError('mixed-formats', `${segment.name} and ${format.name} are of different formats`);
  }
  const known = stock.segments.findIndex(
    ({ timeline, start }) => timeline === segment.timeline && start === segment.start,
  );
  if (known < 0) {
    stock.segments.push(segment);
    return;
  }
  const verdict = compareCopies(stock.segments[known].bytes, segment.bytes, segment);
  if (verdict === 'second') stock.segments[known] = segment;
  if (typeof verdict === 'string') return;
  throw new WalError('different-content', `segment ${segment.name} was given twice, with different content`, {
    lsn: segment.start + BigInt(verdict),
  });
}

const baseName = (name: string): string =>
  name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
