import { type ForeignBranch, foreignProblem } from '../cluster/branches.js';
import { foreignIn, type LsnRange } from '../cluster/chain.js';
import { groupBy } from '../cluster/group-by.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { TimelineStartScan } from '../follow/timeline-start.js';
import type { WalFormat } from '../reader/segment.js';
import { listed } from '../text/listed.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import type { LongPageHeader } from '../wal/page-header.js';
import { parseSegmentFileName, segmentFileNameOf, segmentStart } from '../wal/segment-name.js';
import { BesideFacts, fileOfFacts } from './beside-facts.js';
import { findWithin, isBounded, isSameFormat, type WalBounds } from './bounds.js';
import { type ByteSource, fileNameOf, type SourceFolder } from './byte-source.js';
import { COMPRESSED_SUFFIX } from './codecs/index.js';
import { type FoundFile, findFiles } from './find-files.js';
import { disagreements, Histories, type HistoryFile } from './histories.js';
import type { FactsSegment, FactsStock, IdentifiedSegment } from './identified-segment.js';
import {
  type Identified,
  identifyFile,
  lastTimeline,
  mayBeRecycled,
  misnamed,
  type Placed,
} from './identify.js';
import { type Input, type Inputs, inputsOf, nameOfInput } from './input.js';
import { ProblemList, ProblemsShared } from './problem-list.js';
import { readWindows } from './read-segments.js';
import type { Reading } from './reading.js';
import { type SegmentCopy, settleCopies } from './same-segment.js';
import type { SegmentFacts } from './segment-facts.js';
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
  /** See `PlacedSegment`. */
  placedByName?: boolean;
  /** Its first page is an ancestor's: the timeline began in it. */
  beginsTimeline: boolean;
  /** It does not matter to the question: nothing but its name says what it is. @internal */
  outside?: boolean;
  /** Facts of it, which are read instead of the file where they tell what is asked. @internal */
  facts?: SegmentFacts;
  /** Its file; where only facts are there, a `NoWal`. */
  source: ByteSource;
  /** Further files with the same content, or with the beginning of it. */
  copies: ByteSource[];
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
  /** By timeline, the WAL of the times that the question is about. @internal */
  ranges?: ReadonlyMap<number, LsnRange>;
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
  /**
   * Look at no file of which nothing matters but that it is there: such a segment is what its name says. Where files are
   * of several clusters or formats, all are looked at. @internal
   */
  within?: WalBounds | undefined;
  /** Segments and small files that facts tell of. @internal */
  facts?: FactsStock | undefined;
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
  const conflicts = new ProblemList();
  const places = [...inputsOf(inputs), ...(options.facts?.files ?? [])];
  const stock = await takeStock(places, reading, options);
  const { all, statuses, ranges, problems } = stock;
  const small = withoutCopies(stock.small, options.facts?.files ?? []);
  for (const problem of options.facts?.problems ?? []) problems.add(problem);
  if (ranges !== undefined) inventory.ranges = ranges;
  const isLeftOut = await leaveOut(inventory, all, options.chooseCluster);
  const histories = new Histories(reading, problems, conflicts);
  for (const { source, kind } of small) {
    if (isLeftOut(source)) continue;
    if (kind.kind === 'history') await histories.add(source, kind.timeline);
    else inventory.backups.push({ kind: kind.kind, source });
  }
  for (const { folder, file, status } of statuses) {
    if (!isLeftOut({ name: folder })) inventory.archiveStatus.push({ file, status });
  }
  inventory.histories = histories.all();
  for (const problem of disagreements(inventory.histories)) problems.add(problem);

  const identified: Placed[] = [];
  for (const one of all) {
    if (isLeftOut(sourceOf(one), headerOf(one))) continue;
    try {
      identified.push(await withoutParents(one, histories, reading));
    } catch (error) {
      problems.add(problemOf(error));
    }
  }
  const own = ownCluster(inventory, identified, conflicts);
  for (const one of identified) {
    if (one.kind === 'unused') noteUnused(inventory, one, problems);
    else if (one.problem) problems.add(one.problem);
  }
  const copies = [...own, ...besideDamagedHeaders(inventory.format, own, identified)];
  await addSegments(inventory, copies, reading, options.headersOnly === true, problems, conflicts);
  for (const branch of foreignIn(inventory, () => false)) {
    if (branch.segments.every(({ outside }) => outside)) continue;
    inventory.foreign.push(await withBeginning(branch, inventory.format!, reading, problems));
  }
  inventory.problems = problems.list();
  inventory.conflicts = conflicts.list();
  return inventory;
}

