import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, crc32, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import { decompressed } from '../../src/sources/decompress.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { PORTABLE_READING, type Reading } from '../../src/sources/reading.js';
import { WalError } from '../../src/wal/error.js';
import { zstdDecompress } from '../../src/wal/zstd.js';

// 1500 bytes of words, compressed by the programs themselves
const words = readFileSync('testdata/codecs/words');
const packedAs = (suffix: string): Buffer => readFileSync(`testdata/codecs/words.${suffix}`);

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const times = (count: number, bytes: Uint8Array): Buffer => Buffer.concat(new Array(count).fill(bytes));

interface Unpacked {
  bytes: Buffer;
  largestPiece: number;
  problem: unknown;
}

/** Unpacks what there is, but stops after `limit` bytes, as those do who want a segment. */
async function unpack(
  packed: Uint8Array | ByteSource,
  reading: Reading = PORTABLE_READING,
  limit = Number.POSITIVE_INFINITY,
): Promise<Unpacked> {
  const source = packed instanceof Uint8Array ? memorySource('x', packed) : packed;
  const pieces: Uint8Array[] = [];
  let size = 0;
  let largestPiece = 0;
  let problem: unknown;
  try {
    for await (const piece of decompressed(source, reading)) {
      pieces.push(piece);
      size += piece.length;
      largestPiece = Math.max(largestPiece, piece.length);
      if (size >= limit) break;
    }
  } catch (error) {
    problem = error;
  }
  return { bytes: Buffer.concat(pieces), largestPiece, problem };
}

const DAMAGED = { code: 'corrupt-compression', file: 'x' };
const MiB = 1024 * 1024;

describe.each([
  ['on Node', NODE_READING],
  ['by JavaScript alone', PORTABLE_READING],
])('%s', (_, reading) => {
  describe.each(['gz', 'zst', 'lz4', 'bz2', 'xz'])('.%s', (suffix) => {
    const packed = packedAs(suffix);

    it('is unpacked, once or twice, whole or byte by byte', async () => {
      expect(await unpack(packed, reading)).toMatchObject({ bytes: words, problem: undefined });
      const twice = await unpack(Buffer.concat([packed, packed]), reading);
      expect(twice).toMatchObject({ bytes: Buffer.concat([words, words]), problem: undefined });
      const byBytes: ByteSource = {
        name: 'x',
        async *open() {
          for (const byte of packed) yield Uint8Array.of(byte);
        },
      };
      expect(await unpack(byBytes, reading)).toMatchObject({ bytes: words, problem: undefined });
    });

    it('that is cut off anywhere never stands for the whole', async () => {
      for (let size = 6; size < packed.length; size++) {
        const { problem } = await unpack(packed.subarray(0, size), reading);
        expect(problem, `${size} bytes`).toMatchObject(DAMAGED);
      }
    });

    it('that was changed gives an answer or an error that names it', async () => {
      const change = fc.record({ at: fc.nat(packed.length - 1), byte: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const changed = Buffer.from(packed);
          for (const { at, byte } of changes) changed[at] = byte;
          packed.copy(changed, 0, 0, 6);
          const { problem } = await unpack(changed, reading, MiB);
          if (problem !== undefined) expect(problem).toMatchObject(DAMAGED);
        }),
      );
    });
  });
});

describe('gzip', () => {
  const header = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  const nothing = Buffer.alloc(8);

  it('of many empty members and blocks is unpacked', async () => {
    const members = times(20_000, Buffer.concat([header, Buffer.of(3, 0), nothing]));
    expect(await unpack(Buffer.concat([members, packedAs('gz')]))).toMatchObject({ bytes: words });
    const blocks = times(100_000, Buffer.of(0, 0, 0, 0xff, 0xff));
    const last = Buffer.of(1, 1, 0, 0xfe, 0xff, 0x61);
    const trailer = Buffer.concat([u32(crc32('a')), u32(1)]);
    expect(await unpack(Buffer.concat([header, blocks, last, trailer]))).toMatchObject({
      bytes: Buffer.from('a'),
      problem: undefined,
    });
  });

  it('with a header that does not end is given up', async () => {
    const endless = Buffer.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0xff);
    const { problem } = await unpack(Buffer.concat([endless, Buffer.alloc(32 * MiB, 'a')]));
    expect(problem).toMatchObject({ ...DAMAGED, message: expect.stringContaining('stand for nothing') });
  });

  it('makes no more than 17 MB at once', async () => {
    const { largestPiece } = await unpack(gzipSync(Buffer.alloc(64 * MiB)));
    expect(largestPiece).toBeLessThan(17e6);
  });
});

