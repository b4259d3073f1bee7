import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { executable, runProgram } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const SEGMENT = 'testdata/lab/17/000000010000000000000003.gz';

/** Stands for what Node has from 22.1 on: says where compiled code is to be kept. */
const STAND_IN = `require('node:module').enableCompileCache = (folder) => require('node:fs').writeSync(2, folder);`;

/** Where a run would keep compiled code; '' for nowhere. */
async function keptIn(cache: string): Promise<string> {
  const preload = join(folderOf({ 'stand-in.cjs': STAND_IN }), 'stand-in.cjs');
  const env = { XDG_CACHE_HOME: cache, NODE_OPTIONS: `--require ${preload}` };
  return (await runProgram(['dump', '--quiet', SEGMENT], { env })).stderr;
}

const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform === 'win32' || executable !== undefined)('compiled code', () => {
  it('is kept in a folder of the user', async () => {
    const cache = folderOf({});
    expect(await keptIn(cache)).toBe(join(cache, 'walscan'));
    mkdirSync(join(cache, 'walscan'));
    expect(await keptIn(cache)).toBe(join(cache, 'walscan'));
  });

  it.each(['.', 'walscan'])('is not kept where all may write: in "%s"', async (open) => {
    const cache = folderOf({});
    mkdirSync(join(cache, 'walscan'));
    chmodSync(join(cache, open), 0o777);
    expect(await keptIn(cache)).toBe('');
  });

  it.runIf(isRoot).each(['.', 'walscan'])(`is not kept in what is another user's: "%s"`, async (others) => {
    const cache = folderOf({});
    mkdirSync(join(cache, 'walscan'));
    chownSync(join(cache, others), 65_534, 65_534);
    expect(await keptIn(cache)).toBe('');
  });
});
