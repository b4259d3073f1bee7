import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const IMPORT = /^(?:import|export)\b[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gms;

/** What a source file imports, and what those files import. */
function importsOf(file: string, seen = new Map<string, string>()): Map<string, string> {
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const name = match[1] ?? match[2];
    if (!name.startsWith('.')) seen.set(name, file);
    else {
      const path = join(dirname(file), name.replace(/\.js$/, '.ts'));
      if (seen.has(path) || !existsSync(path)) continue;
      seen.set(path, file);
      importsOf(path, seen);
    }
  }
  return seen;
}

it('needs nothing of Node in the portable entry', () => {
  const imports = [...importsOf('src/index.ts').keys()];
  expect(imports.length).toBeGreaterThan(50);
  expect(imports.filter((name) => name.startsWith('node:') || name.startsWith('src/node/'))).toEqual([]);
  expect(imports.filter((name) => !name.startsWith('src/')).sort()).toEqual([
    '@noble/hashes/sha2.js',
    '@noble/hashes/utils.js',
    'fflate',
    'fzstd',
    'string-width',
  ]);
});

it('finds what the entry for Node needs of it', () => {
  expect([...importsOf('src/node.ts').keys()]).toContain('node:zlib');
});
