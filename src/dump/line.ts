import { decode, describe, identify, rmgrName } from '../rmgr/index.js';
import type { DescribeContext } from '../rmgr/rmgr.js';
import { BLCKSZ, type BlockReference, FORK_NAMES, MAIN_FORK, type WalRecord } from '../wal/record.js';
import type { TextBuffer } from './text-buffer.js';

export interface LineOptions extends DescribeContext {
  /** `pg_waldump`'s `--bkp-details`: a line of its own for each block reference. */
  blockDetails: boolean;
}

/**
 * Prints a record as `pg_waldump` of its version does, line ends included (XLogDumpDisplayRecord in pg_waldump.c
 * and, since 15, XLogRecGetBlockRefInfo in xlogdesc.c).
 *
 * Content that does not fit its kind, which makes `pg_waldump` print what lies behind the record or die, is said
 * to be undecodable.
 * @returns whether the record's content could be decoded
 */
export function writeRecord(out: TextBuffer, record: WalRecord, options: LineOptions): boolean {
  const { rmid, info, blocks } = record;
  const { totalLength } = record;
  out.text(rmgrColumn(rmid));
  out.decimal(totalLength - imageLength(blocks), 6);
  out.text('/');
  out.decimal(totalLength, 6);
  out.text(', tx: ');
  out.decimal(record.xid, 10);
  out.text(', lsn: ');
  out.lsn(record.lsnHi, record.lsnLo);
  out.text(', prev ');
  out.lsn(record.prevHi, record.prevLo);
  out.text(', desc: ');
  out.text(identify(rmid, info, options.version) ?? `UNKNOWN (${record.rmgrInfo.toString(16)})`);
  out.text(' ');
  const data = decode(record);
  out.text(data.type === 'undecodable' ? `undecodable: ${data.reason}` : describe(data, options));
  if (options.blockDetails) {
    out.text('\n');
    for (const block of blocks) writeBlockDetails(out, block, options.version);
  } else {
    for (const block of blocks) writeBlock(out, block);
    out.text('\n');
  }
  return data.type !== 'undecodable';
}

/** Bytes of a record's full-page images as stored. */
export function imageLength(blocks: readonly BlockReference[]): number {
  let length = 0;
  for (const { image } of blocks) if (image !== undefined) length += image.length;
  return length;
}

const rmgrColumns: string[] = [];

function rmgrColumn(rmid: number): string {
  rmgrColumns[rmid] ??= `rmgr: ${rmgrName(rmid).padEnd(11)} len (rec/tot): `;
  return rmgrColumns[rmid];
}

function writeBlock(out: TextBuffer, block: BlockReference): void {
  out.text(', ');
  writeBlockTag(out, block, block.fork !== MAIN_FORK);
  if (block.image !== undefined) out.text(block.image.apply ? ' FPW' : ' FPW for WAL verification');
}

function writeBlockDetails(out: TextBuffer, block: BlockReference, version: number): void {
  out.text('\t');
  writeBlockTag(out, block, true);
  const { image } = block;
  if (image !== undefined) {
    out.text(image.apply ? ' (FPW)' : ' (FPW for WAL verification)');
    out.text('; hole: offset: ');
    out.decimal(image.holeOffset);
    out.text(', length: ');
    out.decimal(image.holeLength);
    if (image.compression !== 'none') {
      out.text(', compression saved: ');
      out.decimal((BLCKSZ - image.holeLength - image.length) >>> 0);
      // since 15, which brought lz4 and zstd
      if (version >= 15) out.text(`, method: ${image.compression}`);
    }
    // up to 12 an image has its own line end, and an empty line follows
    if (version <= 12) out.text('\n');
  }
  out.text('\n');
}

function writeBlockTag(
  out: TextBuffer,
  { id, rel, fork, blockNumber }: BlockReference,
  named: boolean,
): void {
  out.text('blkref #');
  out.decimal(id);
  out.text(': rel ');
  out.decimal(rel.spcOid);
  out.text('/');
  out.decimal(rel.dbOid);
  out.text('/');
  out.decimal(rel.relNumber);
  if (named) out.text(` fork ${FORK_NAMES[fork] ?? fork}`);
  out.text(' blk ');
  out.decimal(blockNumber);
}