/** Whether bounds left nothing out. */
export const isAll = ({ segments }: Inventory): boolean => segments.every(({ outside }) => outside !== true);

/** An inventory that one question can be answered from. */
export type UsableInventory = Inventory & { format: WalFormat };

/** The error where inputs have no WAL. */
export function noWal(inputs: Inputs): WalError {
  const names = listed([...inputsOf(inputs)].map(nameOfInput), NAMES_TOLD);
  return new WalError(
    'no-wal',
    message`there is no WAL segment in ${names}; give pg_wal, the folder that archive_command fills, or a repository of a backup tool`,
  );
}

/** So many inputs are named in a message. */
const NAMES_TOLD = 3;

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
    throw problems[0] ?? noWal(inputs);
  }
  const foreign = inventory.foreign.map((branch) => foreignProblem(branch, format));
  return { ...inventory, format, problems: [...problems, ...foreign] };
}

/** Files whose first pages are read at the same time. */
const CONCURRENCY = 8;

/** What was found: segments, and small files beside them. */
interface Stock {
  all: Placed[];
  small: SmallFile[];
  statuses: FileStatus[];
  problems: ProblemList;
  /** See {@link Inventory.ranges}. */
  ranges?: ReadonlyMap<number, LsnRange>;
}

const newStock = (): Stock => ({ all: [], small: [], statuses: [], problems: new ProblemList() });

/** A file that is read later. */
type SmallFile = Pick<FoundFile, 'source'> & {
  kind: Extract<FoundFile['kind'], { kind: 'history' | BackupFile['kind'] }>;
};

/** A file in this folder says that. */
interface FileStatus extends ArchiveStatus {
  folder: string;
}

/** No archive has more history files or `.backup` files; a hostile tar file may. */
const MOST_SMALL_FILES = 20_000;

/** Without files that lie beside facts and were given as well: they were copied from those. */
function withoutCopies(small: readonly SmallFile[], folders: readonly SourceFolder[]): readonly SmallFile[] {
  const isBesideFacts = ({ source }: SmallFile): boolean =>
    folders.some(({ name }) => source.name.startsWith(`${name}/`));
  const nameOf = ({ source }: SmallFile): string => fileNameOf(source).replace(PACKED, '');
  const given = new Set(small.filter((one) => !isBesideFacts(one)).map(nameOf));
  return small.filter((one) => !isBesideFacts(one) || !given.has(nameOf(one)));
}

const PACKED = new RegExp(`${COMPRESSED_SUFFIX}$`);

async function takeStock(
  inputs: readonly Input[],
  reading: Reading,
  { within = {}, facts }: InventoryOptions,
): Promise<Stock> {
  const segments = facts?.segments ?? [];
  const bounded = isBounded(within) ? await identifyWithin(inputs, segments, reading, within) : undefined;
  return bounded ?? identifyAll(inputs, segments, reading);
}

/** What was found, and what it is: of what cannot be read only the problems are kept. */
async function identifyAll(inputs: Inputs, facts: readonly FactsSegment[], reading: Reading): Promise<Stock> {
  const stock = newStock();
  const identified = new IdentifiedFiles(stock);
  let some: FoundFile[] = [];
  const identify = async (): Promise<void> => {
    const results = some.map((file) => identifyFile(file, reading).catch(unreadable));
    some = [];
    for (const one of await Promise.all(results)) identified.add(one);
  };
  for await (const file of findSegments(inputs, facts, reading, stock)) {
    if (some.push(file) === CONCURRENCY) await identify();
  }
  await identify();
  return stock;
}

/** The same, but for files that do not matter. @returns undefined where names do not tell which those are */
async function identifyWithin(
  inputs: Inputs,
  facts: readonly FactsSegment[],
  reading: Reading,
  bounds: WalBounds,
): Promise<Stock | undefined> {
  const stock = newStock();
  const known = new Map<FoundFile, Promise<Identified>>();
  const identify = (file: FoundFile): Promise<Identified> => {
    let one = known.get(file);
    if (one === undefined) {
      one = identifyFile(file, reading).catch(unreadable);
      known.set(file, one);
    }
    return one;
  };
  const files: FoundFile[] = [];
  for await (const file of findSegments(inputs, facts, reading, stock)) {
    files.push(file);
    // what goes by in a tar file is there now, and a name tells nothing of what has none
    if (file.source.tar !== undefined || file.kind.kind !== 'segment') await identify(file);
  }
  const unheard = new ProblemList();
  const histories = new Histories(reading, unheard, unheard);
  for (const { source, kind } of stock.small) {
    if (kind.kind === 'history') await histories.add(source, kind.timeline);
  }
  const within = await findWithin(files, histories.all(), bounds, identify, reading);
  if (within === undefined) return undefined;
  const { header, outside, ranges } = within;
  const mattering = files.filter((file) => outside(file) === undefined);
  /** By timeline, the first one. */
  const unused = new Map<string, string>();
  for await (const one of eachOf(mattering, identify)) {
    const name = nameOfUnused(one, header, histories);
    if (name === undefined) continue;
    const timeline = name.slice(0, TIMELINE_DIGITS);
    const first = unused.get(timeline);
    if (first === undefined || name < first) unused.set(timeline, name);
  }
  const identified = new IdentifiedFiles(stock);
  const look = (file: FoundFile): Promise<Identified> | Identified => {
    const place = outside(file);
    const isByName = place !== undefined && !isBehind(file, unused);
    return isByName ? byName(file, place, header) : identify(file);
  };
  for await (const one of eachOf(files, look)) {
    if (one.kind === 'segment' && !isSameFormat(one.file.header, header)) return undefined;
    identified.add(one);
  }
  return { ...stock, ranges };
}

