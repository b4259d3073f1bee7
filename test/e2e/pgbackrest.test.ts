import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE } from '../../src/node/platform.js';
import { planRecovery } from '../../src/node/questions.js';
import { type RowsQuestion, recoverRows } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import type { StopTarget } from '../../src/replay/recovery.js';
import { UTC } from '../../src/text/timezone.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { installedPgBackRest, knows, PgBackRest } from '../support/pgbackrest.js';
import { archived, recover, SMALL_SEGMENTS } from '../support/pitr-lab.js';
import { Cluster, column, describeServers, makeFolders, serverFolder } from '../support/postgres.js';

const PASSPHRASE = 'a passphrase of more than one word';

/** One of each: what is stored how, and how its backups are compressed. */
const REPOSITORIES = [
  { name: 'plain', compress: 'lz4', options: [] },
  { name: 'bundled', compress: 'zst', options: ['bundle=y'] },
  {
    name: 'by blocks and encrypted',
    compress: 'gz',
    options: ['bundle=y', 'block=y', 'cipher-type=aes-256-cbc', `cipher-pass=${PASSPHRASE}`],
  },
  {
    name: 'encrypted',
    compress: 'bz2',
    options: ['cipher-type=aes-256-cbc', `cipher-pass=${PASSPHRASE}`],
  },
] as const;

const TABLES = ['orders', 'items'] as const;

/** Twelve of them take half a minute where nothing else runs. */
const BACKUPS_MS = 360_000;

const tool = installedPgBackRest();

