import { WalError } from './error.js';
import { type Message, message } from './message.js';

/** LZ4 cannot do better than 255 bytes for one: a match length of 255 for each further byte of it. */
export const GREATEST_RATIO = 255;

/** From here on the engine's own copying is faster than a loop (docs/decisions/compression.md). */
const LONG = 48;

/**
 * Unpacks one raw LZ4 block, as full-page images (since 15) and TOAST values (since 14) hold it.
 *
 * Our own, because what npm offers either needs a native addon or an asynchronous start, or (lz4js) checks
 * neither lengths nor distances and gives wrong bytes in silence for damaged input.
 * The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 * @param rawSize bytes the block must unpack to, as stored beside it
 * @throws WalError `corrupt-compression`
 */
export function lz4BlockDecompress(source: Uint8Array, rawSize: number): Uint8Array {
  if (rawSize > source.length * GREATEST_RATIO) throw corrupt(message`is too short for the size it states`);
  const out = new Uint8Array(rawSize);
  if (lz4BlockInto(source, out, 0) !== rawSize)
    throw corrupt(message`does not unpack to exactly the size it states`);
  return out;
}

/**
 * Unpacks a block into `out` from `to` on; matches may reach back into what is there before `to`.
 * @returns where the unpacked bytes end
 * @throws WalError `corrupt-compression`, also when they do not fit
 */
export function lz4BlockInto(source: Uint8Array, out: Uint8Array, to: number): number {
  let from = 0;
  while (from < source.length) {
    const token = source[from++];
    const literals = lengthAt(source, from, token >> 4);
    from += lengthSize(literals);
    if (literals > source.length - from || literals > out.length - to)
      throw corrupt(message`has too long a literal`);
    if (literals < LONG) for (const end = to + literals; to < end; ) out[to++] = source[from++];
    else {
      out.set(source.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    }
    if (from === source.length) return to; // the last sequence is literals alone

    if (from + 2 > source.length) throw corrupt(message`ends within a match`);
    const distance = source[from] | (source[from + 1] << 8);
    from += 2;
    const beyondFour = lengthAt(source, from, token & 0x0f);
    from += lengthSize(beyondFour);
    const length = beyondFour + 4;
    if (distance === 0 || distance > to) throw corrupt(message`refers to bytes before its beginning`);
    if (length > out.length - to) throw corrupt(message`has too long a match`);
    if (length >= LONG && length <= distance) {
      out.copyWithin(to, to - distance, to - distance + length);
      to += length;
    } else {
      // byte by byte: a match longer than its distance repeats bytes that it has just written
      for (const end = to + length; to < end; to++) out[to] = out[to - distance];
    }
  }
  throw corrupt(message`ends without its last literals`);
}

/** In a token's half that is full, bytes follow that are added, the last of which is not. */
const FULL = 15;

/**
 * A length by a half of a token and, where that is full, what follows. Outside of the loop and without a variable of its
 * own that goes on: Node 26 compiles a function within it wrong (docs/decisions/compression.md).
 */
function lengthAt(source: Uint8Array, from: number, half: number): number {
  if (half < FULL) return half;
  let length = FULL;
  for (let at = from; ; at++) {
    if (at >= source.length) throw corrupt(message`ends within a length`);
    length += source[at];
    if (source[at] < 255) return length;
  }
}

/** How many bytes follow the token for that. */
const lengthSize = (length: number): number => (length < FULL ? 0 : Math.trunc((length - FULL) / 255) + 1);

function corrupt(what: Message): WalError {
  return new WalError('corrupt-compression', message`LZ4 data ${what}`);
}
