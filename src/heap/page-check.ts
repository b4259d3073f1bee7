import { pageChecksum } from './page-checksum.js';

/** What is wrong with a page: it has another checksum than its content, or its header is that of no page. */
export type PageFault = { kind: 'checksum'; stored: number; computed: number } | { kind: 'header' };

/** `PD_VALID_FLAG_BITS` (bufpage.h) */
const VALID_FLAGS = 0x0007;

/**
 * What a server finds wrong with a page that it reads from disk (`PageIsVerified`, src/backend/storage/page/bufpage.c;
 * the same in 10 to 19). A page of zeroes is a new one, and sound.
 * @param page all of it
 * @param block its number in the relation
 * @param hasChecksum whether pages of the cluster have checksums
 */
export function faultOfPage(page: Uint8Array, block: number, hasChecksum: boolean): PageFault | undefined {
  const u16 = (at: number): number => page[at] | (page[at + 1] << 8);
  const [stored, flags, lower, upper, special] = [u16(8), u16(10), u16(12), u16(14), u16(16)];
  if (upper === 0) return page.every((byte) => byte === 0) ? undefined : { kind: 'header' };
  const isSane =
    (flags & ~VALID_FLAGS) === 0 &&
    lower <= upper &&
    upper <= special &&
    special <= page.length &&
    special % 8 === 0;
  if (!isSane) return { kind: 'header' };
  if (!hasChecksum) return undefined;
  const computed = pageChecksum(page, block);
  return computed === stored ? undefined : { kind: 'checksum', stored, computed };
}
