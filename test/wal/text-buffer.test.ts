import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeText } from '../../src/wal/text.js';
import { TextBuffer } from '../../src/wal/text-buffer.js';

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

it('writes decimal numbers as %u, %6u and %06u do', () => {
  fc.assert(
    fc.property(uint32, fc.integer({ min: 0, max: 12 }), (value, width) => {
      expect(written((out) => out.decimal(value, width))).toBe(String(value).padStart(width));
      expect(written((out) => out.zeroFilled(value, width))).toBe(String(value).padStart(width, '0'));
    }),
  );
});

it('writes hexadecimal numbers as %X and %08X do', () => {
  fc.assert(
    fc.property(fc.oneof(uint32, fc.constantFrom(0, 15, 16, 255, 0x80000000)), (value) => {
      const hex = value.toString(16).toUpperCase();
      expect(written((out) => out.hex(value))).toBe(hex);
      expect(written((out) => out.hex(value, 8))).toBe(hex.padStart(8, '0'));
    }),
  );
});

it('writes LSNs', () => {
  expect(written((out) => out.lsn(0x7fe, 0xfff09b58))).toBe('7FE/FFF09B58');
  expect(written((out) => out.lsn(0, 0x28))).toBe('0/00000028');
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
