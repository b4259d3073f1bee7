import { WalError } from './error.js';
import { lz4BlockDecompress } from './lz4.js';
import { message } from './message.js';
import { pglzDecompress } from './pglz.js';
import { BLCKSZ, type BlockImage, type BlockReference } from './record.js';
import { zstdDecompress } from './zstd.js';

const NOTHING = new Uint8Array(0);

/**
 * The page that a block's full-page image stands for: unpacked, and the hole filled with zeroes
 * (`RestoreBlockImage`, xlogreader.c).
 * @throws WalError `no-image` where the block has none, `corrupt-image`, `corrupt-compression`
 */
export function restoreImage(block: BlockReference): Uint8Array {
  const { image } = block;
  if (image === undefined)
    throw new WalError('no-image', message`block reference ${block.id} has no full-page image`);
  const { holeOffset, holeLength } = image;
  const size = BLCKSZ - holeLength;
  const stored = size < 0 ? NOTHING : unpack(block.imageBytes, image, size);
  if (stored.length !== size || holeOffset > size) {
    throw new WalError(
      'corrupt-image',
      message`the full-page image of block reference ${block.id} does not fill a page: ${stored.length} bytes and a hole of ${holeLength} at ${holeOffset}`,
    );
  }
  const page = new Uint8Array(BLCKSZ);
  page.set(stored.subarray(0, holeOffset));
  page.set(stored.subarray(holeOffset), holeOffset + holeLength);
  return page;
}

function unpack(bytes: Uint8Array, image: BlockImage, size: number): Uint8Array {
  switch (image.compression) {
    case 'none':
      return bytes;
    case 'pglz':
      return pglzDecompress(bytes, size);
    case 'lz4':
      return lz4BlockDecompress(bytes, size);
    case 'zstd':
      return zstdDecompress(bytes, size);
  }
}
