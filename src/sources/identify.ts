import { isMadeByReset } from '../reader/reset.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import {
  type LongPageHeader,
  parseLongPageHeader,
  XLP_MAGIC,
  XLP_PAGEADDR,
  XLP_TLI,
} from '../wal/page-header.js';
import {
  MAX_SEGMENT_SIZE,
  MIN_SEGMENT_SIZE,
  parseSegmentFileName,
  segmentFileName,
  segmentStart,
} from '../wal/segment-name.js';
import { magicOfVersion } from '../wal/version.js';
import type { ByteSource } from './byte-source.js';
import { compressionOf, decompressed } from './decompress.js';
import type { FoundFile } from './find-files.js';
import type { IdentifiedSegment } from './identified-segment.js';
import { beginsAsPgp } from './pgp.js';
import { readBeginning } from './read.js';
import { emptyRoom, type Reading } from './reading.js';
import { SegmentBytes } from './segment-bytes.js';
import { problemOf } from './stored-bytes.js';

/** What a file that should be a segment turns out to be. */
export type Identified =
  /** WAL, placed by its content or, where that agrees, by its name. */
  | { kind: 'segment'; file: IdentifiedSegment; problem: WalError | undefined }
  /** A segment's name on a file whose first page header is damaged; what follows it may be WAL. */
  | { kind: 'damaged'; source: ByteSource; name: string; partial: boolean; problem: WalError }
  /** No WAL of this place: see `UnusedFile`. */
  | { kind: 'unused'; source: ByteSource; name: string; reason: 'zeroed' | 'empty' }
  | { kind: 'unused'; source: ByteSource; name: string; reason: 'recycled'; header: LongPageHeader }
  | { kind: 'unreadable'; problem: WalError };

/** One of which it is known what it is. */
export type Placed = Exclude<Identified, { kind: 'unreadable' }>;

/**
 * Tells from a file's first page which segment it is and checks that against its name. The page gives the LSN;
 * the timeline is the name's, because a timeline's first segment begins as a copy of its parent's and says so.
 */
export async function identifyFile(file: FoundFile, reading: Reading): Promise<Identified> {
  const { source, kind, known } = file;
  if (known !== undefined) return { kind: 'segment', file: known, problem: undefined };
  const name = kind.kind === 'segment' ? kind.segment : undefined;
  const partial = kind.kind === 'segment' && kind.partial;
  let beginning: Uint8Array;
  let header: LongPageHeader;
  try {
    beginning = await file.beginning();
    if (
      name !== undefined &&
      beginning.length > 0 &&
      isZero(beginning) &&
      (await isAllZero(source, reading))
    ) {
      return { kind: 'unused', source, name, reason: 'zeroed' };
    }
    // Barman gives segments that it encrypts no other name
    if (name !== undefined && beginsAsPgp(beginning))
      return { kind: 'unreadable', problem: encrypted(source) };
    header = parseLongPageHeader(beginning, source.name);
  } catch (error) {
    const problem = problemOf(error);
    if (name !== undefined && partial && problem.kind === 'broken-file') {
      return { kind: 'unused', source, name, reason: 'empty' };
    }
    const hopeless = name === undefined || problem.kind === 'broken-file' || problem.kind === 'system';
    return hopeless ? { kind: 'unreadable', problem } : { kind: 'damaged', source, name, partial, problem };
  }

  const reset = isMadeByReset(beginning, header);
  const placed = { source, partial, header, start: header.pageAddress, reset };
  if (name === undefined) {
    return {
      kind: 'segment',
      file: { ...placed, timeline: await lastTimeline(source, header, reading) },
      problem: undefined,
    };
  }
  const claim = partial ? undefined : await claimProblem(source, header, name, reading);
  if (claim) return { kind: 'damaged', source, name, partial, problem: claim };
  const named = parseSegmentFileName(name, header.segmentSize);
  const namedStart = named && segmentStart(named.segmentNumber, header.segmentSize);
  if (named && namedStart === header.pageAddress && header.timeline <= named.timeline) {
    return { kind: 'segment', file: { ...placed, timeline: named.timeline }, problem: undefined };
  }
  if (
    namedStart !== undefined &&
    (await secondPageAddress(source, header, reading)) === namedStart + BigInt(header.blockSize)
  ) {
    const problem = new WalError(
      'name-mismatch',
      message`the first page of ${source.name} says that it is of another segment, the second page does not`,
      { file: source.name, lsn: namedStart },
    );
    return { kind: 'damaged', source, name, partial, problem };
  }
  if (namedStart !== undefined && header.pageAddress < namedStart && (await mayBeRecycled(source, reading))) {
    return { kind: 'unused', source, name, reason: 'recycled', header };
  }
  return misnamed(placed, name, reading);
}

/**
 * What is wrong with the size of segments that a header states, where the file has fewer bytes and its name is that of
 * the page's place with segments of another size.
 */
