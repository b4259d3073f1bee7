import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoverRows } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import { barmanCommand } from '../../src/questions/plan/tool-command/barman.js';
import type { RowsQuestion } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { findRepository } from '../../src/repos/index.js';
import { UTC } from '../../src/text/timezone.js';
import { type Lsn, parseLsn } from '../../src/wal/lsn.js';
import { archived, baseBackup, SMALL_SEGMENTS, startArchiving } from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  copyFiles,
  describeServers,
  makeFolders,
  type Postgres,
  runAsServer,
  serverFolder,
} from '../support/postgres.js';

/** What a server had before its DELETE, by name of a table: lines as COPY has them, in the order of ids. */
interface Truth {
  lsn: Lsn;
  xid: number;
  tables: Record<'orders' | 'items', string[]>;
}

const isBarmanThere = spawnSync('barman', ['--version'], { stdio: 'ignore' }).status === 0;

/** Barman's forms of a backup, as its configuration has them. */
const FORMS = {
  plain: ['compression = gzip'],
  tar: [
    'compression = bzip2',
    'backup_compression = gzip',
    'backup_compression_format = tar',
    'backup_compression_location = client',
  ],
};

const ID = '20261126T111016';

describeServers('a repository as Barman makes them, of', (postgres) => {
  const root = serverFolder();
  const server = join(root, 'home/main');
  let truth: Truth;

  beforeAll(async () => {
    const { primary, client, archive } = await startArchiving(postgres, root);
    const place = join(server, 'base', ID);
    makeFolders(join(root, 'ts1'), place, join(server, 'wals'));
    try {
      await client.query(`CREATE TABLESPACE ts1 LOCATION '${root}/ts1'`);
      await client.query('CREATE DATABASE shop');
      const shop = await primary.connect('shop');
      await makeTables(shop);
      const [oid] = await column(shop, "SELECT oid FROM pg_tablespace WHERE spcname = 'ts1'");
      await baseBackup(primary, shop, join(place, 'data'), async () => {
        copyFiles(join(root, 'ts1'), join(place, oid));
      });
      const [start] = await column(shop, 'SELECT redo_lsn FROM pg_control_checkpoint()');
      const info = ['status=DONE', 'mode=postgres', 'server_name=main', `begin_xlog=${start}`];
      writeFileSync(join(place, 'backup.info'), info.join('\n'));
      truth = await changeTables(shop);
      await archived(shop);
      await shop.end();
    } finally {
      await client.end();
      primary.stop();
    }
    for (const name of readdirSync(archive).filter((one) => /^[0-9A-F]{24}\.gz$/.test(one))) {
      const folder = join(server, 'wals', name.slice(0, 16));
      mkdirSync(folder, { recursive: true });
      copyFileSync(join(archive, name), join(folder, name.slice(0, 24)));
    }
    // what the backup's own link leads to
    rmSync(join(root, 'ts1'), { recursive: true });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('gives the rows from wherever it is given', async () => {
    for (const path of ['home', 'home/main', `home/main/base/${ID}`, `home/main/base/${ID}/data`]) {
      await expectTruth(join(root, path), undefined, truth);
    }
    await expectTruth(server, ID, truth);
    await expectTruth(server, 'latest', truth);
  });
});

describeServers('Barman with', (postgres) => {
  const why = !isBarmanThere
    ? 'it is not installed'
    : !existsSync(join(postgres.bin, 'pg_basebackup'))
      ? 'the server has no pg_basebackup'
      : undefined;
  if (why !== undefined) {
    it.skip(`no repository: ${why}`);
    return;
  }

  describe.each(Object.entries(FORMS))('a repository of %s backups', (_, settings) => {
    const root = serverFolder();
    const home = join(root, 'home');
    const server = join(home, 'main');
    const conf = join(root, 'barman.conf');
    let truth: Truth;
    let id: string;

    beforeAll(async () => {
      truth = await makeRepository(postgres, root, conf, settings);
      id = runAsServer('barman', ['-c', conf, 'list-backup', '--minimal', 'main']).trim();
    });
    afterAll(() => rmSync(root, { recursive: true, force: true }));

    it('gives the rows from wherever it is given', async () => {
      for (const path of [home, server, join(server, 'base', id), join(server, 'base', id, 'data')]) {
        await expectTruth(path, undefined, truth);
      }
      await expectTruth(server, id, truth);
      await expectTruth(server, 'latest', truth);
      await expectTruth(join(server, 'wals'), join(server, 'base', id), truth);
    });

    it('restores a server to the truth by the command that is printed', async () => {
      const place = await findRepository(await NODE_READING.open(server), NODE_READING);
      const [repository] = place!.repositories;
      const [stored] = await repository.backups();
      const target = { kind: 'lsn', lsn: truth.lsn, inclusive: false } as const;
      const chosen = { repository, stored };
      const { version } = postgres;
      const { restore } = barmanCommand({ target, timeline: 1, action: 'pause', chosen, version, files: [] });
      const data = join(root, 'restored');
      makeFolders(join(root, 'staging'), join(root, 'tablespace'));
      const command = restore
        .replace(/^barman /, `barman -c ${conf} `)
        .replace('<destination>', data)
        .replace('<directory>', join(root, 'tablespace'))
        .replace('<staging-directory>', join(root, 'staging'));
      runAsServer('sh', ['-c', command]);
      const cluster = new Cluster(postgres, data);
      cluster.configure(['archive_mode = off', 'hot_standby = on']);
      cluster.start();
      try {
        while (!/pausing at the end of recovery/.test(cluster.log)) await setTimeout(20);
        for (const [table, lines] of Object.entries(truth.tables)) {
          expect(await cluster.query(lineOf(table), 'shop')).toEqual(lines);
        }
      } finally {
        cluster.stop('immediate');
      }
    });

    it('gives the rows once it was moved', async () => {
      const moved = join(root, 'moved');
      renameSync(home, moved);
      rmSync(join(root, 'ts1'), { recursive: true });
      await expectTruth(join(moved, 'main'), undefined, truth);
      renameSync(moved, home);
    });
  });
});

/** A row of a table as COPY prints it. */
const lineOf = (table: string): string => `SELECT concat(id, E'\\t', name) FROM ${table} ORDER BY id`;

async function expectTruth(path: string, backup: string | undefined, truth: Truth): Promise<void> {
  const asOf: RowsQuestion = { kind: 'as-of', target: { kind: 'lsn', lsn: truth.lsn, inclusive: false } };
  for (const [table, lines] of Object.entries(truth.tables)) {
    expect(await rowsOf(path, backup, table, asOf), `${table} of ${path}`).toEqual(lines);
  }
  const deleted: RowsQuestion = { kind: 'deleted-by', xid: truth.xid };
  expect(await rowsOf(path, backup, 'orders', deleted)).toEqual(truth.tables.orders);
}

async function rowsOf(
  path: string,
  backup: string | undefined,
  table: string,
  question: RowsQuestion,
): Promise<string[]> {
  const rows = await recoverRows([path], { backup, table, question, database: 'shop', timezone: UTC });
  try {
    const lines = [...formatRows(rows, 'copy', false)].map((line) => line.trimEnd());
    expect(rows.problems).toEqual([]);
    return lines.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
  } finally {
    rows.close();
  }
}

async function makeRepository(
  postgres: Postgres,
  root: string,
  conf: string,
  settings: readonly string[],
): Promise<Truth> {
  const incoming = join(root, 'home/main/incoming');
  makeFolders(incoming, join(root, 'home/main/wals'), join(root, 'home/main/base'), join(root, 'ts1'));
  const primary = Cluster.create(
    postgres,
    join(root, 'primary'),
    [
      'archive_mode = on',
      `archive_command = 'cp %p ${incoming}/%f.tmp && mv ${incoming}/%f.tmp ${incoming}/%f'`,
      'autovacuum = off',
      'max_wal_senders = 4',
    ],
    SMALL_SEGMENTS,
  );
  primary.start();
  const where = `host=${primary.folder} port=${primary.port} user=postgres`;
  writeFileSync(
    conf,
    [
      '[barman]',
      `barman_user = ${runAsServer('id', ['-un']).trim()}`,
      `barman_home = ${root}/home`,
      `log_file = ${root}/barman.log`,
      '[main]',
      'description = of a test',
      `conninfo = ${where} dbname=postgres`,
      `streaming_conninfo = ${where}`,
      'backup_method = postgres',
      'archiver = on',
      'immediate_checkpoint = true',
      `path_prefix = ${postgres.bin}`,
      ...settings,
      '',
    ].join('\n'),
  );
  const admin = await primary.connect();
  await admin.query('CREATE DATABASE shop');
  await admin.query(`CREATE TABLESPACE ts1 LOCATION '${root}/ts1'`);
  const client = await primary.connect('shop');
  try {
    await makeTables(client);
    await store(client, conf);
    runAsServer('barman', ['-c', conf, 'backup', 'main']);
    const truth = await changeTables(client);
    await store(client, conf);
    return truth;
  } finally {
    await client.end();
    await admin.end();
    primary.stop();
  }
}

async function makeTables(client: pg.Client): Promise<void> {
  await client.query('CREATE TABLE orders (id int, name text)');
  await client.query('CREATE TABLE items (id int, name text) TABLESPACE ts1');
  await client.query("INSERT INTO orders SELECT i, 'Customer ' || i FROM generate_series(1, 500) i");
  await client.query("INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, 100) i");
}

/** After the backup. */
async function changeTables(client: pg.Client): Promise<Truth> {
  await client.query("INSERT INTO orders SELECT i, 'Later ' || i FROM generate_series(501, 600) i");
  await client.query("UPDATE items SET name = 'changed' WHERE id < 10");
  const tables = {
    orders: await column(client, lineOf('orders')),
    items: await column(client, lineOf('items')),
  };
  const [lsn] = await column(client, 'SELECT pg_current_wal_insert_lsn()');
  await client.query('BEGIN');
  await client.query('DELETE FROM orders');
  const [xid] = await column(client, 'SELECT txid_current()');
  await client.query('COMMIT');
  await client.query('DELETE FROM items WHERE id > 50');
  return { lsn: parseLsn(lsn)!, xid: Number(xid), tables };
}

/** Has Barman take all WAL into its archive. */
async function store(client: pg.Client, conf: string): Promise<void> {
  await archived(client);
  runAsServer('barman', ['-c', conf, 'archive-wal', 'main']);
}
