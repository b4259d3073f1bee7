import {
  BKPBLOCK_FORK_MASK,
  BKPBLOCK_HAS_IMAGE,
  BKPIMAGE_HAS_HOLE,
  RECORD_HEADER_SIZE,
  type RelFileLocator,
  type WalRecord,
  XLR_MAX_BLOCK_ID,
} from '../wal/record.js';

/**
 * The relation of a record's first block reference, read in place. Scanning looks at that of every heap record;
 * making {@link WalRecord.blocks} for it would double the time of reading a segment.
 */
export class RelationAt implements RelFileLocator {
  private view: DataView = EMPTY;
  private at = 0;
  fork = 0;

  /** Moves to this record's. @returns false where it has no block reference */
  seek(record: WalRecord): boolean {
    const { bytes, base } = record;
    const at = base + RECORD_HEADER_SIZE;
    // the reader has checked that all of the reference lies within the record
    if (bytes[at] > XLR_MAX_BLOCK_ID || record.totalLength === RECORD_HEADER_SIZE) return false;
    const flags = bytes[at + 1];
    this.view = record.view;
    this.at = at + 4;
    if (flags & BKPBLOCK_HAS_IMAGE) this.at += imageHeaderSize(bytes[at + 8], record.version);
    this.fork = flags & BKPBLOCK_FORK_MASK;
    return true;
  }

  get spcOid(): number {
    return this.view.getUint32(this.at, true);
  }

  get dbOid(): number {
    return this.view.getUint32(this.at + 4, true);
  }

  get relNumber(): number {
    return this.view.getUint32(this.at + 8, true);
  }

  get blockNumber(): number {
    return this.view.getUint32(this.at + 12, true);
  }
}

const EMPTY = new DataView(new ArrayBuffer(16));

/** `SizeOfXLogRecordBlockImageHeader`, and 2 bytes more where a compressed image has a hole. */
function imageHeaderSize(info: number, version: number): number {
  const isCompressed = (info & (version >= 15 ? 0x1c : 0x02)) !== 0;
  return isCompressed && info & BKPIMAGE_HAS_HOLE ? 7 : 5;
}
