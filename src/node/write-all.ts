import { writeSync } from 'node:fs';

/** How long to wait for a reader at first, in milliseconds, and at most. */
const [SHORTEST_WAIT, LONGEST_WAIT] = [0.02, 2];
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all of it at once, in this thread, so that nothing piles up in memory where the reader is slow.
 * @throws what `writeSync` throws
 */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let wait = SHORTEST_WAIT;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
      wait = SHORTEST_WAIT;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      // a pipe that does not block, and is full: who reads it may empty it in no time
      Atomics.wait(sleeper, 0, 0, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
}
