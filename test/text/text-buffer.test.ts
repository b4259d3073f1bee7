import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeText } from '../../src/text/encoding.js';
import { ascii, TextBuffer } from '../../src/text/text-buffer.js';

function written(write: (out: TextBuffer) => void): string {
  const out = new TextBuffer();
  write(out);
  return Buffer.from(out.written).toString('latin1');
}

const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0, max: 9 }).map((digits) => 10 ** digits),
  fc.integer({ min: 1, max: 9 }).map((digits) => 10 ** digits - 1),
);

it('writes decimal numbers as %u and %06u do', () => {
  fc.assert(
    fc.property(uint32, fc.integer({ min: 0, max: 12 }), (value, width) => {
      expect(written((out) => out.decimal(value))).toBe(String(value));
      expect(written((out) => out.zeroFilled(value, width))).toBe(String(value).padStart(width, '0'));
    }),
  );
});

it('writes flags as 0x%02X does', () => {
  for (let byte = 0; byte < 256; byte++) {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    expect(written((out) => out.hexByte(byte))).toBe(`0x${hex}`);
  }
});

it('writes numbers over what was written, as %u and %08X do', () => {
  fc.assert(
    fc.property(fc.oneof(uint32, fc.constantFrom(0, 15, 16, 255, 0x80000000)), (value) => {
      const text = written((out) => {
        const start = out.ascii(ascii('a          b        c'));
        out.decimalAt(start + 11, value);
        out.hexAt(start + 12, value);
      });
      const hex = value.toString(16).toUpperCase().padStart(8, '0');
      expect(text).toBe(`a${String(value).padStart(10)}b${hex}c`);
    }),
  );
});

it('writes ASCII text of any length, and only that', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.integer({ min: 0, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
      (text) => {
        const two = ascii(text);
        expect(
          written((out) => {
            out.ascii(two);
            out.text('|');
            out.ascii(two);
          }),
        ).toBe(`${text}|${text}`);
      },
    ),
  );
  expect(() => ascii('fünf')).toThrow(RangeError);
  expect(() => ascii('\x7f')).toThrow(RangeError);
});

it('keeps any bytes of text, and what came before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const out = new TextBuffer();
      out.text('before ');
      out.text(decodeText(bytes));
      expect(Buffer.from(out.written)).toEqual(Buffer.concat([Buffer.from('before '), bytes]));
    }),
  );
});

it('grows, and starts again', () => {
  const out = new TextBuffer();
  const line = `${'x'.repeat(999)}\n`;
  for (let i = 0; i < 200; i++) out.text(line);
  out.text('ä'.repeat(100_000));
  expect(Buffer.from(out.written).toString()).toBe(line.repeat(200) + 'ä'.repeat(100_000));
  out.clear();
  out.decimal(7);
  expect(Buffer.from(out.written).toString()).toBe('7');
});
