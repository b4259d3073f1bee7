import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { parseChanges } from '../support/folded-changes.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

describeServers('a transaction that had begun before the backup of', (postgres) => {
  let server: TestServer;
  let backup: string;
  let xid: string;

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '256MB'", 'max_prepared_transactions = 2']);
    server.sql('create table t (i int)');
    [, xid] = server
      .sql("begin; insert into t values (1); select pg_current_xact_id(); prepare transaction 'early'")
      .match(/^(\d+)$/m)!;
    backup = server.baseBackup('backup', () => {});
    server.sql("commit prepared 'early'; begin; insert into t values (2); commit");
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  const changes = (...args: string[]) =>
    runCli(['changes', ...args, '--table', 't', '--backup', backup, join(server.data, 'pg_wal')]);

  it('is said to be told in part', async () => {
    const { stdout, stderr, code } = await changes();
    expect(parseChanges(stdout).map(({ action }) => action)).toEqual(['B', 'I', 'C']);
    expect(stderr).toContain(`transaction ${xid} had begun before the backup`);
    expect(code).toBe(3);
  });

  it('does not matter to another one', async () => {
    const { stderr, code } = await changes('--xid', String(Number(xid) + 1));
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});
