import { writeDescription } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import type { DescribeContext } from '../rmgr/rmgr.js';
import { type AsciiText, ascii, type TextBuffer, textOf } from '../text/text-buffer.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import {
  BLCKSZ,
  type BlockReference,
  FORK_NAMES,
  MAIN_FORK,
  type RelFileLocator,
  type WalRecord,
} from '../wal/record.js';
import { writeLineHead } from './line-head.js';

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
  const { blocks } = record;
  writeLineHead(out, record, options.version);
  const problem = writeDescription(out, record, options);
  if (problem !== undefined) out.text(`undecodable: ${problem}`);
  if (options.blockDetails) {
    out.text('\n');
    for (const block of blocks) writeBlockDetails(out, block, options.version);
  } else {
    for (let i = 0; i < blocks.length; i++) writeBlock(out, blocks[i]);
    out.ascii(NEWLINE);
  }
  return problem === undefined;
}

const NEWLINE = ascii('\n');

function writeBlock(out: TextBuffer, block: BlockReference): void {
  out.ascii(blockTag(block, ', ', block.fork !== MAIN_FORK));
  out.decimal(block.blockNumber);
  if (block.image !== undefined) out.text(block.image.apply ? ' FPW' : ' FPW for WAL verification');
}

function writeBlockDetails(out: TextBuffer, block: BlockReference, version: number): void {
  out.ascii(blockTag(block, '\t', true));
  out.decimal(block.blockNumber);
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

/** `blkref #0: rel 1663/5/16384 fork main blk `, with what comes before it. */
interface BlockTag {
  id: number;
  rel: RelFileLocator;
  fork: number;
  before: string;
  text: AsciiText;
}

/** The last tag of each relfilenode, fork and id, by their low bits: a few relations make up most of any WAL. */
const blockTags: (BlockTag | undefined)[] = new Array(1024);

function blockTag({ id, rel, fork }: BlockReference, before: ', ' | '\t', named: boolean): AsciiText {
  // records of VACUUM name a table's main fork and its visibility map in turn
  const slot = (rel.relNumber * 8 + (fork & 3) * 2 + id) & 0x3ff;
  const known = blockTags[slot];
  if (
    known !== undefined &&
    known.rel.relNumber === rel.relNumber &&
    known.id === id &&
    known.fork === fork &&
    known.before === before &&
    known.rel.dbOid === rel.dbOid &&
    known.rel.spcOid === rel.spcOid
  ) {
    return known.text;
  }
  const forkName = named ? ` fork ${FORK_NAMES[fork] ?? fork}` : '';
  const tag = `${before}blkref #${id}: rel ${formatLocator(rel)}${forkName} blk `;
  const text = ascii(tag);
  blockTags[slot] = { id, rel, fork, before, text };
  return text;
}

/** The line, or lines, that {@link writeRecord} prints, as a string, line end included. */
export function recordText(
  record: WalRecord,
  { zone = UTC, blockDetails = false }: RecordTextOptions = {},
): string {
  return textOf((out) => writeRecord(out, record, { version: record.version, zone, blockDetails }));
}

/** What a record's text depends on beside the record. */
export interface RecordTextOptions {
  /** For times; UTC if not given. */
  zone?: TimeZone;
  /** `pg_waldump`'s `--bkp-details`. */
  blockDetails?: boolean;
}
