import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planRecovery } from '../../src/node/questions.js';
import type { PlannedRecovery } from '../../src/questions/plan/ask.js';
import type { StopTarget } from '../../src/replay/recovery.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { archived, baseBackup, type Restored, restore, startArchiving } from '../support/pitr-lab.js';
import { column, copyFiles, describeServers, serverFolder, touchFiles } from '../support/postgres.js';

describeServers('what is left over in a backup for', (postgres) => {
  const root = serverFolder();
  const archive = join(root, 'archive');
  const backup = join(root, 'backup');
  let target: StopTarget;

  beforeAll(async () => {
    const { primary, client } = await startArchiving(postgres, root);
    await baseBackup(primary, client, backup, async () => {});
    await client.query('CREATE TABLE t (i int)');
    await client.query('INSERT INTO t VALUES (1)');
    await client.query("SELECT pg_create_restore_point('antes')");
    await client.query('INSERT INTO t VALUES (2)');
    const [lsn] = await column(client, 'SELECT pg_current_wal_lsn()');
    target = { kind: 'lsn', lsn: parseLsn(lsn)!, inclusive: false };
    await client.query('INSERT INTO t VALUES (3)');
    await archived(client);
    await client.end();
    primary.stop('immediate');
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** The backup, with lines added to its configuration. */
  function backupWith(files: Record<string, string[]>): string {
    const made = join(root, 'changed');
    rmSync(made, { recursive: true, force: true });
    copyFiles(backup, made);
    for (const [name, lines] of Object.entries(files)) {
      const path = join(made, name);
      touchFiles(path);
      appendFileSync(path, `${lines.join('\n')}\n`);
    }
    return made;
  }

  async function plannedAndRestored(
    files: Record<string, string[]>,
    compare: (planned: PlannedRecovery, restored: Restored) => Promise<void>,
  ): Promise<void> {
    const made = backupWith(files);
    const planned = await planRecovery([archive], { backup: made, target });
    const restored = await restore({ postgres, root }, made, planned.settings);
    try {
      await compare(planned, restored);
    } finally {
      if (restored.started) restored.cluster.stop('immediate');
    }
  }

  it.each<[string, Record<string, string[]>]>([
    [
      'targets of other kinds, an action and a delay',
      {
        'postgresql.auto.conf': [
          "recovery_target_name = 'antes'",
          "recovery_target_action = 'shutdown'",
          "recovery_min_apply_delay = '1h'",
          "recovery_target_inclusive = 'on'",
          "restore_command = 'false'",
        ],
      },
    ],
    [
      'a target in another spelling, in an included file, and no hot standby',
      {
        'postgresql.conf': ["include 'old.conf'", 'hot_standby = off'],
        'old.conf': ["Recovery_Target_Name = 'antes'"],
        'postgresql.auto.conf': ["recovery_target_xid = '700'", "recovery_target_time = ''"],
      },
    ],
  ])('is undone: %s', async (_, files) => {
    await plannedAndRestored(files, async ({ leftoverSettings }, { cluster, log, started }) => {
      expect(leftoverSettings.length).toBeGreaterThan(1);
      expect(started, log).toBe(true);
      expect(log).toMatch(/pausing at the end of recovery|recovery has paused/);
      expect(await cluster.query('SELECT i FROM t')).toEqual(['1', '2']);
    });
  });

  it('keeps the server from starting, if it is not undone', async () => {
    const made = backupWith({ 'postgresql.auto.conf': ["recovery_target_name = 'antes'"] });
    const { settings } = await planRecovery([archive], { backup: made, target });
    const { recovery_target_name: cleared, ...others } = settings;
    expect(cleared).toBe('');
    // clearing it after the other was set is no better
    for (const wrong of [others, { ...others, recovery_target_name: cleared }]) {
      writeFileSync(join(made, 'recovery.signal'), '');
      const { log, started } = await restore({ postgres, root }, made, wrong);
      expect(started).toBe(false);
      expect(log).toContain('multiple recovery targets specified');
    }
  });
});
