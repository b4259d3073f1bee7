import { Readable } from 'node:stream';
import { WalError } from '../wal/error.js';
import { decompressed } from './decompress.js';
import { type ByteSource, PIECE_SIZE } from './source.js';

const BLOCK_SIZE = 512;
const MAGIC_OFFSET = 257;

/** Whether these first bytes of a file (unpacked) are those of a tar file (POSIX or GNU). */
export function looksLikeTar(first: Uint8Array): boolean {
  return (
    first.length >= BLOCK_SIZE &&
    Buffer.from(first).toString('latin1', MAGIC_OFFSET, MAGIC_OFFSET + 5) === 'ustar'
  );
}

/** A plain file within a tar file. */
export interface TarMember {
  /** Its path within the tar file. */
  name: string;
  size: number;
  /** Its bytes, which pass by once: before the next member is asked for, or not at all. */
  body: AsyncIterable<Uint8Array>;
}

/**
 * The files of a tar file (compressed or not) in their order, as they stream by.
 * @throws WalError `unreadable`, `corrupt-compression` or `corrupt-tar`
 */
export async function* tarMembers(tar: ByteSource): AsyncGenerator<TarMember> {
  // loaded where there is a tar file: that takes 20 ms, as long as to read a segment
  const { extract } = await import('tar-stream');
  const passage = { passed: 0, limit: LARGEST_HEADERS };
  const input = Readable.from(passing(tar, passage), { objectMode: false });
  const entries = extract();
  input.on('error', (error) => entries.destroy(error));
  input.pipe(entries);
  try {
    for await (const entry of entries) {
      const { name, size = 0, type } = entry.header;
      passage.limit = passage.passed + size + LARGEST_HEADERS;
      const chunks = entry[Symbol.asyncIterator]();
      // without return(): to leave one member early must not end the whole stream
      const body = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
      if (type === 'file' || type === 'contiguous-file') yield { name, size, body };
      while (!(await chunks.next()).done);
    }
  } catch (error) {
    throw error instanceof WalError ? error : corruptTar(tar, (error as Error).message);
  } finally {
    entries.destroy();
    input.destroy();
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
  passage: { passed: number; limit: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of decompressed(tar)) {
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

  constructor(private readonly tar: ByteSource) {}

  /** The member at position `index` among what {@link tarMembers} gives. */
  member(index: number, name: string): ByteSource {
    this.last = Math.max(this.last, index);
    return { name: `${this.tar.name}/${name}`, read: () => this.read(index) };
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
      this.cursor = { members: tarMembers(this.tar), next: 0 };
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
