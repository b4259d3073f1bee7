import { decodeText, encodeText } from './encoding.js';

const FIRST_SIZE = 1 << 16;

/** Decimal digits that an unsigned 32-bit number may have. */
const MAX_DIGITS = 10;
const ZERO = 0x30;

/** What may be written over behind the text, by stores that are wider than what is left of it. */
const SLACK = 8;

/** The two characters of 00 … 99 and of 00 … FF, as a little-endian 16-bit number each. */
const DECIMAL_PAIRS = pairs(100, 10);
const HEX_PAIRS = pairs(256, 16);

function pairs(count: number, radix: number): Uint16Array {
  const texts = Array.from({ length: count }, (_, i) => i.toString(radix).toUpperCase().padStart(2, '0'));
  return Uint16Array.from(texts, (text) => text.charCodeAt(0) | (text.charCodeAt(1) << 8));
}

/** Text that is written again and again, made by {@link ascii} or {@link fixedText}. */
export interface AsciiText {
  readonly length: number;
  /**
   * Eight characters each, the last one filled up with zeroes: most pieces are short, so one to three stores do
   * what takes a turn of a loop for each character, or a call of `set`, which costs as much as 20 turns. No
   * character has its high bit set, so none of the numbers is a NaN, whose bits a store may change.
   */
  readonly eights: Float64Array;
}

/** @throws RangeError for what is no ASCII */
export function ascii(text: string): AsciiText {
  if (/[\u007f-\uffff]/.test(text)) throw new RangeError(`not ASCII: ${JSON.stringify(text)}`);
  return fixedText(text);
}

/**
 * The same of any text without lone surrogates. No NaN is among the eights of valid UTF-8 either: its last bytes would
 * be FF, or a byte from F0 on and 7F, and neither is in any.
 */
export function fixedText(text: string): AsciiText {
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array((encoded.length + 7) & ~7);
  bytes.set(encoded);
  const view = new DataView(bytes.buffer);
  const eights = Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
  return { length: encoded.length, eights };
}

/**
 * Text as bytes in a buffer that grows. Records are printed into it directly, without strings in between
 * (docs/decisions/text.md).
 */
export class TextBuffer {
  protected bytes: Uint8Array;
  private view: DataView;
  length = 0;

  constructor(size = FIRST_SIZE) {
    this.bytes = new Uint8Array(size + SLACK);
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written. Valid until the next write. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  protected reserve(more: number): void {
    const needed = this.length + more + SLACK;
    if (needed > this.bytes.length) this.grow(needed);
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.written);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** The bytes of a text, as they are. */
  raw(text: Uint8Array): void {
    this.reserve(text.length);
    this.bytes.set(text, this.length);
    this.length += text.length;
  }

  /** Text as {@link encodeText} has it: text out of WAL keeps its bytes. */
  text(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.raw(encodeText(text));
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  /** @returns where the text begins, for {@link decimalAt} and {@link hexAt} */
  ascii({ length, eights }: AsciiText): number {
    this.reserve(length);
    const { view } = this;
    const start = this.length;
    for (let i = 0, at = start; i < eights.length; i++, at += 8) view.setFloat64(at, eights[i], true);
    this.length = start + length;
    return start;
  }

  /** What another buffer has: text that {@link fixedText} takes. */
  append({ length, view: source }: TextBuffer): void {
    this.reserve(length);
    const { view, length: start } = this;
    for (let at = 0; at < length; at += 8) view.setFloat64(start + at, source.getFloat64(at, true), true);
    this.length = start + length;
  }

  /** An unsigned 32-bit number (`%u`). */
  decimal(value: number): void {
    this.reserve(MAX_DIGITS);
    const end = this.length + decimalDigits(value);
    this.length = end;
    this.decimalAt(end, value);
  }

  /** An unsigned 32-bit number, filled up with zeroes to `width` (`%06u`). */
  zeroFilled(value: number, width: number): void {
    this.reserve(Math.max(MAX_DIGITS, width));
    const { bytes } = this;
    const end = this.length + Math.max(width, decimalDigits(value));
    for (let at = this.length; at < end; at++) bytes[at] = ZERO;
    this.length = end;
    this.decimalAt(end, value);
  }

  /** Puts an unsigned 32-bit number's digits over what was written, the last one before `end`. */
  decimalAt(end: number, value: number): void {
    const { bytes, view } = this;
    let at = end;
    let rest = value;
    if (rest > 0x7fffffff) {
      const hundreds = Math.floor(rest / 100);
      at -= 2;
      view.setUint16(at, DECIMAL_PAIRS[rest - hundreds * 100], true);
      rest = hundreds;
    }
    // signed from here on: the compiler then divides by a multiplication
    rest |= 0;
    while (rest >= 100) {
      const hundreds = (rest / 100) | 0;
      at -= 2;
      view.setUint16(at, DECIMAL_PAIRS[rest - hundreds * 100], true);
      rest = hundreds;
    }
    if (rest >= 10) view.setUint16(at - 2, DECIMAL_PAIRS[rest], true);
    else bytes[at - 1] = ZERO + rest;
  }

  /** An LSN in halves, as `formatLsnParts` prints it. */
  lsn(high: number, low: number): void {
    if (high === 0) this.ascii(LSN_BELOW_4GB);
    else {
      this.text(high.toString(16).toUpperCase());
      this.ascii(LSN_LOW);
    }
    this.hexAt(this.length - 8, low);
  }

  /** Puts a number's eight hexadecimal digits (`%08X`) over what was written, from `start` on. */
  hexAt(start: number, value: number): void {
    const { view } = this;
    view.setUint16(start, HEX_PAIRS[value >>> 24], true);
    view.setUint16(start + 2, HEX_PAIRS[(value >>> 16) & 0xff], true);
    view.setUint16(start + 4, HEX_PAIRS[(value >>> 8) & 0xff], true);
    view.setUint16(start + 6, HEX_PAIRS[value & 0xff], true);
  }

  /** `0x%02X` */
  hexByte(byte: number): void {
    const start = this.ascii(HEX_BYTE);
    this.view.setUint16(start + 2, HEX_PAIRS[byte & 0xff], true);
  }
}

const HEX_BYTE = ascii('0x00');
const LSN_BELOW_4GB = ascii('0/00000000');
const LSN_LOW = ascii('/00000000');

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
