import type { WalError } from '../wal/error.js';
import type { AbortSignalLike } from './abort.js';

/** What a source may want to know when it is opened. */
export interface OpenOptions {
  /** Aborted when the bytes are no longer wanted. Reading ends then in any case. */
  signal?: AbortSignalLike | undefined;
  /** A hint: about how many bytes will be taken; all of them when left out. */
  wanted?: number | undefined;
}

/**
 * Where the bytes of one file come from: a file, memory, a member of a tar file, or whatever a user of the library
 * brings (an object store, a download). Compressed bytes are given as they are stored; walscan sees by their
 * first bytes how to unpack them. What a source throws becomes the `cause` of a WalError `source-failed`, with which
 * the question that was asked is rejected.
 *
 * ```ts
 * const source: ByteSource = {
 *   name: 's3://bucket/000000010000000000000003.gz',
 *   open: async function* ({ signal } = {}) { yield* (await fetch(url, { signal })).body; },
 * };
 * ```
 */
export interface ByteSource {
  /** As messages name it. Its last part (after any `/`) is the file name that says what the file is. */
  readonly name: string;
  /** How many bytes are stored, where that is known. */
  readonly size?: number | undefined;
  /** When they were changed last, in milliseconds since 1970, where that is known. */
  readonly modified?: number | undefined;
  /**
   * The bytes from the beginning, in pieces of any size, which are left alone once they were given; every call starts
   * anew. Returned early when no more is needed.
   */
  open(options?: OpenOptions): AsyncIterable<Uint8Array>;
  /** The bytes from one place up to another, fewer where there are no more; for stores that can. */
  read?(from: number, to: number, options?: Pick<OpenOptions, 'signal'>): Promise<Uint8Array>;
  /** Absolute path, where the bytes are those of a plain file of this machine: worker threads open it themselves. */
  readonly path?: string | undefined;
  /** By which it is known again where it is met twice, in whatever way. */
  readonly id?: string | undefined;
  /** The folder that it lies in, where there is one to look for what belongs to it. */
  readonly folder?: SourceFolder | undefined;
  /** The tar file that it is a member of. */
  readonly tar?: ByteSource | undefined;
}

/** A folder of sources: of the file system, or whatever has names below it. */
export interface SourceFolder {
  /** As messages name it. */
  readonly name: string;
  /** By which it is known again where links lead to it. */
  readonly id?: string | undefined;
  /** Absolute path, where it is a folder of this machine. */
  readonly path?: string | undefined;
  /** What it holds, in any order. */
  list(options?: Pick<OpenOptions, 'signal'>): AsyncIterable<FolderEntry>;
  /** What it has of this name, for folders that can tell without listing all that they hold. */
  entry?(name: string, options?: Pick<OpenOptions, 'signal'>): Promise<FolderEntry | undefined>;
  /** The folder that it lies in, where there is one to look for what belongs to it. */
  readonly parent?: SourceFolder | undefined;
}

/** What a folder holds; `name` is without folders. */
export type FolderEntry =
  | { readonly kind: 'file'; readonly name: string; readonly source: ByteSource }
  /** `link` is where the name leads, if it is a symbolic link: as that says it. */
  | { readonly kind: 'folder'; readonly name: string; readonly folder: SourceFolder; readonly link?: string }
  /** A link to what is not there. */
  | { readonly kind: 'dead-link'; readonly name: string; readonly error: WalError; readonly link?: string }
  /** What is neither a file nor a folder, and is never opened: a FIFO, a socket, a device. */
  | { readonly kind: 'special'; readonly name: string; readonly error: WalError }
  | { readonly kind: 'unreadable'; readonly name: string; readonly error: WalError };

export function isFolder(one: ByteSource | SourceFolder): one is SourceFolder {
  return 'list' in one;
}

/** Unpacking smaller ones takes longer (docs/decisions/reading.md). */
export const PIECE_SIZE = 256 * 1024;

/** The name that says what kind of file it is: without folders, and without the tar file it is a member of. */
export function fileNameOf({ name }: Pick<ByteSource, 'name'>): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}
