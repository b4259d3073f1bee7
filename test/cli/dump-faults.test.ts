import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/cli.js';
import { faultCases } from '../support/faults.js';
import { folderOf } from '../support/folder.js';

/** Damaged input: what `walscan dump` prints, says and returns, against `pg_waldump` of the same version. */

describe.each(faultCases)('$name', ({ files, text, error, exitCode }) => {
  it('ends as in pg_waldump', async () => {
    const folder = folderOf(Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])));
    const { stdout, stderr, code } = await runProgram(['dump', ...files.map(({ name }) => name)], {
      cwd: folder,
    });
    if (text !== undefined) expect(stdout.split('\n')).toEqual(text.split('\n'));
    expect({ stderr, code }).toEqual({ stderr: error, code: exitCode });
  });
});
