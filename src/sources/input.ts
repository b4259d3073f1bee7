import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { ByteSource, SourceFolder } from './byte-source.js';
import { type BlobLike, blobSource, memorySource } from './memory-source.js';
import type { Reading } from './reading.js';

/** A file in memory. Its name says what it is: a history file, a `.partial` segment. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/**
 * Where WAL or a backup is. A string is a path, which `walscan/node` opens. WAL in bytes without a name is known by
 * its content.
 */
export type Input = string | ByteSource | SourceFolder | Uint8Array | NamedBytes | BlobLike;

/** One or more, in any mixture. */
export type Inputs = Input | Iterable<Input>;

/** The inputs one by one. */
export function inputsOf(inputs: Inputs): Iterable<Input> {
  return isOne(inputs) ? [inputs] : inputs;
}

function isOne(inputs: Inputs): inputs is Input {
  return (
    typeof inputs === 'string' ||
    inputs instanceof Uint8Array ||
    !isObject(inputs) ||
    !(Symbol.iterator in inputs)
  );
}

/**
 * Makes a source or a folder of an input.
 * @param number which one of the inputs it is, to name it where it has no name
 * @throws WalError `unreadable` for a path; `usage` for one where there are no paths
 */
export async function openInput(
  input: Input,
  { open, signal }: Reading,
  number = 1,
): Promise<ByteSource | SourceFolder> {
  if (typeof input === 'string') return open(input, signal);
  if (input instanceof Uint8Array) return memorySource(`buffer ${number}`, input);
  if (!isObject(input)) throw noInput(number);
  // first, since a Blob has a function `bytes` as well
  if ('arrayBuffer' in input) return blobSource(input.name ?? `blob ${number}`, input);
  if ('bytes' in input) return memorySource(input.name, input.bytes);
  if (!('open' in input || 'list' in input)) throw noInput(number);
  return input;
}

/** JavaScript does not check what TypeScript does. */
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function noInput(number: number): WalError {
  return new WalError('usage', message`input ${number} is no path, no bytes, no source and no folder`);
}

/** How messages name an input. */
export function nameOfInput(input: Input): string {
  if (typeof input === 'string') return input;
  return (isObject(input) && 'name' in input ? input.name : undefined) ?? 'the backup';
}
