import { saidBy, WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import type { ChunkReader } from '../chunk-reader.js';

/** What there is to be unpacked. */
export interface Packed {
  input: ChunkReader;
  /** The same from the beginning, a second time. */
  again(): AsyncIterable<Uint8Array>;
  /** About how much at a time is wanted. */
  pieceSize: number;
}

/**
 * Unpacks a stream piece by piece. Where it is damaged or ends too early, what comes before is given.
 * @throws WalError `corrupt-compression`, without the source's name; what the input throws, as it is
 */
export type Unpack = (packed: Packed) => AsyncIterable<Uint8Array>;

/** A way in which files are compressed. */
export interface Codec {
  readonly name: string;
  /** The first bytes of whatever is compressed so. No WAL and no text begins with them. Without, its suffix tells. */
  readonly magic?: readonly number[];
  /** What file names end with, after a dot. */
  readonly suffixes: readonly string[];
  /** The command that unpacks from its standard input to its standard output. */
  readonly command: string;
  /** Of nothing, that command makes nothing and no error. */
  readonly acceptsNothing?: boolean;
  readonly unpack: Unpack;
}

export function corrupt(why: Message): WalError {
  return new WalError('corrupt-compression', why);
}

/**
 * What a library threw while it unpacked: whatever that is, the data are to blame.
 * Call it where nothing but the library can have failed.
 */
export function corruptBy(error: unknown): WalError {
  return corrupt(message`the data are damaged (${saidBy(error)})`);
}
