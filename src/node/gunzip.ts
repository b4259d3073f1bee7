import { pipeline, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { ChunkReader } from '../sources/chunk-reader.js';
import { corruptBy, type Unpack } from '../sources/codecs/codec.js';
import { grow, type Room } from '../sources/reading.js';
import { MAX_SEGMENT_SIZE } from '../wal/segment-name.js';

const BITE = 256 * 1024;
const SMALL_PIECE = 8192;
const OUTPUT_PIECE = 64 * 1024;

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

/**
 * Unpacks a gzip file into a room. What zlib itself gives is collected late, whole segments of it later than small
 * pieces (docs/decisions/reading.md).
 * @param stored its bytes; a piece has been taken in when the next one is asked for
 * @param limit the most that is wanted
 * @throws what {@link isZlibError} knows, also where there is more
 */
export async function gunzipInto(
  room: Room,
  limit: number,
  stored: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const inflater = createGunzip({ chunkSize: OUTPUT_PIECE });
  let size = 0;
  inflater.on('data', (piece: Uint8Array) => {
    if (size + piece.length > limit) {
      inflater.destroy(Object.assign(new Error('more than is wanted'), { code: TOO_MUCH }));
      return;
    }
    if (size + piece.length > room.bytes.length) grow(room, size, size + piece.length, limit);
    room.bytes.set(piece, size);
    size += piece.length;
  });
  const ended = finished(inflater, { writable: false });
  ended.catch(() => {}); // it is looked at below
  try {
    for await (const piece of stored) {
      // where the data end before the file does, nobody takes in the rest
      await Promise.race([written(inflater, piece), ended]);
      if (inflater.readableEnded) break;
    }
    inflater.end();
    await ended;
    return room.bytes.subarray(0, size);
  } finally {
    inflater.destroy();
  }
}

function written(inflater: Gunzip, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    inflater.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

const TOO_MUCH = 'ERR_BUFFER_TOO_LARGE';

const DATA_ERRORS: ReadonlySet<unknown> = new Set(['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT', TOO_MUCH]);

/** Whether the data are to blame: with more than is wanted, or with nothing that could be unpacked. */
export function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DATA_ERRORS.has(error.code);
}
