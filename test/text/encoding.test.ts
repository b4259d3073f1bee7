import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../../src/text/encoding.js';

describe('text out of WAL', () => {
  it('is UTF-8 where the bytes are', () => {
    expect(decodeText(new TextEncoder().encode('señal €'))).toBe('señal €');
  });

  it('keeps bytes of another encoding as lone surrogates', () => {
    expect(decodeText(Uint8Array.of(0x61, 0xf1, 0x62))).toBe('a\udcf1b');
  });

  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(encodeText(decodeText(bytes))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeText(encodeText(text))).toBe(text);
      }),
    );
  });
});
