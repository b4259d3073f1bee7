import { ChunkReader } from '../../sources/chunk-reader.js';
import { corrupt } from '../../sources/codecs/codec.js';
import { message } from '../../wal/message.js';
import { fromZigZag } from './block-map.js';

/**
 * What pgBackRest 2.45 put around super blocks and blocks, when storing by blocks was not finished; no later version reads
 * that, nor does an earlier one have any (src/common/io/chunkedRead.c and src/command/restore/blockDelta.c there).
 */
export const BETA_VERSION = '2.45';

const LARGEST_CHUNK = 2 ** 31;

/** The bytes of chunks, each of which has the difference of its size to the last one's before it; 0 ends them. */
export async function* withoutChunkSizes(stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(stored);
  try {
    let last = 0n;
    for (let said = await readNumber(input); said !== 0n; said = await readNumber(input)) {
      const size = last === 0n ? said : fromZigZag(said - 1n) + last;
      if (size < 1n || size > LARGEST_CHUNK)
        throw corrupt(message`a chunk of it has a size that cannot be right`);
      yield* someOf(input, Number(size));
      last = size;
    }
  } finally {
    await input.close();
  }
}

/** The bytes of a super block without the numbers of its blocks, which come before them. */
export async function* withoutBlockNumbers(
  stored: AsyncIterable<Uint8Array>,
  blockSize: number,
  superBlockSize: number,
): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(stored);
  try {
    for (let left = superBlockSize; left > 0; left -= blockSize) {
      await readNumber(input);
      yield* someOf(input, Math.min(left, blockSize));
    }
  } finally {
    await input.close();
  }
}

async function* someOf(input: ChunkReader, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const piece = await input.some(left);
    if (piece === undefined) throw corrupt(message`it ends too early`);
    yield piece;
    left -= piece.length;
  }
}

async function readNumber(input: ChunkReader): Promise<bigint> {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = (await input.take(1))?.[0];
    if (byte === undefined) throw corrupt(message`it ends too early`);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw corrupt(message`it has a number without an end`);
}
