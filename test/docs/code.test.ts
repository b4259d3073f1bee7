import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

/** A piece of TypeScript in a document, and what the document says that it prints. */
interface Example {
  line: number;
  code: string;
  output: string;
}

const BLOCKS = /^```ts\n(.*?)^```\n+^```text\n(.*?)^```$/gms;

function examplesOf(path: string): Example[] {
  const text = readFileSync(path, 'utf8');
  return Array.from(text.matchAll(BLOCKS), ({ index, 1: code, 2: output }) => ({
    line: text.slice(0, index).split('\n').length,
    code,
    output,
  }));
}

// in a folder of the repository's, so that `walscan` is looked up as vitest.config.ts says
const folder = resolve('node_modules/.cache/walscan-docs');
beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

describe.each(['README.md', 'docs/library.md'])('%s', (path) => {
  it.each(examplesOf(path))('line $line', async ({ line, code, output }) => {
    const printed: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((...values) => printed.push(`${format(...values)}\n`));
    const file = `${folder}/${path.replace(/\W/g, '-')}-${line}.ts`;
    writeFileSync(file, code);
    await import(file);
    expect(printed.join('')).toBe(output);
  });

  it('shows what its code prints', () => {
    const text = readFileSync(path, 'utf8');
    expect(examplesOf(path)).toHaveLength(text.split('\n```ts\n').length - 1);
  });
});
