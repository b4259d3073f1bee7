/**
 * The checksum of a page (`pg_checksum_page`, src/include/storage/checksum_impl.h; the same in 10 to 19): FNV-1a over
 * 32-bit words in 32 lanes, folded, with the number of the block in it.
 */

const PRIME = 16777619;
const LANES = 32;

/** What each lane begins with (`checksumBaseOffsets`). */
const LANE_OFFSETS = Int32Array.of(
  ...[0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c],
  ...[0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb],
  ...[0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4],
  ...[0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756],
);

/** Where the checksum itself is: it counts as zero. */
const CHECKSUM_WORD = 2;
const WITHOUT_CHECKSUM = ~0xffff;

/**
 * A closure for its constants, and four lanes at a time, which do not wait for each other: other ways are slower
 * (docs/decisions/reading.md).
 */
function makePageChecksum(): (words: Int32Array, block: number) => number {
  const offsets = LANE_OFFSETS;
  return (words, block) => {
    let folded = 0;
    for (let lane = 0; lane < LANES; lane += 4) {
      let a = offsets[lane];
      let b = offsets[lane + 1];
      let c = offsets[lane + 2];
      let d = offsets[lane + 3];
      for (let at = lane; at < words.length; at += LANES) {
        a ^= words[at];
        b ^= words[at + 1];
        c ^= at === 0 ? words[CHECKSUM_WORD] & WITHOUT_CHECKSUM : words[at + 2];
        d ^= words[at + 3];
        a = Math.imul(a, PRIME) ^ (a >>> 17);
        b = Math.imul(b, PRIME) ^ (b >>> 17);
        c = Math.imul(c, PRIME) ^ (c >>> 17);
        d = Math.imul(d, PRIME) ^ (d >>> 17);
      }
      // two rounds of zeroes
      for (let round = 0; round < 2; round++) {
        a = Math.imul(a, PRIME) ^ (a >>> 17);
        b = Math.imul(b, PRIME) ^ (b >>> 17);
        c = Math.imul(c, PRIME) ^ (c >>> 17);
        d = Math.imul(d, PRIME) ^ (d >>> 17);
      }
      folded ^= a ^ b ^ c ^ d;
    }
    return (((folded ^ block) >>> 0) % 65535) + 1;
  };
}

const checksumOfWords = makePageChecksum();

/**
 * The checksum that a page should have, from 1 to 65535.
 * @param page all of it, whatever checksum it has
 * @param block its number in the relation, counted over all files of that
 */
export function pageChecksum(page: Uint8Array, block: number): number {
  return checksumOfWords(wordsOf(page), block);
}

/** The page as words of 32 bits, the low byte first. */
function wordsOf(page: Uint8Array): Int32Array {
  if (IS_LITTLE_ENDIAN) {
    const { buffer, byteOffset, length } = page.byteOffset % 4 === 0 ? page : new Uint8Array(page);
    return new Int32Array(buffer, byteOffset, length / 4);
  }
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  return Int32Array.from({ length: page.length / 4 }, (_, i) => view.getInt32(i * 4, true));
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
