import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
  /** The file of `orders`. */
  let node = '';
  let full: PushedBackup;
  let first: PushedBackup;
  let second: PushedBackup;
  /** One that the server streamed. */
  let streamed: PushedBackup;
  /** A full one, of whose files WAL-G was told to keep no list. */
  let unlisted: PushedBackup;

  beforeAll(async () => {
    const { primary, client, archive } = await startArchiving(postgres, root, [
      // else WAL has whole pages, whatever a backup has
      'full_page_writes = off',
    ]);
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
      streamed = await pushBackup(prefix, primary, client, { suffix: '.br', isStreamed: true });
      unlisted = await pushBackup(prefix, primary, client, { suffix: '', isWithoutFiles: true });
      await run("UPDATE orders SET note = 'after' WHERE id = 4711; INSERT INTO late VALUES (9002, 'after')");
      for (const name of NAMES) {
        truth.set(name, await column(client, `SELECT id || E'\\t' || note FROM ${name} ORDER BY id`));
      }
      [node] = await column(client, "SELECT pg_relation_filenode('orders')");
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
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function deleted(inputs: string[], table: Table, backup?: string): Promise<string[]> {
    const options = {
      table,
      database: 'postgres',
      question: { kind: 'deleted-by', xid },
      timezone: UTC,
    } as const;
    const rows = await recoverRows(inputs, { ...options, backup });
    const lines = [...formatRows(rows, 'copy', false)].map((line) => line.trimEnd());
    rows.close();
    return lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
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
      { name: streamed.name, type: 'full' },
      { name: unlisted.name, type: 'full', parent: undefined, problem: undefined },
    ]);
  });

  it.each(NAMES)('gives the rows of %s, from each of the backups', async (table) => {
    expect(await deleted([prefix], table)).toEqual(truth.get(table));
    for (const { name } of [full, first, second, streamed, unlisted]) {
      expect(await deleted([prefix], table, name), name).toEqual(truth.get(table));
    }
  });

  it('is known by each of its folders and files', async () => {
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
    expect(await deleted([elsewhere, wal], 'orders')).toEqual(expected);
  });

  describe('with damage', () => {
    /** A copy of the repository, and a path in its folder of backups. */
    let copy: string;
    let at: (...names: string[]) => string;
    const tarOf = ({ tars }: PushedBackup, path: RegExp): string =>
      Object.keys(tars).find((name) => tars[name].some((file) => path.test(file)))!;
    const ordersFile = (): RegExp => new RegExp(`/${node}$`);
    const rewritten = (path: string, change: (text: string) => string): void =>
      writeFileSync(path, change(readFileSync(path, 'utf8')));

    beforeEach(() => {
      copy = join(root, 'copy');
      at = (...names) => join(copy, 'basebackups_005', ...names);
      rmSync(copy, { recursive: true, force: true });
      cpSync(prefix, copy, { recursive: true });
    });

    it('names a tar file that is missing, where it is needed', async () => {
      const part = tarOf(full, ordersFile());
      rmSync(at(full.name, 'tar_partitions', part));
      for (const { name } of [full, second]) {
        await expect(deleted([copy], 'orders', name)).rejects.toMatchObject({
          code: 'damaged-backup',
          file: at(full.name, 'tar_partitions', part),
        });
      }
      rmSync(at(unlisted.name, 'tar_partitions/part_002.tar'));
      await expect(deleted([copy], 'orders', unlisted.name)).rejects.toMatchObject({
        code: 'damaged-backup',
        file: at(unlisted.name, 'tar_partitions/part_002.tar'),
      });
    });

    it('names a tar file that is cut off', async () => {
      for (const [backup, code] of [
        [full, 'damaged-backup'],
        [first, 'damaged-backup'],
      ] as const) {
        const path = at(backup.name, 'tar_partitions', tarOf(backup, ordersFile()));
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.subarray(0, bytes.length - 2000));
        await expect(deleted([copy], 'orders', backup.name)).rejects.toMatchObject({ code, file: path });
      }
    });

    it('names a file that is in none of its tar files', async () => {
      const listed = Object.keys(full.files).find((name) => ordersFile().test(name))!;
      rewritten(at(full.name, 'files_metadata.json'), (text) =>
        text.replace('"Files":{', `"Files":{"${listed}.1":{"MTime":"2026-11-26T00:00:00Z"},`),
      );
      await expect(deleted([copy], 'orders', full.name)).rejects.toMatchObject({
        code: 'damaged-backup',
        file: `${at(full.name)}${listed}.1`,
      });
    });

    it('names increments that are none', async () => {
      const path = at(second.name, 'tar_partitions', tarOf(second, ordersFile()));
      const bytes = gunzipSync(readFileSync(path));
      for (let i = bytes.indexOf('wi1U'); i >= 0; i = bytes.indexOf('wi1U', i + 1)) bytes[i + 12] ^= 1;
      writeFileSync(path, gzipSync(bytes));
      await expect(deleted([copy], 'orders', second.name)).rejects.toMatchObject({
        code: 'damaged-backup',
        message: expect.stringContaining('and has another size'),
      });
    });

    it('names the backup that is not there, or is another one', async () => {
      rewritten(at(`${full.name}_backup_stop_sentinel.json`), (text) =>
        text.replace(/"LSN":\d+/, '"LSN":4711'),
      );
      await expect(deleted([copy], 'orders', second.name)).rejects.toMatchObject({ code: 'missing-backup' });
      rmSync(at(`${full.name}_backup_stop_sentinel.json`));
      await expect(deleted([copy], 'orders', second.name)).rejects.toMatchObject({
        code: 'unknown-backup',
        message: expect.stringContaining(`${full.name} has no ${full.name}_backup_stop_sentinel.json`),
      });
      rmSync(at(full.name), { recursive: true });
      await expect(deleted([copy], 'orders', second.name)).rejects.toMatchObject({
        code: 'missing-backup',
        message: expect.stringContaining(`builds on ${full.name}, which is not in ${copy}`),
      });
      rmSync(at(second.name, 'files_metadata.json'));
      expect(await deleted([copy], 'orders')).toEqual(truth.get('orders'));
    });

    it('does not take a delta backup without a list of files for all', async () => {
      rmSync(at(second.name, 'files_metadata.json'));
      await expect(deleted([copy], 'orders', second.name)).rejects.toMatchObject({
        code: 'bad-repository',
        file: at(second.name),
      });
      rewritten(at(`${first.name}_backup_stop_sentinel.json`), (text) => text.slice(0, 100));
      await expect(deleted([copy], 'orders', first.name)).rejects.toMatchObject({ code: 'bad-repository' });
    });

    it.each([
      ['OpenPGP', Buffer.of(0xc1, 0xc0, 0x4c, 3, 1, 2, 3, 4, 5, 6, 7, 8)],
      ['libsodium', Buffer.of()],
    ])('says that it is encrypted by %s', async (how, header) => {
      const encrypt = (folder: string): void => {
        for (const name of readdirSync(folder)) {
          const bytes = readFileSync(join(folder, name)).map((byte, i) => byte ^ ((i * 7919) >> 3) ^ 0x5a);
          writeFileSync(join(folder, name), Buffer.concat([header, bytes]));
        }
      };
      encrypt(at(full.name, 'tar_partitions'));
      await expect(deleted([copy], 'orders', full.name)).rejects.toMatchObject({
        code: 'encrypted',
        message: expect.stringContaining(`wal-g backup-fetch <PGDATA> ${full.name}`),
      });
      encrypt(join(copy, 'wal_005'));
      await expect(deleted([copy], 'orders')).rejects.toMatchObject({
        code: 'encrypted',
        message: expect.stringMatching(new RegExp(`by ${how}.*wal-g wal-fetch`)),
      });
    });
  });
});
