import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ChainSegment, isWithin, type LsnRange } from '../../cluster/chain.js';
import { fileSource } from '../../node/files.js';
import { NODE_READING } from '../../node/reading.js';
import { isS3Path } from '../../node/s3/location.js';
import { systemReason } from '../../node/system-reason.js';
import type { WalFormat } from '../../reader/segment.js';
import type { WalBounds } from '../../sources/bounds.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { isPartial } from '../../sources/file-name.js';
import { type Inventory, takeInventory } from '../../sources/inventory.js';
import { readBeginning } from '../../sources/read.js';
import { readWindows, type SourceSegment, type WindowRead } from '../../sources/read-segments.js';
import { looksLikeTar } from '../../sources/tar.js';
import type { WalError } from '../../wal/error.js';
import { formatLsnOf, type Lsn } from '../../wal/lsn.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type { Io } from '../io.js';
import { DumpError, printNote } from './error.js';
import { type DumpOptions, usage } from './options.js';
import { placeByContent, placeByName, readHead } from './segment-head.js';
import { SegmentIndex } from './segment-index.js';

/** The times that are wanted. */
export type Window = Pick<WalBounds, 'since' | 'until'>;

/** A stretch of one timeline to dump. */
export interface DumpPart {
  format: WalFormat;
  timeline: number;
  /** Undefined: from the first record there is. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  /** Whether this is all that a folder holds: then gaps and the end of WAL are no errors. */
  whole: boolean;
  /** Whether some of what a folder holds could not be read, as was printed. */
  partial: boolean;
  /** Whether to wait for more at the end. */
  follow: boolean;
  /** The segments there are now, from the one that holds `from` on, in order; ends, or fails, where one is missing. */
  files(from: Lsn | undefined): AsyncIterable<SourceSegment>;
}

/**
 * Finds the WAL that the arguments name. The checks are those of main() in pg_waldump.c, in its order.
 * @throws DumpError, WalError
 */
export async function openDumpInput(
  options: DumpOptions,
  window: Window,
  passphrase: string | undefined,
  io: Io,
): Promise<DumpPart[]> {
  const [start, end] = options.operands;
  if (options.path !== undefined) await verifyPath(options.path);
  // beside a --path it is the name of a file in there
  if (start !== undefined && options.path === undefined && (await isWholeFolder(start))) {
    if (end !== undefined) throw usage(`too many command-line arguments (first is "${end}")`);
    return folderParts(start, options, window, passphrase, io);
  }
  return [await namedPart(start, end, options, passphrase, io)];
}

async function verifyPath(path: string): Promise<void> {
  if (isS3Path(path)) return; // looking for files in it opens it
  try {
    if ((await stat(path)).isDirectory()) await readdir(path);
    else if (!(await isTar(path))) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  } catch (error) {
    throw usage(`could not open directory "${path}": ${systemReason(error)}`);
  }
}

/** A folder, or a tar file, which holds files like one; in a store anything: there are no files beside what is named. */
async function isWholeFolder(path: string): Promise<boolean> {
  if (isS3Path(path)) return true;
  try {
    return (await stat(path)).isDirectory() || (await isTar(path));
  } catch {
    return false;
  }
}

const TAR_BEGINNING = 512;

async function isTar(path: string): Promise<boolean> {
  return looksLikeTar(await readBeginning(fileSource(path), TAR_BEGINNING, NODE_READING));
}

/** The WAL of a backup tool's repository, deciphered, of the backup's cluster; undefined where a path leads to none. */
async function walOfRepository(
  path: string,
  backup: string | undefined,
  passphrase: string | undefined,
): Promise<readonly (ByteSource | SourceFolder)[] | undefined> {
  // what few dumps need is loaded when it is needed (docs/decisions/start.md)
  const { openGiven } = await import('../../questions/given.js');
  const { wal, repositories } = await openGiven([path], backup, { ...NODE_READING, passphrase });
  return repositories.length === 0 ? undefined : wal;
}

