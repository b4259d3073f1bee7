import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WalError } from '../../src/wal/error.js';
import { lz4BlockDecompress, lz4BlockInto } from '../../src/wal/lz4.js';
import { pglzDecompress } from '../../src/wal/pglz.js';
import { ZstdStream, zstdDecompress } from '../../src/wal/zstd.js';

// one real segment, compressed by gzip, lz4 -BD -B4 (linked blocks of 64 KiB) and zstd
const segment = 'testdata/formats/000000010000000000000024';
const raw = new Uint8Array(gunzipSync(readFileSync(`${segment}.gz`)));

/** Whatever the input, an answer of the stated size or a WalError. */
function survives(decompress: () => Uint8Array, rawSize: number): void {
  try {
    expect(decompress().length).toBe(rawSize);
  } catch (error) {
    expect(error).toBeInstanceOf(WalError);
  }
}

describe('pglz', () => {
  type Item = { literal: number } | { distance: number; length: number };

  /** Writes items as the format has it, and what they stand for, byte by byte. */
  function write(items: Item[]): { packed: Uint8Array; plain: Uint8Array } {
    const packed: number[] = [];
    const plain: number[] = [];
    for (let at = 0; at < items.length; at += 8) {
      const controlAt = packed.push(0) - 1;
      for (const [bit, item] of items.slice(at, at + 8).entries()) {
        if ('literal' in item) {
          packed.push(item.literal);
          plain.push(item.literal);
          continue;
        }
        packed[controlAt] |= 1 << bit;
        packed.push(((item.distance >> 8) << 4) | Math.min(item.length - 3, 15), item.distance & 0xff);
        if (item.length >= 18) packed.push(item.length - 18);
        for (let i = 0; i < item.length; i++) plain.push(plain[plain.length - item.distance]);
      }
    }
    return { packed: Uint8Array.from(packed), plain: Uint8Array.from(plain) };
  }

  const literals = fc.array(fc.record({ literal: fc.nat(255) }), { minLength: 4095, maxLength: 4095 });
  const items = fc
    .tuple(
      literals,
      fc.array(
        fc.oneof(
          fc.record({ literal: fc.nat(255) }),
          fc.record({
            distance: fc.integer({ min: 1, max: 4095 }),
            length: fc.integer({ min: 3, max: 273 }),
          }),
        ),
        { maxLength: 200 },
      ),
    )
    .map(([first, rest]): Item[] => [...first, ...rest]);

  it('unpacks what a TOAST value of 200 spaces looks like', () => {
    const packed = Uint8Array.of(0b10, 0x20, 0x0f, 0x01, 199 - 18);
    expect(pglzDecompress(packed, 200)).toEqual(new Uint8Array(200).fill(0x20));
  });

  it('unpacks every arrangement of literals and matches', () => {
    fc.assert(
      fc.property(items, (list) => {
        const { packed, plain } = write(list);
        expect(pglzDecompress(packed, plain.length)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  it('unpacks the beginning when only that is given and wanted', () => {
    fc.assert(
      fc.property(items, fc.nat(), (list, cut) => {
        const { packed, plain } = write(list);
        const part = pglzDecompress(packed.subarray(0, cut % (packed.length + 1)), plain.length, false);
        expect(part).toEqual(plain.subarray(0, part.length));
        expect(part.length).toBeGreaterThanOrEqual(Math.max(0, (cut % (packed.length + 1)) * (8 / 9) - 3));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['no bytes', [], 1],
    ['a size it cannot reach', [0, 1, 2], 2 ** 30],
    ['a distance of zero', [0b10, 1, 0x00, 0x00], 4],
    ['a distance before the beginning', [0b10, 1, 0x00, 0x02], 4],
    ['an end within a tag', [0b10, 1, 0x00], 4],
    ['an end within a long tag', [0b10, 1, 0x0f, 0x01], 30],
    ['too few bytes', [0, 1, 2], 3],
    ['too many bytes', [0, 1, 2, 3], 2],
  ])('refuses %s', (_, bytes, rawSize) => {
    expect(() => pglzDecompress(Uint8Array.from(bytes), rawSize)).toThrow(WalError);
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(10_000), (bytes, rawSize) =>
        survives(() => pglzDecompress(bytes, rawSize), rawSize),
      ),
    );
  });
});

describe('LZ4', () => {
  /** The blocks of a frame written by the lz4 program: a header of 7 bytes, then size and bytes of each. */
  function blocks(frame: Uint8Array): Uint8Array[] {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const found: Uint8Array[] = [];
    for (let at = 7; view.getUint32(at, true) !== 0; ) {
      const size = view.getUint32(at, true);
      if (size < 0x80000000) found.push(frame.subarray(at + 4, at + 4 + size));
      at += 4 + (size & 0x7fffffff);
    }
    return found;
  }
  const real = blocks(readFileSync(`${segment}.lz4`));

  it('unpacks a block of the lz4 program', () => {
    expect(lz4BlockDecompress(real[0], 65_536)).toEqual(raw.subarray(0, 65_536));
  });

  it('unpacks blocks that refer to the ones before', () => {
    expect(real.length).toBe(raw.length / 65_536);
    const out = new Uint8Array(raw.length);
    let to = 0;
    for (const block of real) to = lz4BlockInto(block, out, to);
    expect(to).toBe(raw.length);
    expect(Buffer.from(out).equals(raw)).toBe(true);
  });

  it.each([
    ['no bytes', [], 0],
    ['a size it cannot reach', [0x10, 1], 2 ** 30],
    ['another size', [0x10, 1], 2],
    ['too long a literal', [0x20, 1], 2],
    ['more than fits', [0x20, 1, 2], 1],
    ['an end within a length', [0xf0, 255], 300],
    ['an end within a match', [0x10, 1, 1], 5],
    ['a distance of zero', [0x10, 1, 0, 0, 0x10, 1], 6],
    ['a distance before the beginning', [0x10, 1, 2, 0, 0x10, 1], 6],
    ['an end after a match', [0x10, 1, 1, 0], 5],
  ])('refuses %s', (_, bytes, rawSize) => {
    expect(() => lz4BlockDecompress(Uint8Array.from(bytes), rawSize)).toThrow(WalError);
  });

  it('survives any bytes, and any change to a real block', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(10_000), (bytes, rawSize) =>
        survives(() => lz4BlockDecompress(bytes, rawSize), rawSize),
      ),
    );
    fc.assert(
      fc.property(fc.nat(real[0].length - 1), fc.nat(255), (at, byte) => {
        const changed = real[0].slice();
        changed[at] = byte;
        survives(() => lz4BlockDecompress(changed, 65_536), 65_536);
      }),
    );
  });
});

describe('Zstandard', () => {
  const frame = new Uint8Array(readFileSync(`${segment}.zst`));

  it('unpacks a frame of the zstd program', () => {
    expect(Buffer.from(zstdDecompress(frame, raw.length)).equals(raw)).toBe(true);
  });

  it('unpacks several frames in pieces of any size, skippable ones among them', () => {
    const skippable = Uint8Array.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
    const input = Buffer.concat([frame, skippable, frame]);
    for (const pieceSize of [1, 7, 1000, 70_000, input.length]) {
      const out: Uint8Array[] = [];
      const stream = new ZstdStream();
      for (let at = 0; at < input.length; at += pieceSize) {
        out.push(...stream.push(input.subarray(at, at + pieceSize)));
      }
      stream.end();
      expect(Buffer.concat(out).equals(Buffer.concat([raw, raw]))).toBe(true);
    }
  });

  it('refuses another size and an early end', () => {
    const small = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 4, (4 << 3) | 1, 0, 0, 1, 2, 3, 4);
    expect([...zstdDecompress(small, 4)]).toEqual([1, 2, 3, 4]);
    expect(() => zstdDecompress(small, 3)).toThrow(/more than the size/);
    expect(() => zstdDecompress(frame, raw.length + 1)).toThrow(/less than the size/);
    expect(() => zstdDecompress(frame.subarray(0, frame.length - 1), raw.length)).toThrow(/ends too early/);
    expect(() => zstdDecompress(frame.subarray(0, 3), raw.length)).toThrow(WalError);
    expect(() => zstdDecompress(new Uint8Array(0), 1)).toThrow(WalError);
  });

  it('refuses a window that only an attack asks for', () => {
    const hugeWindow = frame.slice();
    new DataView(hugeWindow.buffer).setUint32(5, 2 ** 30, true); // the content's size, which is the window
    expect(() => zstdDecompress(hugeWindow, raw.length)).toThrow(/window of 1073741824 bytes/);
  });

  it('takes no window into account that nothing comes to fill', () => {
    // what zstd itself accepts: 128 MiB, for a block of four bytes
    const image = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, (4 << 3) | 1, 0, 0, 1, 2, 3, 4);
    for (let i = 0; i < 10_000; i++) expect(zstdDecompress(image, 4).length).toBe(4);
  });

  it('survives any bytes, and any change to a real frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(10_000), (bytes, rawSize) =>
        survives(() => zstdDecompress(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...bytes), rawSize), rawSize),
      ),
    );
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(255), (at, byte) => {
        const changed = frame.slice();
        changed[at] = byte;
        survives(() => zstdDecompress(changed, raw.length), raw.length);
      }),
      { numRuns: 50 },
    );
  });
});
