import { utf8Length } from './encoding.js';
import { ascii, TextBuffer } from './text-buffer.js';

/** Characters of text that stand for themselves in a JSON string are 0, those beyond ASCII 1, those to be escaped 2. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 ? 1 : byte < 0x20 || byte === 0x22 || byte === 0x5c ? 2 : 0,
);

/** How `JSON.stringify` writes each of the characters that are escaped. */
const ESCAPES = Array.from({ length: 128 }, (_, code) =>
  ascii(KINDS[code] === 2 ? JSON.stringify(String.fromCharCode(code)).slice(1, -1) : ''),
);

/** A byte that is not part of valid UTF-8, as `JSON.stringify` writes what `decodeText` makes of it. */
const INVALID = Array.from({ length: 256 }, (_, byte) => ascii(`\\udc${byte.toString(16).padStart(2, '0')}`));

/** So much text is written before it is seen to that the buffer has room for more. */
const PIECE = 4096;

/** JSON as bytes. */
export class JsonBuffer extends TextBuffer {
  /**
   * Writes what is between the quotes of a JSON string.
   * @param source the text as `decodeText` takes it
   * @returns false where the text has a byte of zero in it, and is written up to that
   */
  characters(source: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end; ) {
      at = this.piece(source, at, Math.min(at + PIECE, end), end);
      if (at < 0) return false;
    }
    return true;
  }

  /** A character that goes on behind the piece is written with it. @returns where the next one begins; negative for a byte of zero */
  private piece(source: Uint8Array, start: number, end: number, sourceEnd: number): number {
    this.reserve(end - start + 4);
    let { bytes } = this;
    let to = this.length;
    let at = start;
    while (at < end) {
      const byte = source[at];
      const kind = KINDS[byte];
      if (kind === 0) {
        bytes[to++] = byte;
        at++;
        continue;
      }
      const length = kind === 1 ? utf8Length(source, at, sourceEnd) : 0;
      if (length > 0) {
        for (const last = at + length; at < last; at++) bytes[to++] = source[at];
        continue;
      }
      if (byte === 0) return -1;
      this.length = to;
      this.ascii(kind === 1 ? INVALID[byte] : ESCAPES[byte]);
      at++;
      this.reserve(end - at + 4);
      bytes = this.bytes;
      to = this.length;
    }
    this.length = to;
    return at;
  }

  /** A signed number of 32 bits. */
  integer(value: number): void {
    if (value >= 0) {
      this.decimal(value);
      return;
    }
    this.ascii(MINUS);
    this.decimal(-value);
  }

  /** A signed number of 64 bits in halves, the lower one unsigned. */
  bigInteger(low: number, high: number): void {
    const value = high * 0x1_0000_0000 + low;
    if (!Number.isSafeInteger(value)) {
      this.text(String((BigInt(high) << 32n) | BigInt(low)));
      return;
    }
    if (value < 0) this.ascii(MINUS);
    this.whole(Math.abs(value));
  }

  private whole(value: number): void {
    if (value < MOST_DECIMAL) {
      this.decimal(value);
      return;
    }
    const above = Math.floor(value / MOST_DECIMAL);
    this.whole(above);
    this.zeroFilled(value - above * MOST_DECIMAL, 9);
  }
}

const MINUS = ascii('-');

/** What is below fits into 32 bits, and has nine digits at most. */
const MOST_DECIMAL = 1_000_000_000;
