import { type ForeignBranch, foreignProblem } from '../cluster/branches.js';
import { foreignIn } from '../cluster/chain.js';
import { groupBy } from '../cluster/group-by.js';
import { parseHistory, type TimelineSwitch } from '../cluster/history.js';
import { timelineStartIn } from '../follow/timeline-start.js';
import type { WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import type { LongPageHeader } from '../wal/page-header.js';
import { parseSegmentFileName, segmentFileNameOf, segmentStart } from '../wal/segment-name.js';
import type { ByteSource } from './byte-source.js';
import { type FoundFile, findFiles } from './find-files.js';
import { type Identified, type IdentifiedSegment, identifyFile, lastTimeline } from './identify.js';
import type { Inputs } from './input.js';
import { readWhole } from './read.js';
import { readSegment } from './read-segments.js';
import type { Reading } from './reading.js';
import { type SegmentCopy, settleCopies } from './same-segment.js';
import { problemOf } from './stored-bytes.js';

/** A segment that is there to be read. */
export interface SegmentFile {
  /** Its file name in `pg_wal`, 24 hexadecimal digits. */
  name: string;
  timeline: number;
  /** LSN of its first byte. */
  start: Lsn;
  /** Only a `.partial` file of it is there. */
  partial: boolean;
  /** See `PlacedSegment`. */
  reset?: boolean;
  /** Its first page is an ancestor's: the timeline began in it. */
  beginsTimeline: boolean;
  source: ByteSource;
  /** Further files with the same content, or with the beginning of it. */
  copies: ByteSource[];
}

/** A timeline history file. */
export interface HistoryFile {
  timeline: number;
  source: ByteSource;
  /** Empty where the file is of no use. */
  switches: TimelineSwitch[];
  /** Why it is of no use, where it is not; among the inventory's problems as well. */
  problem: WalError | undefined;
  /** It names no ancestor: the server takes the timeline to have none. */
  isEmpty: boolean;
}

/** A small file that tells of a base backup. */
export interface BackupFile {
  kind: 'backup-history' | 'backup-label' | 'backup-manifest';
  source: ByteSource;
}

/** What `pg_wal/archive_status` says: `file` waits for being archived (`ready`), or has been (`done`). */
export interface ArchiveStatus {
  file: string;
  status: 'ready' | 'done';
}

/** A file with a segment's name that holds no WAL of that place: the server keeps it for later use. */
export interface UnusedFile {
  source: ByteSource;
  /** The segment that its name promises. */
  name: string;
  /**
   * `recycled`: old WAL under the name of a segment to come. `zeroed`: nothing but zeroes. `empty`: a `.partial` file
   * to which nothing has been written yet.
   */
  reason: 'recycled' | 'zeroed' | 'empty';
  /** The segment that its first page says it is, where it is recycled. */
  holds?: string;
}

/** What files and folders hold, known without reading the WAL itself. */
export interface Inventory {
  /** Of the cluster whose WAL this is; undefined when there is no segment at all. */
  format: WalFormat | undefined;
  /** By timeline, then by LSN; each once. */
  segments: SegmentFile[];
  /** By timeline, each once. */
  histories: HistoryFile[];
  /** Segments of another timeline than the history of its number tells of. */
  foreign: ForeignBranch<SegmentFile>[];
  backups: BackupFile[];
  archiveStatus: ArchiveStatus[];
  unused: UnusedFile[];
  /** Copies that are not whole of segments that other files have more of; no hindrance to reading. */
  brokenCopies: WalError[];
  /** What could not be used, and what is not as it should be. The rest can be read all the same. */
  problems: WalError[];
  /**
   * What makes it unclear which WAL is the right one: `different-content`, `foreign-cluster`, `mixed-formats`.
   * A question that needs one answer is refused with the first of these.
   */
  conflicts: WalError[];
  /** Where one of several clusters was chosen: the others, whose WAL was left out. */
  otherClusters?: OtherCluster[];
}

/** A cluster of which there is WAL. */
export interface ClusterWal {
  format: WalFormat;
  segments: readonly IdentifiedSegment[];
}

/** A cluster whose WAL was left out. */
export interface OtherCluster {
  systemIdentifier: bigint;
  /** How many files of segments there are. */
  segments: number;
}

/** How closely {@link takeInventory} looks. */
export interface InventoryOptions {
  /** Do not compare files that hold the same segment; the first is taken, whole ones before `.partial` ones. */
  headersOnly?: boolean;
  /** Asked where there is WAL of several clusters: which one is meant, if that is known. @internal */
  chooseCluster?: (clusters: readonly ClusterWal[]) => Promise<ClusterWal | undefined>;
}

/**
 * Takes stock of files and folders; {@link findFiles} says what is looked through. Of a segment only its first
 * page header is read, unless there are several files of it, which are then compared.
 * @throws WalError `unreadable` where one of the paths cannot be read; `source-failed`
 */
export async function takeInventory(
  inputs: Inputs,
  reading: Reading,
  options: InventoryOptions = {},
): Promise<Inventory> {
  const inventory: Inventory = {
    format: undefined,
    segments: [],
    histories: [],
    foreign: [],
    backups: [],
    archiveStatus: [],
    unused: [],
    brokenCopies: [],
    problems: [],
    conflicts: [],
  };
  const candidates: FoundFile[] = [];
  const small: FoundFile[] = [];
  for await (const file of findFiles(inputs, reading, (problem) => inventory.problems.push(problem))) {
    if (file.kind.kind === 'segment' || file.kind.kind === 'unnamed-segment') candidates.push(file);
    else small.push(file);
  }
  const all = await identifyAll(candidates, reading);
  const isLeftOut = await leaveOut(inventory, all, options.chooseCluster);
  for (const file of small) if (!isLeftOut(file.source)) await addSmallFile(inventory, file, reading);
  inventory.histories.sort((a, b) => a.timeline - b.timeline);
  for (const problem of disagreements(inventory.histories)) inventory.problems.push(problem);

  const identified: Identified[] = [];
  for (const one of all) {
    if (one.kind !== 'unreadable' && isLeftOut(sourceOf(one), headerOf(one))) continue;
    identified.push(await withoutParents(one, inventory.histories, reading));
  }
  const own = ownCluster(inventory, identified);
  note(inventory, identified);
  const copies = [...own, ...besideDamagedHeaders(inventory.format, own, identified)];
  await addSegments(inventory, copies, reading, options.headersOnly === true);
  for (const branch of foreignIn(inventory, () => false)) {
    inventory.foreign.push(await withBeginning(branch, inventory.format!, reading));
  }
  return inventory;
}

/** An inventory that one question can be answered from. */
export type UsableInventory = Inventory & { format: WalFormat };

/**
 * Takes stock for a question that needs one answer.
 * @throws WalError as {@link takeInventory}; the first of its conflicts; where there is no segment the first problem,
 *   or `no-wal`
 */
export async function takeUsableInventory(
  inputs: Inputs,
  reading: Reading,
  options?: InventoryOptions,
): Promise<UsableInventory> {
  const inventory = await takeInventory(inputs, reading, options);
  const { format, conflicts, problems } = inventory;
  if (conflicts.length > 0) throw conflicts[0];
  if (format === undefined || inventory.segments.length === 0) {
    throw problems[0] ?? new WalError('no-wal', 'there is no WAL segment in what was given');
  }
  const foreign = inventory.foreign.map((branch) => foreignProblem(branch, format));
  return { ...inventory, format, problems: [...problems, ...foreign] };
}

async function addSmallFile(
  inventory: Inventory,
  { source, kind }: FoundFile,
  reading: Reading,
): Promise<void> {
  switch (kind.kind) {
    case 'history':
      await addHistory(inventory, source, kind.timeline, reading);
      break;
    case 'archive-status':
      inventory.archiveStatus.push({ file: kind.file, status: kind.status });
      break;
    case 'backup-history':
    case 'backup-label':
    case 'backup-manifest':
      inventory.backups.push({ kind: kind.kind, source });
      break;
  }
}

/** A history file has a line of some 50 bytes for each ancestor; this is room for thousands. */
const LARGEST_HISTORY = 256 * 1024;

async function addHistory(
  inventory: Inventory,
  source: ByteSource,
  timeline: number,
  reading: Reading,
): Promise<void> {
  try {
    const history = await readHistory(source, timeline, reading);
    const { switches, problem } = history;
    if (problem !== undefined) inventory.problems.push(problem);
    const at = inventory.histories.findIndex((history) => history.timeline === timeline);
    const known = inventory.histories[at];
    if (known === undefined) inventory.histories.push(history);
    else if (problem !== undefined) return;
    else if (known.problem !== undefined) inventory.histories[at] = history;
    else if (!sameSwitches(known.switches, switches)) {
      inventory.conflicts.push(
        new WalError(
          'different-content',
          `${known.source.name} and ${source.name} tell different histories of timeline ${timeline}; give only the right one`,
          { file: source.name },
        ),
      );
    }
  } catch (error) {
    inventory.problems.push(problemOf(error));
  }
}

/** A file that can be read, but says nothing that the server can go by, is there all the same, and not missing. */
async function readHistory(source: ByteSource, timeline: number, reading: Reading): Promise<HistoryFile> {
  const bytes = await readWhole(source, LARGEST_HISTORY, reading);
  try {
    const switches = parseHistory(bytes, timeline, source.name);
    const isEmpty = switches.length === 0 && timeline > 1;
    const problem = isEmpty ? emptyHistory(source, timeline) : undefined;
    return { timeline, source, switches, problem, isEmpty };
  } catch (error) {
    return { timeline, source, switches: [], problem: problemOf(error), isEmpty: false };
  }
}

function emptyHistory({ name }: ByteSource, timeline: number): WalError {
  const message = `${name} names no timeline that timeline ${timeline} comes from: to the server it begins from nothing, and no backup of before can be recovered to it; get the file again from the server that wrote it`;
  return new WalError('bad-history', message, { file: name });
}

function sameSwitches(a: TimelineSwitch[], b: TimelineSwitch[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ timeline, switchLsn }, i) => timeline === b[i].timeline && switchLsn === b[i].switchLsn)
  );
}

