import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import { WalError } from '../wal/error.js';
import { compressionOf, decompressed } from './decompress.js';
import { type ByteSource, READ_FLAGS, unreadable } from './source.js';

/** More than enough compressed bytes to unpack the beginning of a file from. */
const WANTED_FOR_BEGINNING = 16 * 1024;
const SMALL_ROOM = 64 * 1024;
/** A segment of the usual size, and the byte more that tells a file that is too long. */
const SEGMENT_ROOM = 16 * 1024 * 1024 + 1;

/**
 * The first bytes of a file, unpacked, without reading the rest.
 * @returns fewer than `size` bytes where the file is shorter or damaged
 * @throws WalError `unreadable`, or `corrupt-compression` where not a single byte could be unpacked
 */
export async function readBeginning(source: ByteSource, size: number): Promise<Uint8Array> {
  const { bytes, problem } = await readSome(decompressed(source, Math.max(size, WANTED_FOR_BEGINNING)), size);
  if (problem && (bytes.length === 0 || problem.kind === 'system')) throw problem;
  return bytes;
}

/**
 * A whole file, unpacked.
 * @param limit the most bytes it may have
 * @throws WalError `unreadable`, `corrupt-compression` or `file-too-large`
 */
export async function readWhole(source: ByteSource, limit: number): Promise<Uint8Array> {
  const { bytes, problem } = await readSome(decompressed(source), limit + 1);
  if (problem) throw problem;
  if (bytes.length > limit) {
    throw new WalError(
      'file-too-large',
      `${source.name} has more than the ${limit} bytes that can be right`,
      {
        file: source.name,
      },
    );
  }
  return bytes;
}

/** Bytes, and the error that ended them, if one did. */
interface BytesRead {
  bytes: Uint8Array;
  problem: WalError | undefined;
}

export interface SegmentBytes {
  /** At most as many as a segment has; fewer where the file is cut off or damaged. */
  bytes: Uint8Array;
  /** Why the bytes are not exactly the whole segment. */
  problem: WalError | undefined;
}

/**
 * Memory that the bytes of one segment after the other are read into. Fresh pages for 16 MiB cost 50 ms on a
 * virtual machine, twice as much as decoding them.
 */
export interface Room {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Unpacks all of a gzip file. */
export type Gunzip = (stored: Uint8Array, options: ZlibOptions) => Uint8Array | Promise<Uint8Array>;

/** In one of libuv's threads, while this one goes on. */
const gunzipAside: Gunzip = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);

/**
 * In this thread. Where threads of our own keep all cores busy that is as fast, and what it leaves behind is collected
 * sooner: a peak of 114 MiB instead of 173.
 */
export const gunzipHere: Gunzip = gunzipSync;

export const emptyRoom = (): Room => ({ bytes: new Uint8Array(0) });

/**
 * All that can be read of a segment's file, and not a byte more than a segment has, however much it unpacks to.
 * @param room to read them into; the bytes are good until it is used again
 * @param unpack for gzip
 */
export async function readSegmentBytes(
  source: ByteSource,
  segmentSize: number,
  room = emptyRoom(),
  unpack = gunzipAside,
): Promise<SegmentBytes> {
  const limit = segmentSize + 1;
  if (room.bytes.length < Math.min(limit, SEGMENT_ROOM)) {
    room.bytes = new Uint8Array(Math.min(limit, SEGMENT_ROOM));
  }
  const { bytes, problem } =
    (await readAtOnce(source, limit, room, unpack)) ?? (await readSome(decompressed(source), limit, room));
  return {
    bytes: bytes.subarray(0, segmentSize),
    problem: problem ?? sizeProblem(source, bytes.length, segmentSize),
  };
}

/**
 * A plain file, or one compressed by gzip, without a detour: as a stream it takes up to twice as long.
 * @returns undefined where it is none, or not a good one
 */
async function readAtOnce(
  { path, name }: ByteSource,
  limit: number,
  room: Room,
  unpack: Gunzip,
): Promise<BytesRead | undefined> {
  if (path === undefined) return undefined;
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
      if (size === room.bytes.length) grow(room, size, Math.min(limit, stats.size + 1));
    }
  } catch (error) {
    problem = unreadable(name, error);
  } finally {
    await file?.close();
  }
  const bytes = room.bytes.subarray(0, size);
  const compression = compressionOf(bytes);
  if (compression === undefined) return { bytes, problem };
  if (compression !== 'gzip' || problem !== undefined || size === limit) return undefined;
  return gunzipAtOnce(bytes, limit, unpack);
}

/** @returns undefined where it is damaged or makes too much, which the stream then tells the better */
async function gunzipAtOnce(
  stored: Uint8Array,
  limit: number,
  unpack: Gunzip,
): Promise<BytesRead | undefined> {
  try {
    return { bytes: await unpack(stored, { chunkSize: limit, maxOutputLength: limit }), problem: undefined };
  } catch {
    return undefined;
  }
}

/** Makes more room, as much as really comes: at most twice what there was. */
function grow(room: Room, used: number, limit: number): void {
  const larger = new Uint8Array(Math.max(used + 1, Math.min(limit, 2 * room.bytes.length)));
  larger.set(room.bytes.subarray(0, used));
  room.bytes = larger;
}

function sizeProblem(source: ByteSource, size: number, segmentSize: number): WalError | undefined {
  if (size === segmentSize) return undefined;
  const place = { file: source.name };
  return size < segmentSize
    ? new WalError(
        'truncated-segment',
        `${source.name} ends after ${size} of the ${segmentSize} bytes that a segment of this cluster has`,
        place,
      )
    : new WalError(
        'oversized-segment',
        `${source.name} has more than the ${segmentSize} bytes that a segment of this cluster has; the rest was not read`,
        place,
      );
}

/** Up to `limit` bytes of a stream, and the error that ended it, if one did. Room grows with what really comes. */
async function readSome(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  room: Room = { bytes: new Uint8Array(Math.min(limit, SMALL_ROOM)) },
): Promise<BytesRead> {
  let size = 0;
  try {
    for await (const piece of stream) {
      const taken = Math.min(piece.length, limit - size);
      if (size + taken > room.bytes.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(2 * room.bytes.length, size + taken)));
        larger.set(room.bytes.subarray(0, size));
        room.bytes = larger;
      }
      room.bytes.set(piece.subarray(0, taken), size);
      size += taken;
      if (size === limit) break;
    }
  } catch (error) {
    return { bytes: room.bytes.subarray(0, size), problem: error as WalError };
  }
  return { bytes: room.bytes.subarray(0, size), problem: undefined };
}
