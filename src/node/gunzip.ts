import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import type { Unpack } from '../sources/codecs/codec.js';
import type { UnpackAtOnce } from './at-once.js';
import { inflateBy } from './inflate.js';

export const gunzipStream: Unpack = inflateBy({
  create: createGunzip,
  finishFlush: constants.Z_SYNC_FLUSH,
  isDataError: isZlibError,
  hasMembers: true,
});

const unpackAside = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);

/** In one of libuv's threads, while this one goes on. */
export const gunzipAside: UnpackAtOnce = async (stored, limit) => {
  try {
    return await unpackAside(stored, optionsFor(stored, limit));
  } catch (error) {
    return nothingOf(error);
  }
};

/** In this thread, for threads of our own: these keep all cores busy as it is (docs/decisions/reading.md). */
export const gunzipHere: UnpackAtOnce = (stored, limit) => {
  try {
    return gunzipSync(stored, optionsFor(stored, limit));
  } catch (error) {
    return nothingOf(error);
  }
};

const optionsFor = (stored: Uint8Array, limit: number): ZlibOptions => ({
  chunkSize: Math.min(limit, statedSize(stored) + 1),
  maxOutputLength: limit,
});

/** zlib takes no smaller pieces (`Z_MIN_CHUNK`). */
const LEAST_PIECE = 64;

/** How much a gzip file says at its end that it unpacks to: room is made for that, and not for all that may come. */
function statedSize(stored: Uint8Array): number {
  if (stored.length < 4) return LEAST_PIECE;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const greatest = stored.length * GREATEST_RATIO;
  return Math.max(LEAST_PIECE, Math.min(view.getUint32(stored.length - 4, true), greatest));
}

/** Deflate cannot do better (zlib's own documentation, "Maximum Compression Factor"). */
const GREATEST_RATIO = 1032;

function nothingOf(error: unknown): undefined {
  if (!isZlibError(error)) throw error;
  return undefined;
}

const DATA_ERRORS: ReadonlySet<unknown> = new Set([
  'Z_DATA_ERROR',
  'Z_BUF_ERROR',
  'Z_NEED_DICT',
  'ERR_BUFFER_TOO_LARGE',
]);

/** Whether the data are to blame: with more than is wanted, or with nothing that could be unpacked. */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DATA_ERRORS.has(error.code);
}
