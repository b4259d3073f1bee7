import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examineArchive, findIncidents } from '../../src/node/questions.js';
import type { IncidentFound } from '../../src/questions/incidents/run.js';
import { Cluster, column, describeServers, serverFolder } from '../support/postgres.js';

const SCHEMA = `
  CREATE TABLE t (id int PRIMARY KEY, v text);
  CREATE TABLE u (id serial PRIMARY KEY, v text);
  CREATE TABLE emptied (id int PRIMARY KEY, v text);
  CREATE TABLE gone (id serial PRIMARY KEY, v text);
  CREATE TABLE parts (id int) PARTITION BY LIST (id);
  CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
  CREATE TABLE part2 PARTITION OF parts FOR VALUES IN (2);
  INSERT INTO t SELECT i, 'v' FROM generate_series(1, 1000) i;
  INSERT INTO u (v) SELECT 'v' FROM generate_series(1, 50);
  INSERT INTO emptied SELECT i, 'v' FROM generate_series(1, 20) i;
  INSERT INTO gone (v) SELECT 'v' FROM generate_series(1, 20);
  INSERT INTO parts SELECT 1 FROM generate_series(1, 20)`;

/** What is no incident: rolled back, small, put elsewhere, rewritten, temporary, made and gone at once. */
const NO_INCIDENTS = [
  'DELETE FROM t WHERE id = 1',
  'BEGIN; DELETE FROM t WHERE id > 500; ROLLBACK',
  `INSERT INTO t SELECT i, 'w' FROM generate_series(1, 1000) i ON CONFLICT DO NOTHING`,
  'UPDATE parts SET id = 2',
  'VACUUM FULL u',
  'CLUSTER u USING u_pkey',
  'REINDEX TABLE u',
  'ALTER TABLE u ALTER COLUMN id TYPE bigint',
  'CREATE TEMP TABLE x AS SELECT i FROM generate_series(1, 100) i',
  'DELETE FROM x',
  'DROP TABLE x',
  'BEGIN; CREATE TABLE y AS SELECT i FROM generate_series(1, 100) i; DELETE FROM y WHERE false; DROP TABLE y; COMMIT',
];

describeServers('incidents on', (postgres) => {
  const root = serverFolder();
  const wal = join(root, 'data/pg_wal');
  const expected: object[] = [];
  const nodes = { t: '', u: '', emptied: '', gone: '' };
  type Table = keyof typeof nodes;

  beforeAll(async () => {
    const cluster = Cluster.create(postgres, join(root, 'data'), [
      'max_prepared_transactions = 5',
      'autovacuum = off',
      // so that all WAL stays, and waits to be archived
      'archive_mode = on',
      `archive_command = 'false'`,
    ]);
    cluster.start();
    const client = await cluster.connect();
    try {
      await client.query(SCHEMA);
      await makeIncidents(client);
    } finally {
      await client.end();
      cluster.stop();
    }
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function makeIncidents(client: pg.Client): Promise<void> {
    const [database] = await column(client, 'SELECT oid FROM pg_database WHERE datname = current_database()');
    const nodeOf = async (table: string): Promise<string> =>
      `1663/${database}/${(await column(client, `SELECT pg_relation_filenode('${table}')`))[0]}`;
    /** Runs SQL in one transaction. @returns its xid */
    const transaction = async (sql: string, end = 'COMMIT'): Promise<number> => {
      await client.query('BEGIN');
      const [xid] = await column(client, 'SELECT txid_current()');
      await client.query(sql);
      await client.query(end);
      return Number(xid);
    };
    const expectRows = (xid: number, table: Table, deleted: number, updated: number): void => {
      expected.push({ kind: 'rows', xid, relation: nodes[table], deleted, updated });
    };
    for (const table of Object.keys(nodes) as Table[]) {
      nodes[table] = await nodeOf(table);
    }

    expectRows(await transaction('DELETE FROM t WHERE id <= 100'), 't', 100, 0);
    expectRows(await transaction(`UPDATE u SET v = 'w'`), 'u', 0, 50);
    for (const sql of NO_INCIDENTS.slice(0, 3)) await client.query(sql);
    const sub = 'DELETE FROM t WHERE id <= 205; SAVEPOINT s; DELETE FROM t WHERE id <= 211; RELEASE s';
    expectRows(await transaction(`DELETE FROM t WHERE id <= 200; ${sub}`), 't', 211, 0);
    const prepared = await transaction('DELETE FROM t WHERE id <= 223', `PREPARE TRANSACTION 'p'`);
    await client.query('SELECT pg_switch_wal()');
    const between = await transaction(
      `UPDATE emptied SET v = 'w' WHERE id <= 10; DELETE FROM emptied WHERE id > 18`,
    );
    expectRows(between, 'emptied', 2, 10);
    await client.query(`COMMIT PREPARED 'p'`);
    expectRows(prepared, 't', 12, 0);
    expected.push({
      kind: 'truncate',
      xid: await transaction('TRUNCATE emptied'),
      relation: nodes.emptied,
    });
    expected.push({ kind: 'drop', xid: await transaction('DROP TABLE gone'), relation: nodes.gone });
    for (const sql of NO_INCIDENTS.slice(3)) await client.query(sql);
    await client.query('CREATE DATABASE other');
    const [other] = await column(client, `SELECT oid FROM pg_database WHERE datname = 'other'`);
    await client.query('DROP DATABASE other');
    expected.push({ kind: 'drop-database', database: Number(other) });
    await client.query('SELECT pg_switch_wal()');
  }

  const told = (incidents: readonly IncidentFound[]): object[] =>
    incidents.map(({ lsn: _lsn, time: _time, timelines, ...incident }) => {
      expect(timelines).toEqual([1]);
      return incident;
    });

  it('are those that there were, newest first', async () => {
    const { incidents, problems, older } = await findIncidents([wal], { minRows: 10 });
    expect(problems).toEqual([]);
    expect(older).toBe(0);
    const found = told(incidents);
    expect(found).toMatchObject([...expected].reverse());
    expect(found).toHaveLength(expected.length);
  });

  it('are fewer where more rows are asked for, or a time', async () => {
    const { incidents } = await findIncidents([wal], { minRows: 10 });
    const many = await findIncidents([wal], { minRows: 51 });
    expect(many.incidents.filter(({ kind }) => kind === 'rows')).toHaveLength(2);
    const [newest, second] = incidents;
    const late = await findIncidents([wal], { minRows: 10, since: second.time });
    expect(late.incidents).toEqual([newest, second]);
    const early = await findIncidents([wal], { minRows: 10, until: second.time });
    expect(early.incidents).toEqual(incidents.slice(1));
  });

  it('are more where all are asked for', async () => {
    const { incidents } = await findIncidents([wal], { minRows: 1, all: true });
    expect(incidents.some(({ kind }) => kind === 'rewrite')).toBe(true);
    const catalogs = incidents.filter(
      (one) => one.kind === 'rows' && Number(one.relation.split('/')[2]) < 16_384,
    );
    expect(catalogs.length).toBeGreaterThan(0);
  });

  it('leave a pg_wal that archive finds whole, with what is still to be archived', async () => {
    const report = await examineArchive([wal]);
    expect(report.problems).toEqual([]);
    const status = readdirSync(join(wal, 'archive_status'));
    expect(report.notArchived).toEqual(status.map((name) => name.replace(/\.ready$/, '')).sort());
    expect(report.notArchived.length).toBeGreaterThan(1);
    const [{ runs }] = report.timelines;
    expect(runs).toHaveLength(1);
    expect(runs[0].firstName).toBe('000000010000000000000001');
  });
});
