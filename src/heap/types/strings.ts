import { decodeText } from '../../text/encoding.js';
import type { Output } from './type.js';

/** Text, bytes and what is stored as them. */

/** text, varchar, bpchar, json, xml: stored as they print. */
export const text: Output = (v) => decodeText(v.bytes(0));

/** name: 64 bytes filled up with zeros. */
export const name: Output = (v) => decodeText(v.cstring(0));

/** "char": one byte. Since 16, a byte beyond ASCII prints as a backslash and three octal digits. */
export const char: Output = (v, { version }) => {
  const byte = v.u8(0);
  if (byte === 0) return '';
  if (byte >= 0x80 && version >= 16) return `\\${byte.toString(8)}`;
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
  let out = '';
  for (const byte of v.bytes(4, Math.ceil(count / 8))) out += byte.toString(2).padStart(8, '0');
  return out.slice(0, count);
};
