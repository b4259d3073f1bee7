import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isValidSegmentSize,
  parseSegmentFileName,
  segmentFileName,
  segmentFileNameOf,
} from '../../src/wal/segment-name.js';

const MiB = 1024 * 1024;

describe('segment file names', () => {
  it('carries from one log file to the next where the segment size says', () => {
    expect(segmentFileName(1, 255n, 16 * MiB)).toBe('0000000100000000000000FF');
    expect(segmentFileName(1, 256n, 16 * MiB)).toBe('000000010000000100000000');
    expect(segmentFileName(1, 4095n, MiB)).toBe('000000010000000000000FFF');
    expect(segmentFileName(1, 4096n, MiB)).toBe('000000010000000100000000');
    expect(segmentFileName(1, 3n, 1024 * MiB)).toBe('000000010000000000000003');
    expect(segmentFileName(1, 4n, 1024 * MiB)).toBe('000000010000000100000000');
  });

  it('names the segment that holds an LSN', () => {
    expect(segmentFileNameOf(2, 0x4000680n, 16 * MiB)).toBe('000000020000000000000004');
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffffffff }),
        fc.integer({ min: 20, max: 30 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (timeline, sizeBits, lsn) => {
          const size = 2 ** sizeBits;
          const segmentNumber = lsn / BigInt(size);
          const name = segmentFileName(timeline, segmentNumber, size);
          expect(name).toMatch(/^[0-9A-F]{24}$/);
          expect(parseSegmentFileName(name, size)).toEqual({ timeline, segmentNumber });
        },
      ),
    );
  });

  it('refuses what is no segment of that size', () => {
    expect(parseSegmentFileName('000000010000000000000100', 16 * MiB)).toBeUndefined();
    expect(parseSegmentFileName('000000010000000000000100', MiB)).toEqual({
      timeline: 1,
      segmentNumber: 256n,
    });
    expect(parseSegmentFileName('00000002.history', 16 * MiB)).toBeUndefined();
    expect(parseSegmentFileName('00000001000000000000000a', 16 * MiB)).toBeUndefined();
  });

  it('knows the sizes that PostgreSQL allows', () => {
    expect(isValidSegmentSize(MiB)).toBe(true);
    expect(isValidSegmentSize(1024 * MiB)).toBe(true);
    expect(isValidSegmentSize(MiB / 2)).toBe(false);
    expect(isValidSegmentSize(3 * MiB)).toBe(false);
    expect(isValidSegmentSize(2048 * MiB)).toBe(false);
  });
});
