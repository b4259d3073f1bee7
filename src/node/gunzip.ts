import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync, type ZlibOptions } from 'node:zlib';
import { ChunkReader } from '../sources/chunk-reader.js';
import { corruptBy, type Unpack } from '../sources/codecs/codec.js';
import { MAX_SEGMENT_SIZE } from '../wal/segment-name.js';

const BITE = 256 * 1024;
const SMALL_PIECE = 8192;

/** By zlib, which is faster than any JavaScript. */
export const gunzipStream: Unpack = async function* ({ input, again, pieceSize }) {
  let given = 0;
  try {
    for await (const piece of inflate(input.pieces(BITE), { chunkSize: pieceSize })) {
      given += piece.length;
      yield piece;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    if (given < MAX_SEGMENT_SIZE) yield* keptBack(again(), given);
    throw corruptBy(error);
  }
};

/**
 * zlib keeps back the piece in which it fails; in a second run with small pieces it gives nearly all of it.
 * @param given how much has been given before
 */
async function* keptBack(stored: AsyncIterable<Uint8Array>, given: number): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: SMALL_PIECE, finishFlush: constants.Z_SYNC_FLUSH };
  let at = 0;
  try {
    for await (const piece of inflate(new ChunkReader(stored).pieces(BITE), options)) {
      at += piece.length;
      if (at > given) yield piece.subarray(Math.max(0, piece.length - (at - given)));
    }
  } catch (error) {
    // the same failure again
    if (!isZlibError(error)) throw error;
  }
}

async function* inflate(input: AsyncIterable<Uint8Array>, options: ZlibOptions): AsyncGenerator<Uint8Array> {
  const stored = Readable.from(input, { objectMode: false });
  // either that ends without an end ends the other with an error
  const inflater = pipeline(stored, createGunzip(options), () => {});
  try {
    yield* inflater;
  } finally {
    stored.destroy();
    inflater.destroy();
  }
}

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