/**
 * History files that tell different beginnings of the same ancestor: they are of several servers or restores. Each
 * beginning has a number, so that no line is looked at more than once.
 */
function disagreements(histories: readonly HistoryFile[]): WalError[] {
  const numbers = new Map<string, number>();
  /** The number of each beginning of a history, the empty one first. */
  const beginningsOf = ({ switches }: HistoryFile): number[] => {
    const beginnings = [0];
    for (const { timeline, switchLsn } of switches) {
      const key = `${beginnings.at(-1)} ${timeline} ${switchLsn}`;
      const number = numbers.get(key) ?? numbers.size + 1;
      numbers.set(key, number);
      beginnings.push(number);
    }
    return beginnings;
  };
  const usable = histories.filter(({ problem }) => problem === undefined);
  const told = usable.map((history) => ({ history, beginnings: beginningsOf(history) }));
  const byTimeline = new Map(told.map((one) => [one.history.timeline, one]));
  return told.flatMap(({ history: { source, switches }, beginnings }) =>
    switches.flatMap(({ timeline }, at) => {
      const other = byTimeline.get(timeline);
      if (other === undefined || other.beginnings.at(-1) === beginnings[at]) return [];
      const message = `${source.name} and ${other.history.source.name} tell different histories of timeline ${timeline}: several servers or restores have archived here, keep their files apart`;
      return [new WalError('wrong-history', message, { file: source.name })];
    }),
  );
}

