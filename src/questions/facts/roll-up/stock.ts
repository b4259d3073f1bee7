import type { WalFormat } from '../../../reader/segment.js';
import type { SourceFolder } from '../../../sources/byte-source.js';
import { isFolder } from '../../../sources/byte-source.js';
import { fileBelow, findBelow, listFolder } from '../../../sources/folders.js';
import { readWhole } from '../../../sources/read.js';
import type { Reading } from '../../../sources/reading.js';
import type { RollUp } from '../../../sources/segment-facts.js';
import { problemOf } from '../../../sources/stored-bytes.js';
import type { Lsn } from '../../../wal/lsn.js';
import { message } from '../../../wal/message.js';
import { isValidBlockSize } from '../../../wal/page-header.js';
import {
  isValidSegmentSize,
  parseSegmentFileName,
  segmentFileNameOf,
  segmentStart,
} from '../../../wal/segment-name.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../../wal/version.js';
import { factFile, rollUpsFolder } from '../layout.js';
import { SegmentTables } from '../segment-tables.js';
import { digestOf } from './digest.js';
import { MOST_PARTS } from './roll-up-at.js';

/** A segment that is rolled up: what its own row says is then known. */
export interface RolledUpSegment {
  start: Lsn;
  format: WalFormat;
  rollUp: RollUp;
}

/**
 * The segments of a timeline that are rolled up, by their names: those whose facts are still the ones that the roll-up
 * was made of. What cannot be read of roll-ups counts as not there.
 * @param system the folder of the cluster
 * @param segments the folders of segments' facts, by the segments' names
 * @throws WalError of the system
 */
export async function rolledUpSegments(
  system: SourceFolder,
  place: { systemIdentifier: bigint; timeline: number },
  segments: ReadonlyMap<string, SourceFolder>,
  reading: Reading,
): Promise<ReadonlyMap<string, RolledUpSegment>> {
  const found = new Map<string, RolledUpSegment>();
  const folder = await findBelow(system, rollUpsFolder(place.timeline), reading).catch(noneOf);
  if (folder === undefined || !isFolder(folder)) return found;
  for (const entry of await listFolder(folder, reading)) {
    if (entry.kind !== 'folder') continue;
    const parts = await partsOf(entry.name, entry.folder, place, reading).catch(noneOf);
    for (const part of parts ?? []) {
      if (await isUpToDate(part, segments, reading)) {
        for (const { name, ...segment } of membersOf(part)) found.set(name, segment);
      }
    }
  }
  return found;
}

function noneOf(error: unknown): undefined {
  problemOf(error);
}

/** Segments that follow on each other, as a roll-up tells of them. */
interface Part {
  timeline: number;
  digests: readonly number[];
  format: WalFormat;
  rollUp: RollUp;
}

const COLUMNS = [
  ...(['system_identifier', 'postgres', 'timeline', 'segment_size', 'block_size'] as const),
  ...(['start_lsn', 'segments', 'digests', 'state'] as const),
];

/** Of the roll-up in a folder the parts that are summed up. */
async function partsOf(
  name: string,
  folder: SourceFolder,
  { systemIdentifier, timeline }: { systemIdentifier: bigint; timeline: number },
  reading: Reading,
): Promise<Part[]> {
  const tables = new SegmentTables(folder, reading);
  const { rows, columns } = await tables.columns('rollups', COLUMNS, MOST_PARTS);
  const parts: Part[] = [];
  for (let row = 0; row < rows; row++) {
    if (typeof columns.state[row] !== 'string') continue;
    const [segmentSize, blockSize] = [columns.segment_size[row], columns.block_size[row]] as number[];
    const [version, segments] = [columns.postgres[row], columns.segments[row]] as number[];
    const start = columns.start_lsn[row] as Lsn;
    const digests = columns.digests[row] as number[];
    const isSound =
      columns.system_identifier[row] === systemIdentifier &&
      columns.timeline[row] === timeline &&
      version >= OLDEST_VERSION &&
      version <= NEWEST_VERSION &&
      isValidSegmentSize(segmentSize) &&
      isValidBlockSize(blockSize) &&
      digests.length === segments;
    const first = isSound ? parseSegmentFileName(name, segmentSize) : undefined;
    if (first === undefined) throw tables.contradiction('rollups', message`no segments are what it says`);
    const blockStart = segmentStart(first.segmentNumber, segmentSize);
    const end = start + BigInt(segments * segmentSize);
    const isWithin =
      start >= blockStart && end - blockStart <= MOST_BYTES && start % BigInt(segmentSize) === 0n;
    if (!isWithin) throw tables.contradiction('rollups', message`a part of it lies elsewhere`);
    const format = { version, systemIdentifier, segmentSize, blockSize };
    parts.push({ timeline, digests, format, rollUp: { folder, start, end, blockStart } });
  }
  return parts;
}

/** Places are no larger. */
const MOST_BYTES = 0x7fff_ffffn;

function membersOf({
  timeline,
  digests,
  format,
  rollUp,
}: Part): (RolledUpSegment & { name: string; digest: number })[] {
  const { segmentSize } = format;
  return digests.map((digest, i) => {
    const start = rollUp.start + BigInt(i * segmentSize);
    return { name: segmentFileNameOf(timeline, start, segmentSize), digest, start, format, rollUp };
  });
}

async function isUpToDate(
  part: Part,
  segments: ReadonlyMap<string, SourceFolder>,
  reading: Reading,
): Promise<boolean> {
  for (const { name, digest } of membersOf(part)) {
    const folder = segments.get(name);
    const bytes = folder && (await tableOf(folder, reading));
    if (bytes === undefined || digestOf(bytes) !== digest) return false;
  }
  return true;
}

/** More than the table `segments` has of a segment. */
const LARGEST = 64 * 1024 * 1024;

const SEGMENTS = factFile('segments');

/** The table `segments` of a segment; undefined where there is none, or it cannot be read. */
async function tableOf(folder: SourceFolder, reading: Reading): Promise<Uint8Array | undefined> {
  const atOnce = reading.readBelow?.(folder, SEGMENTS, LARGEST);
  if (atOnce !== undefined) return atOnce;
  try {
    const source = await fileBelow(folder, SEGMENTS, reading);
    return source && (await readWhole(source, LARGEST, reading));
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}
