/**
 * CRC-32C (Castagnoli), the checksum of WAL records, pg_control and backup manifests
 * (PostgreSQL: src/include/port/pg_crc32c.h).
 *
 * Slicing-by-8 over 32-bit loads: 8 table look-ups take in 8 bytes at a time without a dependency between them. What they
 * give is joined in pairs, those first that do not wait for the bytes before: the compiler keeps the order that is written
 * here, and one after the other takes 1.8 times as long. Other ways are slower (docs/decisions/crc32c.md).
 */
const POLYNOMIAL = 0x82f63b78;

/** 8 tables of 256 entries: entry `b` of table `t` is the effect of byte `b` followed by `t` zero bytes. */
function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  const tables = [first];
  while (tables.length < 8)
    tables.push(tables[tables.length - 1].map((crc) => first[crc & 0xff] ^ (crc >>> 8)));
  return tables;
}

/** The state before any byte. */
export const CRC32C_INIT = -1;

/**
 * The loops share the tables as constants of this closure. As constants of the module they would be variables
 * to the compiler (bundlers write `var` for it), and slow.
 */
function makeUpdaters() {
  const [T0, T1, T2, T3, T4, T5, T6, T7] = makeTables();

  function updateCrc32c(crc: number, bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; at < end && (at + bytes.byteOffset) & 3; at++) crc = T0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    for (; at + 4 <= end; at += 4) {
      crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      crc = T3[crc & 0xff] ^ T2[(crc >>> 8) & 0xff] ^ (T1[(crc >>> 16) & 0xff] ^ T0[crc >>> 24]);
    }
    for (; at < end; at++) crc = T0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    return crc;
  }

  function updateCrc32cWords(
    crc: number,
    bytes: Uint8Array,
    words: Int32Array,
    start: number,
    end: number,
  ): number {
    let w = start >> 2;
    const last = (end >> 2) - 2;
    for (; w <= last; w += 2) {
      const a = crc ^ words[w];
      const b = words[w + 1];
      const ofB = T3[b & 0xff] ^ T2[(b >>> 8) & 0xff] ^ (T1[(b >>> 16) & 0xff] ^ T0[b >>> 24]);
      const ofA = T7[a & 0xff] ^ T6[(a >>> 8) & 0xff] ^ (T5[(a >>> 16) & 0xff] ^ T4[a >>> 24]);
      crc = ofB ^ ofA;
    }
    if (w < end >> 2) {
      crc ^= words[w++];
      crc = T3[crc & 0xff] ^ T2[(crc >>> 8) & 0xff] ^ (T1[(crc >>> 16) & 0xff] ^ T0[crc >>> 24]);
    }
    for (let at = w << 2; at < end; at++) crc = T0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    return crc;
  }

  return { updateCrc32c, updateCrc32cWords };
}

const updaters = makeUpdaters();

/** Takes bytes `start` … `end` of `bytes` into the state `crc`; starts with {@link CRC32C_INIT}. */
export const updateCrc32c = updaters.updateCrc32c;

/**
 * {@link updateCrc32c} where the same bytes are at hand as 32-bit words: `start` is a multiple of 4.
 * This is the inner loop of reading WAL.
 */
export const updateCrc32cWords = updaters.updateCrc32cWords;

/** The checksum of all of `bytes`, an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  return ~updateCrc32c(CRC32C_INIT, bytes, 0, bytes.length) >>> 0;
}
