import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json';

const require = createRequire(import.meta.url);
const isBuilt = existsSync('dist/node.cjs') && existsSync('dist/node.js');

/** What is asked of each form that the package comes in. */
async function firstXids({
  findCommitInPaths,
}: typeof import('../src/node.js')): Promise<(number | undefined)[]> {
  const { relations } = await findCommitInPaths(['testdata/lab/17'], { relation: '16386', jobs: 2 });
  return relations.map(({ lastInsert }) => lastInsert?.xid);
}

// `npm run check` builds before it tests
describe.skipIf(!isBuilt)('the package as built', () => {
  it('has every file that package.json names', () => {
    const named = JSON.stringify([
      packageJson.exports,
      packageJson.main,
      packageJson.module,
      packageJson.bin,
    ]);
    for (const [file] of named.matchAll(/dist\/[\w.]+/g)) expect(existsSync(file)).toBe(true);
  });

  it('is an ES module', async () => {
    const path = '../dist/node.js';
    expect(await firstXids(await import(path))).toEqual([741, 741]);
  });

  it('is CommonJS', async () => {
    expect(await firstXids(require('../dist/node.cjs'))).toEqual([741, 741]);
    expect(Object.keys(require('../dist/index.cjs'))).toContain('findCommit');
  });
});
