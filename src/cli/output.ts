import { writeSync } from 'node:fs';

const STDOUT = 1;
const RETRY_MS = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Thrown when whoever read standard output has gone (`walscan … | head`): no error, but no use going on either. */
export class OutputClosed extends Error {}

/**
 * Writes to standard output at once, so that nothing piles up in memory where the reader is slow. Not through
 * `process.stdout`, whose errors come later and elsewhere.
 * @throws OutputClosed
 */
export function writeOutput(data: Uint8Array | string): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new OutputClosed();
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, RETRY_MS); // a pipe that does not block, and is full
    }
  }
}
