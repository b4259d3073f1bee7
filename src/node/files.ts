import { constants, realpathSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, lstat, open, opendir, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type ByteSource,
  type FolderEntry,
  type OpenOptions,
  PIECE_SIZE,
  type SourceFolder,
} from '../sources/byte-source.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';

/** Not to wait for ever where a name is that of a FIFO, which then counts as an empty file. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * A file of the local file system. What fails there is `unreadable`.
 * @param name as messages name it
 * @param id its path without symbolic links
 */
export function fileSource(path: string, name = path, id?: string): ByteSource {
  return new FileSource({ path: resolve(path), name, id }, '');
}

/** What the paths of the files in a folder begin with: absolute, as messages name them, and without symbolic links. */
interface Beginning {
  path: string;
  name: string;
  id: string | undefined;
}

/** A class, since a folder may have hundreds of thousands: functions and paths of its own take memory. */
class FileSource implements ByteSource {
  constructor(
    private readonly beginning: Beginning,
    private readonly rest: string,
  ) {}

  get path(): string {
    return this.beginning.path + this.rest;
  }

  get name(): string {
    return this.beginning.name + this.rest;
  }

  get id(): string | undefined {
    const { id } = this.beginning;
    return id === undefined ? undefined : id + this.rest;
  }

  get size(): number | undefined {
    return statsOf(this.path)?.size;
  }

  get modified(): number | undefined {
    const stats = statsOf(this.path);
    return stats && Math.floor(stats.mtimeMs);
  }

  get folder(): SourceFolder {
    return folderSource(dirname(this.path));
  }

  private failure(error: unknown): WalError {
    const { name, rest } = this;
    // one that its folder has listed
    if (rest === '' || codeOf(error) !== 'ENOENT') return unreadable(name, error);
    const text = message`cannot read ${name}: it is gone since its folder was listed; ask again (a running server takes segments away)`;
    return new WalError('unreadable', text, { file: name, cause: error });
  }

  async *open({ wanted = PIECE_SIZE }: OpenOptions = {}): AsyncGenerator<Uint8Array> {
    try {
      const file = await open(this.path, READ_FLAGS);
      yield* file.createReadStream({ highWaterMark: Math.min(wanted, PIECE_SIZE) });
    } catch (error) {
      throw this.failure(error);
    }
  }

  async read(from: number, to: number): Promise<Uint8Array> {
    let file: FileHandle | undefined;
    try {
      file = await open(this.path, READ_FLAGS);
      const bytes = new Uint8Array(to - from);
      let size = 0;
      // one reading may give fewer bytes than there are
      for (let given = -1; given !== 0 && size < bytes.length; size += given) {
        given = (await file.read(bytes, size, bytes.length - size, from + size)).bytesRead;
      }
      return bytes.subarray(0, size);
    } catch (error) {
      throw this.failure(error);
    } finally {
      // what has been read is right, whatever closing says
      await file?.close().catch(() => {});
    }
  }
}

/** Undefined where it cannot be told now; reading the file says why. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** As {@link statsOf}, the path without symbolic links. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** A file in a folder: see {@link FileSource}. */
class FileEntry {
  constructor(
    private readonly folder: Beginning,
    readonly name: string,
  ) {}

  get kind(): 'file' {
    return 'file';
  }

  get source(): ByteSource {
    return new FileSource(this.folder, this.name);
  }
}

/** Entries of a folder that come at once: more are no faster. */
const ENTRIES_AT_ONCE = 512;

/**
 * A folder of the local file system.
 * @param real its path without symbolic links
 */
export function folderSource(path: string, real?: string): SourceFolder {
  return {
    name: path,
    path: resolve(path),
    get id() {
      return real ?? realPathOf(path);
    },
    get parent() {
      const own = real ?? realPathOf(path);
      return own === undefined || dirname(own) === own ? undefined : folderSource(dirname(own), dirname(own));
    },
    entry: (name) => entryOf(path, real, name),
    async *list() {
      try {
        const own = real ?? (await realpath(path));
        const beginning = { path: inside(resolve(path)), name: inside(path), id: inside(own) };
        for await (const entry of await opendir(path, { bufferSize: ENTRIES_AT_ONCE })) {
          const { name } = entry;
          if (entry.isFile()) {
            yield new FileEntry(beginning, name);
            continue;
          }
          const below = beginning.name + name;
          if (entry.isDirectory()) {
            yield { kind: 'folder', name, folder: folderSource(below, beginning.id + name) };
          } else if (entry.isSymbolicLink()) yield await linkEntry(below, name);
          else yield { kind: 'special', name, error: special(below, entry) };
        }
      } catch (error) {
        throw unreadable(path, error);
      }
    },
  };
}

async function entryOf(
  folder: string,
  real: string | undefined,
  name: string,
): Promise<FolderEntry | undefined> {
  const path = join(folder, name);
  try {
    const stats = await lstat(path);
    const own = join(real ?? (await realpath(folder)), name);
    if (stats.isFile()) return { kind: 'file', name, source: fileSource(path, path, own) };
    if (stats.isDirectory()) return { kind: 'folder', name, folder: folderSource(path, own) };
    if (!stats.isSymbolicLink()) return { kind: 'special', name, error: special(path, stats) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    return { kind: 'unreadable', name, error: unreadable(path, error) };
  }
  return linkEntry(path, name);
}

/** What a path begins with that leads into a folder. */
const inside = (folder: string): string => join(folder, '_').slice(0, -1);

async function linkEntry(path: string, name: string): Promise<FolderEntry> {
  let link: string | undefined;
  try {
    link = await readlink(path);
    const stats = await stat(path);
    const real = await realpath(path);
    if (stats.isDirectory()) return { kind: 'folder', name, folder: folderSource(path, real), link };
    if (stats.isFile()) return { kind: 'file', name, source: fileSource(path, path, real) };
    return { kind: 'special', name, error: special(path, stats) };
  } catch (error) {
    const kind = codeOf(error) === 'ENOENT' ? 'dead-link' : 'unreadable';
    return { kind, name, error: unreadable(path, error), ...(link === undefined ? {} : { link }) };
  }
}

/** Opens a path for reading. @throws WalError `unreadable` */
export async function openPath(path: string): Promise<ByteSource | SourceFolder> {
  try {
    const stats = await stat(path);
    const real = await realpath(path);
    if (stats.isDirectory()) return folderSource(path, real);
    if (stats.isFile()) return fileSource(path, path, real);
  } catch (error) {
    throw unreadable(path, error);
  }
  throw special(path, await stat(path));
}

function special(path: string, found: Pick<Stats, 'isFIFO' | 'isSocket'>): WalError {
  const what = found.isFIFO() ? message`a FIFO` : found.isSocket() ? message`a socket` : message`a device`;
  const text = message`cannot read ${path}: it is ${what}, and neither a file nor a folder; copy what comes out of it to a file`;
  return new WalError('unreadable', text, { file: path });
}

const REASONS: Readonly<Record<string, Message>> = {
  ENOENT: message`no such file or folder; check the path`,
  EACCES: message`permission denied; run walscan as a user who may read it`,
  EISDIR: message`it is a folder`,
};

/** A failure of the file system as a WalError. */
export function unreadable(name: string, cause: unknown): WalError {
  if (cause instanceof WalError) return cause;
  const code = codeOf(cause);
  if (code === undefined) throw cause;
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : code);
  return new WalError('unreadable', message`cannot read ${name}: ${reason}`, { file: name, cause });
}

/** Of an error of the system or of Node, such as `ENOENT`; others have none. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
