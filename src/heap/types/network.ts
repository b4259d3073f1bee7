import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import { corruptValue, type Output } from './type.js';

/** Network addresses (PostgreSQL: src/backend/utils/adt/network.c, src/port/inet_net_ntop.c). */

const IPV4 = 2;
const IPV6 = 3;

/** inet: the number of bits is shown only where it is not that of a host. */
export const inet: Output = (v) => {
  const family = v.u8(0);
  if (family !== IPV4 && family !== IPV6)
    throw corruptValue(message`an address of the unknown family ${family}`);
  const all = family === IPV4 ? 32 : 128;
  const bits = v.u8(1);
  if (bits > all || v.length !== 2 + all / 8)
    throw corruptValue(message`an address with ${bits} bits in ${v.length} bytes`);
  const address = family === IPV4 ? v.bytes(2, 4).join('.') : formatIpv6(addressV6(v));
  return address + (bits === all ? '' : `/${bits}`);
};

/** cidr: always with the number of bits. */
export const cidr: Output = (v, context) => {
  const address = inet(v, context);
  return address.includes('/') ? address : `${address}/${v.u8(1)}`;
};

const addressV6 = (v: ByteView): number[] =>
  Array.from({ length: 8 }, (_, i) => (v.u8(2 + i * 2) << 8) | v.u8(3 + i * 2));

function formatIpv6(words: number[]): string {
  const run = longestZeros(words);
  const hexWords = words.map((word) => word.toString(16));
  const dotted = [words[6] >> 8, words[6] & 0xff, words[7] >> 8, words[7] & 0xff].join('.');
  const embedsIpv4 = run.start === 0 && (run.length === 6 || (run.length === 5 && words[5] === 0xffff));
  if (embedsIpv4) return run.length === 5 ? `::ffff:${dotted}` : `::${dotted}`;
  if (run.length < 2) return hexWords.join(':');
  const before = hexWords.slice(0, run.start).join(':');
  const after = hexWords.slice(run.start + run.length).join(':');
  return `${before}::${after}`;
}

/** The first of the longest runs of zero words. */
function longestZeros(words: number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (start + length < words.length && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

const colons = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

export const macaddr: Output = (v) => colons(v.bytes(0, 6));
export const macaddr8: Output = (v) => colons(v.bytes(0, 8));
