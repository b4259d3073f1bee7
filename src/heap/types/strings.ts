import { decodeText } from '../../text/encoding.js';
import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import { corruptValue, type Output } from './type.js';

/** Text, bytes and what is stored as them. */

/** text, varchar, bpchar, json, xml: stored as they print. */
export const text: Output = (v) => characters(v);

/** Text in any encoding: none has a byte of zero. @throws WalError `corrupt-value` */
export function characters(v: ByteView, offset = 0, length = v.length - offset): string {
  return decodeText(textBytes(v, offset, length));
}

/** The bytes of a text. @throws WalError `corrupt-value` */
export function textBytes(v: ByteView, offset = 0, length = v.length - offset): Uint8Array {
  const bytes = v.bytes(offset, length);
  if (bytes.includes(0)) throw corruptValue(message`a text with a byte of zero in it`);
  return bytes;
}

/** name: 64 bytes filled up with zeros. */
export const name: Output = (v) => {
  const bytes = v.cstring(0);
  const rest = v.bytes(bytes.length);
  if (rest.length === 0 || rest.some((byte) => byte !== 0))
    throw corruptValue(message`a name that is not filled up with zeros`);
  return decodeText(bytes);
};

/** "char": one byte. Since 15, a byte beyond ASCII prints as a backslash and three octal digits (15.18; 15's beta did not). */
export const char: Output = (v, { version }) => {
  const byte = v.u8(0);
  if (byte === 0) return '';
  if (byte >= 0x80 && version >= 15) return `\\${byte.toString(8)}`;
  return decodeText(v.bytes(0, 1));
};

export const hex = (bytes: Uint8Array): string => {
  let out = '';
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0');
  return out;
};

export const bytea: Output = (v) => `\\x${hex(v.bytes(0))}`;

export const uuid: Output = (v) =>
  hex(v.bytes(0, 16)).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** bit and varbit: the number of bits, then the bits, the highest first. */
export const bits: Output = (v) => {
  const count = v.i32(0);
  const bytes = v.bytes(4);
  if (bytes.length !== Math.ceil(count / 8))
    throw corruptValue(message`a string of ${count} bits in ${bytes.length} bytes`);
  let out = '';
  for (const byte of bytes) out += byte.toString(2).padStart(8, '0');
  if (out.includes('1', count)) throw corruptValue(message`a string of bits with more bits behind its end`);
  return out.slice(0, count);
};
