import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { decodeText, encodeText } from '../../src/text/encoding.js';

describe('text out of WAL', () => {
  it('is UTF-8 where the bytes are', () => {
    expect(decodeText(new TextEncoder().encode('señal €'))).toBe('señal €');
  });

  it('keeps bytes of another encoding as lone surrogates', () => {
    expect(decodeText(Uint8Array.of(0x61, 0xf1, 0x62))).toBe('a\udcf1b');
  });

  it('takes for UTF-8 what is', () => {
    let count = 0;
    for (let first = 0x80; first <= 0xff; first++) {
      for (const second of [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
        for (const rest of [[], [0x80], [0xbf], [0x7f], [0x80, 0xbf], [0x80, 0xc0]]) {
          const sequence = Uint8Array.of(first, second, ...rest);
          // the byte before them is none, so that each sequence is looked at
          const text = decodeText(Uint8Array.of(0xff, ...sequence));
          expect(/[\udc80-\udcff]/u.test(text.slice(1)), String(sequence)).toBe(!isUtf8(sequence));
          count += isUtf8(sequence) ? 1 : 0;
        }
      }
    }
    expect(count).toBeGreaterThan(400);
  });

  it('does not find out by errors what is none', () => {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode');
    try {
      decodeText(new Uint8Array(1000).fill(0xe1));
      expect(decode.mock.results.filter(({ type }) => type === 'throw')).toHaveLength(1);
    } finally {
      decode.mockRestore();
    }
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
