import { ascii, type TextBuffer } from '../../text/text-buffer.js';
import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import { getUint16 } from '../bytes.js';
import { corruptValue, type Output } from './type.js';

/**
 * numeric: digits in base 10000 (PostgreSQL: src/backend/utils/adt/numeric.c). The two highest bits of the first
 * word tell the form: 00 and 01 the long one (positive, negative), 10 the short one, 11 NaN and infinities.
 */
export const numeric: Output = (v) => {
  const header = v.u16(0);
  switch (header >> 14) {
    case 3:
      if (v.length !== 2) throw corruptValue(message`a NaN or infinity with digits`);
      return special(header);
    case 2: {
      const weight = (header & 0x3f) - (header & 0x40);
      return format(v, 2, (header & 0x2000) !== 0, weight, (header >> 7) & 0x3f);
    }
    default:
      return format(v, 4, header >> 14 === 1, v.i16(2), header & 0x3fff);
  }
};

/** Of a digit (`NBASE`). */
const BASE = 10_000;

function special(header: number): string {
  // infinities since 14
  if (header === 0xd000) return 'Infinity';
  if (header === 0xf000) return '-Infinity';
  if (header !== 0xc000) throw corruptValue(message`a numeric of the unknown header ${header.toString(16)}`);
  return 'NaN';
}

/** `weight` is the power of 10000 of the first digit, `scale` the number of decimals to show. */
function format(v: ByteView, start: number, negative: boolean, weight: number, scale: number): string {
  const count = (v.length - start) / 2;
  if (!Number.isInteger(count)) throw corruptValue(message`a numeric of half a digit`);
  for (let i = 0; i < count; i++) {
    if (v.u16(start + i * 2) >= BASE)
      throw corruptValue(message`a numeric with the digit ${v.u16(start + i * 2)}`);
  }
  // `make_result` leaves out zeros at either end
  const isStripped = count === 0 || (v.u16(start) !== 0 && v.u16(v.length - 2) !== 0);
  if (!isStripped) throw corruptValue(message`a numeric with zeros around its digits`);
  const digit = (power: number): string => {
    const i = weight - power;
    return i >= 0 && i < count ? String(v.u16(start + i * 2)).padStart(4, '0') : '0000';
  };
  let whole = '';
  for (let power = weight; power >= 0; power--) whole += digit(power);
  whole = whole.replace(/^0+(?=\d)/, '') || '0';
  let fraction = '';
  for (let power = -1; fraction.length < scale; power--) fraction += digit(power);
  return `${negative ? '-' : ''}${whole}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`;
}

/**
 * Writes what {@link numeric} prints of a number in the short form, as all but very large and very long ones have.
 * @returns false for any other, and for what is no number: something of it may be written then
 */
export function writeNumeric(out: TextBuffer, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const header = length < 2 ? 0 : getUint16(bytes, start);
  if (header >> 14 !== 2 || length % 2 !== 0) return false;
  const weight = (header & 0x3f) - (header & 0x40);
  const scale = (header >> 7) & 0x3f;
  const count = (length - 2) / 2;
  const first = start + 2;
  if (count === 0 && weight > 0) return false;
  if (count > 0 && (getUint16(bytes, first) === 0 || getUint16(bytes, end - 2) === 0)) return false;
  for (let at = first; at < end; at += 2) if (getUint16(bytes, at) >= BASE) return false;
  if (header & 0x2000) out.ascii(MINUS);
  for (let i = 0; i <= Math.max(weight, 0); i++) {
    const digit = weight >= 0 && i < count ? getUint16(bytes, first + 2 * i) : 0;
    if (i === 0) out.decimal(digit);
    else out.zeroFilled(digit, 4);
  }
  if (scale > 0) out.ascii(POINT);
  for (let done = 0, i = weight + 1; done < scale; done += 4, i++) {
    const digit = i >= 0 && i < count ? getUint16(bytes, first + 2 * i) : 0;
    const width = Math.min(4, scale - done);
    out.zeroFilled(Math.floor(digit / 10 ** (4 - width)), width);
  }
  return true;
}

const MINUS = ascii('-');
const POINT = ascii('.');
