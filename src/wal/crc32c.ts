/**
 * CRC-32C (Castagnoli), the checksum of WAL records, pg_control and backup manifests
 * (PostgreSQL: src/include/port/pg_crc32c.h).
 *
 * Slicing-by-8 over 32-bit loads: 8 table look-ups take in 8 bytes at a time without a dependency between them.
 * Other ways are slower (docs/decisions/crc32c.md).
 */
const POLYNOMIAL = 0x82f63b78;

/** 8 tables of 256 entries: entry `t * 256 + b` is the effect of byte `b` followed by `t` zero bytes. */
function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256];
    tables[i] = tables[before & 0xff] ^ (before >>> 8);
  }
  return tables;
}

/** The state before any byte. */
export const CRC32C_INIT = -1;

/**
 * The loops share the tables as a constant of this closure. As a constant of the module they would be a variable
 * to the compiler (bundlers write `var` for it), and slow.
 */
function makeUpdaters() {
  const T = makeTables();

  function updateCrc32c(crc: number, bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (; at < end && (at + bytes.byteOffset) & 3; at++) crc = T[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
    for (; at + 4 <= end; at += 4) {
      crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      crc =
        T[768 + (crc & 0xff)] ^
        T[512 + ((crc >>> 8) & 0xff)] ^
        T[256 + ((crc >>> 16) & 0xff)] ^
        T[crc >>> 24];
    }
    for (; at < end; at++) crc = T[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
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
      crc =
        T[1792 + (a & 0xff)] ^
        T[1536 + ((a >>> 8) & 0xff)] ^
        T[1280 + ((a >>> 16) & 0xff)] ^
        T[1024 + (a >>> 24)] ^
        T[768 + (b & 0xff)] ^
        T[512 + ((b >>> 8) & 0xff)] ^
        T[256 + ((b >>> 16) & 0xff)] ^
        T[b >>> 24];
    }
    if (w < end >> 2) {
      crc ^= words[w++];
      crc =
        T[768 + (crc & 0xff)] ^
        T[512 + ((crc >>> 8) & 0xff)] ^
        T[256 + ((crc >>> 16) & 0xff)] ^
        T[crc >>> 24];
    }
    for (let at = w << 2; at < end; at++) crc = T[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
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
