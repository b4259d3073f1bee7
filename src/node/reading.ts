import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { codecOf } from '../sources/codecs/index.js';
import type { BytesRead, Decipher, OpenFile, Reading, Room } from '../sources/reading.js';
import type { WalError } from '../wal/error.js';
import type { UnpacksAtOnce } from './at-once.js';
import { unbrotliStream } from './brotli.js';
import { codeOf, openPath, READ_FLAGS, unreadable } from './files.js';
import { gunzipAside, gunzipHere, gunzipStream } from './gunzip.js';
import { isS3Path } from './s3/location.js';
import { unzstdAside, unzstdHere } from './unzstd.js';

/** Reading on Node: paths, gzip and Zstandard by zlib, plain files without a detour. */
export const NODE_READING = readingWith({ gzip: gunzipAside, zstd: unzstdAside });

/** The same in a thread that has nothing else to do. */
export const THREAD_READING = readingWith({ gzip: gunzipHere, zstd: unzstdHere });

function readingWith(unpacks: UnpacksAtOnce): Reading {
  return {
    open: async (path, signal) =>
      isS3Path(path) ? (await import('./s3/sources.js')).openS3Path(path, signal) : openPath(path),
    native: { gzip: gunzipStream, brotli: unbrotliStream },
    decipherer,
    readAtOnce: ({ path, name }, limit, room) =>
      path === undefined ? Promise.resolve(undefined) : readAtOnce(path, name, limit, room, unpacks),
    readBelow: ({ path }, name, limit) => (path === undefined ? undefined : readNow(join(path, name), limit)),
    openFile: async ({ path, name }) => (path === undefined ? undefined : openFile(path, name)),
  };
}

/** What readNow has room for, without a look at how large the file is: most tables of facts are smaller. */
const small = new Uint8Array(256 * 1024);

function readNow(path: string, limit: number): Uint8Array | undefined {
  try {
    const file = openSync(path, READ_FLAGS);
    try {
      const size = readSync(file, small, 0, small.length, 0);
      if (size < small.length) return small.slice(0, size);
      return fstatSync(file).size > limit ? undefined : readFileSync(path);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

async function openFile(path: string, name: string): Promise<OpenFile | undefined> {
  const file = await open(path, READ_FLAGS).catch(() => undefined);
  // what has been read is right, whatever closing says
  const close = async (): Promise<void> => file?.close().catch(() => {});
  if (!(await file?.stat())?.isFile()) return void (await close());
  return {
    read: async (into, from) => {
      try {
        return (await file!.read(into, 0, into.length, from)).bytesRead;
      } catch (error) {
        throw unreadable(name, error);
      }
    },
    close,
  };
}

function decipherer(key: Uint8Array, iv: Uint8Array): Decipher {
  // which takes 4 ms to load, and hardly anybody needs (docs/decisions/start.md)
  const { createDecipheriv } = process.getBuiltinModule('node:crypto');
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  return (blocks) => decipher.update(blocks);
}

/**
 * A plain file, or one compressed in a way that takes longer as a stream (docs/decisions/reading.md).
 * @returns undefined where it is none, or not a good one
 */
async function readAtOnce(
  path: string,
  name: string,
  limit: number,
  room: Room,
  unpacks: UnpacksAtOnce,
): Promise<BytesRead | undefined> {
  let size = 0;
  let problem: WalError | undefined;
  let file: FileHandle | undefined;
  try {
    file = await open(path, READ_FLAGS);
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    for (;;) {
      const most = Math.min(limit, room.bytes.length) - size;
      const { bytesRead } = await file.read(room.bytes, size, most, size);
      size += bytesRead;
      if (bytesRead === 0 || size === limit) break;
      // one that has grown since it was opened may go on growing
      if (size === room.bytes.length)
        grow(room, size, size < stats.size ? Math.min(limit, stats.size + 1) : limit);
    }
  } catch (error) {
    problem = unreadable(name, error);
  } finally {
    // what has been read is right, whatever closing says
    await file?.close().catch(() => {});
  }
  const bytes = room.bytes.subarray(0, size);
  const codec = codecOf(bytes, name);
  if (codec === undefined) return { bytes, problem };
  if (problem !== undefined || size === limit) return undefined;
  const unpacked = await unpacks[codec.name]?.(bytes, limit);
  return unpacked && { bytes: unpacked, problem };
}

/** Makes more room, as much as really comes: at most twice what there was. */
function grow(room: Room, used: number, limit: number): void {
  const larger = new Uint8Array(Math.max(used + 1, Math.min(limit, 2 * room.bytes.length)));
  larger.set(room.bytes.subarray(0, used));
  room.bytes = larger;
}
