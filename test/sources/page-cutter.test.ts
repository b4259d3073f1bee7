import { describe, expect, it } from 'vitest';
import { PageCutter } from '../../src/sources/page-cutter.js';

const PAGE = 8192;
const FILE = Buffer.concat(['a', 'b', 'c'].map((letter) => Buffer.alloc(PAGE, letter)));

/** @param sizes of the pieces; the rest of the file is one more */
function cut(file: Uint8Array, sizes: readonly number[]): { pages: Uint8Array[]; begun?: Uint8Array } {
  const cutter = new PageCutter();
  const pages: Uint8Array[] = [];
  let at = 0;
  for (const size of [...sizes, file.length]) {
    pages.push(...cutter.pagesOf(file.subarray(at, at + size)));
    at += size;
  }
  return { pages, begun: cutter.begun };
}

describe('a file cut into pages', () => {
  it('gives them whole, whatever pieces it comes in', () => {
    const some = Array.from({ length: 2 * PAGE }, () => 1);
    for (const sizes of [[], [1], [PAGE], [PAGE - 1], [PAGE + 1], [100, 3 * PAGE - 200], some]) {
      const { pages, begun } = cut(FILE, sizes);
      expect(Buffer.concat(pages).equals(FILE)).toBe(true);
      expect(pages.map(({ length }) => length)).toEqual([PAGE, PAGE, PAGE]);
      expect(begun).toBeUndefined();
    }
  });

  it('says what it had of a last one, with zeroes after it', () => {
    const { pages, begun } = cut(FILE.subarray(0, 2 * PAGE + 10), [PAGE + 5]);
    expect(Buffer.concat(pages).equals(FILE.subarray(0, 2 * PAGE))).toBe(true);
    expect(Buffer.from(begun!).equals(Buffer.alloc(PAGE).fill('c', 0, 10))).toBe(true);
  });

  it('copies none that lies whole in a piece', () => {
    const { pages } = cut(FILE, []);
    expect(pages.every((page) => page.buffer === FILE.buffer)).toBe(true);
  });
});