describe('Zstandard', () => {
  const magic = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);
  /** Without stated size, with the greatest window. */
  const frame = (...blocks: Uint8Array[]): Buffer => Buffer.concat([magic, Buffer.of(0, 0x88), ...blocks]);
  const block = (type: number, size: number, content: Uint8Array, isLast = false): Buffer =>
    Buffer.concat([u32((size << 3) | (type << 1) | Number(isLast)).subarray(0, 3), content]);
  const RUN = 1;
  const PACKED = 2;
  const end = block(0, 0, Buffer.alloc(0), true);
  const damaged = (why: string): object => ({ ...DAMAGED, message: expect.stringContaining(why) });

  // made by mutation: of more matches than a block has room for, without bits for them
  const slow = Buffer.from(
    '28b52ffd60fc0105010010f2040194b30000fc4e0020010004200080010200de76855b800944005b8009',
    'hex',
  );

  it('of which a block says that it makes more than a block may is refused', async () => {
    expect((await unpack(times(10_000, slow))).problem).toMatchObject(DAMAGED);
    for (let i = 0; i < 1000; i++) expect(() => zstdDecompress(slow, 8192)).toThrow(WalError);
  });

  it.each([
    // no literals; sequences with one code each for literals, distances and matches
    [
      'matches that are longer than a block',
      [0, 255, 0, 0, 0x54, 0, 0, 52, 0, 0, 0, 0, 1],
      'too large a block',
    ],
    ['more matches than there are bits for', [0, 255, 0, 0, 0x54, 0, 0, 52, 1], 'cut off'],
    ['literals that it does not have', [0, 1, 0x54, 35, 0, 0, 0, 0, 1], 'too long a literal'],
    ['a distance beyond its beginning', [0x08, 0x61, 1, 0x54, 1, 4, 0, 0x3c], 'before its beginning'],
    ['bits that nobody reads', [0x08, 0x61, 1, 0x54, 1, 2, 0, 0xff, 0xff], 'something else after a block'],
    ['bytes after its literals', [0x08, 0x61, 0, 0], 'something else after a block'],
    ['an unknown code', [0x08, 0x61, 1, 0x54, 36, 2, 0, 0x3c], 'unknown code'],
    ['tables of a block before', [0x08, 0x61, 1, 0xfc, 1], 'does not have'],
    ['codes of literals of a block before', [0x13, 0x40, 0, 0x01, 0], 'does not have'],
    ['more literals than a block may have', [0x0d, 0xff, 0xff, 0x61, 0], 'too large a block'],
    ['a table that ends nowhere', [0x08, 0x61, 1, 0xa8, 4, 0, 0], 'cut off'],
    ['a table for too many symbols', [0x08, 0x61, 1, 0xa8, 0x10, 0xfe, 0xff, 0xff, 0xff, 0xff], 'symbols'],
    ['a table that is too large', [0x08, 0x61, 1, 0xa8, 0x0f, 0, 0], 'too large a table'],
    ['a kind of tables that does not exist', [0x08, 0x61, 1, 0x55, 1, 2, 0, 0x3c], 'unknown kind'],
    ['nothing', [], 'cut off'],
  ])('with a block of %s is damaged', async (_, bytes, why) => {
    const packed = frame(block(RUN, 8, Buffer.of(1)), block(PACKED, bytes.length, Buffer.from(bytes)), end);
    expect((await unpack(packed)).problem).toMatchObject(damaged(why));
  });

  it.each([
    ['a dictionary', [1, 0x88, 7], 'needs a dictionary'],
    ['a bit that has no meaning', [8, 0x88], 'unknown frame header'],
    ['a window of two terabytes', [0, 0xf8], 'window of 2199023255552 bytes'],
    ['another size', [0x20, 5], 'size it states'],
  ])('with %s is refused', async (_, header, why) => {
    const packed = Buffer.concat([magic, Buffer.from(header), block(0, 1, Buffer.of(1), true)]);
    expect((await unpack(packed)).problem).toMatchObject(damaged(why));
  });

  it('takes a window’s memory when that much has come', async () => {
    const run = block(RUN, 128 * 1024, Buffer.of(7));
    const far = frame(...new Array(80).fill(run), end); // 10 MiB, more than the first room
    const { bytes, largestPiece } = await unpack(far);
    expect(bytes.equals(Buffer.alloc(10 * MiB, 7))).toBe(true);
    expect(largestPiece).toBe(128 * 1024);
    expect(await unpack(times(50_000, frame(end)))).toMatchObject({
      bytes: Buffer.alloc(0),
      problem: undefined,
    });
    const empty = block(0, 0, Buffer.alloc(0));
    expect((await unpack(frame(run, times(200_000, empty), end))).bytes.length).toBe(128 * 1024);
  });

  it('reaches back as far as its window, and no further', async () => {
    const first = block(0, 8, Buffer.from('12345678'));
    // one match of 3 bytes, `distance` bytes back: code 3 stands for 8 … 15, which are 5 … 12
    const match = (extra: number): Buffer => block(PACKED, 7, Buffer.of(0, 1, 0x54, 0, 3, 0, 0x08 | extra));
    expect((await unpack(frame(first, match(3), end))).bytes.toString()).toBe('12345678123');
    expect((await unpack(frame(first, match(4), end))).problem).toMatchObject(
      damaged('before its beginning'),
    );
  });
});

