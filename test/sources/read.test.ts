import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fileSource, folderSource } from '../../src/node/files.js';
import { NODE_READING } from '../../src/node/reading.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import { decompressed } from '../../src/sources/decompress.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { readBeginning, readSegmentBytes, readWhole } from '../../src/sources/read.js';
import { PORTABLE_READING } from '../../src/sources/reading.js';
import { WalError } from '../../src/wal/error.js';

const segment = 'testdata/formats/000000010000000000000024';
const raw = gunzipSync(readFileSync(`${segment}.gz`));
const MiB = 1024 * 1024;

/** The same bytes in pieces of any size. */
function inPieces(bytes: Uint8Array, size: number): ByteSource {
  return {
    name: 'pieces',
    async *open() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return changed;
}

const folder = mkdtempSync(join(tmpdir(), 'walscan-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readings = [
  ['on Node', NODE_READING],
  ['by JavaScript alone', PORTABLE_READING],
] as const;

describe.each(readings)('%s', (_, reading) => {
  describe.each(['gz', 'zst', 'lz4', 'bz2', 'xz'])('a segment compressed as .%s', (suffix) => {
    const packed = readFileSync(`${segment}.${suffix}`);

    it('is read whole', async () => {
      const { bytes, problem } = await readSegmentBytes(fileSource(`${segment}.${suffix}`), MiB, reading);
      expect(problem).toBeUndefined();
      expect(Buffer.from(bytes).equals(raw)).toBe(true);
    });

    it('is read in turn with another', async () => {
      const source = fileSource(`${segment}.${suffix}`);
      const both = [0, 1].map(() => decompressed(source, reading));
      const sizes = [0, 0];
      for (let isDone = false; !isDone; ) {
        const next = [await both[0].next(), await both[1].next()];
        isDone = next.every(({ done }) => done);
        for (const [i, { value }] of next.entries()) sizes[i] += value?.length ?? 0;
      }
      expect(sizes).toEqual([raw.length, raw.length]);
    });

    it('is recognised by its content, whatever its name and however it comes in', async () => {
      for (const size of [1, 1000]) {
        const { bytes, problem } = await readSegmentBytes(inPieces(packed, size), MiB, reading);
        expect(problem).toBeUndefined();
        expect(Buffer.from(bytes).equals(raw)).toBe(true);
      }
    });

    it('gives its first bytes without the rest being read', async () => {
      let given = 0;
      let closed = false;
      const source: ByteSource = {
        name: 'endless',
        async *open() {
          try {
            for (let at = 0; ; at += 1000) {
              given += 1000;
              yield at < packed.length ? packed.subarray(at, at + 1000) : new Uint8Array(1000);
            }
          } finally {
            closed = true;
          }
        },
      };
      expect(Buffer.from(await readBeginning(source, 40, reading)).equals(raw.subarray(0, 40))).toBe(true);
      expect(given).toBeLessThan(MiB); // unbzip2-stream waits for as much as a whole block may take
      expect(closed).toBe(true);
    });

    it('is read no further than a segment goes, and said to be too long', async () => {
      const { bytes, problem } = await readSegmentBytes(memorySource('x', packed), MiB / 2, reading);
      expect(Buffer.from(bytes).equals(raw.subarray(0, MiB / 2))).toBe(true);
      expect(problem?.code).toBe('oversized-segment');
    });

    it('gives what there is when it was cut off, and says so', async () => {
      const { bytes, problem } = await readSegmentBytes(
        memorySource('cut', packed.subarray(0, packed.length - 500)),
        MiB,
        reading,
      );
      expect(problem?.code).toBe('corrupt-compression');
      expect(problem?.message).toMatch(/^cut cannot be unpacked: /);
      expect(Buffer.from(bytes).equals(raw.subarray(0, bytes.length))).toBe(true);
      if (suffix === 'gz') expect(bytes.length).toBeGreaterThan(100_000);
    });

    it('never fails otherwise than with a WalError when changed', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(packed.length - 1), fc.nat(255), async (at, byte) => {
          const changed = Buffer.from(packed);
          changed[at] = byte;
          const { bytes, problem } = await readSegmentBytes(memorySource('changed', changed), MiB, reading);
          expect(bytes.length).toBeLessThanOrEqual(MiB);
          if (bytes.length < MiB) expect(problem).toBeInstanceOf(WalError);
        }),
        { numRuns: suffix === 'bz2' ? 5 : 25 },
      );
    });
  });

  describe('a gzip file', () => {
    it('may consist of several members', async () => {
      const packed = Buffer.concat([gzipSync(raw.subarray(0, 1000)), gzipSync(raw.subarray(1000))]);
      expect(Buffer.from(await readWhole(memorySource('two', packed), MiB, reading)).equals(raw)).toBe(true);
    });

    it.each([
      ['a byte that was changed', (packed: Buffer) => flipped(packed, 40_000)],
      ['a byte of the checksum that was changed', (packed: Buffer) => flipped(packed, packed.length - 8)],
      ['a byte of the length that was changed', (packed: Buffer) => flipped(packed, packed.length - 1)],
      ['an end that was cut off by a byte', (packed: Buffer) => packed.subarray(0, -1)],
      ['an end that was cut off with the length', (packed: Buffer) => packed.subarray(0, -4)],
      ['an end that was cut off with the checksum', (packed: Buffer) => packed.subarray(0, -8)],
      ['more than half', (packed: Buffer) => packed.subarray(0, 600_000)],
      ['no more than a beginning', (packed: Buffer) => packed.subarray(0, 5)],
    ])('with %s is damaged', async (_, damage) => {
      // without compression a changed byte leaves the rest readable
      for (const members of [[raw], [raw.subarray(0, 100), raw.subarray(100)]]) {
        const packed = Buffer.concat(members.map((one) => gzipSync(one, { level: 0 })));
        for (const size of [1000, MiB]) {
          const source = inPieces(damage(packed), size);
          const { problem } = await readSegmentBytes(source, MiB, reading);
          expect(problem).toMatchObject({ code: 'corrupt-compression', file: 'pieces' });
        }
      }
    });

    it('of which another member than the last is damaged is damaged', async () => {
      const packed = Buffer.concat([gzipSync(raw, { level: 0 }), gzipSync(raw, { level: 0 })]);
      for (const size of [1000, 4 * MiB]) {
        await expect(
          readWhole(inPieces(flipped(packed, 40_000), size), 2 * MiB, reading),
        ).rejects.toMatchObject({
          code: 'corrupt-compression',
        });
        expect((await readWhole(inPieces(packed, size), 2 * MiB, reading)).length).toBe(2 * MiB);
      }
    });

    it('that unpacks without end is not unpacked to its end', async () => {
      const zeroes = gzipSync(Buffer.alloc(64 * MiB));
      const bomb: ByteSource = {
        name: 'bomb',
        async *open() {
          for (let i = 0; i < 1e6; i++) yield zeroes;
        },
      };
      const { bytes, problem } = await readSegmentBytes(bomb, MiB, reading);
      expect(bytes.length).toBe(MiB);
      expect(problem?.code).toBe('oversized-segment');
      await expect(readWhole(bomb, MiB, reading)).rejects.toMatchObject({
        code: 'file-too-large',
        file: 'bomb',
      });
    });
  });

  describe('a raw file', () => {
    it('is read as it is', async () => {
      const path = join(folder, 'raw');
      writeFileSync(path, raw);
      expect(Buffer.from(await readWhole(fileSource(path), MiB, reading)).equals(raw)).toBe(true);
      expect(
        Buffer.from(await readBeginning(fileSource(path), 100, reading)).equals(raw.subarray(0, 100)),
      ).toBe(true);
    });

    it('shorter than a segment is said to be truncated', async () => {
      const { bytes, problem } = await readSegmentBytes(
        memorySource('short', raw.subarray(0, 5000)),
        MiB,
        reading,
      );
      expect(bytes.length).toBe(5000);
      expect(problem).toMatchObject({ code: 'truncated-segment', file: 'short' });
      expect(
        (await readSegmentBytes(memorySource('empty', new Uint8Array(0)), MiB, reading)).problem?.code,
      ).toBe('truncated-segment');
    });

    it('that is not there is unreadable', async () => {
      await expect(readWhole(fileSource(join(folder, 'none')), 10, reading)).rejects.toMatchObject({
        code: 'unreadable',
        message: `cannot read ${join(folder, 'none')}: no such file or folder; check the path`,
      });
      await expect(readBeginning(fileSource(folder), 10, reading)).rejects.toMatchObject({
        code: 'unreadable',
      });
    });

    it('that is gone since its folder was listed says to ask again', async () => {
      const listed = mkdtempSync(join(folder, 'listed-'));
      writeFileSync(join(listed, 'one'), 'x');
      for await (const entry of folderSource(listed).list()) {
        if (entry.kind !== 'file') continue;
        rmSync(join(listed, 'one'));
        await expect(readWhole(entry.source, 10, reading)).rejects.toMatchObject({
          code: 'unreadable',
          message: expect.stringContaining('one: it is gone since its folder was listed; ask again'),
        });
      }
      expect.assertions(1);
    });

    it('whose store fails half-way is an error of the store, not of the file', async () => {
      const cause = new Error('connection lost');
      const failing: ByteSource = {
        name: 's3://bucket/x',
        async *open() {
          yield raw.subarray(0, 100);
          throw cause;
        },
      };
      const failure = {
        code: 'source-failed',
        message: 's3://bucket/x could not be read: connection lost',
        file: 's3://bucket/x',
        cause,
      };
      await expect(readSegmentBytes(failing, MiB, reading)).rejects.toMatchObject(failure);
      await expect(readWhole(failing, MiB, reading)).rejects.toMatchObject(failure);
    });
  });
});
