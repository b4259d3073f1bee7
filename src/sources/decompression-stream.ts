import { ChunkReader } from './chunk-reader.js';
import type { Unpack } from './codecs/codec.js';
import { gzip } from './codecs/gzip.js';

/** What comes of one piece is in memory as a whole, and a byte may stand for a thousand. */
const BITE = 16 * 1024;

/** What gzip makes of nothing, and a byte that is none of it. */
const GARBAGE_AT_END = Uint8Array.of(
  0x1f,
  0x8b,
  8,
  0,
  0,
  0,
  0,
  0,
  0,
  0xff,
  3,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x21,
);

/**
 * Unpacks gzip by the engine's own `DecompressionStream`, where there is one that refuses what is no gzip, as the Compression
 * Standard asks for. Whatever it refuses is for the portable way to tell: it may be several members,
 * and of what is damaged all is wanted that comes before the damage.
 */
export const gunzipByEngine: Unpack = async function* (packed) {
  if (!(await isThere())) {
    yield* gzip.unpack(packed);
    return;
  }
  const { input, again, pieceSize } = packed;
  const pieces = new StoredPieces(input.pieces(BITE));
  let given = 0;
  try {
    for await (const piece of inflate(pieces)) {
      given += piece.length;
      yield piece;
    }
    return;
  } catch {
    if (pieces.failure !== undefined) throw pieces.failure.error;
  }
  let at = 0;
  for await (const piece of gzip.unpack({ input: new ChunkReader(again()), again, pieceSize })) {
    at += piece.length;
    if (at > given) yield piece.subarray(Math.max(0, piece.length - (at - given)));
  }
};

let isStrict: Promise<boolean> | undefined;

/** Whether there is a `DecompressionStream`, and one that refuses what follows after the end: Node's did not before 22. */
function isThere(): Promise<boolean> {
  isStrict ??= typeof DecompressionStream === 'function' ? refusesGarbage() : Promise.resolve(false);
  return isStrict;
}

async function refusesGarbage(): Promise<boolean> {
  try {
    for await (const _ of inflate(new StoredPieces([GARBAGE_AT_END])));
    return false;
  } catch {
    return true;
  }
}

/** The bytes as they are stored: that they cannot be read is another failure than that they cannot be unpacked. */
class StoredPieces {
  failure: { error: unknown } | undefined;

  constructor(private readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.pieces;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

async function* inflate(pieces: StoredPieces): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const write = async (): Promise<void> => {
    try {
      for await (const piece of pieces) await writer.write(piece);
      await writer.close();
    } catch (error) {
      await writer.abort(error);
    }
  };
  // what fails there fails where it is read, too
  const written = write().catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
    await written;
  }
}
