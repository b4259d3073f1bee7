import { NODE_READING } from '../../node/reading.js';
import { faultMessage, type PageFault } from '../../reader/fault.js';
import type { WalFormat } from '../../reader/segment.js';
import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import { fileKind, isPartial } from '../../sources/file-name.js';
import { readBeginning } from '../../sources/read.js';
import { WalError } from '../../wal/error.js';
import { INVALID_LSN, type Lsn } from '../../wal/lsn.js';
import {
  LONG_PAGE_HEADER_SIZE,
  parseLongPageHeader,
  XLP_INFO,
  XLP_MAGIC,
  XLP_SEG_SIZE,
} from '../../wal/page-header.js';
import { isValidSegmentSize, parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';
import { versionOfMagic } from '../../wal/version.js';
import { DEFAULT_VERSION, DumpError } from './error.js';
import { shortFileError } from './report.js';

/** What the first page of a file says. */
interface FileHead {
  segmentSize: number;
  /** For messages; {@link DEFAULT_VERSION} where it is not known. */
  version: number;
  pageAddress: Lsn;
  timeline: number;
  /** Undefined where the page is no WAL page. */
  format: WalFormat | undefined;
  /** What to say of that; undefined where `pg_waldump` of this version gives no reason. */
  reason: string | undefined;
}

/** What `pg_waldump` reads of a file to learn the segment size. */
const FIRST_READ = 8192;

/** `search_directory` in pg_waldump.c: what it says of a file that is too short or states no segment size. */
export async function readHead(source: ByteSource): Promise<FileHead> {
  const name = segmentName(fileNameOf(source));
  const first = await readBeginning(source, FIRST_READ, NODE_READING);
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const version = (first.length > 1 && versionOfMagic(view.getUint16(XLP_MAGIC, true))) || DEFAULT_VERSION;
  // a `.partial` file may have been written to no further
  if (first.length < (isPartial(source) ? LONG_PAGE_HEADER_SIZE : FIRST_READ)) {
    throw tooShort(name, first.length, version);
  }
  const segmentSize = view.getUint32(XLP_SEG_SIZE, true);
  if (!isValidSegmentSize(segmentSize)) throw badSegmentSize(name, segmentSize, version);
  try {
    const header = parseLongPageHeader(first, name);
    return { ...header, format: header, reason: undefined };
  } catch (problem) {
    if (!(problem instanceof WalError)) throw problem;
    const reason = headReason(view, problem, name, segmentSize);
    return { segmentSize, version, pageAddress: INVALID_LSN, timeline: 1, format: undefined, reason };
  }
}

/** Since 19 there is a reason; of a page that tells no version, too, as nobody can know what to expect there. */
function headReason(
  view: DataView,
  problem: WalError,
  segmentName: string,
  segmentSize: number,
): string | undefined {
  const magic = view.getUint16(XLP_MAGIC, true);
  const version = versionOfMagic(magic);
  if (version !== undefined && version < 19) return undefined;
  const fault = pageFault(view, problem);
  if (fault === undefined) return problem.message;
  const lsn = placeByName(segmentName, segmentSize)?.start ?? INVALID_LSN;
  return faultMessage({ ...fault, segmentName, pageOffset: 0, lsn }, version ?? DEFAULT_VERSION);
}

function pageFault(view: DataView, { code }: WalError): PageFault | undefined {
  if (code === 'bad-block-size') return { kind: 'block-size-differs' };
  if (code !== 'not-wal') return undefined;
  const magic = view.getUint16(XLP_MAGIC, true);
  if (versionOfMagic(magic) === undefined) return { kind: 'bad-magic', magic };
  return { kind: 'bad-page-info', info: view.getUint16(XLP_INFO, true) };
}

function tooShort(name: string, length: number, version: number): DumpError {
  // up to 10 it is found out later on, when the first page is wanted
  if (version === 10) {
    const fault = { segmentName: name, offset: length, missing: FIRST_READ - length };
    return shortFileError(fault, undefined, version);
  }
  const message =
    version === 11
      ? `not enough data in file "${name}"`
      : `could not read file "${name}": read ${length} of ${FIRST_READ}`;
  return new DumpError('fatal', message, version);
}

/** Messages name a segment, whatever its file is called that it is stored in. */
function segmentName(fileName: string): string {
  const kind = fileKind(fileName);
  return kind.kind === 'segment' ? kind.segment : fileName;
}

function badSegmentSize(name: string, segmentSize: number, version: number): DumpError {
  // since 19 the number is printed as what it is, an unsigned one
  const size = version >= 19 ? segmentSize : segmentSize | 0;
  const bytes = size === 1 ? 'byte' : 'bytes';
  const rule = 'WAL segment size must be a power of two between 1 MB and 1 GB';
  if (version >= 17) {
    return new DumpError(
      'fatal',
      `invalid WAL segment size in WAL file "${name}" (${size} ${bytes})`,
      version,
      `The ${rule}.`,
    );
  }
  return new DumpError(
    'fatal',
    `${rule}, but the WAL file "${name}" header specifies ${size} ${bytes}`,
    version,
  );
}

/** A segment by where it is in the WAL. */
interface SegmentId {
  timeline: number;
  start: Lsn;
}

/** Which segment a file is by its name; undefined where it does not begin with a segment's name. */
export function placeByName(fileName: string, segmentSize: number): SegmentId | undefined {
  const [name = ''] = /^[0-9A-F]{24}/i.exec(fileName) ?? [];
  const named = parseSegmentFileName(name.toUpperCase(), segmentSize);
  return named && { timeline: named.timeline, start: segmentStart(named.segmentNumber, segmentSize) };
}

/** Which segment a file is by its first page. */
export function placeByContent({ timeline, pageAddress, segmentSize }: FileHead): SegmentId {
  return { timeline, start: pageAddress - (pageAddress % BigInt(segmentSize)) };
}
