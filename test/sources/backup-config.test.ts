import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import { openBackup } from '../../src/sources/backup.js';
import { type BackupConfig, readBackupConfig } from '../../src/sources/backup-config.js';
import { labelOf } from '../../src/sources/read-base-backup.js';
import { folderOf } from '../support/folder.js';
import { describeServers, runAsServer } from '../support/postgres.js';

const configOf = async (path: string): Promise<BackupConfig | undefined> =>
  readBackupConfig(await openBackup(path, NODE_READING));

const LABEL =
  'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000060\n';

const FILES = {
  PG_VERSION: '15\n',
  backup_label: LABEL,
  'postgresql.conf': `cluster_name = 'first'
restore_command = 'it''s \\303\\261 # \\'x\\''
Log_Line_Prefix 'p'
include_dir 'conf.d'
include = 'more/one.conf'
include_if_exists 'none.conf'
lc_messages = C # the last one counts
`,
  'postgresql.auto.conf': "# Do not edit\nlog_min_duration_statement = '250'\n",
  'conf.d/b.conf': 'cluster_name = b.b.b\n',
  'conf.d/a.conf': "cluster_name = 'a'\nlog_line_prefix = ''\n",
  'conf.d/.hidden.conf': 'cluster_name = hidden\n',
  'conf.d/c.conf.old': 'cluster_name = old\n',
  'more/one.conf': "include = 'two.conf'\n",
  'more/two.conf': 'work_mem = 5120\n',
};

const IN_ORDER = [
  ['postgresql.conf', 'cluster_name', 'first'],
  ['postgresql.conf', 'restore_command', "it's ñ # 'x'"],
  ['postgresql.conf', 'Log_Line_Prefix', 'p'],
  ['conf.d/a.conf', 'cluster_name', 'a'],
  ['conf.d/a.conf', 'log_line_prefix', ''],
  ['conf.d/b.conf', 'cluster_name', 'b.b.b'],
  ['more/two.conf', 'work_mem', '5120'],
  ['postgresql.conf', 'lc_messages', 'C'],
  ['postgresql.auto.conf', 'log_min_duration_statement', '250'],
];

const listed = (config: BackupConfig | undefined): string[][] | undefined =>
  config?.server.map(({ file, name, value }) => [file, name, value]);

describe('readBackupConfig', () => {
  it('reads a data folder, and what its files include, in the order of the server', async () => {
    const config = await configOf(folderOf(FILES));
    expect(listed(config)).toEqual(IN_ORDER);
    expect(config).toMatchObject({ recovery: [], markers: [] });
  });

  it.each(['base.tar', 'base.tar.gz'])('reads %s, wherever in it the files are', async (name) => {
    const folder = folderOf(FILES);
    const tar = execFileSync('tar', ['-C', folder, '-cf', '-', ...Object.keys(FILES).reverse()]);
    const tars = folderOf({ [name]: name.endsWith('.gz') ? gzipSync(tar) : tar });
    expect(listed(await configOf(tars))).toEqual(IN_ORDER);
    expect(listed(await configOf(join(tars, name)))).toEqual(IN_ORDER);
  });

  it('finds it beside a label that was given alone', async () => {
    expect(listed(await configOf(join(folderOf(FILES), 'backup_label')))).toEqual(IN_ORDER);
  });

  it('knows nothing where none is there', async () => {
    expect(await configOf(folderOf({ backup_label: LABEL }))).toBeUndefined();
    const alone = folderOf({ backup_label: LABEL, 'x.conf': 'a = 1' });
    expect(await configOf(join(alone, 'backup_label'))).toBeUndefined();
  });

  it('tells what is there that makes a standby, and recovery.conf', async () => {
    const folder = folderOf({
      PG_VERSION: '11',
      'standby.signal': '',
      'recovery.signal': '',
      'recovery.conf': "standby_mode = on\ninclude 'x.conf'\n",
      'x.conf': "recovery_target_name = 'x'\n",
    });
    expect(await configOf(folder)).toEqual({
      server: [],
      recovery: [
        { file: 'recovery.conf', name: 'standby_mode', value: 'on' },
        { file: 'x.conf', name: 'recovery_target_name', value: 'x' },
      ],
      markers: ['standby.signal', 'recovery.conf'],
    });
  });

  it('takes no more than can be right', async () => {
    const large = `${'# x\n'.repeat(300_000)}`;
    const many = 'a = 1\n'.repeat(170_000);
    const folder = folderOf({
      ...{ PG_VERSION: '15', backup_label: LABEL, 'other.conf': large, 'many.conf': many },
      'postgresql.conf': "include 'many.conf'\n".repeat(150),
      'postgresql.auto.conf': 'b = 1\n',
    });
    const tar = execFileSync('tar', ['-C', folder, '-czf', '-', '.']);
    for (const path of [folder, folderOf({ 'base.tar.gz': tar })]) {
      expect((await configOf(path))?.server.length).toBeLessThan(1_000_000);
      const backup = await openBackup(path, NODE_READING);
      expect((await labelOf(backup))?.startLsn).toBe(0x2000028n);
      await expect(backup.configFile('other.conf')).rejects.toMatchObject({ code: 'file-too-large' });
    }
  });

  it('leaves out what lies elsewhere, and ends where files include each other', async () => {
    const folder = folderOf({
      PG_VERSION: '15',
      'postgresql.conf': "include '/etc/x.conf'\ninclude 'a.conf'\nb = 1\n",
      'etc/x.conf': 'x = 1\n',
      'a.conf': `${"include_dir '.'\n".repeat(100)}a = 1\n`,
    });
    const names = new Set((await configOf(folder))?.server.map(({ name }) => name));
    expect(names).toEqual(new Set(['a', 'b']));
  });
});

describeServers('the values in force are those of', ({ bin }) => {
  it('the server', async () => {
    const folder = folderOf(FILES);
    rmSync(join(folder, 'PG_VERSION'));
    for (const path of ['', 'conf.d', 'more']) chmodSync(join(folder, path), 0o755);
    for (const name of new Set(IN_ORDER.map(([, one]) => one.toLowerCase()))) {
      const told = runAsServer(join(bin, 'postgres'), ['-D', folder, '-C', name]).trimEnd();
      const [, , value] = IN_ORDER.findLast(([, one]) => one.toLowerCase() === name)!;
      expect(told).toBe(value);
    }
  });
});
