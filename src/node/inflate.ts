import { pipeline, Readable, type Transform } from 'node:stream';
import type { BrotliOptions, ZlibOptions } from 'node:zlib';
import { ChunkReader } from '../sources/chunk-reader.js';
import { corrupt, corruptBy, type Unpack } from '../sources/codecs/codec.js';
import { message } from '../wal/message.js';
import { MAX_SEGMENT_SIZE } from '../wal/segment-name.js';

const BITE = 256 * 1024;
const SMALL_PIECE = 8192;

/** What zlib's streams have in common. */
interface Inflater {
  create(options: ZlibOptions & BrotliOptions): Transform & { bytesWritten: number };
  /** With this, input that ends too early is no error. */
  finishFlush: number;
  /** Whether the data are to blame. */
  isDataError(error: unknown): boolean;
  /** A file may hold one after the other. */
  hasMembers: boolean;
}

/** Unpacks by zlib, which is faster than any JavaScript. */
export const inflateBy = (inflater: Inflater): Unpack =>
  async function* ({ input, again, pieceSize }) {
    let given = 0;
    try {
      for await (const piece of inflate(inflater, input.pieces(BITE), { chunkSize: pieceSize })) {
        given += piece.length;
        yield piece;
      }
    } catch (error) {
      if (!inflater.isDataError(error)) throw error;
      if (given < MAX_SEGMENT_SIZE) yield* keptBack(inflater, again(), given);
      throw corruptBy(error);
    }
  };

/**
 * zlib keeps back the piece in which it fails; in a second run with small pieces it gives nearly all of it.
 * @param given how much has been given before
 */
async function* keptBack(
  inflater: Inflater,
  stored: AsyncIterable<Uint8Array>,
  given: number,
): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: SMALL_PIECE, finishFlush: inflater.finishFlush };
  let at = 0;
  try {
    for await (const piece of inflate(inflater, new ChunkReader(stored).pieces(BITE), options)) {
      at += piece.length;
      if (at > given) yield piece.subarray(Math.max(0, piece.length - (at - given)));
    }
  } catch (error) {
    // the same failure again
    if (!inflater.isDataError(error)) throw error;
  }
}

async function* inflate(
  { create, hasMembers }: Inflater,
  input: AsyncIterable<Uint8Array>,
  options: ZlibOptions & BrotliOptions,
): AsyncGenerator<Uint8Array> {
  let taken = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of input) {
      taken += piece.length;
      yield piece;
    }
  };
  const stored = Readable.from(counted(), { objectMode: false });
  const stream = create(options);
  // either that ends without an end ends the other with an error
  const inflater = pipeline(stored, stream, () => {});
  try {
    yield* inflater;
  } finally {
    stored.destroy();
    inflater.destroy();
  }
  // zlib leaves alone what comes after the end
  if (!hasMembers && stream.bytesWritten < taken) throw corrupt(message`it has something else after its end`);
}
