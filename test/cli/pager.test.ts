import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { page } from '../../src/cli/pager.js';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const { PATH } = process.env;
const ENV = { PATH };
const TEXT = 'line\n'.repeat(100_000);

describe.skipIf(process.platform === 'win32')('a pager', () => {
  it('gets the text, and the first variable that is set names it', () => {
    const file = join(folderOf({}), 'shown');
    expect(page(TEXT, { ...ENV, WALSCAN_PAGER: `cat > '${file}'`, PAGER: 'false' })).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(TEXT);
  });

  it('may be quit before all was read', () => {
    expect(page(TEXT, { ...ENV, PAGER: 'head -c 1 > /dev/null' })).toBe(true);
  });

  it.each(['', ' ', 'cat', 'no-such-pager-anywhere 2> /dev/null'])('is none where it is "%s"', (pager) => {
    expect(page(TEXT, { ...ENV, PAGER: pager })).toBe(false);
  });
});

describe('incidents', () => {
  it('are so many as --limit says, the newest, and how many are older is told', async () => {
    const all = JSON.parse((await runCli(['incidents', '--json', 'testdata/rows/18'])).stdout);
    const some = JSON.parse(
      (await runCli(['incidents', '--json', '--limit', '2', 'testdata/rows/18'])).stdout,
    );
    expect(some.incidents).toEqual(all.incidents.slice(0, 2));
    expect(some.older).toBe(all.older + all.incidents.length - 2);
  });

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{}, false],
  ])('have colours where they are asked for: %j', async (env, isColoured) => {
    const { stdout } = await runCli(['incidents', '--limit', '1', 'testdata/rows/18'], env);
    expect(stdout.includes('\u001b[')).toBe(isColoured);
  });
});
