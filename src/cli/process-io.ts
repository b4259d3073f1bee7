import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { systemReason } from '../node/system-reason.js';
import { type Io, OutputClosed, OutputFailed } from './io.js';
import { startedWithoutOutput } from './no-output.js';

const STDOUT = 1;
const STDERR = 2;
/** How long to wait for a reader at first, in milliseconds, and at most. */
const [SHORTEST_WAIT, LONGEST_WAIT] = [0.02, 2];
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes at once, so that nothing piles up in memory where the reader is slow. Not through `process.stdout` and
 * `process.stderr`, whose errors come later and elsewhere.
 */
function writeAll(descriptor: number, data: Uint8Array | string): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
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

let isOpen = false;

function write(data: Uint8Array | string): void {
  if (data.length === 0) return;
  isOpen ||= !startedWithoutOutput();
  if (!isOpen) throw new OutputFailed('standard output was closed from the start: give it a file or a pipe');
  try {
    writeAll(STDOUT, data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') throw new OutputClosed();
    throw new OutputFailed(`cannot write to standard output: ${systemReason(error)}`);
  }
}

function writeError(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch {
    // there is nowhere left to say so
  }
}

/** The process itself. */
export const processIo: Io = {
  write,
  writeError,
  env: process.env,
  get isTerminal() {
    return isatty(STDOUT);
  },
  get errorTerminal() {
    return isatty(STDERR) ? process.stderr : undefined;
  },
};