/** A few files at the same time, in their order. */
async function* eachOf(
  files: readonly FoundFile[],
  look: (file: FoundFile) => Promise<Identified> | Identified,
): AsyncGenerator<Identified> {
  for (let from = 0; from < files.length; from += CONCURRENCY) {
    yield* await Promise.all(files.slice(from, from + CONCURRENCY).map(look));
  }
}

/** What a segment's name begins with. */
const TIMELINE_DIGITS = 8;

/** The name of a segment that holds no WAL of its place, or may not. */
function nameOfUnused(one: Identified, { segmentSize }: WalFormat, histories: Histories): string | undefined {
  if (one.kind === 'unused') return one.name;
  if (one.kind !== 'segment' || !mayBeParents(one.file, histories)) return undefined;
  return segmentFileNameOf(one.file.timeline, one.file.start, segmentSize);
}

/** Whether it comes behind an unused file: then a name tells nothing, for a server keeps those behind all its WAL. */
function isBehind({ kind }: FoundFile, unused: ReadonlyMap<string, string>): boolean {
  if (kind.kind !== 'segment') return false;
  const from = unused.get(kind.segment.slice(0, TIMELINE_DIGITS));
  return from !== undefined && kind.segment > from;
}

/** A file that does not matter, as the segment that its name promises. */
function byName({ source }: FoundFile, place: PlacedSegment, header: LongPageHeader): Identified {
  const { timeline, start, partial = false } = place;
  const own = { ...header, timeline, pageAddress: start };
  const file = { source, partial, header: own, timeline, start, reset: false, outside: true };
  return { kind: 'segment', file, problem: undefined };
}

/** Takes in what files are. */
class IdentifiedFiles {
  private readonly told = new ProblemsShared();

  constructor(private readonly stock: Stock) {}

  add(one: Identified): void {
    const { all, problems } = this.stock;
    if (one.kind === 'unreadable') problems.add(one.problem);
    else if (one.kind === 'unused' || one.problem === undefined) all.push(one);
    else all.push({ ...one, problem: this.told.shared(one.problem) });
  }
}

/** Finds what may be a segment, those that facts tell of first, and keeps what else is found. */
async function* findSegments(
  inputs: Inputs,
  facts: readonly FactsSegment[],
  reading: Reading,
  stock: Stock,
): AsyncGenerator<FoundFile> {
  const { problems } = stock;
  for (const segment of facts) yield fileOfFacts(segment);
  const beside = new BesideFacts(facts, reading);
  for await (const file of findFiles(inputs, reading, (problem) => problems.add(problem))) {
    const { source, kind } = file;
    if (kind.kind === 'segment' || kind.kind === 'unnamed-segment') yield await beside.known(file);
    else if (kind.kind === 'archive-status') {
      const { file, status } = kind;
      stock.statuses.push({ folder: folderOf(source, stock.statuses.at(-1)?.folder), file, status });
    } else if (stock.small.length < MOST_SMALL_FILES) stock.small.push({ source, kind });
    else problems.add(oneTooMany(source));
  }
}

/** The folder that a source lies in. @param known of another source: the same text is not kept twice */
function folderOf({ name }: ByteSource, known = ''): string {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return folder === known ? known : folder;
}

function oneTooMany({ name: file }: ByteSource): WalError {
  const text = message`${file} was left out: there are more history and backup files than ${MOST_SMALL_FILES}; give those that matter`;
  return new WalError('file-too-large', text, { file });
}

const unreadable = (error: unknown): Identified => ({ kind: 'unreadable', problem: problemOf(error) });

