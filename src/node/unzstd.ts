import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { zstdFrames } from '../wal/zstd-frames.js';
import type { UnpackAtOnce } from './at-once.js';

/** From 22.15 and 23.8 on; types of Node 20 do not have them. */
interface ZstdOfNode {
  zstdDecompress?: (
    frame: Uint8Array,
    options: zlib.ZlibOptions,
    done: (error: Error | null, bytes: Buffer) => void,
  ) => void;
  zstdDecompressSync?: (frame: Uint8Array, options: zlib.ZlibOptions) => Buffer;
}
const { zstdDecompress, zstdDecompressSync } = zlib as ZstdOfNode;

/** In one of libuv's threads; undefined where Node has no Zstandard. */
export const unzstdAside = zstdDecompress && framesBy(promisify(zstdDecompress));

/** The same in this thread, for threads of our own. */
export const unzstdHere = zstdDecompressSync && framesBy(zstdDecompressSync);

/** Node unpacks one frame, and passes over what follows it. What it makes no sense of is for the stream to tell. */
function framesBy(
  unpack: (frame: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer> | Buffer,
): UnpackAtOnce {
  return async (stored, limit) => {
    const frames = zstdFrames(stored, MOST_FRAMES) ?? [];
    const parts: Buffer[] = [];
    let room = limit;
    for (const { bytes, contentSize = room } of frames) {
      if (room < LEAST_PIECE || contentSize > room) return undefined;
      const chunkSize = Math.max(LEAST_PIECE, Math.min(room, contentSize + 1));
      try {
        const part = await unpack(bytes, { chunkSize, maxOutputLength: room });
        parts.push(part);
        room -= part.length;
      } catch {
        return undefined;
      }
    }
    return parts.length > 1 ? Buffer.concat(parts) : parts[0];
  };
}

/** Each takes a decoder and room of its own: a file of very many small ones is unpacked by the stream, in the same memory. */
const MOST_FRAMES = 256;

/** zlib takes no smaller pieces (`Z_MIN_CHUNK`). */
const LEAST_PIECE = 64;