async function folderParts(
  folder: string,
  options: DumpOptions,
  window: Window,
  passphrase: string | undefined,
  io: Io,
): Promise<DumpPart[]> {
  const wal = (await walOfRepository(folder, options.backup, passphrase)) ?? [folder];
  const { startLsn, endLsn } = options;
  // what comes later may be anything
  const within = options.follow ? undefined : { startLsn, endLsn, ...window, apart: true };
  const inventory = await takeInventory(wal, NODE_READING, { within });
  const { format, conflicts, segments } = inventory;
  if (conflicts.length > 0) throw conflicts[0];
  if (format === undefined)
    throw inventory.problems[0] ?? new DumpError('fatal', 'could not find any WAL file');
  const timelines = [...new Set(segments.map(({ timeline }) => timeline))].filter(
    (timeline) => options.timeline === undefined || timeline === options.timeline,
  );
  if (timelines.length === 0)
    throw new DumpError('fatal', `could not find any WAL file of timeline ${options.timeline}`);
  for (const { message } of inventory.problems) printNote(message, io);
  const partial = inventory.problems.length > 0;
  return timelines.map((timeline, i) => {
    const follow = options.follow && i === timelines.length - 1;
    const held = (): Promise<Inventory> | Inventory =>
      follow ? takeInventory(wal, NODE_READING) : inventory;
    return {
      format,
      timeline,
      startLsn,
      endLsn,
      whole: true,
      partial,
      follow,
      files: (from) => folderFiles(held, format, timeline, { startLsn: from ?? startLsn, endLsn }),
    };
  });
}

async function* folderFiles(
  held: () => Promise<Inventory> | Inventory,
  format: WalFormat,
  timeline: number,
  range: LsnRange,
): AsyncGenerator<SourceSegment> {
  const { segments, ranges } = await held();
  for (const segment of segments) {
    if (segment.timeline !== timeline) continue;
    const end = segment.start + BigInt(format.segmentSize);
    const isWanted = [range, ranges?.get(timeline) ?? {}].every((one) => isWithin(segment.start, end, one));
    if (isWanted) yield segment;
  }
}

/**
 * The segments of {@link DumpPart.files}, large ones window by window, the next one read in the meantime. A window's
 * bytes are good until the second after it is asked for.
 * @throws WalError where a file cannot be read
 */
export async function* readFiles(
  { files, format }: DumpPart,
  from: Lsn | undefined,
): AsyncGenerator<WindowRead> {
  for await (const window of readWindows(wholeSegments(files(from), format), format, NODE_READING, 1)) {
    if (window.problem?.kind === 'system') throw window.problem;
    yield window;
  }
}

async function* wholeSegments(
  files: AsyncIterable<SourceSegment>,
  { segmentSize }: WalFormat,
): AsyncGenerator<ChainSegment<SourceSegment>> {
  for await (const file of files) yield { file, end: file.start + BigInt(segmentSize) };
}

/** STARTSEG and ENDSEG, or a start LSN in a folder: segments are known by their names, as `pg_waldump` does. */
async function namedPart(
  startSeg: string | undefined,
  endSeg: string | undefined,
  options: DumpOptions,
  passphrase: string | undefined,
  { env: { PGDATA } }: Io,
): Promise<DumpPart> {
  const { index, first } = await locate(startSeg, options, passphrase, PGDATA);
  const head = await readHead(first);
  const { segmentSize, version } = head;
  const size = BigInt(segmentSize);
  let { startLsn, endLsn, timeline = 1 } = options;
  const given = new Map<string, ByteSource>();

  if (startSeg !== undefined) {
    let place = placeByName(basename(startSeg), segmentSize) ?? placeByContent(head);
    ({ timeline } = place);
    const from = place.start;
    given.set(segmentFileNameOf(timeline, from, segmentSize), first);
    startLsn ??= from;
    if (startLsn - (startLsn % size) !== from) {
      throw usage(
        `start WAL location ${formatLsnOf(startLsn, version)} is not inside file "${basename(startSeg)}"`,
        version,
      );
    }
    if (endSeg !== undefined) {
      const last = await endFile(endSeg, startSeg, index, version);
      place = placeByName(basename(endSeg), segmentSize) ?? placeByContent(await readHead(last));
      ({ timeline } = place);
      given.set(segmentFileNameOf(timeline, place.start, segmentSize), last);
      if (place.start < from)
        throw new DumpError('fatal', `ENDSEG ${endSeg} is before STARTSEG ${startSeg}`, version);
    }
    endLsn ??= place.start + size;
    if (endLsn < place.start || endLsn > place.start + size) {
      throw usage(
        `end WAL location ${formatLsnOf(endLsn, version)} is not inside file "${endSeg ?? startSeg}"`,
        version,
      );
    }
  }
  if (startLsn === undefined) throw usage('no start WAL location given', version);
  if (head.format === undefined) {
    const because = head.reason === undefined ? '' : `: ${head.reason}`;
    throw new DumpError(
      'fatal',
      `could not find a valid record after ${formatLsnOf(startLsn, version)}${because}`,
      version,
    );
  }
  const range = { index, given, format: head.format, timeline, startLsn, endLsn };
  return {
    ...range,
    whole: false,
    partial: false,
    follow: options.follow,
    files: (from) => namedFiles(range, from ?? range.startLsn, options),
  };
}

