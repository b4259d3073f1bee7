import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { gunzipSegment } from '../../src/reader/gunzip.js';
import { WalError } from '../../src/wal/error.js';
import { GunzipStream } from '../../src/wal/gzip.js';

const packed = new Uint8Array(readFileSync('testdata/formats/000000010000000000000024.gz'));
const raw = gunzipSync(packed);

describe('gunzipSegment', () => {
  it('unpacks what is gzip and leaves other bytes alone', () => {
    expect(Buffer.from(gunzipSegment(packed)).equals(raw)).toBe(true);
    expect(gunzipSegment(raw)).toBe(raw);
  });

  it('unpacks a 16 MiB segment', () => {
    const archived = readFileSync('testdata/lab/17/000000010000000000000003.gz');
    expect(Buffer.from(gunzipSegment(archived)).equals(gunzipSync(archived))).toBe(true);
  });

  it('stops where a segment must end', () => {
    const bomb = gzipSync(Buffer.concat([raw, Buffer.alloc(50 * 1024 * 1024)]));
    expect(() => gunzipSegment(bomb, 'bomb.gz')).toThrow(/bomb.gz unpacks to more than the 1048576 bytes/);
    expect(() => gunzipSegment(gzipSync(Buffer.alloc(50 * 1024 * 1024)))).toThrow(WalError);
  });

  it('refuses what is not what was packed', () => {
    const stored = gzipSync(raw, { level: 0 });
    for (const at of [40_000, stored.length - 8, stored.length - 1]) {
      const changed = Buffer.from(stored);
      changed[at] ^= 1;
      expect(() => gunzipSegment(changed, 'x.gz')).toThrow(
        expect.objectContaining({ code: 'corrupt-compression', file: 'x.gz' }),
      );
    }
    for (const missing of [1, 4, 8, 600_000]) {
      expect(() => gunzipSegment(stored.subarray(0, -missing))).toThrow(
        expect.objectContaining({ code: 'corrupt-compression' }),
      );
    }
  });

  it('refuses what is cut off', () => {
    expect(() => gunzipSegment(packed.subarray(0, packed.length - 100), 'x.gz')).toThrow(
      expect.objectContaining({ code: 'corrupt-compression', file: 'x.gz' }),
    );
  });

  it('does not blame the data for a mistake of our own', () => {
    const mistake = new TypeError('a mistake');
    const push = vi.spyOn(GunzipStream.prototype, 'push').mockImplementation(() => {
      throw mistake;
    });
    try {
      expect(() => gunzipSegment(packed)).toThrow(mistake);
    } finally {
      push.mockRestore();
    }
  });

  it('never fails otherwise than with a WalError', () => {
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, byte) => {
        const changed = packed.slice();
        changed[at] = byte;
        try {
          expect(gunzipSegment(changed).length).toBeLessThanOrEqual(1024 * 1024);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      }),
      { numRuns: 50 },
    );
  });
});
