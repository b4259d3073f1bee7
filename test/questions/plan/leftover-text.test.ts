import { expect, it } from 'vitest';
import { leftoverLines } from '../../../src/questions/plan/leftover-text.js';
import type { WalFormat } from '../../../src/reader/segment.js';
import { ENGLISH, sayIn } from '../../../src/text/tongue.js';
import { runCli } from '../../support/cli.js';
import { folderOf } from '../../support/folder.js';
import { readTestdata } from '../../support/testdata.js';

const LAB = 'testdata/lab/17';

/** What plan prints of a backup with this configuration, from after the segments to before the settings that it needs. */
async function printed(files: Record<string, string>): Promise<string> {
  const backup = folderOf({ ...files, backup_label: readTestdata(`${LAB}/backup_label`) });
  const { stdout } = await runCli([
    'plan',
    '--backup',
    backup,
    '--name',
    'test_pirt',
    '--timeline',
    '1',
    LAB,
  ]);
  return /Segments read:.*\n\n([\s\S]*?)\n\n(?:The server has|When the server)/.exec(stdout)?.[1] ?? stdout;
}

it('says what is left over, what to do about it, and clears it before the target', async () => {
  const text = await printed({
    'postgresql.auto.conf': "recovery_target_xid = '700'\nrecovery_min_apply_delay = '1h'\n",
    'standby.signal': '',
    'postgresql.conf':
      "archive_mode = on\narchive_command = 'cp %p /archive/%f'\ndata_directory = '/srv/pg'\n",
  });
  expect(text.replace(/^ {2}restore_command.*\n/m, '')).toBe(`\
The backup has settings of its own that would decide about this recovery:
  recovery_target_xid = '700' in postgresql.auto.conf
  recovery_min_apply_delay = '1h' in postgresql.auto.conf
  data_directory = '/srv/pg' in postgresql.conf
  standby.signal
Before you start, remove data_directory from postgresql.conf: with it the server starts in that folder, and not in the restored one.
Before you start, remove standby.signal: with it the server becomes a standby, which waits for more WAL where it should end.

Once it is open, the server archives with what the backup sets: archive_command = 'cp %p /archive/%f' in postgresql.conf.
For a trial, whose WAL must not get into production's archive, add archive_mode = 'off'.

Append this to postgresql.auto.conf in the restored data folder, and make an empty file recovery.signal there:

  recovery_target_xid = ''
  recovery_min_apply_delay = '0'
  recovery_target_name = 'test_pirt'
  recovery_target_timeline = '1'
  recovery_target_action = 'pause'`);
});

it('says nothing where nothing is left over, and that nothing is known where no configuration is there', async () => {
  const nothing = await printed({ 'postgresql.auto.conf': '' });
  expect(nothing).toMatch(/^Append this to postgresql.auto.conf/);
  expect(await printed({})).toMatch(/^What else the backup sets is not known: .*\n\nAppend this/);
});

it('up to 11 says what no line of recovery.conf does', () => {
  const lines = leftoverLines(
    {
      leftoverSettings: [
        { file: 'recovery.conf', name: 'standby_mode', value: 'on' },
        { file: 'postgresql.conf', name: 'hot_standby', value: 'off' },
      ],
      archiving: undefined,
      isConfigKnown: true,
      format: { version: 11 } as WalFormat,
    },
    sayIn(ENGLISH),
  );
  expect(lines.slice(2)).toEqual([
    "  standby_mode = 'on' in recovery.conf",
    "  hot_standby = 'off' in postgresql.conf",
    "Before you start, set hot_standby = 'on' in postgresql.conf: without it the server shuts down at the target instead of pausing.",
  ]);
});
