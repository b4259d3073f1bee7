import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('finds nothing in a minute, with another seed each time', { timeout: 600_000 }, async () => {
  const { stdout } = await promisify(execFile)('npm', [
    'run',
    'fuzz',
    '--',
    '--minutes',
    '1',
    '--jobs',
    '1',
  ]).catch((error: { stdout: string }) => ({ stdout: `failed: ${error.stdout}` }));
  expect(stdout).not.toContain('failed: ');
  expect(stdout).toMatch(/^\d+ inputs of \d+ targets, .* 0 crashes$/m);
});
