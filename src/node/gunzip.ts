import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import type { Unpack } from '../sources/codecs/codec.js';
import { inflateBy } from './inflate.js';

export const gunzipStream: Unpack = inflateBy({
  create: createGunzip,
  finishFlush: constants.Z_SYNC_FLUSH,
  isDataError: isZlibError,
  hasMembers: true,
});

/** Unpacks all of a gzip file. */
export type GunzipAtOnce = (stored: Uint8Array, options: ZlibOptions) => Uint8Array | Promise<Uint8Array>;

/** In one of libuv's threads, while this one goes on. */
export const gunzipAside: GunzipAtOnce = promisify<Uint8Array, ZlibOptions, Buffer>(gunzip);

/** In this thread, for threads of our own: these keep all cores busy as it is (docs/decisions/reading.md). */
export const gunzipHere: GunzipAtOnce = gunzipSync;

const DATA_ERRORS: ReadonlySet<unknown> = new Set([
  'Z_DATA_ERROR',
  'Z_BUF_ERROR',
  'Z_NEED_DICT',
  'ERR_BUFFER_TOO_LARGE',
]);

/** Whether the data are to blame: with more than is wanted, or with nothing that could be unpacked. */
export function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DATA_ERRORS.has(error.code);
}