/** Files whose first pages are read at the same time. */
const CONCURRENCY = 8;

async function identifyAll(files: FoundFile[], reading: Reading): Promise<Identified[]> {
  const results: Identified[] = [];
  for (let at = 0; at < files.length; at += CONCURRENCY) {
    const some = files
      .slice(at, at + CONCURRENCY)
      .map((file) =>
        identifyFile(file, reading).catch(
          (error): Identified => ({ kind: 'unreadable', problem: problemOf(error) }),
        ),
      );
    results.push(...(await Promise.all(some)));
  }
  return results;
}

/**
 * A promoted server takes over files of the parent's WAL from after the switch, under the name of the same segment
 * of its own timeline, for later use. Only their first page tells: there the timeline's own WAL says its own number.
 */
async function withoutParents(
  one: Identified,
  histories: readonly HistoryFile[],
  reading: Reading,
): Promise<Identified> {
  if (one.kind !== 'segment') return one;
  const { source, header, timeline, start } = one.file;
  if (header.timeline === timeline) return one;
  const begin = histories.find((history) => history.timeline === timeline)?.switches.at(-1)?.switchLsn;
  if (begin === undefined || start < begin) return one;
  // of another timeline of that number, which began in it
  if ((await lastTimeline(source, header, reading)) === timeline) return one;
  const name = segmentFileNameOf(timeline, start, header.segmentSize);
  return { kind: 'unused', source, name, reason: 'recycled', header };
}

