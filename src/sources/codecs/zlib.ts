import { message } from '../../wal/message.js';
import { corrupt, corruptBy, type Unpack } from './codec.js';

/** A byte may stand for a thousand. */
const BITE = 16 * 1024;
/** The checksum at the end. */
const TRAILER_SIZE = 4;

/**
 * Unpacks a zlib stream (RFC 1950). It is none of the codecs that files are known by: its first bytes may be those of
 * anything.
 */
export const unpackZlib: Unpack = async function* ({ input }) {
  const { Unzlib } = await import('fflate');
  let parts: Uint8Array[] = [];
  const stream = new Unzlib((part) => parts.push(part));
  let checksum = 1;
  let last = new Uint8Array(0);
  const push = (chunk: Uint8Array, isLast: boolean): Uint8Array[] => {
    parts = [];
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      throw corruptBy(error);
    }
    for (const part of parts) checksum = adler32(part, checksum);
    return parts;
  };
  for await (const piece of input.pieces(BITE)) {
    const end = new Uint8Array([...last, ...piece.subarray(-TRAILER_SIZE)]);
    last = end.slice(-TRAILER_SIZE);
    yield* push(piece, false);
  }
  yield* push(new Uint8Array(0), true);
  const view = new DataView(last.buffer, last.byteOffset, last.length);
  if (last.length < TRAILER_SIZE || view.getUint32(0) !== checksum)
    throw corrupt(message`the checksum does not fit`);
};

/** The largest number of bytes whose sums stay exact without a remainder (`NMAX`, zlib's adler32.c, has 32 bits). */
const MOST_AT_ONCE = 2 ** 16;
const MODULUS = 65_521;

function adler32(bytes: Uint8Array, before: number): number {
  let a = before & 0xffff;
  let b = before >>> 16;
  for (let from = 0; from < bytes.length; from += MOST_AT_ONCE) {
    const to = Math.min(bytes.length, from + MOST_AT_ONCE);
    for (let i = from; i < to; i++) {
      a += bytes[i];
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
