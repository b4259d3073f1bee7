import type { PageFault } from '../heap/page-check.js';
import type { FileFault } from '../sources/manifest-check.js';
import { WalError } from '../wal/error.js';

/** A page of a backup that is not used. */
interface DamagedPage {
  /** Of the file that it is in. */
  file: string;
  fault: PageFault;
}

/** A file of a relation that is not as the manifest says. */
interface DamagedFile extends FileFault {
  /** The blocks that are as in that file. */
  blocks: Set<number>;
}

/** As many blocks are named. */
const BLOCKS_NAMED = 20;

/**
 * What of a relation in a backup is damaged, while WAL is applied to it: a page that the WAL replaces as a whole is as
 * it should be again. Torn pages are none of those that stay: a full-page image comes for each of them.
 */
export class BackupDamage {
  private readonly pages = new Map<number, DamagedPage>();
  private files: DamagedFile[] = [];

  /** A page of which nothing is taken for true. */
  addPage(block: number, page: DamagedPage): void {
    this.pages.set(block, page);
  }

  /** A file of which it is not known what in it is wrong. @param blocks those in it */
  addFile(fault: FileFault, blocks: Set<number>): void {
    this.files.push({ ...fault, blocks });
  }

  /** A whole page took the place of a block. */
  replaced(block: number): void {
    this.pages.delete(block);
    if (this.files.length === 0) return;
    for (const { blocks } of this.files) blocks.delete(block);
    this.files = this.files.filter(({ kind, blocks }) => kind !== 'checksum' || blocks.size > 0);
  }

  /** All blocks from `block` on went. */
  truncated(block: number): void {
    for (const known of this.pages.keys()) if (known >= block) this.pages.delete(known);
    for (const { blocks } of this.files) for (const known of blocks) if (known >= block) blocks.delete(known);
    this.files = this.files.filter(
      ({ kind, blocks }) => block > 0 && (kind !== 'checksum' || blocks.size > 0),
    );
  }

  /** The pages are a copy of another relation's. */
  copyFrom(other: BackupDamage): void {
    for (const [block, page] of other.pages) this.pages.set(block, page);
    this.files.push(...other.files.map((file) => ({ ...file, blocks: new Set(file.blocks) })));
  }

  /** Rows are lacking of which nothing is known, not even whether there are any. */
  get hidesRows(): boolean {
    return this.pages.size > 0 || this.files.some(({ kind }) => kind !== 'checksum');
  }

  /** @param of what it is: `table public.orders` */
  problems(of: string): WalError[] {
    const files = this.files.map(({ kind, problem }) => {
      const { code, message, file } = problem;
      const meaning =
        kind === 'checksum' ? 'what is read from it may be wrong' : 'what it should have is lacking';
      return new WalError(code, `${message}: ${meaning}, of ${of}`, { file });
    });
    return this.pages.size === 0 ? files : [this.pageProblem(of), ...files];
  }

  private pageProblem(of: string): WalError {
    const all = [...this.pages].sort(([a], [b]) => a - b);
    const [[block, { file, fault }]] = all;
    const named = all.slice(0, BLOCKS_NAMED).map(([number]) => number);
    const more = all.length - named.length;
    const blocks =
      all.length === 1
        ? `block ${block} of ${of} is`
        : `blocks ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} of ${of} are`;
    const rows = all.length === 1 ? `the rows on it, (${block},1) and on, are` : 'the rows on them are';
    const message = `${blocks} damaged in the backup, and the WAL has no image to replace ${all.length === 1 ? 'it' : 'them'}: ${reason(fault)} in ${file}; ${rows} left out, but for what the WAL has of them. Take another backup`;
    return new WalError('damaged-backup', message, { file });
  }
}

/**
 * What was found missing or contradictory, where the catalogs of the backup that tell of it are damaged: it may be in what
 * was left out.
 */
export function asFarAsBackup(error: WalError, problems: readonly WalError[]): WalError {
  const damage = problems.find(({ code }) => code === 'damaged-backup');
  const mayBeDamage =
    error.code.startsWith('unknown-') || error.kind === 'damage' || error.kind === 'not-found';
  if (damage === undefined || !mayBeDamage) return error;
  const message = `${error.message}, as far as the backup can be read: ${damage.message}`;
  return new WalError('damaged-backup', message, { file: damage.file, lsn: error.lsn, cause: error });
}

function reason(fault: PageFault): string {
  return fault.kind === 'header'
    ? 'its header is that of no page'
    : `its checksum is ${hex(fault.stored)} and should be ${hex(fault.computed)}`;
}

const hex = (checksum: number): string => checksum.toString(16).toUpperCase().padStart(4, '0');