/**
 * A promoted server takes over files of the parent's WAL from after the switch, under the name of the same segment
 * of its own timeline, for later use. Only their first page tells: there the timeline's own WAL says its own number.
 */
async function withoutParents(one: Placed, histories: Histories, reading: Reading): Promise<Placed> {
  if (one.kind !== 'segment') return one;
  const { source, header, timeline, start } = one.file;
  if (!mayBeParents(one.file, histories)) return one;
  // of another timeline of that number, which began in it
  if ((await lastTimeline(source, header, reading)) === timeline) return one;
  const name = segmentFileNameOf(timeline, start, header.segmentSize);
  if (!(await mayBeRecycled(source, reading))) return misnamed(one.file, name, reading);
  return { kind: 'unused', source, name, reason: 'recycled', header };
}

/** Whether the first page is of another timeline, behind where its own begins. */
function mayBeParents({ header, timeline, start }: IdentifiedSegment, histories: Histories): boolean {
  if (header.timeline === timeline) return false;
  const begin = histories.of(timeline)?.switches.at(-1)?.switchLsn;
  return begin !== undefined && start >= begin;
}

function noteUnused(
  inventory: Inventory,
  one: Extract<Identified, { kind: 'unused' }>,
  problems: ProblemList,
): void {
  const { source, name, reason } = one;
  const { format } = inventory;
  if (format && one.reason === 'recycled' && formatKey(one.header) !== formatKey(format)) {
    const text = message`${source.name} holds WAL of another cluster or another format than the rest, and not ${name} as its name says; it was left out`;
    problems.add(new WalError('foreign-cluster', text, { file: source.name }));
  } else if (one.reason === 'recycled') {
    const { timeline, pageAddress, segmentSize } = one.header;
    const holds = segmentFileNameOf(timeline, pageAddress, segmentSize);
    inventory.unused.push({ source, name, reason, holds });
  } else inventory.unused.push({ source, name, reason });
}

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
  identified: readonly Placed[],
  choose: InventoryOptions['chooseCluster'],
): Promise<(source: Pick<ByteSource, 'name'>, header?: WalFormat) => boolean> {
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
  const ownKey = formatKey(own.format);
  const ownFolders = foldersOf([own]);
  const otherFolders = foldersOf(others);
  return ({ name }, header) => {
    if (header !== undefined) return formatKey(header) !== ownKey;
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    return !ownFolders.has(folder) && otherFolders.has(folder);
  };
}

/** The folders that segments lie in, and those above. */
function foldersOf(clusters: readonly ClusterWal[]): ReadonlySet<string> {
  const folders = new Set(['']);
  for (const { segments } of clusters) {
    for (const { source } of segments) {
      let end = source.name.lastIndexOf('/') + 1;
      while (end > 0 && !folders.has(source.name.slice(0, end))) {
        folders.add(source.name.slice(0, end));
        end = source.name.lastIndexOf('/', end - 2) + 1;
      }
    }
  }
  return folders;
}

function formatOf({ header }: IdentifiedSegment): WalFormat {
  const { systemIdentifier, version, segmentSize, blockSize } = header;
  return { systemIdentifier, version, segmentSize, blockSize };
}

const formatKey = ({ systemIdentifier, version, segmentSize, blockSize }: WalFormat): string =>
  `${systemIdentifier}/${version}/${segmentSize}/${blockSize}`;

/** The segments of the cluster that most of the segments are of; the others are conflicts. */
function ownCluster(inventory: Inventory, identified: Placed[], conflicts: ProblemList): IdentifiedSegment[] {
  const placed = identified.flatMap((one) => (one.kind === 'segment' ? [one.file] : []));
  const clusters = groupBy(placed, ({ header }) => formatKey(header));
  const [own, ...foreign] = [...clusters.values()].sort((a, b) => b.length - a.length);
  if (own === undefined) return [];
  inventory.format = formatOf(own[0]);
  for (const segments of foreign) conflicts.add(mixedClusters(own, segments));
  return own;
}

