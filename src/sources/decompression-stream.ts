import { concat } from '../wal/concat.js';
import { ChunkReader } from './chunk-reader.js';
import type { Unpack } from './codecs/codec.js';
import { gzip } from './codecs/gzip.js';

/** What comes of one piece is in memory as a whole, and a byte may stand for a thousand. */
const BITE = 16 * 1024;

/** The length of what was packed, modulo 2^32, is what a member ends with (RFC 1952). */
const LENGTH_SIZE = 4;

/**
 * Unpacks gzip by the engine's own `DecompressionStream`, where there is one. Whatever that refuses is for the portable
 * way to tell: it may be several members, and of what is damaged all is wanted that comes before the damage. So is
 * what does not end as one member does: Node's passes over zeroes that follow.
 */
export const gunzipByEngine: Unpack = async function* (packed) {
  if (typeof DecompressionStream !== 'function') {
    yield* gzip.unpack(packed);
    return;
  }
  const { input, again, pieceSize } = packed;
  const stored = new StoredPieces(input.pieces(BITE));
  let given = 0;
  try {
    for await (const piece of inflate(stored)) {
      given += piece.length;
      yield piece;
    }
    if (given > 0 && stored.statedLength === given % 2 ** 32) return;
  } catch {
    if (stored.failure !== undefined) throw stored.failure.error;
  }
  let at = 0;
  for await (const piece of gzip.unpack({ input: new ChunkReader(again()), again, pieceSize })) {
    at += piece.length;
    if (at > given) yield piece.subarray(Math.max(0, piece.length - (at - given)));
  }
};

/** The bytes as they are stored: that they cannot be read is another failure than that they cannot be unpacked. */
class StoredPieces {
  failure: { error: unknown } | undefined;
  private closing: { error: unknown } | undefined;
  private end: Uint8Array = new Uint8Array(0);

  constructor(private readonly pieces: AsyncIterable<Uint8Array>) {}

  /** What the last bytes say that they unpack to. */
  get statedLength(): number | undefined {
    const { buffer, byteOffset, byteLength } = this.end;
    return byteLength < LENGTH_SIZE ? undefined : new DataView(buffer, byteOffset).getUint32(0, true);
  }

  /** That they could not be closed is a failure of theirs, where nothing failed before. @throws why */
  checkClosed(): void {
    this.failure = this.closing;
    if (this.failure !== undefined) throw this.failure.error;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let isGiven = false;
    try {
      for await (const piece of this.pieces) {
        this.end = concat([this.end, piece.subarray(-LENGTH_SIZE)]).slice(-LENGTH_SIZE);
        isGiven = true;
        yield piece;
        isGiven = false;
      }
    } catch (error) {
      // while one is given nothing can fail but that they are closed
      if (isGiven) this.closing = { error };
      else this.failure = { error };
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
      for await (const piece of pieces) await writer.write(piece as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (error) {
      await writer.abort(error);
    }
  };
  // what fails there fails where it is read, too
  const written = write().catch(() => {});
  let hasFailed = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    hasFailed = true;
    throw error;
  } finally {
    await reader.cancel().catch(() => {});
    await written;
    // what is damaged is told first
    if (!hasFailed) pieces.checkClosed();
  }
}
