import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

const LAB = 'testdata/lab/17';
const SEGMENTS = readdirSync(LAB).filter((name) => /^0\w+\.gz$/.test(name));
const BACKUP = ['--backup', `${LAB}/backup_label`, '--timeline', '1'];
const COLUMNS = 'id int4, producto text, stock int4, fecha_hora timestamp';

describe('files in a folder that cannot be read', () => {
  it.each([
    ['archive', '--at', '2026-11-22 10:13:36'],
    ['archive', '--at', '2026-11-22 10:13:36', '--json'],
    ['plan', ...BACKUP, '--name', 'test_pirt'],
    ['plan', ...BACKUP, '--latest', '--json'],
    ['plan', ...BACKUP, '--before-delete', '--rel', '16386'],
    ['rows', '--timeline', '1', '--rel', '16386', '--columns', COLUMNS, '--deleted-by', 'last'],
    ['dump', '-q'],
    ['dump', '-q', '--jobs', '1', '--timeline', '1'],
  ])('are named by %s %s %s %s %s %s', async (...args) => {
    const files = SEGMENTS.map((name) => [name, readFileSync(join(LAB, name))] as const);
    const folder = folderOf({
      ...Object.fromEntries(files),
      '000000010000000000000006.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff]),
    });
    symlinkSync('nowhere', join(folder, '000000010000000000000007'));
    const { code, stdout, stderr } = await runCli([...args, folder]);
    const named = args.includes('--before-delete') ? stdout : stderr;
    expect(named).toMatch(/^\w+: cannot read \S+7: no such file or folder; check the path$/m);
    expect(named).toMatch(/^\w+: \S+6\.gz cannot be unpacked: /m);
    expect(code).toBe(3);
  });
});
