import { faultOfPage } from '../../heap/page-check.js';
import { PageCutter } from '../../sources/page-cutter.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { BLOCKS_PER_FILE } from '../../wal/relation-path.js';

/** A file of a relation's, of whichever fork, and which of its files of 1 GiB it is. */
const RELATION_FILE =
  /^(?:global|base\/\d+|pg_tblspc\/\d+\/PG_[^/]+\/\d+)\/\d+(?:_(?:fsm|vm|init))?(?:\.(\d+))?$/;

/** Blocks of one file that are named; the rest is counted. */
const BLOCKS_NAMED = 5;
/** Files that are told of. */
const MOST_FILES = 1000;

interface BadBlocks {
  path: string;
  blocks: number[];
  count: number;
}

/** Looks at the checksums of pages that pass by in the files of relations. */
export class PagesPassing {
  count = 0;
  private readonly bad: BadBlocks[] = [];

  /**
   * @param startLsn pages that were written since then may be torn, and come whole in the WAL (`verify_page_checksum`,
   *   src/backend/backup/basebackup.c)
   */
  constructor(private readonly startLsn: Lsn | undefined) {}

  /** Takes the bytes of a file, in their order; undefined for a file that has no such pages. */
  ofFile(path: string): ((piece: Uint8Array) => void) | undefined {
    const match = RELATION_FILE.exec(path);
    if (!match) return undefined;
    const cutter = new PageCutter();
    let block = Number(match[1] ?? 0) * BLOCKS_PER_FILE;
    let file: BadBlocks | undefined;
    return (piece) => {
      for (const page of cutter.pagesOf(piece)) {
        if (!this.isSound(page, block)) {
          file ??= this.newFile(path);
          file.count++;
          if (file.blocks.length < BLOCKS_NAMED) file.blocks.push(block);
        }
        block++;
      }
    };
  }

  private isSound(page: Uint8Array, block: number): boolean {
    this.count++;
    const fault = faultOfPage(page, block, true);
    if (fault === undefined || this.startLsn === undefined) return fault === undefined;
    const view = new DataView(page.buffer, page.byteOffset);
    const lsn = (BigInt(view.getUint32(0, true)) << 32n) | BigInt(view.getUint32(4, true));
    return lsn >= this.startLsn;
  }

  private newFile(path: string): BadBlocks {
    const file = { path, blocks: [], count: 0 };
    if (this.bad.length < MOST_FILES) this.bad.push(file);
    return file;
  }

  /** @param backup its name */
  problemsIn(backup: string): WalError[] {
    return this.bad.map(({ path, blocks, count }) => {
      const more = count > blocks.length ? ` and ${count - blocks.length} more` : '';
      const text = message`the backup ${backup} is damaged: in ${path} the checksums of pages do not fit, of block ${blocks.join(', ')}${more}`;
      return new WalError('damaged-backup', text, { file: `${backup}/${path}` });
    });
  }
}
