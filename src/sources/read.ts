import { WalError } from '../wal/error.js';
import { type MessageValue, message } from '../wal/message.js';
import { throwIfAborted } from './abort.js';
import type { ByteSource } from './byte-source.js';
import { decompressed } from './decompress.js';
import { type BytesRead, emptyRoom, type Reading, type Room } from './reading.js';
import { problemOf } from './stored-bytes.js';

/** More than enough compressed bytes to unpack the beginning of a file from. */
const WANTED_FOR_BEGINNING = 16 * 1024;
const SMALL_ROOM = 64 * 1024;
/** A segment of the usual size, and the byte more that tells a file that is too long. */
const SEGMENT_ROOM = 16 * 1024 * 1024 + 1;

/**
 * The first bytes of a file, unpacked, without reading the rest.
 * @returns fewer than `size` bytes where the file is shorter or damaged
 * @throws WalError `unreadable`, or `corrupt-compression` where not a single byte could be unpacked
 */
export async function readBeginning(source: ByteSource, size: number, reading: Reading): Promise<Uint8Array> {
  const { bytes, problem } = await readSome(
    decompressed(source, reading, Math.max(size, WANTED_FOR_BEGINNING)),
    size,
  );
  if (problem && (bytes.length === 0 || problem.kind === 'system')) throw problem;
  return bytes;
}

/**
 * A whole file, unpacked.
 * @param limit the most bytes it may have
 * @throws WalError `unreadable`, `corrupt-compression` or `file-too-large`
 */
export async function readWhole(
  source: ByteSource,
  limit: number,
  reading: Reading,
  advice: MessageValue = '',
): Promise<Uint8Array> {
  const { bytes, problem } = await readSome(decompressed(source, reading), limit + 1);
  if (problem) throw problem;
  if (bytes.length > limit) {
    const text = message`${source.name} has more than the ${limit} bytes that can be right${advice}`;
    throw new WalError('file-too-large', text, { file: source.name });
  }
  return bytes;
}

interface SegmentBytes {
  /** At most as many as a segment has; fewer where the file is cut off or damaged. */
  bytes: Uint8Array;
  /** Why the bytes are not exactly the whole segment. */
  problem: WalError | undefined;
}

/**
 * All that can be read of a segment's file, and not a byte more than a segment has, however much it unpacks to.
 * @param room to read them into; the bytes are good until it is used again
 * @throws what a store that fails throws, or an abort; damage is told in {@link SegmentBytes.problem}
 */
export async function readSegmentBytes(
  source: ByteSource,
  segmentSize: number,
  reading: Reading,
  room = emptyRoom(),
): Promise<SegmentBytes> {
  throwIfAborted(reading.signal);
  const limit = segmentSize + 1;
  if (room.bytes.length < Math.min(limit, SEGMENT_ROOM)) {
    room.bytes = new Uint8Array(Math.min(limit, SEGMENT_ROOM));
  }
  const { bytes, problem } =
    (await reading.readAtOnce?.(source, limit, room)) ??
    (await readSome(decompressed(source, reading), limit, room));
  return {
    bytes: bytes.subarray(0, segmentSize),
    problem: problem ?? sizeProblem(source, bytes.length, segmentSize),
  };
}

/** What is wrong with so many bytes for a segment. */
export function sizeProblem(source: ByteSource, size: number, segmentSize: number): WalError | undefined {
  if (size === segmentSize) return undefined;
  const place = { file: source.name };
  return size < segmentSize
    ? new WalError(
        'truncated-segment',
        message`${source.name} ends after ${size} of the ${segmentSize} bytes that a segment of this cluster has`,
        place,
      )
    : new WalError(
        'oversized-segment',
        message`${source.name} has more than the ${segmentSize} bytes that a segment of this cluster has; the rest was not read`,
        place,
      );
}

/** Up to `limit` bytes of a stream, and what is wrong that it has no more. Room grows with what really comes. */
async function readSome(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  room: Room = { bytes: new Uint8Array(Math.min(limit, SMALL_ROOM)) },
): Promise<BytesRead> {
  let size = 0;
  try {
    for await (const piece of stream) {
      const taken = Math.min(piece.length, limit - size);
      if (size + taken > room.bytes.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(2 * room.bytes.length, size + taken)));
        larger.set(room.bytes.subarray(0, size));
        room.bytes = larger;
      }
      room.bytes.set(piece.subarray(0, taken), size);
      size += taken;
      if (size === limit) break;
    }
  } catch (error) {
    return { bytes: room.bytes.subarray(0, size), problem: problemOf(error) };
  }
  return { bytes: room.bytes.subarray(0, size), problem: undefined };
}
