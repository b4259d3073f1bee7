import { RECORD_HEADER_SIZE, type RelFileLocator, type WalRecord } from '../wal/record.js';

/** src/include/access/xlogrecord.h */
const XLR_MAX_BLOCK_ID = 32;
const BKPBLOCK_FORK_MASK = 0x0f;
const BKPBLOCK_HAS_IMAGE = 0x10;
const BKPIMAGE_HAS_HOLE = 0x01;

export const relationKey = ({ spcOid, dbOid, relNumber }: RelFileLocator): string =>
  `${spcOid}/${dbOid}/${relNumber}`;

/**
 * The relation of a record's first block reference, read in place. Scanning looks at that of every heap record;
 * making {@link WalRecord.blocks} for it would double the time of reading a segment.
 */
export class RelationAt implements RelFileLocator {
  spcOid = 0;
  dbOid = 0;
  relNumber = 0;
  fork = 0;

  /** Moves to this record's. @returns false where it has no block reference */
  seek(record: WalRecord): boolean {
    const { bytes, view, base } = record;
    let at = base + RECORD_HEADER_SIZE;
    // the reader has checked that all of the reference lies within the record
    if (record.totalLength === RECORD_HEADER_SIZE || bytes[at] > XLR_MAX_BLOCK_ID) return false;
    const flags = bytes[at + 1];
    at += 4;
    if (flags & BKPBLOCK_HAS_IMAGE) at += imageHeaderSize(bytes[at + 4], record.version);
    this.spcOid = view.getUint32(at, true);
    this.dbOid = view.getUint32(at + 4, true);
    this.relNumber = view.getUint32(at + 8, true);
    this.fork = flags & BKPBLOCK_FORK_MASK;
    return true;
  }
}

/** `SizeOfXLogRecordBlockImageHeader`, and 2 bytes more where a compressed image has a hole. */
function imageHeaderSize(info: number, version: number): number {
  const isCompressed = (info & (version >= 15 ? 0x1c : 0x02)) !== 0;
  return isCompressed && info & BKPIMAGE_HAS_HOLE ? 7 : 5;
}