function mixedClusters(own: IdentifiedSegment[], other: IdentifiedSegment[]): WalError {
  const place = { file: other[0].source.name, lsn: other[0].start };
  const a = own[0].header;
  const b = other[0].header;
  if (a.systemIdentifier !== b.systemIdentifier) {
    return new WalError(
      'foreign-cluster',
      message`WAL of different clusters: ${namesOf(own)} of system identifier ${a.systemIdentifier}, ${namesOf(other)} of ${b.systemIdentifier}; give the files of one cluster`,
      place,
    );
  }
  // nothing else changes it
  const isBySize = a.version === b.version && a.blockSize === b.blockSize;
  const format = ({ version, segmentSize, blockSize }: typeof a): Message =>
    message`PostgreSQL ${version} with segments of ${segmentSize} and blocks of ${blockSize} bytes`;
  return new WalError(
    'mixed-formats',
    isBySize
      ? message`WAL of different formats: ${namesOf(own)} of ${format(a)}, ${namesOf(other)} of ${format(b)} (pg_resetwal --wal-segsize was run in between: no recovery goes from one to the other); give the files of one of them`
      : message`WAL of different formats: ${namesOf(own)} of ${format(a)}, ${namesOf(other)} of ${format(b)}; give the files of one of them`,
    place,
  );
}

const namesOf = (segments: readonly IdentifiedSegment[]): Message =>
  listed(
    segments.map(({ source }) => source.name),
    3,
  );

type PlacedCopy = SegmentCopy & {
  timeline: number;
  start: Lsn;
  reset?: boolean;
  beginsTimeline?: boolean;
  header?: LongPageHeader;
  outside?: boolean;
  facts?: SegmentFacts;
};

/** With what the branch's own WAL says of its beginning. */
async function withBeginning(
  branch: ForeignBranch<SegmentFile>,
  format: WalFormat,
  reading: Reading,
  problems: ProblemList,
): Promise<ForeignBranch<SegmentFile>> {
  const [file] = branch.segments;
  if (!file.beginsTimeline) return branch;
  if (file.facts !== undefined) {
    const start = await file.facts.timelineStart();
    return { ...branch, switchLsn: start?.from, parent: start?.parent };
  }
  const end = file.start + BigInt(format.segmentSize);
  const scan = new TimelineStartScan();
  for await (const { segment, problem } of readWindows([{ file, end }], format, reading)) {
    if (problem !== undefined) problems.add(problem);
    scan.take(segment);
  }
  const start = scan.finish();
  return { ...branch, switchLsn: start?.from, parent: start?.parent };
}

/**
 * Files of which only the first page header is damaged, so that the rest can be read: those that lie next to a
 * segment of this cluster, unless the segment is there undamaged.
 */
function besideDamagedHeaders(
  format: WalFormat | undefined,
  own: IdentifiedSegment[],
  identified: Placed[],
): PlacedCopy[] {
  const damaged = identified.filter((one) => one.kind === 'damaged');
  // there may be hundreds of thousands of the others
  if (format === undefined || damaged.length === 0) return [];
  const size = BigInt(format.segmentSize);
  const starts = new Set(own.map(({ start }) => start));
  const places = new Set(own.map(({ timeline, start }) => `${timeline}/${start}`));
  const found: PlacedCopy[] = [];
  for (const one of damaged) {
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
  problems: ProblemList,
  conflicts: ProblemList,
): Promise<void> {
  const { format } = inventory;
  if (format === undefined) return;
  const broken = new ProblemList();
  const places = groupBy(files, ({ timeline, start }) =>
    segmentFileNameOf(timeline, start, format.segmentSize),
  );
  for (const [name, copies] of [...places].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { timeline, start } = copies[0];
    const outside = copies.every((copy) => copy.outside);
    const { facts, files } = standing(copies);
    const uncompared = headersOnly || outside || facts !== undefined;
    const settled = await settleCopies(files, { name, start, ...format }, reading, uncompared);
    for (const conflict of settled.conflicts) conflicts.add(conflict);
    for (const copy of settled.broken) broken.add(copy);
    for (const problem of settled.unread) problems.add(problem);
    const { source, header, reset = false, partial } = settled.chosen;
    const begins = settled.chosen.beginsTimeline ?? (header !== undefined && header.timeline !== timeline);
    inventory.segments.push({
      ...{ name, timeline, start, source, copies: settled.copies },
      partial: partial && facts?.partial !== false,
      beginsTimeline: begins,
      ...(facts === undefined ? {} : { facts: facts.facts }),
      ...(reset ? { reset } : {}),
      ...(outside ? { outside } : {}),
      ...(header === undefined ? { placedByName: true } : {}),
    });
  }
  inventory.brokenCopies = broken.list();
}

/**
 * Which facts stand for a segment, and the files of it: where there are none, what the facts have instead. Of what was
 * still being written a file may have more than facts.
 */
function standing(copies: PlacedCopy[]): { facts: PlacedCopy | undefined; files: PlacedCopy[] } {
  const files = copies.filter(({ facts }) => facts === undefined);
  const facts = copies.find((one) => one.facts !== undefined);
  if (files.length === 0) return { facts, files: copies };
  return { facts: facts?.partial ? undefined : facts, files };
}
