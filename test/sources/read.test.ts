import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readBeginning, readSegmentBytes, readWhole } from '../../src/sources/read.js';
import { type ByteSource, fileSource, memorySource } from '../../src/sources/source.js';
import { WalError } from '../../src/wal/error.js';

const segment = 'testdata/formats/000000010000000000000024';
const raw = gunzipSync(readFileSync(`${segment}.gz`));
const MiB = 1024 * 1024;

/** The same bytes in pieces of any size. */
function inPieces(bytes: Uint8Array, size: number): ByteSource {
  return {
    name: 'pieces',
    async *read() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'walscan-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['gz', 'zst', 'lz4', 'bz2', 'xz'])('a segment compressed as .%s', (suffix) => {
  const packed = readFileSync(`${segment}.${suffix}`);

  it('is read whole', async () => {
    const { bytes, problem } = await readSegmentBytes(fileSource(`${segment}.${suffix}`), MiB);
    expect(problem).toBeUndefined();
    expect(Buffer.from(bytes).equals(raw)).toBe(true);
  });

  it('is recognised by its content, whatever its name and however it comes in', async () => {
    for (const size of [1, 1000]) {
      const { bytes, problem } = await readSegmentBytes(inPieces(packed, size), MiB);
      expect(problem).toBeUndefined();
      expect(Buffer.from(bytes).equals(raw)).toBe(true);
    }
  });

  it('gives its first bytes without the rest being read', async () => {
    let given = 0;
    let closed = false;
    const source: ByteSource = {
      name: 'endless',
      async *read() {
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
    expect(Buffer.from(await readBeginning(source, 40)).equals(raw.subarray(0, 40))).toBe(true);
    expect(given).toBeLessThan(MiB); // unbzip2-stream waits for as much as a whole block may take
    expect(closed).toBe(true);
  });

  it('is read no further than a segment goes, and said to be too long', async () => {
    const { bytes, problem } = await readSegmentBytes(memorySource('x', packed), MiB / 2);
    expect(Buffer.from(bytes).equals(raw.subarray(0, MiB / 2))).toBe(true);
    expect(problem?.code).toBe('oversized-segment');
  });

  it('gives what there is when it was cut off, and says so', async () => {
    const { bytes, problem } = await readSegmentBytes(
      memorySource('cut', packed.subarray(0, packed.length - 500)),
      MiB,
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
        const { bytes, problem } = await readSegmentBytes(memorySource('changed', changed), MiB);
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
    expect(Buffer.from(await readWhole(memorySource('two', packed), MiB)).equals(raw)).toBe(true);
  });

  it('that unpacks without end is not unpacked to its end', async () => {
    const zeroes = gzipSync(Buffer.alloc(64 * MiB));
    const bomb: ByteSource = {
      name: 'bomb',
      async *read() {
        for (let i = 0; i < 1e6; i++) yield zeroes;
      },
    };
    const { bytes, problem } = await readSegmentBytes(bomb, MiB);
    expect(bytes.length).toBe(MiB);
    expect(problem?.code).toBe('oversized-segment');
    await expect(readWhole(bomb, MiB)).rejects.toMatchObject({ code: 'file-too-large', file: 'bomb' });
  });
});

describe('a raw file', () => {
  it('is read as it is', async () => {
    const path = join(folder, 'raw');
    writeFileSync(path, raw);
    expect(Buffer.from(await readWhole(fileSource(path), MiB)).equals(raw)).toBe(true);
    expect(Buffer.from(await readBeginning(fileSource(path), 100)).equals(raw.subarray(0, 100))).toBe(true);
  });

  it('shorter than a segment is said to be truncated', async () => {
    const { bytes, problem } = await readSegmentBytes(memorySource('short', raw.subarray(0, 5000)), MiB);
    expect(bytes.length).toBe(5000);
    expect(problem).toMatchObject({ code: 'truncated-segment', file: 'short' });
    expect((await readSegmentBytes(memorySource('empty', new Uint8Array(0)), MiB)).problem?.code).toBe(
      'truncated-segment',
    );
  });

  it('that is not there is unreadable', async () => {
    await expect(readWhole(fileSource(join(folder, 'none')), 10)).rejects.toMatchObject({
      code: 'unreadable',
      message: `cannot read ${join(folder, 'none')}: no such file or folder`,
    });
    await expect(readBeginning(fileSource(folder), 10)).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('whose store fails half-way gives what came before', async () => {
    const failing: ByteSource = {
      name: 's3://bucket/x',
      async *read() {
        yield raw.subarray(0, 100);
        throw new Error('connection lost');
      },
    };
    const { bytes, problem } = await readSegmentBytes(failing, MiB);
    expect(bytes.length).toBe(100);
    expect(problem).toMatchObject({
      code: 'unreadable',
      message: 'cannot read s3://bucket/x: connection lost',
    });
  });
});
