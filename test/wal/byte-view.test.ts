import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteView, OutOfBounds } from '../../src/wal/byte-view.js';

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x88, 0, 9);

describe('ByteView', () => {
  it('reads little-endian fields', () => {
    const view = ByteView.of(bytes);
    expect(view.u8(7)).toBe(0x88);
    expect(view.i8(7)).toBe(0x88 - 256);
    expect(view.u16(0)).toBe(0x0201);
    expect(view.u32(0)).toBe(0x04030201);
    expect(view.i32(4)).toBe(0x88070605 | 0);
    expect(view.u64(0)).toBe(0x8807060504030201n);
    expect(view.i64(0)).toBe(0x8807060504030201n - 2n ** 64n);
  });

  it('reads strings up to their zero, their limit or the end', () => {
    const view = ByteView.of(bytes);
    expect(view.cstring(5)).toEqual(Uint8Array.of(6, 7, 0x88));
    expect(view.cstring(5, 2)).toEqual(Uint8Array.of(6, 7));
    expect(view.cstring(9)).toEqual(Uint8Array.of(9));
    expect(view.cstring(10)).toEqual(new Uint8Array());
  });

  it('never reads outside of its window, though the buffer goes on', () => {
    const inner = ByteView.of(bytes).slice(2, 4);
    expect(inner.u32(0)).toBe(0x06050403);
    expect(() => inner.u32(1)).toThrow(OutOfBounds);
    expect(() => inner.u8(4)).toThrow(OutOfBounds);
    expect(() => inner.u8(-1)).toThrow(OutOfBounds);
    expect(() => inner.bytes(0, 5)).toThrow(OutOfBounds);
    expect(() => inner.bytes(5)).toThrow(OutOfBounds);
    expect(() => inner.bytes(2, -1)).toThrow(OutOfBounds);
    expect(() => inner.slice(Number.NaN, 1)).toThrow(OutOfBounds);
  });

  it('gives either the bytes asked for or OutOfBounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), (offset, length) => {
        const view = ByteView.of(bytes);
        const fits = offset >= 0 && length >= 0 && offset + length <= bytes.length;
        if (fits) expect(view.bytes(offset, length)).toEqual(bytes.slice(offset, offset + length));
        else expect(() => view.bytes(offset, length)).toThrow(OutOfBounds);
      }),
    );
  });
});
