import { formatLocator } from '../rmgr/locator.js';
import { formatLsn } from '../wal/lsn.js';
import {
  BKPBLOCK_SAME_REL,
  BKPIMAGE_HAS_HOLE,
  type BlockReference,
  type WalRecord,
  XL_CRC,
  XLR_BLOCK_ID_DATA_LONG,
  XLR_BLOCK_ID_DATA_SHORT,
  XLR_BLOCK_ID_ORIGIN,
  XLR_BLOCK_ID_TOPLEVEL_XID,
} from '../wal/record.js';

/** A piece of a record's bytes, and what it is. */
export interface RecordPiece {
  /** In bytes, from the record's first one on. */
  offset: number;
  length: number;
  /** PostgreSQL's name of it, with that of the part it belongs to: `xl_tot_len`, `block 0: data_length`, `main data`. */
  name: string;
  /** What a field says: numbers in decimal, bits as `0x2a`, LSNs as `0/04000680`; null for bytes that are no one field. */
  value: string | null;
}

/**
 * What all bytes of a record are: pieces that follow each other from its first byte to its last one.
 *
 * The header is `XLogRecord`, what follows are `XLogRecordBlockHeader`, `XLogRecordBlockImageHeader`,
 * `XLogRecordBlockCompressHeader`, `RelFileLocator` (`RelFileNode` up to 15) and
 * `XLogRecordDataHeaderShort` or `Long` (src/include/access/xlogrecord.h), in the order in which `XLogRecordAssemble`
 * writes them (xloginsert.c) and `DecodeXLogRecord` reads them (xlogreader.c).
 */
export function recordLayout(record: WalRecord): RecordPiece[] {
  return new Layout(record).read();
}

/** `sizeof(RelFileLocator)` */
const LOCATOR_SIZE = 12;

class Layout {
  private readonly pieces: RecordPiece[] = [];
  private offset = 0;

  constructor(private readonly record: WalRecord) {}

  read(): RecordPiece[] {
    const { blocks, mainLength, imageLength, totalLength } = this.record;
    this.header();
    const payload = blocks.reduce((sum, { dataLength }) => sum + dataLength, mainLength + imageLength);
    while (totalLength - this.offset > payload) this.part();
    for (const { id, image, dataLength } of blocks) {
      this.bytes(`block ${id}: image`, image?.length ?? 0);
      this.bytes(`block ${id}: data`, dataLength);
    }
    this.bytes('main data', mainLength);
    return this.pieces;
  }

  private header(): void {
    const { totalLength, xid, prevLsn, info, rmid, crc } = this.record;
    this.field('xl_tot_len', 4, String(totalLength));
    this.field('xl_xid', 4, String(xid));
    this.field('xl_prev', 8, formatLsn(prevLsn));
    this.field('xl_info', 1, bits(info));
    this.field('xl_rmid', 1, String(rmid));
    this.bytes('padding', XL_CRC - this.offset);
    this.field('xl_crc', 4, `0x${crc.toString(16).padStart(8, '0')}`);
  }

  /** What follows the header: each part begins with its id. */
  private part(): void {
    const { bytes, base, mainLength, origin, toplevelXid } = this.record;
    const id = bytes[base + this.offset];
    switch (id) {
      case XLR_BLOCK_ID_DATA_SHORT:
        this.named('main data', id, 'data_length', 1, mainLength);
        break;
      case XLR_BLOCK_ID_DATA_LONG:
        this.named('main data', id, 'data_length', 4, mainLength);
        break;
      case XLR_BLOCK_ID_ORIGIN:
        this.named('origin', id, 'roident', 2, origin);
        break;
      case XLR_BLOCK_ID_TOPLEVEL_XID:
        this.named('toplevel xid', id, 'xid', 4, toplevelXid);
        break;
      default:
        this.block(this.record.block(id)!);
    }
  }

  private named(part: string, id: number, name: string, length: number, value: number): void {
    this.field(`${part}: id`, 1, String(id));
    this.field(`${part}: ${name}`, length, String(value));
  }

  private block({ id, rel, blockNumber, image, dataLength }: BlockReference): void {
    const { bytes, base } = this.record;
    const flags = bytes[base + this.offset + 1];
    const field = (name: string, length: number, value: string): void =>
      this.field(`block ${id}: ${name}`, length, value);
    field('id', 1, String(id));
    field('fork_flags', 1, bits(flags));
    field('data_length', 2, String(dataLength));
    if (image !== undefined) {
      field('image length', 2, String(image.length));
      field('hole_offset', 2, String(image.holeOffset));
      field('bimg_info', 1, bits(image.info));
      // that of an image which is not compressed follows from its length
      const hasHoleLength = image.compression !== 'none' && (image.info & BKPIMAGE_HAS_HOLE) !== 0;
      if (hasHoleLength) field('hole_length', 2, String(image.holeLength));
    }
    // else it is that of the block before
    if ((flags & BKPBLOCK_SAME_REL) === 0) field('rlocator', LOCATOR_SIZE, formatLocator(rel));
    field('blkno', 4, String(blockNumber));
  }

  private field(name: string, length: number, value: string): void {
    this.pieces.push({ offset: this.offset, length, name, value });
    this.offset += length;
  }

  private bytes(name: string, length: number): void {
    if (length === 0) return;
    this.pieces.push({ offset: this.offset, length, name, value: null });
    this.offset += length;
  }
}

const bits = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
