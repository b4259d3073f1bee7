import { isatty } from 'node:tty';
import { reasonSaid } from '../node/system-reason.js';
import { writeAll } from '../node/write-all.js';
import { ENGLISH } from '../text/tongue.js';
import { message } from '../wal/message.js';
import { type Io, OutputClosed, OutputFailed } from './io.js';
import { startedWithoutOutput } from './no-output.js';
import { USUAL_TELLING } from './telling.js';

const STDOUT = 1;
const STDERR = 2;
let isOpen = false;

/** @throws OutputFailed */
function openOutput(): number {
  isOpen ||= !startedWithoutOutput();
  if (!isOpen)
    throw new OutputFailed(message`standard output was closed from the start: give it a file or a pipe`);
  return STDOUT;
}

/** Not through `process.stdout`, whose errors come later and elsewhere. */
function write(data: Uint8Array | string): void {
  if (data.length === 0) return;
  const descriptor = openOutput();
  try {
    writeAll(descriptor, bytesOf(data));
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): Error {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return new OutputClosed();
  return new OutputFailed(message`cannot write to standard output: ${reasonSaid(error)}`);
}

const bytesOf = (data: Uint8Array | string): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : data;

function writeError(text: string): void {
  try {
    writeAll(STDERR, bytesOf(text));
  } catch {
    // there is nowhere left to say so
  }
}

/** The process itself, before its language is known. */
export const processIo: Io = {
  write,
  writeError,
  forThreads: { open: openOutput, failureOf },
  env: process.env,
  tongue: ENGLISH,
  telling: USUAL_TELLING,
  get isTerminal() {
    return isatty(STDOUT);
  },
  get screenLines() {
    return isatty(STDOUT) ? process.stdout.rows : undefined;
  },
  get screenWidth() {
    // some terminals say 0
    return (isatty(STDOUT) && process.stdout.columns) || undefined;
  },
  get errorTerminal() {
    return isatty(STDERR) ? process.stderr : undefined;
  },
};