function note(inventory: Inventory, identified: Identified[]): void {
  for (const one of identified) {
    if (one.kind === 'unused') noteUnused(inventory, one);
    else if (one.problem) inventory.problems.push(one.problem);
  }
}

function noteUnused(inventory: Inventory, one: Extract<Identified, { kind: 'unused' }>): void {
  const { source, name, reason } = one;
  const { format } = inventory;
  if (format && one.reason === 'recycled' && formatKey(one.header) !== formatKey(format)) {
    const message = `${source.name} holds WAL of another cluster or another format than the rest, and not ${name} as its name says; it was left out`;
    inventory.problems.push(new WalError('foreign-cluster', message, { file: source.name }));
  } else if (one.reason === 'recycled') {
    const { timeline, pageAddress, segmentSize } = one.header;
    const holds = segmentFileNameOf(timeline, pageAddress, segmentSize);
    inventory.unused.push({ source, name, reason, holds });
  } else inventory.unused.push({ source, name, reason });
}

type Placed = Exclude<Identified, { kind: 'unreadable' }>;

const sourceOf = (one: Placed): ByteSource => (one.kind === 'segment' ? one.file.source : one.source);

function headerOf(one: Placed): WalFormat | undefined {
  if (one.kind === 'segment') return one.file.header;
  return one.kind === 'unused' && one.reason === 'recycled' ? one.header : undefined;
}

/**
 * Of several clusters leaves out all but the one that is chosen: their segments and, of what does not say whose it is,
 * what lies in a folder with segments of theirs, in it or below, and with none of the other.
 */
async function leaveOut(
  inventory: Inventory,
  identified: readonly Identified[],
  choose: InventoryOptions['chooseCluster'],
): Promise<(source: ByteSource, header?: WalFormat) => boolean> {
  const placed = identified.flatMap((one) => (one.kind === 'segment' ? [one.file] : []));
  const clusters = [...groupBy(placed, ({ header }) => formatKey(header)).values()].map(
    (segments): ClusterWal => ({ format: formatOf(segments[0]), segments }),
  );
  const own = clusters.length > 1 ? await choose?.(clusters) : undefined;
  if (own === undefined) return () => false;
  const others = clusters.filter((one) => one !== own);
  inventory.otherClusters = others.map(({ format, segments }) => ({
    systemIdentifier: format.systemIdentifier,
    segments: segments.length,
  }));
  const hasBelow = ({ segments }: ClusterWal, folder: string): boolean =>
    segments.some(({ source }) => source.name.startsWith(folder));
  const ownKey = formatKey(own.format);
  return ({ name }, header) => {
    if (header !== undefined) return formatKey(header) !== ownKey;
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    return !hasBelow(own, folder) && others.some((one) => hasBelow(one, folder));
  };
}

function formatOf({ header }: IdentifiedSegment): WalFormat {
  const { systemIdentifier, version, segmentSize, blockSize } = header;
  return { systemIdentifier, version, segmentSize, blockSize };
}

/** A server uses old segments of its own again, and no others. */
const formatKey = ({ systemIdentifier, version, segmentSize, blockSize }: WalFormat): string =>
  `${systemIdentifier}/${version}/${segmentSize}/${blockSize}`;

/** The segments of the cluster that most of the segments are of; the others are conflicts. */
function ownCluster(inventory: Inventory, identified: Identified[]): IdentifiedSegment[] {
  const placed = identified.flatMap((one) => (one.kind === 'segment' ? [one.file] : []));
  const clusters = groupBy(placed, ({ header }) => formatKey(header));
  const [own, ...foreign] = [...clusters.values()].sort((a, b) => b.length - a.length);
  if (own === undefined) return [];
  inventory.format = formatOf(own[0]);
  for (const segments of foreign) inventory.conflicts.push(mixedClusters(own, segments));
  return own;
}

