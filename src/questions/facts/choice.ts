import type { WalFormat } from '../../reader/segment.js';
import type { SegmentFile } from '../../sources/inventory.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { SegmentContent } from './read-segment.js';
import { type KeptFacts, segmentFactsOf } from './segment-facts.js';
import type { Making } from './store.js';
import { isSameSeal } from './table-seals.js';
import { FACT_TABLES } from './tables.js';

/**
 * Whether facts that are there are what would be made of a segment's file: they are of this segment, and the file was
 * not changed since. Of a `.partial` file nothing is made that is there of the whole one.
 * @param records whether there has to be a row for each record
 */
export function isUpToDate(
  { row, tables, modified: madeOf }: KeptFacts,
  { name, timeline, start, reset = false, beginsTimeline, partial, source }: SegmentFile,
  format: WalFormat,
  records: boolean,
): boolean {
  const isOfFile =
    row.name === name &&
    row.timeline === timeline &&
    row.start_lsn === start &&
    row.reset === reset &&
    row.begins_timeline === beginsTimeline &&
    row.system_identifier === format.systemIdentifier &&
    row.postgres === format.version &&
    row.segment_size === format.segmentSize &&
    row.block_size === format.blockSize;
  if (!isOfFile || (records && !tables.has('records') && row.records > 0)) return false;
  if (row.partial !== partial) return partial;
  // an older file is another one, too: it may have been put back
  return source.modified !== undefined && madeOf === source.modified;
}

/** Times of files may be no finer than that, in milliseconds (FAT has even seconds). */
const TICK = 2000;

/**
 * What facts of a file are dated, so that it is known again: when it was changed last. Where that was just now, a
 * moment before: it may be changed once more within the same tick, and then its time tells nothing.
 */
export function dateOf({ source: { modified } }: SegmentFile, now: number): number | undefined {
  return modified !== undefined && now - modified < TICK ? modified - 1 : modified;
}

/**
 * Whether facts take the place of others of the same segment, so that in whatever order they are made the best stay: those
 * that are as they were written, then of a whole segment before those of a `.partial` file, of a file that is as it should be before those of one that is not,
 * then those that reach further. Of two that are equal in this, those that come later.
 */
export async function replaces(one: Making, other: Making): Promise<boolean> {
  const [a, b] = [await usable(one), await usable(other)];
  if (a === undefined || b === undefined) return b === undefined;
  if (isSameButRecords(a, b)) return a.tables.has('records') || !b.tables.has('records');
  if (a.row.partial !== b.row.partial) return b.row.partial;
  if (isSound(a) !== isSound(b)) return isSound(a);
  if (isSound(a) && !a.row.partial) return true;
  return reachOf(a) > reachOf(b);
}

const isSound = ({ row }: SegmentContent): boolean => row.problem === undefined;

const ALL = FACT_TABLES.segments.map(({ name }) => name);

/** How far the WAL goes that could be read, with what there is of a record that is not all there. */
const reachOf = ({ row }: SegmentContent): bigint =>
  (row.last_record_end_lsn ?? row.start_lsn) + BigInt(row.tail_bytes);

function isSameButRecords(a: SegmentContent, b: SegmentContent): boolean {
  const isSameRow = ALL.every((name) => name === 'tables' || a.row[name] === b.row[name]);
  const tables = new Set([...a.tables.keys(), ...b.tables.keys()]);
  tables.delete('records');
  return isSameRow && [...tables].every((table) => isSameSeal(a.tables.get(table), b.tables.get(table)));
}

/** @returns undefined also where its tables are not those that were written */
async function usable({ segments, tables }: Making): Promise<SegmentContent | undefined> {
  if (segments === undefined) return undefined;
  try {
    const content = await segmentFactsOf(segments, 'segments');
    const isWhole = [...content.tables].every(([table, seal]) => isSameSeal(tables.get(table), seal));
    return isWhole ? content : undefined;
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}
