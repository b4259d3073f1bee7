import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { archived, baseBackup, startArchiving } from '../support/pitr-lab.js';
import { column, describeServers, serverFolder } from '../support/postgres.js';

/** The n-th time that a session computes an index key, it waits for the lock of its own number and n. */
const SETUP = `CREATE TABLE t (i int, v text);
  CREATE FUNCTION wait(int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE n int := coalesce(current_setting('race.n', true), '0')::int + 1; BEGIN
    PERFORM set_config('race.n', n::text, false);
    PERFORM pg_advisory_xact_lock_shared(current_setting('race.session')::int, n); RETURN $1; END $$;
  CREATE FUNCTION waits(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT wait($1)' USING $1; RETURN $1; END $$;
  CREATE UNIQUE INDEX ON t (waits(i));`;

interface Line {
  action: string;
  xid: number;
  columns?: { value: unknown }[];
  identity?: { value: unknown }[];
}

describeServers('a lost race of ON CONFLICT on', (postgres) => {
  const root = serverFolder();
  let where: string[];

  beforeAll(async () => {
    const { primary, client, archive } = await startArchiving(postgres, root);
    const sessions = await Promise.all([primary.connect(), primary.connect()]);
    try {
      await client.query(SETUP);
      const backup = join(root, 'backup');
      await baseBackup(primary, client, backup, async () => {});
      for (const [session, n] of [
        [1, 1],
        [1, 2],
        [2, 1],
        [2, 2],
      ])
        await client.query(`SELECT pg_advisory_lock(${session}, ${n})`);
      const release = async (session: number, n: number) =>
        client.query(`SELECT pg_advisory_unlock(${session}, ${n})`);
      const waiting = async (n: number, sessions: number) => {
        const sql = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${n}`;
        while ((await column(client, sql))[0] !== String(sessions)) await setTimeout(5);
      };
      const inserted = sessions.map(async (session, i) => {
        await session.query(`SET race.session = ${i + 1}`);
        await session.query(
          `INSERT INTO t VALUES (1, 'of ${i + 1}') ON CONFLICT (waits(i)) DO UPDATE SET v = t.v || ' and ' || excluded.v`,
        );
      });
      // neither sees a row of the other one
      await waiting(1, 2);
      await release(1, 1);
      await release(2, 1);
      // both have one in the table, on approval
      await waiting(2, 2);
      await release(1, 2);
      await inserted[0];
      await release(2, 2);
      await inserted[1];
      expect(await column(client, 'SELECT v FROM t')).toEqual(['of 1 and of 2']);
      await archived(client);
      where = ['--table', 't', '--backup', backup, archive];
    } finally {
      for (const session of [...sessions, client]) await session.end();
      primary.stop();
    }
  });

  afterAll(() => rmSync(root, { recursive: true }));

  it.each(['commit', 'lsn'])('is no change, in the order of %s', async (order) => {
    const { stdout, stderr, code } = await runCli(['changes', '--order', order, ...where]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .filter(({ action }) => !'BC'.includes(action));
    expect(
      lines.map(({ action, identity, columns }) => [
        action,
        ...[identity, columns].map((row) => row?.map(({ value }) => value)),
      ]),
    ).toEqual([
      ['I', undefined, [1, 'of 1']],
      ['U', [1, 'of 1'], [1, 'of 1 and of 2']],
    ]);
  });
});
