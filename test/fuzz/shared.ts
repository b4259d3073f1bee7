/** What the thread that runs a target and the one that watches it both see. */
export interface Job {
  target: string;
  seed: number;
  /** How long to run. */
  milliseconds: number;
  /** Where inputs are kept that take branches of their own. */
  corpus: string;
  /** Kinds of crashes that were told of. */
  known: readonly string[];
  memory: SharedArrayBuffer;
}

export interface Crash {
  kind: string;
  stack: string;
  input: Uint8Array;
}

/** Words at the start of the shared memory, which the input being run follows. */
export const COUNT = 0;
export const INPUT_SIZE = 1;
export const CORPUS = 2;
export const BRANCHES = 3;
/** Milliseconds that the slowest input took. */
export const SLOWEST = 4;
const WORDS = 8;
const LARGEST_INPUT = 2 * 1024 * 1024;

export const newMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4 * WORDS + LARGEST_INPUT);
export const wordsOf = (memory: SharedArrayBuffer): Int32Array => new Int32Array(memory, 0, WORDS);
export const roomOf = (memory: SharedArrayBuffer): Uint8Array => new Uint8Array(memory, 4 * WORDS);
