import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WalError } from '../../src/wal/error.js';
import { parseLongPageHeader } from '../../src/wal/page-header.js';
import { magicOfVersion, NEWEST_VERSION, OLDEST_VERSION, versionOfMagic } from '../../src/wal/version.js';

function longHeader(
  change: { magic?: number; info?: number; segmentSize?: number; blockSize?: number } = {},
) {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, change.magic ?? 0xd116, true);
  view.setUint16(2, change.info ?? 0x0003, true);
  view.setUint32(4, 7, true);
  view.setBigUint64(8, 0x3_0400_0000n, true);
  view.setUint32(16, 123, true);
  view.setBigUint64(24, 7587588177156489861n, true);
  view.setUint32(32, change.segmentSize ?? 16 * 1024 * 1024, true);
  view.setUint32(36, change.blockSize ?? 8192, true);
  return bytes;
}

const codeOf = (bytes: Uint8Array): string => {
  try {
    parseLongPageHeader(bytes, 'the file');
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(WalError);
    expect((error as WalError).message).toContain('the file');
    return (error as WalError).code;
  }
};

describe('the first page header of a segment', () => {
  it('tells version, place and sizes', () => {
    expect(parseLongPageHeader(longHeader())).toEqual({
      version: 17,
      info: 3,
      timeline: 7,
      pageAddress: 0x3_0400_0000n,
      remainingLength: 123,
      systemIdentifier: 7587588177156489861n,
      segmentSize: 16 * 1024 * 1024,
      blockSize: 8192,
    });
  });

  it('tells why it is none', () => {
    expect(codeOf(longHeader().subarray(0, 39))).toBe('short-file');
    expect(codeOf(longHeader({ magic: 0 }))).toBe('not-wal');
    expect(codeOf(longHeader({ magic: 0xd199 }))).toBe('unknown-version');
    expect(codeOf(longHeader({ info: 0x0001 }))).toBe('not-wal');
    expect(codeOf(longHeader({ segmentSize: 12345 }))).toBe('bad-segment-size');
    expect(codeOf(longHeader({ blockSize: 8191 }))).toBe('bad-block-size');
  });

  it('names the magic that it does not know and the newest version that it does', () => {
    expect(() => parseLongPageHeader(longHeader({ magic: 0xd199 }))).toThrow(/D199.*19/);
  });

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(codeOf(bytes)).not.toBe('none');
      }),
    );
  });
});

describe('page magics', () => {
  it('are known for every version from 10 to 19', () => {
    for (let version = OLDEST_VERSION; version <= NEWEST_VERSION; version++) {
      expect(versionOfMagic(magicOfVersion(version))).toBe(version);
    }
    expect(versionOfMagic(0xd121)).toBeUndefined();
  });
});
