import { type FileHandle, open } from 'node:fs/promises';
import { codecOf } from '../sources/codecs/index.js';
import { type BytesRead, grow, type Reading, type Room } from '../sources/reading.js';
import type { WalError } from '../wal/error.js';
import { codeOf, openPath, READ_FLAGS, unreadable } from './files.js';
import { gunzipInto, gunzipStream, isZlibError } from './gunzip.js';

/** Reading on Node: paths, gzip by zlib, plain files without a detour. */
export const NODE_READING: Reading = {
  open: openPath,
  native: { gzip: gunzipStream },
  readAtOnce: ({ path, name }, limit, room) =>
    path === undefined ? Promise.resolve(undefined) : readAtOnce(path, name, limit, room),
};

/** So much is read first, for what a file is; and of a compressed one at a time. */
const PIECE = 256 * 1024;

/**
 * A plain file, or one compressed by gzip, which takes longer as a stream (docs/decisions/reading.md).
 * @returns undefined where it is none, or not a good one
 */
async function readAtOnce(
  path: string,
  name: string,
  limit: number,
  room: Room,
): Promise<BytesRead | undefined> {
  let size = 0;
  let problem: WalError | undefined;
  let file: FileHandle | undefined;
  try {
    file = await open(path, READ_FLAGS);
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    for (;;) {
      const most = Math.min(limit, room.bytes.length, size === 0 ? PIECE : limit) - size;
      const { bytesRead } = await file.read(room.bytes, size, most, size);
      if (size === 0) {
        const codec = codecOf(room.bytes.subarray(0, bytesRead));
        if (codec?.name === 'gzip') return await gunzipFile(file, room, bytesRead, limit);
        if (codec !== undefined) return undefined;
      }
      size += bytesRead;
      if (bytesRead === 0 || size === limit) break;
      // one that has grown since it was opened may go on growing
      if (size === room.bytes.length) {
        grow(room, size, size + 1, size < stats.size ? Math.min(limit, stats.size + 1) : limit);
      }
    }
  } catch (error) {
    problem = unreadable(name, error);
  } finally {
    // what has been read is right, whatever closing says
    await file?.close().catch(() => {});
  }
  return { bytes: room.bytes.subarray(0, size), problem };
}

/**
 * @param beginning how many of its bytes have been read into the room
 * @returns undefined where it is damaged, makes too much or cannot be read, which the stream then tells the better
 */
async function gunzipFile(
  file: FileHandle,
  room: Room,
  beginning: number,
  limit: number,
): Promise<BytesRead | undefined> {
  const piece = new Uint8Array(PIECE);
  piece.set(room.bytes.subarray(0, beginning));
  try {
    return { bytes: await gunzipInto(room, limit, stored(file, piece, beginning)), problem: undefined };
  } catch (error) {
    if (!isZlibError(error) && codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** A file's bytes, each time in the same memory. @param beginning how many of them are in it already */
async function* stored(file: FileHandle, piece: Uint8Array, beginning: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let size = beginning; size > 0; ) {
    yield piece.subarray(0, size);
    at += size;
    size = (await file.read(piece, 0, piece.length, at)).bytesRead;
  }
}
