import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { constants, createGunzip, type ZlibOptions } from 'node:zlib';
import { WalError } from '../wal/error.js';
import { MAX_SEGMENT_SIZE } from '../wal/segment-name.js';
import { ChunkReader } from './chunk-reader.js';
import { lz4Frames } from './lz4-frame.js';
import { type ByteSource, PIECE_SIZE, storedBytes } from './source.js';

export type Compression = 'gzip' | 'zstd' | 'lz4' | 'bzip2' | 'xz';

const MAGIC_SIZE = 6;
const BITE = 4096;
const SMALL_PIECE = 8192;

/** How bytes are compressed, told from the first six of them; WAL and text begin with none of these. */
export function compressionOf(first: Uint8Array): Compression | undefined {
  const begins = (...magic: number[]): boolean => magic.every((byte, i) => first[i] === byte);
  if (begins(0x1f, 0x8b)) return 'gzip';
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  if (begins(0x04, 0x22, 0x4d, 0x18)) return 'lz4';
  if (begins(0x42, 0x5a, 0x68)) return 'bzip2';
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
  return undefined;
}

/**
 * A source's bytes, unpacked when they are compressed. Where the compressed data are damaged or end too early,
 * gives what comes before and then fails.
 * @param wanted a hint: about how many bytes will be taken
 * @throws WalError `unreadable` or `corrupt-compression`, with the source's name
 */
export async function* decompressed(source: ByteSource, wanted?: number): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(storedBytes(source, wanted));
  try {
    const compression = compressionOf(await input.peek(MAGIC_SIZE));
    yield* unpack(source, input, compression, Math.min(wanted ?? PIECE_SIZE, PIECE_SIZE));
  } catch (error) {
    throw unpackError(source, error as Error);
  } finally {
    await input.close();
  }
}

function unpack(
  source: ByteSource,
  input: ChunkReader,
  compression: Compression | undefined,
  pieceSize: number,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case undefined:
      return input.rest();
    case 'gzip':
      return gunzip(source, input, pieceSize);
    case 'zstd':
      return unzstd(input);
    case 'lz4':
      return lz4Frames(input);
    case 'bzip2':
      return bunzip2(input);
    case 'xz':
      return unxz(input);
  }
}

async function* gunzip(
  source: ByteSource,
  input: ChunkReader,
  chunkSize: number,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  try {
    for await (const piece of inflate(input.rest(), { chunkSize })) {
      given += piece.length;
      yield piece;
    }
  } catch (error) {
    if (given < MAX_SEGMENT_SIZE) yield* keptBack(source, given);
    throw error;
  }
}

/**
 * zlib keeps back the piece in which it fails; in a second run with small pieces it gives nearly all of it.
 * @param given how much has been given before
 */
async function* keptBack(source: ByteSource, given: number): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: SMALL_PIECE, finishFlush: constants.Z_SYNC_FLUSH };
  let at = 0;
  try {
    for await (const piece of inflate(storedBytes(source), options)) {
      at += piece.length;
      if (at > given) yield piece.subarray(Math.max(0, piece.length - (at - given)));
    }
  } catch {
    // the same failure again
  }
}

async function* inflate(input: AsyncIterable<Uint8Array>, options: ZlibOptions): AsyncGenerator<Uint8Array> {
  const stored = Readable.from(input, { objectMode: false });
  const inflater = createGunzip(options);
  stored.on('error', (error) => inflater.destroy(error));
  stored.pipe(inflater);
  try {
    yield* inflater;
  } finally {
    stored.destroy();
    inflater.destroy();
  }
}

async function* unzstd(input: ChunkReader): AsyncGenerator<Uint8Array> {
  const { ZstdStream } = await import('../wal/zstd.js');
  let parts: Uint8Array[] = [];
  const stream = new ZstdStream((part) => parts.push(part));
  for await (const chunk of input.rest()) {
    // small bites: four bytes may stand for 128 KiB
    for (let at = 0; at < chunk.length; at += BITE) {
      stream.push(chunk.subarray(at, at + BITE));
      yield* parts;
      parts = [];
    }
  }
  stream.end();
  yield* parts;
}

/** A bzip2 block of 45 bytes may stand for 45 MB, and all that is buffered is unpacked before it can be given. */
const MOST_AT_ONCE = 128 * 1024 * 1024;

async function* bunzip2(input: ChunkReader): AsyncGenerator<Uint8Array> {
  const { default: unbzip2Stream } = await import('unbzip2-stream');
  const stream = unbzip2Stream();
  let parts: Uint8Array[] = [];
  let failure: Error | undefined;
  stream.on('data', (part: Uint8Array) => {
    parts.push(part);
    // thrown here, it ends the library's work and comes back as its error
    if (parts.reduce((sum, { length }) => sum + length, 0) > MOST_AT_ONCE)
      throw new Error('too much at once');
  });
  stream.on('error', (error: Error) => {
    failure ??= error;
  });
  // this library works within write() and end(): what came out can be given right after
  for await (const chunk of input.rest()) {
    stream.write(Buffer.from(chunk));
    yield* parts;
    parts = [];
    if (failure) throw failure;
  }
  stream.end();
  yield* parts;
  if (failure) throw failure;
}

async function* unxz(input: ChunkReader): AsyncGenerator<Uint8Array> {
  const { default: xz } = await import('xz-decompress');
  try {
    yield* new xz.XzReadableStream(webStream(input.rest()));
  } catch (error) {
    const [, code] = /error code (\d)$/.exec((error as Error).message) ?? [];
    throw code ? new Error(XZ_ERRORS[Number(code)] ?? `xz error ${code}`) : error;
  }
}

/** Not by `Readable.toWeb`, which fails past all catching where a reader has had enough while a piece is on its way. */
function webStream(input: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = input[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}

/** What the codes of the xz library mean (`enum xz_ret`, XZ Embedded). */
const XZ_ERRORS: { [code: number]: string } = {
  5: 'not in xz format',
  6: 'compressed with options that are not supported (SHA-256 checks, filters)',
  7: 'the data are damaged',
  8: 'the file ends too early or is damaged',
};

/** What came out of a decompressor, or passed through it from the source, as an error that names the source. */
function unpackError(source: ByteSource, error: Error): WalError {
  if (error instanceof WalError && error.file !== undefined) return error;
  return new WalError('corrupt-compression', `${source.name} cannot be unpacked: ${error.message}`, {
    file: source.name,
    cause: error,
  });
}