describe('bzip2', () => {
  const MAGIC = '314159265359';
  /** Writes a block by its bits; its checksum is wrong. */
  class Bits {
    private bits = '';
    add(value: number, width: number): this {
      if (width > 0) this.bits += value.toString(2).padStart(width, '0');
      return this;
    }
    hex(text: string): this {
      for (const digit of text) this.add(Number.parseInt(digit, 16), 4);
      return this;
    }
    get bytes(): Buffer {
      const whole = this.bits.padEnd(Math.ceil(this.bits.length / 8) * 8, '0');
      return Buffer.from(whole.match(/.{8}/g)?.map((bits) => Number.parseInt(bits, 2)) ?? []);
    }
  }
  /** A block of one byte, with codes 00, 01 and 10 for a run's digits and the end. */
  function blockOf(symbols: number[], selectors = 1, origin = 0): Buffer {
    const bits = new Bits().hex(`425a6839${MAGIC}00000000`).add(0, 1).add(origin, 24);
    bits.add(0x8000, 16).add(0x8000, 16).add(2, 3).add(selectors, 15).add(0, selectors);
    for (let table = 0; table < 2; table++) bits.add(2, 5).add(0, 3);
    for (const symbol of symbols) bits.add(symbol, 2);
    return bits.bytes;
  }
  const END = 2;

  it('gives a block piece by piece, however much it makes', async () => {
    // 899,981 zeroes before the last run, which stand for 255 + 4 bytes for each 5 of them
    const digits = [...(899_981 + 1).toString(2)].slice(1).reverse().map(Number);
    const { bytes, largestPiece, problem } = await unpack(blockOf([...digits, END]));
    expect(bytes.length).toBe(Math.floor(899_981 / 5) * 4 + (899_981 % 5));
    expect(largestPiece).toBe(256 * 1024);
    expect(problem).toMatchObject({ ...DAMAGED, message: expect.stringContaining('checksum of a block') });
  });

  it.each([
    ['a run of more than a block', [...new Array(24).fill(1), END], 1, 0, 'too large'],
    ['a run whose length is no number any more', [...new Array(49).fill(1), END], 1, 0, 'too large'],
    ['a run without an end', new Array(50).fill(0), 1, 0, 'too large'],
    ['a byte but no tables', [0, END], 0, 0, 'no end'],
    ['a beginning outside of itself', [0, END], 1, 1, 'outside of itself'],
    ['nothing', [END], 1, 0, 'outside of itself'],
    ['an unknown code', [3], 1, 0, 'unknown code'],
  ])('with a block of %s is damaged', async (_, symbols, selectors, origin, why) => {
    const { problem } = await unpack(Buffer.concat([blockOf(symbols, selectors, origin), Buffer.alloc(64)]));
    expect(problem).toMatchObject({ ...DAMAGED, message: expect.stringContaining(why) });
  });

  it('of many empty streams and tiny blocks is unpacked', async () => {
    const empty = Buffer.from('425a683917724538509000000000', 'hex');
    expect(await unpack(times(50_000, empty))).toMatchObject({ bytes: Buffer.alloc(0), problem: undefined });
    const many = await unpack(times(1000, packedAs('bz2')));
    expect(many.problem).toBeUndefined();
    expect(many.bytes.equals(times(1000, words))).toBe(true);
  });
});

