import { onAbort } from '../../sources/abort.js';
import type { ByteSource, FolderEntry, OpenOptions, SourceFolder } from '../../sources/byte-source.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { Bucket, type Known, type Listed, type Page } from './bucket.js';
import { folderNameOf, nameOf, parseLocation } from './location.js';
import type { Patience } from './tries.js';

/** The parts that an object is read in, and how many of them are on their way (docs/decisions/object-stores.md). */
const PART_SIZE = 4 * 1024 * 1024;
const PARTS_AT_ONCE = 4;

/** An object of a store. A class, since a folder may have hundreds of thousands. */
class S3Source implements ByteSource, Known {
  etag: string | undefined;

  constructor(
    private readonly bucket: Bucket,
    private readonly prefix: string,
    private readonly last: string,
    readonly size: number,
    readonly modified?: number | undefined,
  ) {}

  get name(): string {
    return nameOf({ bucket: this.bucket.name, key: this.key });
  }

  get id(): string {
    return this.name;
  }

  get folder(): SourceFolder {
    return new S3Folder(this.bucket, this.prefix);
  }

  private get key(): string {
    return this.prefix + this.last;
  }

  read(from: number, to: number, { signal }: OpenOptions = {}): Promise<Uint8Array> {
    const end = Math.min(to, this.size);
    if (from >= end) return Promise.resolve(new Uint8Array(0));
    return this.bucket.read(this.key, this, from, end, signal);
  }

  /** The next parts are on their way while one is taken. */
  async *open({ signal }: OpenOptions = {}): AsyncGenerator<Uint8Array> {
    const done = new AbortController();
    const forget = signal && onAbort(signal, (reason) => done.abort(reason));
    const ahead: Promise<Uint8Array>[] = [];
    try {
      for (let at = 0; at < this.size; at += PART_SIZE) {
        const part = this.read(at, at + PART_SIZE, { signal: done.signal });
        part.catch(() => {}); // it is looked at when its turn comes
        ahead.push(part);
        if (ahead.length === PARTS_AT_ONCE) yield await ahead.shift()!;
      }
      for (const part of ahead) yield await part;
    } finally {
      forget?.();
      done.abort();
    }
  }
}

/**
 * What lies at a prefix, which ends in a slash or is empty, up to the next slash.
 * @param all what lies there and below, where that is known to be no more than a page: then it is not asked for again
 */
class S3Folder implements SourceFolder {
  constructor(
    private readonly bucket: Bucket,
    private readonly prefix: string,
    private readonly all?: readonly Listed[],
  ) {}

  get name(): string {
    return folderNameOf(this.bucket.name, this.prefix);
  }

  get id(): string {
    return this.name;
  }

  get parent(): SourceFolder | undefined {
    if (this.prefix === '') return undefined;
    return new S3Folder(
      this.bucket,
      this.prefix.slice(0, this.prefix.lastIndexOf('/', this.prefix.length - 2) + 1),
    );
  }

  /** A page of all that lies below takes one request, as a page of this folder would. */
  async *list({ signal }: OpenOptions = {}): AsyncGenerator<FolderEntry> {
    const { bucket, prefix } = this;
    const all = this.all ?? allOf(await bucket.page(prefix, signal));
    if (all !== undefined) {
      yield* this.entriesOf(all);
      return;
    }
    for await (const { files, folders } of bucket.pages(prefix, signal)) {
      yield* this.entriesOf(files);
      for (const name of folders) {
        yield { kind: 'folder', name, folder: new S3Folder(bucket, `${prefix}${name}/`) };
      }
    }
  }

  private *entriesOf(files: readonly Listed[]): Generator<FolderEntry> {
    const { bucket, prefix } = this;
    const folders = new Map<string, Listed[]>();
    for (const { name, size, modified } of files) {
      const slash = name.indexOf('/');
      if (slash !== -1) {
        const folder = name.slice(0, slash);
        const below = folders.get(folder) ?? [];
        folders.set(folder, below);
        below.push({ name: name.slice(slash + 1), size, modified });
        // what is called as the folder itself is there where somebody made that by hand
      } else if (name !== '') {
        yield { kind: 'file', name, source: new S3Source(bucket, prefix, name, size, modified) };
      }
    }
    for (const [name, below] of folders) {
      yield { kind: 'folder', name, folder: new S3Folder(bucket, `${prefix}${name}/`, below) };
    }
  }

  async entry(name: string, { signal }: OpenOptions = {}): Promise<FolderEntry | undefined> {
    if (this.all !== undefined) {
      const found = [...this.entriesOf(this.all)].filter((entry) => entry.name === name);
      return found.find(({ kind }) => kind === 'file') ?? found[0];
    }
    try {
      const found = await findInBucket(this.bucket, this.prefix, name, signal);
      if (found instanceof S3Source) return { kind: 'file', name, source: found };
      return found && { kind: 'folder', name, folder: found };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return { kind: 'unreadable', name, error };
    }
  }
}

const allOf = ({ files, next }: Page): Listed[] | undefined => (next === undefined ? files : undefined);

/**
 * What a bucket has under a key: an object before what lies below it.
 * @throws WalError `unreadable` where it cannot be told; `object-store`
 */
async function findInBucket(
  bucket: Bucket,
  prefix: string,
  last: string,
  signal: OpenOptions['signal'],
): Promise<S3Source | S3Folder | undefined> {
  const key = prefix + last;
  const below = last === '' ? key : `${key}/`;
  // at once: one of them is nearly always in vain, and the way there and back takes longer than the answer
  const [size, page] = await Promise.allSettled([
    last === '' ? undefined : bucket.sizeOf(key, signal),
    bucket.page(below, signal),
  ]);
  if (size.status === 'fulfilled' && size.value !== undefined) {
    return new S3Source(bucket, prefix, last, size.value);
  }
  if (page.status === 'rejected') throw page.reason;
  const isThere = page.value.files.length > 0 || page.value.next !== undefined;
  // an object that nobody may look at is none that there could be a folder beside
  if (size.status === 'rejected' && !(isThere && isUnreadable(size.reason))) throw size.reason;
  // a bucket may have nothing in it
  return isThere || key === '' ? new S3Folder(bucket, below, allOf(page.value)) : undefined;
}

const isUnreadable = (error: unknown): error is WalError =>
  error instanceof WalError && error.code === 'unreadable';

/**
 * Opens `s3://bucket/key`: an object, or what lies below that as a folder.
 * @throws WalError `unreadable` where there is nothing, or nothing to be had; `object-store`; `usage`
 */
export async function openS3Path(
  path: string,
  signal?: OpenOptions['signal'],
  patience?: Patience,
): Promise<ByteSource | SourceFolder> {
  const { bucket: name, key } = parseLocation(path);
  const bucket = await Bucket.open(name, patience);
  const end = key.lastIndexOf('/') + 1;
  const found = await findInBucket(bucket, key.slice(0, end), key.slice(end), signal);
  if (found !== undefined) return found;
  const text = message`cannot read ${path}: there is no object of that name, and none below it`;
  throw new WalError('unreadable', text, { file: path });
}
