import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CRC32C_INIT, crc32c, updateCrc32c, updateCrc32cWords } from '../../src/wal/crc32c.js';

/** The definition, a bit at a time. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('CRC-32C', () => {
  it('gives the check value of the algorithm and the examples of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });

  it('agrees with the definition at any alignment and length, in one piece or two', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 0, max: 8 }),
        fc.nat(200),
        (data, shift, cut) => {
          const bytes = new Uint8Array(data.length + 16).subarray(shift, shift + data.length);
          bytes.set(data);
          expect(crc32c(bytes)).toBe(bitwise(data));
          const middle = Math.min(cut, data.length);
          const first = updateCrc32c(CRC32C_INIT, bytes, 0, middle);
          expect(~updateCrc32c(first, bytes, middle, bytes.length) >>> 0).toBe(bitwise(data));
        },
      ),
    );
  });

  it('agrees with the definition over words', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(10), (data, startWord) => {
        const start = startWord * 4;
        const bytes = new Uint8Array((start + data.length + 7) & ~3);
        bytes.set(data, start);
        const words = new Int32Array(bytes.buffer);
        const crc = updateCrc32cWords(CRC32C_INIT, bytes, words, start, start + data.length);
        expect(~crc >>> 0).toBe(bitwise(data));
      }),
    );
  });
});
