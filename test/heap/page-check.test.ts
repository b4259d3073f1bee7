import { describe, expect, it } from 'vitest';
import { faultOfPage } from '../../src/heap/page-check.js';
import { pageChecksum } from '../../src/heap/page-checksum.js';

/** A page with a header that can be, and bytes of any kind behind it. */
function somePage(seed: number): Uint8Array {
  const page = new Uint8Array(8192);
  let state = seed;
  for (let at = 24; at < page.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    page[at] = state >>> 24;
  }
  const view = new DataView(page.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, 0x3000000 + seed, true);
  const [checksum, flags, lower, upper, special, version] = [0xdead, 4, 28, 8160, 8192, 0x2004];
  [checksum, flags, lower, upper, special, version].forEach((field, i) => {
    view.setUint16(8 + i * 2, field, true);
  });
  return page;
}

/** What `pg_checksums --enable` of 15 wrote into three such pages, of a relation's files 0, 1 and 40. */
const WRITTEN = [
  { block: 0, checksums: [63086, 35548, 63088] },
  { block: 131_072, checksums: [63088, 35550, 63090] },
  { block: 40 * 131_072, checksums: [63166, 35500, 63168] },
];

describe('the checksum of a page', () => {
  it('is the one that pg_checksums gives it, with its place', () => {
    for (const { block, checksums } of WRITTEN) {
      const computed = [1, 2, 1].map((seed, i) => pageChecksum(somePage(seed), block + i));
      expect(computed).toEqual(checksums);
    }
  });

  it('is the same for bytes at an odd place', () => {
    const bytes = new Uint8Array(8193);
    bytes.set(somePage(1), 1);
    expect(pageChecksum(bytes.subarray(1), 0)).toBe(63086);
  });

  it('leaves the page as it is', () => {
    const page = somePage(1);
    pageChecksum(page, 0);
    expect(page).toEqual(somePage(1));
  });
});

describe('a page is', () => {
  const sound = (): Uint8Array => {
    const page = somePage(1);
    new DataView(page.buffer).setUint16(8, 63086, true);
    return page;
  };

  it('sound with its checksum, as a new one is', () => {
    expect(faultOfPage(sound(), 0, true)).toBeUndefined();
    expect(faultOfPage(new Uint8Array(8192), 7, true)).toBeUndefined();
  });

  it('damaged wherever a bit of it is wrong', () => {
    for (const at of [0, 8, 9, 24, 5000, 8191]) {
      const page = sound();
      page[at] ^= 0x10;
      expect(faultOfPage(page, 0, true), `byte ${at}`).toMatchObject({ kind: 'checksum' });
      expect(faultOfPage(page, 0, false), `byte ${at}`).toBeUndefined();
    }
  });

  it('damaged in another place than its own', () => {
    expect(faultOfPage(sound(), 1, true)).toEqual({ kind: 'checksum', stored: 63086, computed: 63087 });
  });

  it.each([
    { what: 'unknown flags', at: 10, value: 8 },
    { what: 'pd_lower beyond pd_upper', at: 12, value: 8161 },
    { what: 'pd_upper beyond pd_special', at: 14, value: 8193 },
    { what: 'pd_special beyond the page', at: 16, value: 8200 },
    { what: 'pd_special at an odd place', at: 16, value: 8191 },
    { what: 'no pd_upper, and yet bytes', at: 14, value: 0 },
  ])('damaged with $what, also without checksums', ({ at, value }) => {
    const page = sound();
    new DataView(page.buffer).setUint16(at, value, true);
    expect(faultOfPage(page, 0, false)).toEqual({ kind: 'header' });
  });
});
