import type { WalError } from '../wal/error.js';
import { throwIfAborted } from './abort.js';
import type { ByteSource } from './byte-source.js';
import { codecOf, MAGIC_SIZE } from './codecs/index.js';
import { decompressed } from './decompress.js';
import { readSegmentBytes, sizeProblem } from './read.js';
import type { OpenFile, Reading, Room } from './reading.js';
import { problemOf } from './stored-bytes.js';

/** Segments up to this size are in memory as a whole: docs/decisions/reading.md. */
const WHOLE_SIZE = 16 * 1024 * 1024;
const WINDOW_SIZE = 4 * 1024 * 1024;

/** How much of a segment is in memory at a time: whole pages. */
export const windowSizeOf = (segmentSize: number, { windowSize }: Reading): number =>
  Math.min(segmentSize, windowSize ?? (segmentSize > WHOLE_SIZE ? WINDOW_SIZE : segmentSize));

/** A window of what a segment's file holds. */
export interface WindowBytes {
  /** Fewer than a window has where the file is cut off or damaged. */
  bytes: Uint8Array;
  /** Why the file is not exactly the whole segment: told with the last window. */
  problem: WalError | undefined;
  /** No more of the file is read. */
  isLast: boolean;
}

/**
 * Reads all that can be read of a segment's file, and not a byte more than a segment has, window by window. A file that
 * fits into one is read in one go.
 */
export class SegmentBytes {
  private readonly windowSize: number;
  private at = 0;
  private input: Input | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly segmentSize: number,
    private readonly reading: Reading,
    windowSize = windowSizeOf(segmentSize, reading),
  ) {
    this.windowSize = windowSize;
  }

  /**
   * The next window; not to be asked for after the last, or before the one before is there.
   * @param room to read it into; the bytes are good until it is used again
   * @throws what a store that fails throws, or an abort; after that all is closed
   */
  async next(room: Room): Promise<WindowBytes> {
    const { source, segmentSize, reading, windowSize } = this;
    if (windowSize >= segmentSize) {
      return { ...(await readSegmentBytes(source, segmentSize, reading, room)), isLast: true };
    }
    try {
      throwIfAborted(reading.signal);
      if (room.bytes.length < windowSize) room.bytes = new Uint8Array(windowSize);
      this.input ??= await openInput(source, reading);
      const wanted = Math.min(windowSize, segmentSize - this.at);
      const { size, problem } = await fill(this.input, room.bytes.subarray(0, wanted));
      this.at += size;
      const bytes = room.bytes.subarray(0, size);
      const isCut = problem !== undefined || size < wanted;
      if (!isCut && this.at < segmentSize) return { bytes, problem, isLast: false };
      const more = isCut ? { size: 0, problem } : await fill(this.input, new Uint8Array(1));
      await this.close();
      return {
        bytes,
        problem: more.problem ?? sizeProblem(source, this.at + more.size, segmentSize),
        isLast: true,
      };
    } catch (error) {
      // that it cannot be closed either is not what failed first
      await this.close().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    const { input } = this;
    this.input = undefined;
    await input?.close();
  }
}

/** Where bytes come from, in their order. */
interface Input {
  /** @returns how many were put there; 0 at the end. @throws WalError what is wrong with the file */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** All that there is, up to so much, and what is wrong that there is no more. */
async function fill(
  input: Input,
  into: Uint8Array,
): Promise<{ size: number; problem: WalError | undefined }> {
  let size = 0;
  try {
    while (size < into.length) {
      const given = await input.read(into.subarray(size));
      if (given === 0) break;
      size += given;
    }
  } catch (error) {
    return { size, problem: problemOf(error) };
  }
  return { size, problem: undefined };
}

/** A plain file of the machine is read without a detour, all else as a stream. */
async function openInput(source: ByteSource, reading: Reading): Promise<Input> {
  const file = await reading.openFile?.(source);
  if (file !== undefined) {
    const first = new Uint8Array(MAGIC_SIZE);
    const { size, problem } = await fill(inputOf(file), first);
    // the stream tells what is wrong
    if (problem === undefined && codecOf(first.subarray(0, size), source.name) === undefined)
      return inputOf(file);
    await file.close();
  }
  return new Pieces(decompressed(source, reading));
}

function inputOf(file: OpenFile): Input {
  let at = 0;
  return {
    read: async (into) => {
      const size = await file.read(into, at);
      at += size;
      return size;
    },
    close: () => file.close(),
  };
}

/** A stream, of whose pieces as much is taken as is wanted. */
class Pieces implements Input {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private left: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.pieces = stream[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.left.length === 0) {
      const { done, value } = await this.pieces.next();
      if (done) return 0;
      this.left = value;
    }
    const taken = this.left.subarray(0, into.length);
    into.set(taken);
    this.left = this.left.subarray(taken.length);
    return taken.length;
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }
}