function mixedClusters(own: IdentifiedSegment[], other: IdentifiedSegment[]): WalError {
  const place = { file: other[0].source.name, lsn: other[0].start };
  const a = own[0].header;
  const b = other[0].header;
  if (a.systemIdentifier !== b.systemIdentifier) {
    return new WalError(
      'foreign-cluster',
      `WAL of different clusters: ${listed(own)} of system identifier ${a.systemIdentifier}, ${listed(other)} of ${b.systemIdentifier}; give the files of one cluster`,
      place,
    );
  }
  // nothing else changes it
  const bySize =
    a.version === b.version && a.blockSize === b.blockSize
      ? ' (pg_resetwal --wal-segsize was run in between: no recovery goes from one to the other)'
      : '';
  const format = ({ version, segmentSize, blockSize }: typeof a): string =>
    `PostgreSQL ${version} with segments of ${segmentSize} and blocks of ${blockSize} bytes`;
  return new WalError(
    'mixed-formats',
    `WAL of different formats: ${listed(own)} of ${format(a)}, ${listed(other)} of ${format(b)}${bySize}; give the files of one of them`,
    place,
  );
}

function listed(segments: IdentifiedSegment[]): string {
  const names = segments.slice(0, 3).map(({ source }) => source.name);
  const more = segments.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

type PlacedCopy = SegmentCopy & { timeline: number; start: Lsn; reset?: boolean; header?: LongPageHeader };

/** With what the branch's own WAL says of its beginning. */
async function withBeginning(
  branch: ForeignBranch<SegmentFile>,
  format: WalFormat,
  reading: Reading,
): Promise<ForeignBranch<SegmentFile>> {
  const [file] = branch.segments;
  if (!file.beginsTimeline) return branch;
  const end = file.start + BigInt(format.segmentSize);
  const start = timelineStartIn((await readSegment({ file, end }, format, reading)).segment);
  return { ...branch, switchLsn: start?.from, parent: start?.parent };
}

/**
 * Files of which only the first page header is damaged, so that the rest can be read: those that lie next to a
 * segment of this cluster, unless the segment is there undamaged.
 */
function besideDamagedHeaders(
  format: WalFormat | undefined,
  own: IdentifiedSegment[],
  identified: Identified[],
): PlacedCopy[] {
  if (format === undefined) return [];
  const size = BigInt(format.segmentSize);
  const starts = new Set(own.map(({ start }) => start));
  const places = new Set(own.map(({ timeline, start }) => `${timeline}/${start}`));
  const found: PlacedCopy[] = [];
  for (const one of identified) {
    if (one.kind !== 'damaged') continue;
    const named = parseSegmentFileName(one.name, format.segmentSize);
    if (named === undefined) continue;
    const start = segmentStart(named.segmentNumber, format.segmentSize);
    const isNeighbour = starts.has(start - size) || starts.has(start + size);
    if (isNeighbour && !places.has(`${named.timeline}/${start}`)) {
      found.push({ source: one.source, partial: one.partial, timeline: named.timeline, start });
    }
  }
  return found;
}

async function addSegments(
  inventory: Inventory,
  files: PlacedCopy[],
  reading: Reading,
  headersOnly: boolean,
): Promise<void> {
  const { format } = inventory;
  if (format === undefined) return;
  const places = groupBy(files, ({ timeline, start }) =>
    segmentFileNameOf(timeline, start, format.segmentSize),
  );
  for (const [name, copies] of [...places].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { timeline, start } = copies[0];
    const settled = await settleCopies(copies, { name, start, ...format }, reading, headersOnly);
    for (const conflict of settled.conflicts) inventory.conflicts.push(conflict);
    for (const copy of settled.broken) inventory.brokenCopies.push(copy);
    const { source, partial, header, reset = false } = settled.chosen;
    const beginsTimeline = header !== undefined && header.timeline !== timeline;
    const segment = { name, timeline, start, partial, beginsTimeline, source, copies: settled.copies };
    inventory.segments.push(reset ? { ...segment, reset } : segment);
  }
}
