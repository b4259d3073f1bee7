import { WalError } from '../wal/error.js';
import { type ByteSource, PIECE_SIZE } from './byte-source.js';
import { decompressed } from './decompress.js';
import type { Reading } from './reading.js';

const BLOCK_SIZE = 512;
const MAGIC_OFFSET = 257;
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72]; // ustar

/** Whether these first bytes of a file (unpacked) are those of a tar file (POSIX or GNU). */
export function looksLikeTar(first: Uint8Array): boolean {
  return first.length >= BLOCK_SIZE && MAGIC.every((byte, i) => first[MAGIC_OFFSET + i] === byte);
}

/** A plain file within a tar file. */
export interface TarMember {
  /** Its path within the tar file. */
  name: string;
  size: number;
  /** Its bytes, which pass by once: before the next member is asked for, or not at all. */
  body: AsyncIterable<Uint8Array>;
}

/** A member as a source of its own. */
export function memberSource(tar: ByteSource, name: string, open: ByteSource['open']): ByteSource {
  return { name: `${tar.name}/${name}`, tar, open };
}

/**
 * The files of a tar file (compressed or not) in their order, as they stream by.
 * @throws WalError `corrupt-tar`, and what `decompressed` throws
 */
export async function* tarMembers(tar: ByteSource, reading: Reading): AsyncGenerator<TarMember> {
  // loaded where there is a tar file: that takes 20 ms, as long as to read a segment
  const { extract } = await import('tar-stream');
  const passage = { passed: 0, limit: LARGEST_HEADERS };
  const entries = extract();
  const feed = new Feed(passing(tar, reading, passage), entries);
  // what does not come from the source is the library's, which finds fault with the file
  const failure = (error: unknown): unknown =>
    feed.failed(error) ? error : corruptTar(tar, error instanceof Error ? error.message : String(error));
  try {
    const list = entries[Symbol.asyncIterator]();
    for (;;) {
      const { value: entry, done } = await rethrown(list.next(), failure);
      if (done) break;
      const { name, size = 0, type } = entry.header;
      passage.limit = passage.passed + size + LARGEST_HEADERS;
      const chunks = entry[Symbol.asyncIterator]();
      // without return(): to leave one member early must not end the whole stream
      const body = { [Symbol.asyncIterator]: () => ({ next: () => rethrown(chunks.next(), failure) }) };
      if (type === 'file' || type === 'contiguous-file') yield { name, size, body };
      while (!(await rethrown(chunks.next(), failure)).done);
    }
  } finally {
    entries.destroy();
    await feed.ended;
  }
}

function rethrown<T>(promise: Promise<T>, failure: (error: unknown) => unknown): Promise<T> {
  return promise.catch((error) => {
    throw failure(error);
  });
}

/** What tar-stream's `Extract` is for us, on Node and elsewhere. */
interface Sink {
  readonly destroyed: boolean;
  write(piece: Uint8Array): boolean;
  end(): void;
  destroy(error?: Error): void;
  once(event: 'drain' | 'close', listener: () => void): void;
}

/** Writes what a stream gives to a sink, as fast as that takes it. */
class Feed {
  /** Fulfilled when the stream is let go of, for whatever reason. */
  readonly ended: Promise<void>;
  private failure: { error: unknown } | undefined;

  constructor(stream: AsyncIterable<Uint8Array>, sink: Sink) {
    this.ended = this.run(stream, sink);
  }

  /** Whether this is what the stream failed with. */
  failed(error: unknown): boolean {
    return this.failure !== undefined && this.failure.error === error;
  }

  private async run(stream: AsyncIterable<Uint8Array>, sink: Sink): Promise<void> {
    const closed = new Promise<void>((resolve) => sink.once('close', resolve));
    try {
      for await (const piece of stream) {
        if (sink.destroyed) return;
        if (sink.write(piece)) continue;
        await Promise.race([new Promise<void>((resolve) => sink.once('drain', resolve)), closed]);
      }
      sink.end();
    } catch (error) {
      this.failure = { error };
      sink.destroy(error as Error);
    }
  }
}

/**
 * All that comes between two members: their headers, long names and other attributes, and what is read ahead.
 * tar-stream keeps that in memory, and what gzip makes of a few kilobytes can be gigabytes.
 */
const LARGEST_HEADERS = 4 * 1024 * 1024;

/** A tar file's bytes up to the limit. @param passage `passed`: how many bytes that was so far */
async function* passing(
  tar: ByteSource,
  reading: Reading,
  passage: { passed: number; limit: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of decompressed(tar, reading)) {
    for (let at = 0; at < piece.length; at += PIECE_SIZE) {
      const some = piece.subarray(at, at + PIECE_SIZE);
      passage.passed += some.length;
      if (passage.passed > passage.limit) {
        throw corruptTar(tar, `more than ${LARGEST_HEADERS} bytes between two members`);
      }
      yield some;
    }
  }
}

function corruptTar({ name }: ByteSource, why: string): WalError {
  return new WalError('corrupt-tar', `${name} cannot be read as a tar file: ${why}`, { file: name });
}

/**
 * Gives members of a tar file again when their turn comes. They can only be had by streaming the tar file: as
 * long as they are asked for in their order, it is streamed once.
 */
export class TarFile {
  private cursor: { members: AsyncGenerator<TarMember>; next: number } | undefined;
  private turn: Promise<void> = Promise.resolve();
  private last = 0;

  constructor(
    private readonly tar: ByteSource,
    private readonly reading: Reading,
  ) {}

  /** The member at position `index` among what {@link tarMembers} gives. */
  member(index: number, name: string): ByteSource {
    this.last = Math.max(this.last, index);
    return memberSource(this.tar, name, () => this.read(index));
  }

  private async *read(index: number): AsyncGenerator<Uint8Array> {
    const before = this.turn;
    let done = (): void => {};
    this.turn = new Promise((resolve) => {
      done = resolve;
    });
    await before; // one at a time, in the order of asking
    try {
      yield* (await this.seek(index)).body;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      if (index === this.last) await this.close();
      done();
    }
  }

  private async seek(index: number): Promise<TarMember> {
    if (this.cursor === undefined || this.cursor.next > index) {
      await this.close();
      this.cursor = { members: tarMembers(this.tar, this.reading), next: 0 };
    }
    for (;;) {
      const { value, done } = await this.cursor.members.next();
      if (done)
        throw new WalError('unreadable', `${this.tar.name} has changed while it was read`, {
          file: this.tar.name,
        });
      if (this.cursor.next++ === index) return value;
    }
  }

  private async close(): Promise<void> {
    const { cursor } = this;
    this.cursor = undefined;
    await cursor?.members.return(undefined);
  }
}
