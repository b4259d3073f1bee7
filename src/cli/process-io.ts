import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { systemReason } from '../node/system-reason.js';
import { type Io, OutputClosed, OutputFailed } from './io.js';
import { startedWithoutOutput } from './no-output.js';

const STDOUT = 1;
const STDERR = 2;
const RETRY_MS = 2;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes at once, so that nothing piles up in memory where the reader is slow. Not through `process.stdout` and
 * `process.stderr`, whose errors come later and elsewhere.
 */
function writeAll(descriptor: number, data: Uint8Array | string): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, RETRY_MS); // a pipe that does not block, and is full
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
