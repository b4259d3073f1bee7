import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { AbortSignalLike } from './abort.js';
import type { ByteSource, SourceFolder } from './byte-source.js';
import type { CodecName, Unpack } from './codecs/index.js';
import { gunzipByEngine } from './decompression-stream.js';

/** How sources are read: what the surroundings offer for it, and what may end it. */
export interface Reading {
  /** Opens a path. @throws WalError `unreadable`; `usage` where there are no paths */
  readonly open: (path: string, signal?: AbortSignalLike) => Promise<ByteSource | SourceFolder>;
  /** Ways to unpack that are better than the portable ones. */
  readonly native?: Readonly<Partial<Record<CodecName, Unpack>>> | undefined;
  /**
   * A short way to all of a file, unpacked, of which no more than `limit` bytes are wanted.
   * @returns undefined where there is none, or the file is better read as a stream
   */
  readonly readAtOnce?:
    | ((source: ByteSource, limit: number, room: Room) => Promise<BytesRead | undefined>)
    | undefined;
  /**
   * A small file in a folder of the machine, while all else waits: of ten thousand that takes a tenth of the time.
   * @returns undefined where there is none, it has more bytes than `limit`, or it cannot be read
   */
  readonly readBelow?:
    | ((folder: SourceFolder, name: string, limit: number) => Uint8Array | undefined)
    | undefined;
  /**
   * A plain file of the machine, to be read in parts.
   * @returns undefined where it is none, or cannot be opened, which its stream then tells
   */
  readonly openFile?: ((source: ByteSource) => Promise<OpenFile | undefined>) | undefined;
  /** How many bytes of a segment are in memory at a time: whole pages. Left out, 4 MiB of those of more than 16 MiB. */
  readonly windowSize?: number | undefined;
  /** AES-256-CBC of the machine, which is faster than the portable one. */
  readonly decipherer?: ((key: Uint8Array, iv: Uint8Array) => Decipher) | undefined;
  /** Opens repositories that are encrypted. */
  readonly passphrase?: string | undefined;
  readonly signal?: AbortSignalLike | undefined;
  /** Told how many stored bytes have come. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Given what closes that which stays open between reads; without it that is open until it has been read. */
  readonly closeLater?: ((close: () => Promise<void>) => void) | undefined;
}

/** A file that is open. */
export interface OpenFile {
  /**
   * Reads from an offset on; not more than there is room for.
   * @returns how many bytes; 0 at the end
   * @throws WalError `unreadable`
   */
  read(into: Uint8Array, from: number): Promise<number>;
  close(): Promise<void>;
}

/** Deciphers whole blocks of 16 bytes, which follow on those before. */
export type Decipher = (blocks: Uint8Array) => Uint8Array;

/** Bytes, and what was wrong with the file that it has no more of them, if anything was. */
export interface BytesRead {
  bytes: Uint8Array;
  problem: WalError | undefined;
}

/**
 * Memory that the bytes of one segment after the other are read into: fresh pages for each would take longer than to
 * decode what is read into them (docs/decisions/reading.md).
 */
export interface Room {
  bytes: Uint8Array<ArrayBuffer>;
}

export const emptyRoom = (): Room => ({ bytes: new Uint8Array(0) });

/** Reading where there is nothing but JavaScript, and maybe what browsers have. */
export const PORTABLE_READING: Reading = {
  native: { gzip: gunzipByEngine },
  open: async (path) => {
    throw new WalError(
      'usage',
      message`${path} is a path, which takes the functions of walscan/node to be opened`,
    );
  },
};
