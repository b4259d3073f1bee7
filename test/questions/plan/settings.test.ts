import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatSettings } from '../../../src/questions/plan/settings.js';
import { printable } from '../../../src/text/printable.js';
import { folderOf } from '../../support/folder.js';
import { describeServers, runAsServer } from '../../support/postgres.js';

describeServers('settings, as read by', ({ bin }) => {
  it.each([
    "cp '/it'\\''s 100%% \\ here/%f' %p",
    'cp /a/two\nlines\r\t\x1b]0;x\x07\x7f/%f %p',
    'cp /a/\u009b2J\u202eü漢😀/%f %p',
  ])('mean %j, and show nothing that a terminal would obey', (command) => {
    const lines = formatSettings({ restore_command: command });
    expect(lines.map(printable)).toEqual(lines);
    const folder = folderOf({ 'postgresql.conf': `${lines.join('\n')}\n` });
    chmodSync(folder, 0o755);
    const told = runAsServer(join(bin, 'postgres'), ['-D', folder, '-C', 'restore_command']);
    expect(told).toBe(`${command}\n`);
  });
});
