import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const ROOT = 'testdata/rows/18';
const WHOLE = readFileSync(`${ROOT}/base.tar.gz`);
const TABLE = ['--table', 't_many', '--database', 'ventas_db'];
const GARBAGE = new Uint8Array(50_000).map((_, i) => (i * 31 + 7) & 0xff);

describe.each([
  ['base.tar.gz', 'that is cut off', WHOLE.subarray(0, 100_000)],
  ['base.tar', 'that is cut off', gunzipSync(WHOLE).subarray(0, 3_000_256)],
  ['base.tar.gz', 'that is garbage', GARBAGE],
  ['base.tar.gz', 'without a byte', new Uint8Array()],
])('a %s %s', (name, _, bytes) => {
  it.each([
    ['rows', ...TABLE, '--as-of', 'latest'],
    ['plan', '--latest'],
    ['find-commit', ...TABLE],
  ])('is damage to %s, which names it and what to do', async (...args) => {
    const backup = join(folderOf({ [name]: bytes }), name);
    const { stdout, stderr, code } = await runCli([...args, '--backup', backup, ROOT]);
    expect([stdout, code]).toEqual(['', 3]);
    expect(stderr).toContain(backup);
    expect(stderr).toContain('give another copy of it, or another backup');
  });
});