describe('LZ4', () => {
  const frame = (flags: number, ...parts: Uint8Array[]): Buffer =>
    Buffer.concat([u32(0x184d2204), Buffer.of(flags, 0x70), ...parts, u32(0)]);
  const raw = (bytes: Uint8Array): Buffer => Buffer.concat([u32((0x80000000 | bytes.length) >>> 0), bytes]);
  const checksum = Buffer.of(0);

  it('of many frames, empty blocks and blocks of a byte is unpacked', async () => {
    expect((await unpack(times(20_000, frame(0x60, checksum)))).problem).toBeUndefined();
    const some = frame(0x40, checksum, raw(Buffer.alloc(65_536)), times(50_000, raw(Buffer.of(1))));
    const { bytes, problem } = await unpack(some);
    expect(problem).toBeUndefined();
    expect(bytes.equals(Buffer.concat([Buffer.alloc(65_536), Buffer.alloc(50_000, 1)]))).toBe(true);
    expect(
      (await unpack(frame(0x60, checksum, times(50_000, raw(Buffer.alloc(0)))))).problem,
    ).toBeUndefined();
  });

  it('of linked blocks reaches back 64 KiB, however its blocks are cut', async () => {
    const noise = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 2654435761) >>> 24));
    // a match of 8 bytes from 65,535 bytes back, after one literal, and five literals at the end
    const match = Buffer.of(0x14, 0x21, 0xff, 0xff, 0x50, 1, 2, 3, 4, 5);
    const packed = (size: number): Buffer => {
      const blocks = Array.from({ length: Math.ceil(noise.length / size) }, (_, i) =>
        raw(noise.subarray(i * size, (i + 1) * size)),
      );
      const linked = Buffer.concat([...blocks, u32(match.length), match]);
      return Buffer.concat([u32(0x184d2204), Buffer.of(0x40, 0x40), checksum, linked, u32(0)]);
    };
    const at = noise.length + 1 - 65_535;
    const tail = Buffer.of(0x21, ...noise.subarray(at, at + 8), 1, 2, 3, 4, 5);
    for (const size of [65_536, 30_000, 1000]) {
      expect((await unpack(packed(size))).bytes.equals(Buffer.concat([noise, tail])), `${size}`).toBe(true);
    }
  });

  it('that states another size than it has is damaged', async () => {
    const sized = (size: number): Buffer => frame(0x68, u32(size), u32(0), checksum, raw(Buffer.from('abc')));
    expect((await unpack(sized(3))).bytes.toString()).toBe('abc');
    expect((await unpack(sized(4))).problem).toMatchObject(DAMAGED);
  });
});

describe('xz', () => {
  it('that needs too much memory says so', async () => {
    // the dictionary's size is the last byte of the block's header that is not its checksum
    const greedy = Buffer.from(packedAs('xz'));
    const headerSize = (greedy[12] + 1) * 4;
    const at = greedy.indexOf(Buffer.of(0x21, 1), 12) + 2;
    greedy[at] = 36; // 1 GiB
    greedy.writeUInt32LE(crc32(greedy.subarray(12, 12 + headerSize - 4)), 12 + headerSize - 4);
    expect((await unpack(greedy)).problem).toMatchObject({
      ...DAMAGED,
      message: expect.stringContaining('a dictionary of more than 64 MiB'),
    });
  });
});

