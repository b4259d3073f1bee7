import { onAbort } from '../../sources/abort.js';
import type { ByteSource, FolderEntry, OpenOptions, SourceFolder } from '../../sources/byte-source.js';
import { WalError } from '../../wal/error.js';
import { Bucket, type Known } from './bucket.js';
import { folderNameOf, nameOf, parseLocation } from './location.js';
import type { Patience } from './tries.js';

/** The parts that an object is read in, and how many of them are on their way (docs/decisions/object-stores.md). */
const PART_SIZE = 4 * 1024 * 1024;
const PARTS_AT_ONCE = 4;

/** An object of a store. A class, since a folder may have hundreds of thousands. */
export class S3Source implements ByteSource, Known {
  etag: string | undefined;

  constructor(
    private readonly bucket: Bucket,
    private readonly prefix: string,
    private readonly last: string,
    readonly size: number,
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

/** What lies at a prefix, which ends in a slash or is empty, up to the next slash. */
export class S3Folder implements SourceFolder {
  constructor(
    private readonly bucket: Bucket,
    private readonly prefix: string,
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

  async *list({ signal }: OpenOptions = {}): AsyncGenerator<FolderEntry> {
    const { bucket, prefix } = this;
    for await (const { files, folders } of bucket.pages(prefix, signal)) {
      for (const { name, size } of files) {
        yield { kind: 'file', name, source: new S3Source(bucket, prefix, name, size) };
      }
      for (const name of folders) {
        yield { kind: 'folder', name, folder: new S3Folder(bucket, `${prefix}${name}/`) };
      }
    }
  }

  async entry(name: string, { signal }: OpenOptions = {}): Promise<FolderEntry | undefined> {
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
  const [size, folder] = await Promise.allSettled([
    last === '' ? undefined : bucket.sizeOf(key, signal),
    bucket.hasAny(below, signal),
  ]);
  if (size.status === 'fulfilled' && size.value !== undefined) {
    return new S3Source(bucket, prefix, last, size.value);
  }
  if (folder.status === 'rejected') throw folder.reason;
  // an object that nobody may look at is none that there could be a folder beside
  if (size.status === 'rejected' && !(folder.value && isUnreadable(size.reason))) throw size.reason;
  return folder.value ? new S3Folder(bucket, below) : undefined;
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
  // a bucket with nothing in it
  if (key === '') return new S3Folder(bucket, '');
  const message = `cannot read ${path}: there is no object of that name, and none below it`;
  throw new WalError('unreadable', message, { file: path });
}
