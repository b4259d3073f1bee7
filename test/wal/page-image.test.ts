import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WalError } from '../../src/wal/error.js';
import { restoreImage } from '../../src/wal/page-image.js';
import { BLCKSZ, type BlockReference } from '../../src/wal/record.js';

const u16 = fc.nat(0xffff);

it('makes a page of an image, or says that it is none, whatever its hole', () => {
  fc.assert(
    fc.property(
      fc.record({ holeOffset: u16, holeLength: u16 }),
      fc.constantFrom('none', 'pglz', 'lz4', 'zstd'),
      fc.uint8Array({ maxLength: 64 }),
      (hole, compression, imageBytes) => {
        const image = { ...hole, compression, length: imageBytes.length, apply: true };
        const block = { id: 0, image, imageBytes } as BlockReference;
        try {
          expect(restoreImage(block).length).toBe(BLCKSZ);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      },
    ),
  );
});
