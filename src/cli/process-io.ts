import { writeSync } from 'node:fs';
import { type Io, OutputClosed } from './io.js';

const STDOUT = 1;
const RETRY_MS = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes to standard output at once, so that nothing piles up in memory where the reader is slow. Not through
 * `process.stdout`, whose errors come later and elsewhere.
 * @throws OutputClosed
 */
function write(data: Uint8Array | string): void {
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

/** The process itself. */
export const processIo: Io = {
  write,
  writeError: (text) => {
    process.stderr.write(text);
  },
  env: process.env,
  get isTerminal() {
    return process.stdout.isTTY === true;
  },
  get errorTerminal() {
    return process.stderr.isTTY ? process.stderr : undefined;
  },
};
