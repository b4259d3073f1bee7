import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WalError } from '../wal/error.js';

/**
 * Where the bytes of one file come from: a file, a member of a tar file, or whatever a user of the library
 * brings (an object store, a download). Compressed bytes are given as they are stored; walscan sees by their
 * first bytes how to unpack them.
 *
 * ```ts
 * const source: ByteSource = {
 *   name: 's3://bucket/000000010000000000000003.gz',
 *   read: async function* () { yield* (await get(url)).body; },
 * };
 * ```
 */
export interface ByteSource {
  /** As messages name it. Its last part (after any `/`) is the file name that says what the file is. */
  readonly name: string;
  /** Absolute path, where the bytes are those of a plain file: worker threads open it themselves. */
  readonly path?: string;
  /**
   * The bytes from the beginning, in pieces of any size; every call starts anew. The iterator is returned early
   * when no more is needed.
   * @param wanted a hint: about how many bytes will be taken; all of them when left out
   */
  read(wanted?: number): AsyncIterable<Uint8Array>;
}

/** Fewer, larger pieces: unpacking 64 KiB at a time costs a fifth more (measured on Node 20, 16 MiB segments). */
export const PIECE_SIZE = 256 * 1024;

/** Not to wait for ever where a name is that of a FIFO, which then counts as an empty file. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file of the local file system. */
export function fileSource(path: string, name = path): ByteSource {
  return {
    name,
    path: resolve(path),
    async *read(wanted = PIECE_SIZE) {
      const file = await open(path, READ_FLAGS);
      yield* file.createReadStream({ highWaterMark: Math.min(wanted, PIECE_SIZE) });
    },
  };
}

/** Bytes that are in memory already. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    async *read() {
      yield bytes;
    },
  };
}

/** The name that says what kind of file it is: without folders, and without the tar file it is a member of. */
export function fileNameOf(source: ByteSource): string {
  return source.name.slice(Math.max(source.name.lastIndexOf('/'), source.name.lastIndexOf('\\')) + 1);
}

/**
 * A source's bytes as they are stored.
 * @throws WalError `unreadable`, which names the source
 */
export async function* storedBytes(source: ByteSource, wanted?: number): AsyncGenerator<Uint8Array> {
  try {
    yield* source.read(wanted);
  } catch (error) {
    throw error instanceof WalError ? error : unreadable(source.name, error);
  }
}

/** Whether a path is that of a folder. @throws WalError `unreadable` where there is nothing */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

/** A failure of the file system (or of another store) as a WalError. */
export function unreadable(name: string, error: unknown): WalError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''] ?? message;
  return new WalError('unreadable', `cannot read ${name}: ${reason}`, { file: name, cause: error });
}
