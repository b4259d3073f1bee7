import { ByteView } from './byte-view.js';
import { WalError } from './error.js';
import type { Lsn } from './lsn.js';
import { message } from './message.js';
import { magicText, otherWal } from './other-wal.js';
import { isValidSegmentSize } from './segment-name.js';
import { versionOfMagic } from './version.js';

/** `SizeOfXLogShortPHD` and `SizeOfXLogLongPHD` (src/include/access/xlog_internal.h). */
export const SHORT_PAGE_HEADER_SIZE = 24;
export const LONG_PAGE_HEADER_SIZE = 40;

/** `xlp_info` bits. */
export const XLP_FIRST_IS_CONTRECORD = 0x0001;
export const XLP_LONG_HEADER = 0x0002;

/**
 * `XLP_FIRST_IS_OVERWRITE_CONTRECORD`: a record that a crash cut off was given up. Since 15, and in minor releases
 * of the major versions before. 19 gave it the bit that was `XLP_BKP_REMOVABLE` until then.
 */
export const overwriteContrecordFlag = (version: number): number => (version >= 19 ? 0x0004 : 0x0008);

/** `XLP_ALL_FLAGS` */
export const allPageFlags = (version: number): number => (version >= 19 ? 0x0007 : 0x000f);

/** Offsets of the fields of `XLogPageHeaderData`, which every page begins with. */
export const XLP_MAGIC = 0;
export const XLP_INFO = 2;
export const XLP_TLI = 4;
export const XLP_PAGEADDR = 8;
export const XLP_REM_LEN = 16;
/** Offsets of what a long header adds (`XLogLongPageHeaderData`). */
const XLP_SYSID = 24;
export const XLP_SEG_SIZE = 32;
export const XLP_XLOG_BLCKSZ = 36;

/** The header of a segment's first page (`XLogLongPageHeaderData`). */
export interface LongPageHeader {
  /** Major version of PostgreSQL, told from the magic. */
  version: number;
  info: number;
  timeline: number;
  pageAddress: Lsn;
  /** Bytes of a record from before that go on in this page (`xlp_rem_len`). */
  remainingLength: number;
  systemIdentifier: bigint;
  /** Bytes in a segment. */
  segmentSize: number;
  /** Bytes in a page (`XLOG_BLCKSZ`). */
  blockSize: number;
}

/**
 * Reads the first page header of a segment and checks what identifies it as one.
 * @param bytes at least the first 40 bytes of the segment
 * @param file name for messages
 * @throws WalError `short-file`, `unknown-version`, `byte-order`, `not-wal`, `bad-segment-size` or `bad-block-size`
 */
export function parseLongPageHeader(bytes: Uint8Array, file?: string): LongPageHeader {
  const where = file ?? message`this WAL segment`;
  if (bytes.length < LONG_PAGE_HEADER_SIZE) {
    throw new WalError(
      'short-file',
      message`${where} has only ${bytes.length} bytes, too few for the header of a WAL segment; take another copy of it`,
      { file },
    );
  }
  const view = ByteView.of(bytes.subarray(0, LONG_PAGE_HEADER_SIZE));
  const magic = view.u16(XLP_MAGIC);
  const version = versionOfMagic(magic);
  const info = view.u16(XLP_INFO);
  if (version === undefined) {
    const other = otherWal(bytes);
    if (other) throw new WalError(other.code, message`${where} is ${other.what}`, { file });
    const text = message`${where} does not begin with a WAL page (magic ${magicText(magic)}); give WAL segments, compressed or not, as archive_command gets them`;
    throw new WalError('not-wal', text, { file });
  }
  if (!(info & XLP_LONG_HEADER) || info & ~allPageFlags(version)) {
    throw new WalError(
      'not-wal',
      message`${where} does not begin with the first page of a WAL segment; take another copy of it`,
      {
        file,
      },
    );
  }
  const segmentSize = view.u32(XLP_SEG_SIZE);
  const blockSize = view.u32(XLP_XLOG_BLCKSZ);
  if (!isValidSegmentSize(segmentSize)) {
    throw new WalError(
      'bad-segment-size',
      message`${where} states a segment size of ${segmentSize} bytes, which is no power of two between 1 MiB and 1 GiB`,
      { file },
    );
  }
  if (!isValidBlockSize(blockSize)) {
    throw new WalError('bad-block-size', message`${where} states a WAL block size of ${blockSize} bytes`, {
      file,
    });
  }
  return {
    version,
    info,
    timeline: view.u32(XLP_TLI),
    pageAddress: view.u64(XLP_PAGEADDR),
    remainingLength: view.u32(XLP_REM_LEN),
    systemIdentifier: view.u64(XLP_SYSID),
    segmentSize,
    blockSize,
  };
}

/** PostgreSQL can be built with WAL blocks of 1 to 64 KiB (`--with-wal-blocksize`). */
export function isValidBlockSize(size: number): boolean {
  return size >= 1024 && size <= 65_536 && (size & (size - 1)) === 0;
}
