import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { type ByteSource, PIECE_SIZE } from './byte-source.js';
import { ChunkReader } from './chunk-reader.js';
import { codecOf, type KnownCodec, MAGIC_SIZE } from './codecs/index.js';
import type { Reading } from './reading.js';
import { storedBytes } from './stored-bytes.js';

/**
 * A source's bytes, unpacked when they are compressed. Where the compressed data are damaged or end too early,
 * gives what comes before and then fails.
 * @param wanted a hint: about how many bytes will be taken
 * @throws WalError `corrupt-compression`, with the source's name, and what reading the source throws
 */
export async function* decompressed(
  source: ByteSource,
  reading: Reading,
  wanted?: number,
): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(storedBytes(source, reading, wanted));
  try {
    const codec = codecOf(await input.peek(MAGIC_SIZE), source.name);
    if (codec === undefined) yield* input.rest();
    else {
      const unpack = reading.native?.[codec.name] ?? codec.unpack;
      const pieceSize = Math.min(wanted ?? PIECE_SIZE, PIECE_SIZE);
      yield* unpack({ input, again: () => storedBytes(source, reading), pieceSize });
    }
  } catch (error) {
    // that a source cannot be closed either is not what failed first
    await input.close().catch(() => {});
    throw isUnnamed(error) ? cannotUnpack(source, error) : error;
  } finally {
    await input.close();
  }
}

/** How a source's bytes are compressed; undefined where they are as they are. */
export async function compressionOf(source: ByteSource, reading: Reading): Promise<KnownCodec | undefined> {
  const input = new ChunkReader(storedBytes(source, reading, BEGINNING));
  try {
    return codecOf(await input.peek(MAGIC_SIZE), source.name);
  } finally {
    await input.close();
  }
}

const BEGINNING = 4096;

/** A codec does not know whose bytes it unpacks. */
function isUnnamed(error: unknown): error is WalError {
  return error instanceof WalError && error.file === undefined;
}

function cannotUnpack({ name }: ByteSource, cause: WalError): WalError {
  return new WalError(cause.code, message`${name} cannot be unpacked: ${cause.said}`, {
    file: name,
    cause,
  });
}