describeServers('the repositories of pgBackRest with', (postgres) => {
  if (tool === undefined || !knows(tool, postgres)) {
    it.skip(tool === undefined ? 'it is not installed' : `${tool.trim()} does not know this version`);
    return;
  }
  const root = serverFolder();
  const truth: Record<'orders' | 'items', string[]> = { orders: [], items: [] };
  let primary: Cluster;
  let lsn = '';
  let xid = 0;
  let isStopped = false;

  const repositoryOf = (i: number): string => join(root, `repository${i}`);
  const rowsSql = (table: string): string => `SELECT id || E'\\t' || what FROM ${table} ORDER BY id`;

  beforeAll(async () => {
    const data = join(root, 'primary');
    const tablespace = join(root, 'tablespace');
    makeFolders(tablespace, ...REPOSITORIES.map((_, i) => repositoryOf(i)));
    const all = REPOSITORIES.flatMap(({ options }, i) =>
      [`path=${repositoryOf(i)}`, 'retention-full=9', ...options].map((one) => `repo${i + 1}-${one}`),
    );
    primary = new Cluster(postgres, data);
    const stanza = [`pg1-path=${data}`, `pg1-port=${primary.port}`, `pg1-socket-path=${root}`];
    // 2.45 asks for that before it stores anything block by block
    const global = [...all, 'compress-type=gz', 'beta=y'];
    const backrest = new PgBackRest(root, 'primary', global, stanza);
    Cluster.create(
      postgres,
      data,
      ['archive_mode = on', `archive_command = '${backrest.archiveCommand}'`, 'autovacuum = off'],
      SMALL_SEGMENTS,
    );
    primary.start();
    backrest.run('stanza-create');
    const backUp = (type: string): void => {
      for (const [i, { compress }] of REPOSITORIES.entries()) {
        backrest.run(`--repo=${i + 1}`, `--type=${type}`, `--compress-type=${compress}`, 'backup');
      }
    };
    const client = await primary.connect();
    try {
      await client.query(`CREATE TABLESPACE apart LOCATION '${tablespace}'`);
      await client.query('CREATE TABLE orders (id int, what text)');
      await client.query('CREATE TABLE items (id int, what text) TABLESPACE apart');
      const insert = async (from: number, to: number): Promise<void> => {
        for (const table of TABLES) {
          await client.query(
            `INSERT INTO ${table} SELECT i, repeat(md5(i::text), 9) FROM generate_series(${from}, ${to}) i`,
          );
        }
      };
      await insert(1, 3000);
      backUp('full');
      await insert(3001, 3500);
      await client.query("UPDATE orders SET what = 'changed' WHERE id BETWEEN 700 AND 720");
      backUp('diff');
      await client.query("UPDATE items SET what = 'changed' WHERE id % 500 = 0");
      backUp('incr');
      await insert(3501, 3510);
      for (const table of TABLES) truth[table] = await column(client, rowsSql(table));
      [lsn] = await column(client, 'SELECT pg_current_wal_insert_lsn()');
      await client.query('BEGIN');
      xid = Number((await column(client, 'SELECT txid_current()'))[0]);
      await client.query('DELETE FROM orders');
      await client.query('DELETE FROM items WHERE id > 100');
      await client.query('COMMIT');
      await insert(4000, 4001);
      await archived(client);
    } finally {
      await client.end();
    }
    primary.stop();
    isStopped = true;
  }, BACKUPS_MS);

  afterAll(() => {
    if (!isStopped) primary.stop();
    rmSync(root, { recursive: true, force: true });
  });

  describe.each(REPOSITORIES.map((one, i) => ({ ...one, i })))(
    '$name, compressed by $compress',
    ({ i, options }) => {
      const repository = repositoryOf(i);
      const passphrase = options.some((one) => one.startsWith('cipher')) ? PASSPHRASE : undefined;

      async function rowsOf(
        inputs: string,
        table: string,
        question: RowsQuestion,
        backup?: string,
      ): Promise<string[]> {
        const found = await recoverRows(
          inputs,
          { table, database: 'postgres', question, backup, passphrase, timezone: UTC },
          NODE,
        );
        try {
          let text = '';
          for (const piece of formatRows(found, 'copy', false)) text += Buffer.from(piece).toString();
          return text.trimEnd().split('\n').sort(byNumber);
        } finally {
          found.close();
        }
      }

      const byNumber = (a: string, b: string): number => Number.parseInt(a, 10) - Number.parseInt(b, 10);
      const target = (): StopTarget => ({ kind: 'lsn', lsn: parseLsn(lsn)!, inclusive: false });

      it('give back the rows from each of its backups', async () => {
        const labels = readdirSync(join(repository, 'backup/main')).filter((name) => /F(?:_|$)/.test(name));
        expect(labels).toHaveLength(3);
        const question: RowsQuestion = { kind: 'as-of', target: target() };
        for (const table of TABLES) {
          for (const backup of [undefined, 'latest', ...labels]) {
            expect(await rowsOf(repository, table, question, backup), `${backup}`).toEqual(truth[table]);
          }
        }
        for (const label of labels) {
          const folder = join(repository, 'backup/main', label);
          expect(await rowsOf(folder, 'items', question)).toEqual(truth.items);
        }
      });

      it('give back the rows that a transaction deleted', async () => {
        const question: RowsQuestion = { kind: 'deleted-by', xid };
        for (const place of [
          '',
          'archive',
          'backup/main',
          'backup/main/latest',
          'backup/main/latest/pg_data',
        ]) {
          expect(await rowsOf(join(repository, place), 'orders', question), place).toEqual(truth.orders);
        }
      });

      it('are restored by the command for a plan', async () => {
        const planned = await planRecovery(repository, { target: target(), passphrase });
        expect(planned.plan.obstacle).toBeUndefined();
        const { restore, restoreCommand } = planned.tool!;
        const data = join(root, `restored${i}`);
        const isNeeded = (one: string): boolean => one.startsWith('cipher');
        const own = [`path=${repository}`, ...options.filter(isNeeded)].map((one) => `repo1-${one}`);
        const apart = join(root, `tablespace${i}`);
        makeFolders(apart);
        const stanza = [`pg1-path=${data}`, `tablespace-map-all=${apart}`];
        const backrest = new PgBackRest(root, `restore${i}`, own, stanza);
        backrest.shell(restore);
        const restored = new Cluster(postgres, data);
        const command = restoreCommand.replace('pgbackrest', `pgbackrest --config=${backrest.config}`);
        restored.configure(['archive_mode = off', `restore_command = '${command}'`, 'hot_standby = on']);
        expect(await recover(restored)).toMatchObject({ started: true });
        try {
          for (const table of TABLES) {
            expect(await restored.query(rowsSql(table))).toEqual(truth[table]);
          }
        } finally {
          restored.stop('immediate');
        }
      });
    },
  );
});
