import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { examineArchive, findCommit, findIncidents } from '../../src/node/questions.js';
import { WalError } from '../../src/wal/error.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { runCli } from '../support/cli.js';
import { SMALL_SEGMENTS } from '../support/pitr-lab.js';
import { Cluster, column, describeServers, serverFolder } from '../support/postgres.js';

const SECONDS = 4;

/** All segments of a listing may be gone when they are opened: then that is said. */
function named(error: unknown): undefined {
  expect(error).toBeInstanceOf(WalError);
  expect(String(error)).toMatch(/\/pg_wal\/\w{24}/);
}

describeServers('the pg_wal of a server that writes,', (postgres) => {
  it('gives what was there when it was asked, or says why not', async () => {
    const root = serverFolder();
    // segments are soon used again
    const settings = [
      "min_wal_size = '5MB'",
      "max_wal_size = '6MB'",
      'autovacuum = off',
      'wal_keep_size = 0',
    ];
    const cluster = Cluster.create(postgres, join(root, 'data'), settings, SMALL_SEGMENTS);
    cluster.start();
    const writer = await cluster.connect();
    const client = await cluster.connect();
    let isOver = false;
    try {
      await client.query('CREATE TABLE busy (t text); CREATE TABLE told (id int)');
      const [relation] = await column(client, "SELECT pg_relation_filenode('told')");
      const write = async (): Promise<void> => {
        for (let i = 0; !isOver; i++) {
          await writer.query("INSERT INTO busy SELECT repeat('x', 500) FROM generate_series(1, 400)");
          if (i % 5 === 0) await writer.query('CHECKPOINT');
        }
      };
      const writing = write();
      const folder = join(root, 'data/pg_wal');
      let found = 0;
      const end = Date.now() + SECONDS * 1000;
      while (Date.now() < end) {
        const [before] = await column(client, 'SELECT pg_current_wal_lsn()');
        await client.query('INSERT INTO told VALUES (1)');
        const [xid] = await column(client, 'DELETE FROM told RETURNING txid_current()');
        const answer = await findCommit([folder], { relation }).catch(named);
        const { relations, problems, startLsn } = answer ?? { relations: [], problems: [answer] };
        const xids = relations.flatMap(({ lastDelete }) =>
          lastDelete ? [String(lastDelete.commit.xid)] : [],
        );
        // the server takes segments away as soon as it needs them no more: then the answer begins later
        const isThere = startLsn !== undefined && startLsn <= parseLsn(before)!;
        if (problems.length === 0 && isThere) expect(xids).toEqual([xid]);
        if (xids.includes(xid)) found++;
        const asked = [
          findIncidents([folder], { minRows: 1 }).catch(named),
          examineArchive([folder]).catch(named),
          runCli(['dump', '-q', '-p', folder, folder]),
        ];
        await Promise.all(asked);
      }
      expect(found).toBeGreaterThan(0);
      isOver = true;
      await writing;
    } finally {
      isOver = true;
      await setTimeout(50);
      await client.end();
      await writer.end();
      cluster.stop();
      rmSync(root, { recursive: true, force: true });
    }
  });
});