interface NamedRange {
  index: SegmentIndex;
  /** The files that were named. */
  given: ReadonlyMap<string, ByteSource>;
  format: WalFormat;
  timeline: number;
  startLsn: Lsn;
  endLsn: Lsn | undefined;
}

async function* namedFiles(
  { index, given, format, timeline, endLsn }: NamedRange,
  from: Lsn,
  { follow, skipDamage }: DumpOptions,
): AsyncGenerator<SourceSegment> {
  const { segmentSize, blockSize, version } = format;
  const size = BigInt(segmentSize);
  if (follow) await index.refresh();
  for (let start = from - (from % size); endLsn === undefined || start < endLsn; start += size) {
    const name = segmentFileNameOf(timeline, start, segmentSize);
    const source = given.get(name) ?? (await index.file(name, segmentSize, blockSize));
    if (source !== undefined) {
      yield { source, start, timeline, partial: isPartial(source), placedByName: true };
    } else if (follow) return;
    else if (!skipDamage || !index.hasAfter(name)) {
      const reason = index.problem?.message ?? 'No such file or directory';
      throw new DumpError('fatal', `could not find file "${name}": ${reason}`, version);
    }
  }
}

/** Where the first segment is: its file, and the files beside it (`identify_target_directory`). */
async function locate(
  startSeg: string | undefined,
  { path, backup }: DumpOptions,
  passphrase: string | undefined,
  dataFolder: string | undefined,
): Promise<{ index: SegmentIndex; first: ByteSource }> {
  const folder = startSeg?.includes('/') ? dirname(startSeg) : undefined;
  if (path === undefined && folder !== undefined) await verifyFolder(folder);
  const name = startSeg === undefined ? undefined : basename(startSeg);
  let problem: WalError | undefined;
  const places = placesToLook(path ?? folder, path !== undefined, { backup, passphrase }, dataFolder);
  for (const place of await places) {
    const index = await place.index();
    problem ??= index.problem;
    if (name === undefined) {
      if (index.anyFile !== undefined) return { index, first: index.anyFile };
      continue;
    }
    const exact = join(place.folder, name);
    if (!place.isOfRepository && (await isFile(exact))) return { index, first: fileSource(exact, name) };
    const stored = index.named(name);
    if (stored !== undefined) return { index, first: stored };
  }
  const missing = name === undefined ? 'could not find any WAL file' : `could not locate WAL file "${name}"`;
  throw new DumpError('fatal', problem === undefined ? missing : `${missing}: ${problem.message}`);
}

interface SearchPlace {
  folder: string;
  /** Its files may be encrypted as they lie there. */
  isOfRepository?: boolean;
  index(): Promise<SegmentIndex>;
}

const WAL_FOLDER = 'pg_wal';

/** A folder that was named, with `-p` also all below it, or the usual ones. A data directory stands for its pg_wal. */
async function placesToLook(
  folder: string | undefined,
  recursive: boolean,
  { backup, passphrase }: { backup: string | undefined; passphrase: string | undefined },
  dataFolder: string | undefined,
): Promise<SearchPlace[]> {
  const alone = (path: string): SearchPlace => ({ folder: path, index: () => SegmentIndex.inFolder(path) });
  if (folder === undefined) {
    const ofServer = dataFolder === undefined ? [] : [join(dataFolder, WAL_FOLDER)];
    return ['.', WAL_FOLDER, ...ofServer].map(alone);
  }
  const walFolder = join(folder, WAL_FOLDER);
  const ofRepository =
    recursive || passphrase !== undefined ? await walOfRepository(folder, backup, passphrase) : undefined;
  if (ofRepository) {
    return [{ folder, index: () => SegmentIndex.below(ofRepository), isOfRepository: true }];
  }
  if (!recursive || (await isFolder(walFolder))) return [alone(folder), alone(walFolder)];
  return [{ folder, index: () => SegmentIndex.below([folder]) }];
}

/** ENDSEG: the file of that name, or else (`pg_waldump` never looks at its folder) the one beside STARTSEG. */
async function endFile(
  endSeg: string,
  startSeg: string,
  index: SegmentIndex,
  version: number,
): Promise<ByteSource> {
  const name = basename(endSeg);
  for (const path of [endSeg, join(dirname(startSeg), name)]) {
    if (await isFile(path)) return fileSource(path, name);
  }
  const stored = index.named(name);
  if (stored === undefined) throw new DumpError('fatal', `could not open file "${name}"`, version);
  return stored;
}

async function verifyFolder(path: string): Promise<void> {
  try {
    await readdir(path);
  } catch (error) {
    throw new DumpError('fatal', `could not open directory "${path}": ${systemReason(error)}`);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return !(await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // a tar file is no directory
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new DumpError('fatal', `could not open file "${basename(path)}": ${systemReason(error)}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