describe('Brotli', () => {
  const packed = packedAs('br');
  const named = (bytes: Uint8Array): ByteSource => memorySource('x.br', bytes);
  const inPieces = (bytes: Uint8Array, size: number): ByteSource => ({
    name: 'x.br',
    async *open() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  });
  const damaged = { code: 'corrupt-compression', file: 'x.br' };

  it('is known by its suffix where the first bytes are of no other codec', async () => {
    for (const source of [
      named(packed),
      inPieces(packed, 1),
      named(packedAs('zst')),
      named(packedAs('gz')),
    ]) {
      expect(await unpack(source, NODE_READING)).toMatchObject({ bytes: words, problem: undefined });
    }
    expect(await unpack(packed, NODE_READING)).toMatchObject({ bytes: packed, problem: undefined });
    expect((await unpack(named(Buffer.alloc(0)), NODE_READING)).problem).toBeUndefined();
  });

  it('is refused by its name where there is no Node', async () => {
    expect((await unpack(named(packed))).problem).toMatchObject({
      code: 'unsupported-compression',
      file: 'x.br',
      message: expect.stringContaining('walscan/node'),
    });
  });

  it('that is cut off anywhere never stands for the whole, and gives what comes before', async () => {
    for (let size = 1; size < packed.length; size++) {
      const { bytes, problem } = await unpack(named(packed.subarray(0, size)), NODE_READING);
      expect(problem, `${size} bytes`).toMatchObject(damaged);
      expect(words.subarray(0, bytes.length).equals(bytes)).toBe(true);
    }
    const noise = Buffer.from(Array.from({ length: MiB }, (_, i) => (i * 2654435761) >>> 24));
    const long = brotliCompressSync(noise, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    const { bytes, problem } = await unpack(named(long.subarray(0, -100)), NODE_READING);
    expect(problem).toMatchObject(damaged);
    expect(bytes.length).toBeGreaterThan(MiB / 2);
  });

  it('with something after its end is damaged, however it comes', async () => {
    const large = brotliCompressSync(randomBytes(MiB));
    for (const one of [packed, large]) {
      for (const rest of [packed, Buffer.of(0), Buffer.alloc(MiB)]) {
        const both = Buffer.concat([one, rest]);
        for (const size of [one.length, 256 * 1024, both.length]) {
          expect((await unpack(inPieces(both, size), NODE_READING)).problem).toMatchObject(damaged);
        }
      }
    }
  });

  it('that was changed gives an answer or an error that names it', async () => {
    const change = fc.record({ at: fc.nat(packed.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = Buffer.from(packed);
        for (const { at, byte } of changes) changed[at] = byte;
        const { problem } = await unpack(named(changed), NODE_READING, MiB);
        if (problem !== undefined) expect(problem).toMatchObject(damaged);
      }),
    );
  });

  it('makes no more than a piece at once, and needs no window that was not announced', async () => {
    const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
    const bomb = brotliCompressSync(Buffer.alloc(64 * MiB), fast);
    expect(bomb.length).toBeLessThan(20_000);
    const { bytes, largestPiece } = await unpack(named(bomb), NODE_READING, 16 * MiB);
    expect(bytes.length).toBeLessThan(17 * MiB);
    expect(largestPiece).toBeLessThanOrEqual(256 * 1024);
    const wide = brotliCompressSync(words, {
      params: { [constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [constants.BROTLI_PARAM_LGWIN]: 30 },
    });
    expect((await unpack(named(wide), NODE_READING)).problem).toMatchObject(damaged);
  });
});

describe('LZMA alone', () => {
  const packed = packedAs('lzma');
  const named = (bytes: Uint8Array): ByteSource => memorySource('x.lzma', bytes);
  const damaged = (why = ''): object => ({
    code: 'corrupt-compression',
    file: 'x.lzma',
    message: expect.stringContaining(why),
  });
  /** With another header: properties, size of the dictionary, unpacked size. */
  const withHeader = (at: number, ...bytes: number[]): ByteSource => {
    const changed = Buffer.from(packed);
    changed.set(bytes, at);
    return named(changed);
  };

  it('is unpacked, whole or byte by byte, with and without a mark of its end', async () => {
    const byBytes: ByteSource = {
      name: 'x.lzma',
      async *open() {
        for (const byte of packed) yield Uint8Array.of(byte);
      },
    };
    for (const source of [named(packed), byBytes]) {
      expect(await unpack(source)).toMatchObject({ bytes: words, problem: undefined });
    }
    // what comes after the size that is stated is the mark
    const stated = Buffer.from(packed);
    stated.writeBigUInt64LE(BigInt(words.length), 5);
    expect(await unpack(named(stated))).toMatchObject({ bytes: words, problem: undefined });
    // zeroes are the likelier bits of all, and so is a byte of zero
    const alone = named(Buffer.of(0x5d, 0, 0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, ...new Array(6).fill(0)));
    expect(await unpack(alone)).toMatchObject({ bytes: Buffer.of(0), problem: undefined });
    expect((await unpack(withHeader(5, 0, 0, 0, 0, 0, 0, 0, 0))).problem).toMatchObject(damaged());
  });

  it('that is cut off anywhere never stands for the whole', async () => {
    for (let size = 1; size < packed.length; size++) {
      const { bytes, problem } = await unpack(named(packed.subarray(0, size)));
      expect(problem, `${size} bytes`).toMatchObject(damaged('ends too early'));
      expect(words.subarray(0, bytes.length).equals(bytes)).toBe(true);
    }
    expect((await unpack(named(Buffer.concat([packed, packed])))).problem).toMatchObject(
      damaged('after its end'),
    );
  });

  it.each([
    ['of properties that there are none of', withHeader(0, 225), 'does not begin as LZMA does'],
    ['that does not begin with a zero', withHeader(13, 1), 'does not begin as LZMA does'],
    ['with a dictionary of 65 MiB', withHeader(1, 0, 0, 0x10, 4), 'more than 64 MiB'],
    ['that goes on after the size it states', withHeader(5, 9, 0, 0, 0, 0, 0, 0, 0), 'after its end'],
    [
      'that ends before the size it states',
      withHeader(5, 0, 9, 0, 0, 0, 0, 0, 0),
      'ends where it should not',
    ],
  ])('%s is damaged', async (_, source, why) => {
    expect((await unpack(source)).problem).toMatchObject(damaged(why));
  });

  it('that was changed gives an answer or an error that names it', async () => {
    const change = fc.record({ at: fc.nat(packed.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = Buffer.from(packed);
        for (const { at, byte } of changes) changed[at] = byte;
        const { problem } = await unpack(named(changed), PORTABLE_READING, MiB);
        if (problem !== undefined) expect(problem).toMatchObject(damaged());
      }),
    );
  });

  it('makes no more than a piece at once', async ({ skip }) => {
    skip(spawnSync('xz', ['--version']).status !== 0, 'xz is not installed');
    const bomb = execFileSync('xz', ['--format=lzma', '-9', '-c'], { input: Buffer.alloc(64 * MiB) });
    expect(bomb.length).toBeLessThan(20_000);
    const { bytes, largestPiece, problem } = await unpack(named(bomb));
    expect(problem).toBeUndefined();
    expect(bytes.equals(Buffer.alloc(64 * MiB))).toBe(true);
    expect(largestPiece).toBeLessThan(257 * 1024);
  });
});

it('knows zstd by a frame without data that it begins with, as pzstd writes it', async () => {
  const skipped = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, ...Buffer.from('abc')];
  const source = memorySource('x', Uint8Array.from([...skipped, ...frame]));
  let text = '';
  for await (const piece of decompressed(source, NODE_READING)) text += Buffer.from(piece).toString();
  expect(text).toBe('abc');
});
