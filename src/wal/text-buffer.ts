import { decodeText, encodeText } from './text.js';

const FIRST_SIZE = 1 << 16;

/** Decimal digits that an unsigned 32-bit number may have. */
const MAX_DIGITS = 10;
const SPACE = 0x20;
const ZERO = 0x30;

/** The digits of `%X`. */
const HEX_DIGITS = encodeText('0123456789ABCDEF');

/**
 * Text as bytes in a buffer that grows. Records are printed into it directly: strings joined for each record, and
 * encoded in the end, take half as long again.
 */
export class TextBuffer {
  private bytes: Uint8Array;
  length = 0;

  constructor(size = FIRST_SIZE) {
    this.bytes = new Uint8Array(size);
  }

  /** What was written. Valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.bytes.length) this.grow(needed);
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.written);
    this.bytes = grown;
  }

  /** Text as {@link encodeText} has it: text out of WAL keeps its bytes. */
  text(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.encoded(text);
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  private encoded(text: string): void {
    this.ascii(encodeText(text));
  }

  /** Text that is there as bytes already. @returns where it begins, for {@link decimalAt} and {@link hexAt} */
  ascii(text: Uint8Array): number {
    const at = this.length;
    const { length } = text;
    this.reserve(length);
    const { bytes } = this;
    // `set` takes as long as 20 turns of the loop, whatever the length
    if (length > 20) bytes.set(text, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = text[i];
    this.length = at + length;
    return at;
  }

  /** An unsigned 32-bit number (`%u`), filled up with spaces to `width`. */
  decimal(value: number, width = 0): void {
    this.reserve(Math.max(MAX_DIGITS, width));
    const { bytes } = this;
    const digits = decimalDigits(value);
    let at = this.length;
    for (; width > digits; width--) bytes[at++] = SPACE;
    this.length = at + digits;
    this.decimalAt(this.length, value);
  }

  /** An unsigned 32-bit number, filled up with zeroes to `width` (`%06u`). */
  zeroFilled(value: number, width: number): void {
    this.reserve(Math.max(MAX_DIGITS, width));
    const end = this.length + Math.max(width, decimalDigits(value));
    this.bytes.fill(ZERO, this.length, end);
    this.length = end;
    this.decimalAt(end, value);
  }

  /** Puts an unsigned 32-bit number's digits over what was written, the last one before `end`. */
  decimalAt(end: number, value: number): void {
    const { bytes } = this;
    let at = end;
    let rest = value;
    if (rest > 0x7fffffff) {
      const tens = Math.floor(rest / 10);
      bytes[--at] = ZERO + rest - tens * 10;
      rest = tens;
    }
    // signed from here on: the compiler then divides by a multiplication, in a third of the time
    do {
      const tens = (rest / 10) | 0;
      bytes[--at] = ZERO + rest - tens * 10;
      rest = tens;
    } while (rest > 0);
  }

  /** An unsigned 32-bit number in upper-case hexadecimal (`%X`), filled up with zeroes to `width`. */
  hex(value: number, width = 1): void {
    this.reserve(8);
    let digits = width;
    while (digits < 8 && value >>> (4 * digits) !== 0) digits++;
    this.length += digits;
    this.hexAt(this.length, value, digits);
  }

  /** Puts the last `digits` hexadecimal digits of a number over what was written, the last one before `end`. */
  hexAt(end: number, value: number, digits: number): void {
    const { bytes } = this;
    let rest = value;
    for (let at = end - 1; at >= end - digits; at--) {
      bytes[at] = HEX_DIGITS[rest & 0xf];
      rest >>>= 4;
    }
  }

  /** An LSN given as its halves (`%X/%08X`). */
  lsn(hi: number, lo: number): void {
    this.hex(hi);
    this.text('/');
    this.hex(lo, 8);
  }
}

function decimalDigits(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  return value < 100_000_000 ? 8 : value < 1_000_000_000 ? 9 : 10;
}

/** What `write` writes, as a string. */
export function textOf(write: (out: TextBuffer) => void): string {
  const out = new TextBuffer(64);
  write(out);
  return decodeText(out.written);
}
