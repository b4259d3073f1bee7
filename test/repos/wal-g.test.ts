import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoverRows } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { findRepository, type StoredBackup } from '../../src/repos/index.js';
import { UTC } from '../../src/text/timezone.js';
import { archived, startArchiving } from '../support/pitr-lab.js';
import { column, describeServers, makeFolders, serverFolder } from '../support/postgres.js';
import { type PushedBackup, pushBackup, pushWal } from '../support/wal-g.js';

const TABLES = {
  orders: '',
  /** In a tablespace. */
  items: '',
  /** Its end was cut off between two backups, and it grew again after that. */
  shrunk: '',
  /** Made after the full backup. */
  late: '',
};
type Table = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as Table[];

describeServers('a repository of WAL-G, of', (postgres) => {
  const root = serverFolder();
  const prefix = join(root, 'wal-g');
  const truth = new Map<string, string[]>();
  let xid = 0;
  let full: PushedBackup;
  let first: PushedBackup;
  let second: PushedBackup;

  beforeAll(async () => {
    const { primary, client, archive } = await startArchiving(postgres, root);
    try {
      const space = join(root, 'space');
      makeFolders(space);
      await client.query(`CREATE TABLESPACE space LOCATION '${space}'`);
      const run = async (script: string): Promise<void> => {
        for (const sql of script.split(';')) await client.query(sql);
      };
      await run(`CREATE TABLE orders (id int, note text); CREATE TABLE items (id int, note text) TABLESPACE space;
        CREATE TABLE shrunk (id int, note text);
        INSERT INTO orders SELECT g, repeat('o', 100) || g FROM generate_series(1, 5000) g;
        INSERT INTO items SELECT g, repeat('i', 100) || g FROM generate_series(1, 2000) g;
        INSERT INTO shrunk SELECT g, repeat('s', 500) || g FROM generate_series(1, 2000) g`);
      full = await pushBackup(prefix, primary, client, { suffix: '.lz4' });
      await run(`CREATE TABLE late (id int, note text); INSERT INTO late SELECT g, 'l' FROM generate_series(1, 500) g;
        UPDATE orders SET note = 'first' WHERE id % 500 = 0; INSERT INTO items VALUES (9001, 'first');
        DELETE FROM shrunk WHERE id > 500; VACUUM shrunk`);
      first = await pushBackup(prefix, primary, client, { suffix: '.br', parent: full });
      await run(`UPDATE orders SET note = 'second' WHERE id % 700 = 0; UPDATE late SET note = 'second' WHERE id = 7;
        INSERT INTO shrunk SELECT g, repeat('t', 500) || g FROM generate_series(3001, 4500) g`);
      second = await pushBackup(prefix, primary, client, { suffix: '.gz', parent: first });
      await run("UPDATE orders SET note = 'after' WHERE id = 4711; INSERT INTO late VALUES (9002, 'after')");
      for (const name of NAMES) {
        truth.set(name, await column(client, `SELECT id || E'\\t' || note FROM ${name} ORDER BY id`));
      }
      await client.query('BEGIN');
      [xid] = (await column(client, 'SELECT txid_current()')).map(Number);
      for (const name of NAMES) await client.query(`DELETE FROM ${name}`);
      await client.query('COMMIT');
      await archived(client);
      pushWal(prefix, archive, '.br');
    } finally {
      await client.end();
      primary.stop();
    }
  }, 240_000);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function deleted(inputs: string[], table: Table, backup?: string): Promise<string[]> {
    const options = {
      table,
      database: 'postgres',
      question: { kind: 'deleted-by', xid },
      timezone: UTC,
    } as const;
    const rows = await recoverRows(inputs, { ...options, backup });
    let text = '';
    for await (const piece of formatRows(rows, 'copy', false)) text += piece;
    expect(rows.problems).toEqual([]);
    return text
      .trimEnd()
      .split('\n')
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  }

  async function backups(path = prefix): Promise<readonly StoredBackup[]> {
    const place = await findRepository(await NODE_READING.open(path), NODE_READING);
    return place!.repositories[0].backups();
  }

  it('has what the sources of WAL-G say', () => {
    const states = (pushed: PushedBackup): Set<string> =>
      new Set(Object.values(pushed.files).map((file) => `${file.IsSkipped} ${file.IsIncremented}`));
    expect(states(full)).toEqual(new Set(['false false']));
    for (const delta of [first, second]) {
      expect(states(delta)).toEqual(new Set(['false false', 'true false', 'false true']));
    }
    expect(Object.keys(full.tars).length).toBeGreaterThan(5);
  });

  it('lists its backups', async () => {
    const place = await findRepository(await NODE_READING.open(prefix), NODE_READING);
    expect(place?.repositories).toMatchObject([
      { tool: 'wal-g', name: prefix, cluster: undefined, version: postgres.version },
    ]);
    expect(await backups()).toMatchObject([
      { name: full.name, type: 'full', parent: undefined, startLsn: full.lsn, endLsn: full.finishLsn },
      { name: first.name, type: 'incremental', parent: full.name, startLsn: first.lsn, timeline: 1 },
      { name: second.name, type: 'incremental', parent: first.name, problem: undefined, size: 12345 },
    ]);
  });

  it.each(NAMES)('gives the rows of %s, from each of the backups', { timeout: 60_000 }, async (table) => {
    expect(await deleted([prefix], table)).toEqual(truth.get(table));
    for (const { name } of [full, first, second]) {
      expect(await deleted([prefix], table, name), name).toEqual(truth.get(table));
    }
  });

  it('is known by each of its folders and files', { timeout: 60_000 }, async () => {
    const of = (...names: string[]): string => join(prefix, 'basebackups_005', ...names);
    const wal = join(prefix, 'wal_005');
    const expected = truth.get('orders');
    for (const path of [of(), of(second.name), of(second.name, 'tar_partitions')]) {
      expect(await deleted([path], 'orders'), path).toEqual(expected);
    }
    for (const path of [
      prefix,
      of(),
      of(first.name),
      of(first.name, 'tar_partitions'),
      of(first.name, 'metadata.json'),
      of(`${first.name}_backup_stop_sentinel.json`),
    ]) {
      expect(await deleted([wal], 'orders', path), path).toEqual(expected);
    }
    expect(await deleted([wal], 'orders', 'latest')).toEqual(expected);
    // beside WAL that is elsewhere, and under other names
    const elsewhere = join(root, 'elsewhere');
    cpSync(of(), elsewhere, { recursive: true });
    expect(await deleted([wal], 'orders', join(elsewhere, second.name))).toEqual(expected);
    expect(await deleted([join(elsewhere), wal], 'orders')).toEqual(expected);
  });
});
