import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { PageSpill } from '../../src/node/page-spill.js';
import { MemoryBlockStore } from '../../src/replay/block-store.js';
import { BLCKSZ } from '../../src/wal/record.js';

const store = fc.nat(2);
const block = fc.nat(9);
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), store, block, byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('truncate' as const), store, block }),
  fc.record({ kind: fc.constant('read' as const), store, block }),
);

it('pages are the same, be they in memory or in a file', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
      const pages = new PageSpill(limit);
      try {
        const actual = [0, 1, 2].map(() => pages.newStore());
        const expected = [0, 1, 2].map(() => new MemoryBlockStore());
        for (const one of steps) {
          for (const { [one.store]: blocks } of [actual, expected]) {
            if (one.kind === 'write') blocks.write(one.block, new Uint8Array(BLCKSZ).fill(one.byte));
            if (one.kind === 'truncate') blocks.truncate(one.block);
          }
          expect(actual[one.store].read(one.block)).toEqual(expected[one.store].read(one.block));
        }
        expect(actual.map((blocks) => blocks.blocks())).toEqual(expected.map((blocks) => blocks.blocks()));
      } finally {
        pages.close();
      }
    }),
    { numRuns: 50 },
  );
});

it.skipIf(process.platform === 'win32')('a file of pages has no name that could be left behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-test-'));
  vi.stubEnv('TMPDIR', folder);
  const pages = new PageSpill(1);
  try {
    const blocks = pages.newStore();
    for (let block = 0; block < 3; block++) blocks.write(block, new Uint8Array(BLCKSZ).fill(block));
    expect(readdirSync(folder)).toEqual([]);
    expect(blocks.read(0)).toEqual(new Uint8Array(BLCKSZ).fill(0));
  } finally {
    pages.close();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
