import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';

const SMALL_PIECE = 4096;

/** Takes bytes off a stream in portions of one's own choice. */
export class ChunkReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private pending: Uint8Array[] = [];
  private available = 0;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** The next `size` bytes, or undefined where the stream has ended. Ending within them is an error. */
  async take(size: number): Promise<Uint8Array | undefined> {
    await this.fill(size);
    if (this.available === 0 && size > 0) return undefined;
    if (this.available < size) throw new WalError('corrupt-compression', message`the file ends too early`);
    return this.takeAvailable(size);
  }

  /** Up to `size` bytes from here on, which stay to be taken. */
  async peek(size: number): Promise<Uint8Array> {
    await this.fill(size);
    const whole = this.pending.length === 1 ? this.pending[0] : concat(this.pending);
    this.pending = [whole];
    return whole.subarray(0, size);
  }

  /** Up to `most` bytes, no more than are at hand, or undefined where the stream has ended. */
  async some(most: number): Promise<Uint8Array | undefined> {
    await this.fill(1);
    for (;;) {
      const first = this.pending.shift();
      if (first === undefined) return undefined;
      if (first.length === 0) continue;
      const taken = first.subarray(0, most);
      if (taken.length < first.length) this.pending.unshift(first.subarray(taken.length));
      this.available -= taken.length;
      return taken;
    }
  }

  /** All that is left, piece by piece. */
  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of this.pending) if (chunk.length > 0) yield chunk;
      this.pending = [];
      for (let next = await this.chunks.next(); !next.done; next = await this.chunks.next()) yield next.value;
    } finally {
      await this.close();
    }
  }

  /** The same in pieces of up to `most` bytes; small ones are put together, since each has a price of its own. */
  async *pieces(most: number): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await this.fill(SMALL_PIECE);
        if (this.available === 0) return;
        yield this.takeAvailable(Math.min(most, this.available));
      }
    } finally {
      await this.close();
    }
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private takeAvailable(size: number): Uint8Array {
    const whole = this.pending.length === 1 ? this.pending[0] : concat(this.pending);
    this.pending = [whole.subarray(size)];
    this.available -= size;
    return whole.subarray(0, size);
  }

  private async fill(size: number): Promise<void> {
    while (this.available < size) {
      const next = await this.chunks.next();
      if (next.done) return;
      this.pending.push(next.value);
      this.available += next.value.length;
    }
  }
}
