import { groupBy } from '../cluster/group-by.js';
import type { PageFault } from '../heap/page-check.js';
import type { FileFault } from '../sources/manifest-check.js';
import { WalError } from '../wal/error.js';
import { type Message, message, several } from '../wal/message.js';

/** A page of a backup that is not used. */
export interface DamagedPage {
  /** Of the file that it is in. */
  file: string;
  /** That in the data folder, where the file is stored otherwise: in a repository. */
  path?: string;
  fault: PageFault;
}

/** A file of a relation that is not as the manifest says. */
interface DamagedFile extends FileFault {
  /** The blocks that are as in that file. */
  blocks: BlockMap<true>;
}

/** Something for each of some blocks; however often it is truncated, it takes no longer than there are blocks. */
class BlockMap<T> {
  private readonly byBlock: Map<number, T>;
  /** Ascending, those that were deleted among them; made when it is first needed. */
  private order: number[] | undefined;

  constructor(entries: Iterable<readonly [number, T]> = []) {
    this.byBlock = new Map(entries);
  }

  get size(): number {
    return this.byBlock.size;
  }

  has(block: number): boolean {
    return this.byBlock.has(block);
  }

  set(block: number, value: T): void {
    this.byBlock.set(block, value);
    this.order = undefined;
  }

  delete(block: number): void {
    this.byBlock.delete(block);
  }

  /** Deletes all from `block` on. */
  truncate(block: number): void {
    if (this.size === 0) return;
    this.order ??= [...this.byBlock.keys()].sort((a, b) => a - b);
    for (let last = this.order.at(-1); last !== undefined && last >= block; last = this.order.at(-1)) {
      this.byBlock.delete(last);
      this.order.pop();
    }
  }

  [Symbol.iterator](): Iterator<[number, T]> {
    return this.byBlock.entries();
  }
}

/** As many blocks are named. */
const BLOCKS_NAMED = 20;

/**
 * What of a relation in a backup is damaged, while WAL is applied to it: a page that the WAL replaces as a whole is as
 * it should be again. Torn pages are none of those that stay: a full-page image comes for each of them.
 */
export class BackupDamage {
  private readonly pages = new BlockMap<DamagedPage>();
  private files: DamagedFile[] = [];

  /** A page of which nothing is taken for true. */
  addPage(block: number, page: DamagedPage): void {
    this.pages.set(block, page);
  }

  /** A file of which it is not known what in it is wrong. @param blocks those in it */
  addFile(fault: FileFault, blocks: Iterable<number>): void {
    this.files.push({ ...fault, blocks: new BlockMap(Array.from(blocks, (block) => [block, true])) });
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
    this.pages.truncate(block);
    if (this.files.length === 0) return;
    for (const { blocks } of this.files) blocks.truncate(block);
    this.files = this.files.filter(
      ({ kind, blocks }) => block > 0 && (kind !== 'checksum' || blocks.size > 0),
    );
  }

  /** The pages are a copy of another relation's. */
  copyFrom(other: BackupDamage): void {
    for (const [block, page] of other.pages) this.pages.set(block, page);
    this.files.push(...other.files.map((file) => ({ ...file, blocks: new BlockMap(file.blocks) })));
  }

  /** Why the values of a row on a block are not known. */
  whyUnknown(block: number): Message {
    return this.pages.has(block)
      ? message`its page in the backup is damaged`
      : message`values are not in the WAL given`;
  }

  /** Rows are lacking of which nothing is known, not even whether there are any. */
  get hidesRows(): boolean {
    return this.pages.size > 0 || this.files.some(({ kind }) => kind !== 'checksum');
  }

  /** Each with its place; of pages one for each file. */
  get problems(): WalError[] {
    const files = this.files.map(({ problem: { code, said, file }, kind }) => {
      const meaning =
        kind === 'checksum'
          ? message`what is read from it may be wrong`
          : message`something of it is lacking`;
      return new WalError(code, message`${said}: ${meaning}`, { file });
    });
    const pages = [...this.pages].sort(([a], [b]) => a - b);
    return [...[...groupBy(pages, ([, { file }]) => file).values()].map(problemOfPages), ...files];
  }
}

/** @param pages of one file, by their blocks, in order */
function problemOfPages([[block, { file, path, fault }], ...others]: [number, DamagedPage][]): WalError {
  const name = path === undefined ? file : `${path} (${file})`;
  const named = others.slice(0, BLOCKS_NAMED).map(([number]) => number);
  const more = others.length - named.length;
  const also =
    others.length === 0
      ? ''
      : several(
          others.length,
          '; so is {1}',
          '; so are {1}',
          more > 0 ? message`${named.join(', ')} and ${more} more` : named.join(', '),
        );
  const text = message`block ${block} of ${name} is damaged, ${reason(fault)}, and no image in the WAL replaces it${also}: what was on it is left out, but for what the WAL has of it`;
  return new WalError('damaged-backup', text, { file });
}

function reason(fault: PageFault): Message {
  return fault.kind === 'header'
    ? message`its header is that of no page`
    : message`its checksum is ${hex(fault.stored)} and should be ${hex(fault.computed)}`;
}

const hex = (checksum: number): string => checksum.toString(16).toUpperCase().padStart(4, '0');