async function claimProblem(
  source: ByteSource,
  { segmentSize, pageAddress }: LongPageHeader,
  name: string,
  reading: Reading,
): Promise<WalError | undefined> {
  const isOf = (size: number): boolean => {
    const named = parseSegmentFileName(name, size);
    return named !== undefined && segmentStart(named.segmentNumber, size) === pageAddress;
  };
  const fitting: number[] = [];
  for (let size = MIN_SEGMENT_SIZE; size < segmentSize; size *= 2) if (isOf(size)) fitting.push(size);
  if (fitting.length === 0 || isOf(segmentSize)) return undefined;
  let length = 0;
  await eachWindow(source, segmentSize, reading, (bytes) => {
    length += bytes.length;
  });
  if (length === segmentSize) return undefined;
  const text = message`the header of ${source.name} claims segments of ${segmentSize} bytes, and the file has ${length}, as its name has segments of ${fitting.join(' or ')}: the header is damaged`;
  return new WalError('bad-segment-size', text, { file: source.name, lsn: pageAddress });
}

/** The server keeps old files for segments to come as they are: it compresses none. */
export async function mayBeRecycled(source: ByteSource, reading: Reading): Promise<boolean> {
  return (await compressionOf(source, reading)) === undefined;
}

/** A file that is not what its name says counts as what its content says. */
export async function misnamed(
  placed: Omit<IdentifiedSegment, 'timeline'>,
  name: string,
  reading: Reading,
): Promise<Placed> {
  const { source, header } = placed;
  const { segmentSize, pageAddress } = header;
  if (pageAddress % BigInt(segmentSize) !== 0n) {
    const problem = new WalError(
      'not-wal',
      message`${source.name} begins with a page from within a segment`,
      {
        file: source.name,
      },
    );
    return { kind: 'damaged', source, name, partial: placed.partial, problem };
  }
  const timeline = await lastTimeline(source, header, reading);
  const content = segmentFileName(timeline, pageAddress / BigInt(segmentSize), segmentSize);
  const problem = new WalError(
    'name-mismatch',
    message`${source.name} holds segment ${content}, not ${name} as its name says; it is taken for what it holds`,
    { file: source.name, lsn: pageAddress },
  );
  return { kind: 'segment', file: { ...placed, timeline }, problem };
}

async function secondPageAddress(
  source: ByteSource,
  header: LongPageHeader,
  reading: Reading,
): Promise<Lsn | undefined> {
  const bytes = await readBeginning(source, header.blockSize + XLP_PAGEADDR + 8, reading);
  return bytes.length < header.blockSize + XLP_PAGEADDR + 8
    ? undefined
    : viewOf(bytes).getBigUint64(header.blockSize + XLP_PAGEADDR, true);
}

/**
 * The newest timeline that a page of the segment names.
 * @throws WalError `unreadable` where not all of it can be read now, so that there may be a newer one
 */
export async function lastTimeline(
  source: ByteSource,
  header: LongPageHeader,
  reading: Reading,
): Promise<number> {
  const magic = magicOfVersion(header.version);
  let { timeline } = header;
  const problem = await eachWindow(source, header.segmentSize, reading, (bytes, offset) => {
    const view = viewOf(bytes);
    for (let at = 0; at + header.blockSize <= bytes.length; at += header.blockSize) {
      const isOwn =
        view.getUint16(at + XLP_MAGIC, true) === magic &&
        view.getBigUint64(at + XLP_PAGEADDR, true) === header.pageAddress + BigInt(offset + at);
      if (isOwn) timeline = Math.max(timeline, view.getUint32(at + XLP_TLI, true));
    }
  });
  if (problem?.kind === 'system') throw problem;
  return timeline;
}

/** @returns why the file is not exactly a segment */
async function eachWindow(
  source: ByteSource,
  segmentSize: number,
  reading: Reading,
  look: (bytes: Uint8Array, offset: number) => void,
): Promise<WalError | undefined> {
  const file = new SegmentBytes(source, segmentSize, reading);
  const room = emptyRoom();
  for (let offset = 0; ; ) {
    const { bytes, problem, isLast } = await file.next(room);
    look(bytes, offset);
    if (isLast) return problem;
    offset += bytes.length;
  }
}

/** The server makes segments of zeroes in advance (`wal_init_zero`). */
async function isAllZero(source: ByteSource, reading: Reading): Promise<boolean> {
  let size = 0;
  for await (const piece of decompressed(source, reading)) {
    if (!isZero(piece)) return false;
    size += piece.length;
    // what comes after that is no segment's, and may go on for as long as anybody likes
    if (size >= MAX_SEGMENT_SIZE) break;
  }
  return true;
}

/** A loop, since a callback for each byte takes much longer (docs/decisions/reading.md). */
function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function encrypted({ name: file }: ByteSource): WalError {
  const text = message`${file} is encrypted by OpenPGP, which walscan does not open: decrypt it first (gpg --decrypt, or barman get-wal)`;
  return new WalError('encrypted', text, { file });
}
