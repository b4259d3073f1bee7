import { WalError } from './error.js';
import { type Message, message } from './message.js';

/** A match tag of 3 bytes stands for at most 273 bytes, and 8 tags need one more control byte. */
const GREATEST_RATIO = (8 * 273) / (8 * 3 + 1);

/**
 * Unpacks PostgreSQL's own compression (pglz), used for full-page images and TOAST values.
 *
 * The format (src/common/pg_lzcompress.c, unchanged through 10 … 19): a control byte, lowest bit first, says of
 * each of the next eight items whether it is a literal byte (0) or a match tag (1). A tag is two bytes
 * `OOOOLLLL OOOOOOOO`, a distance back of 1 … 4095 and a length less 3; length 18 is continued by a third byte.
 * @param rawSize bytes the whole unpacks to, as stored beside the compressed data
 * @param checkComplete false when `source` is only the beginning of the compressed data: the result is then
 *   what it unpacks to, at most `rawSize` bytes
 * @throws WalError `corrupt-compression`
 */
export function pglzDecompress(source: Uint8Array, rawSize: number, checkComplete = true): Uint8Array {
  const mostPossible = Math.ceil(source.length * GREATEST_RATIO);
  if (checkComplete && rawSize > mostPossible) throw corrupt(message`is too short for the size it states`);
  const out = new Uint8Array(Math.min(rawSize, mostPossible));
  let from = 0;
  let to = 0;
  while (from < source.length && to < out.length) {
    let control = source[from++];
    for (let item = 0; item < 8 && from < source.length && to < out.length; item++, control >>= 1) {
      if (!(control & 1)) {
        out[to++] = source[from++];
        continue;
      }
      const tagSize = (source[from] & 0x0f) === 0x0f ? 3 : 2;
      if (from + tagSize > source.length) {
        if (checkComplete) throw corrupt(message`ends within a match tag`);
        return out.subarray(0, to);
      }
      const distance = ((source[from] & 0xf0) << 4) | source[from + 1];
      const length = tagSize === 3 ? 18 + source[from + 2] : (source[from] & 0x0f) + 3;
      if (distance === 0 || distance > to) throw corrupt(message`refers to bytes before its beginning`);
      from += tagSize;
      // byte by byte: where the length exceeds the distance, the match repeats bytes that it has just written
      for (const end = Math.min(to + length, out.length); to < end; to++) out[to] = out[to - distance];
    }
  }
  if (checkComplete && (to !== rawSize || from !== source.length)) {
    throw corrupt(message`does not unpack to exactly the size it states`);
  }
  return out.subarray(0, to);
}

function corrupt(what: Message): WalError {
  return new WalError('corrupt-compression', message`pglz data ${what}`);
}
