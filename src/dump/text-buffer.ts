import { encodeText } from '../wal/text.js';

const FIRST_SIZE = 1 << 16;

/** Decimal digits that an unsigned 32-bit number may have. */
const MAX_DIGITS = 10;
const SPACE = 0x20;
const ZERO = 0x30;
const TEN_AS_UPPER_A = 0x41 - 10;

/**
 * Text as bytes in a buffer that grows. Records are printed into it directly: strings joined for each record, and
 * encoded in the end, take half as long again.
 */
export class TextBuffer {
  private bytes = new Uint8Array(FIRST_SIZE);
  length = 0;

  /** What was written. Valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
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
    const encoded = encodeText(text);
    this.reserve(encoded.length);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
  }

  /** An unsigned 32-bit number (`%u`), filled up with spaces to `width`. */
  decimal(value: number, width = 0): void {
    this.reserve(Math.max(MAX_DIGITS, width));
    const { bytes } = this;
    let digits = 1;
    for (let bound = 10; digits < MAX_DIGITS && value >= bound; bound *= 10) digits++;
    let at = this.length;
    for (; width > digits; width--) bytes[at++] = SPACE;
    this.length = at + digits;
    for (let i = this.length; i > at; ) {
      const rest = Math.floor(value / 10);
      bytes[--i] = ZERO + value - rest * 10;
      value = rest;
    }
  }

  /** An unsigned 32-bit number in upper-case hexadecimal (`%X`), filled up with zeroes to `width`. */
  hex(value: number, width = 1): void {
    this.reserve(8);
    let digits = width;
    while (digits < 8 && value >>> (4 * digits) !== 0) digits++;
    for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      const digit = (value >>> shift) & 0xf;
      this.bytes[this.length++] = digit < 10 ? ZERO + digit : TEN_AS_UPPER_A + digit;
    }
  }

  /** An LSN given as its halves (`%X/%08X`). */
  lsn(hi: number, lo: number): void {
    this.hex(hi);
    this.text('/');
    this.hex(lo, 8);
  }
}
