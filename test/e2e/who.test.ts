import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findIncidents } from '../../src/node/questions.js';
import type { IncidentFound } from '../../src/questions/incidents/run.js';
import { type WhoDidIt, whoKey } from '../../src/questions/who/who.js';
import { Cluster, column, describeServers, serverFolder } from '../support/postgres.js';

/** What a session of its own does, and what is to be found of it in a log. */
interface Job {
  /** Of a table with rows that it does something to. */
  name: string;
  work(client: pg.Client, table: string): Promise<unknown>;
  /** What the log has. */
  statement: RegExp;
}

const run =
  (...statements: string[]): Job['work'] =>
  async (client, table) => {
    for (const one of statements) await client.query(one.replaceAll('TABLE', table));
  };

const JOBS: Job[] = [
  { name: 'alone', work: run('DELETE FROM TABLE'), statement: /^DELETE FROM alone/ },
  { name: 'block', work: run('BEGIN', 'DELETE FROM TABLE', 'COMMIT'), statement: /^DELETE FROM block/ },
  {
    name: 'savepoints',
    work: run(
      ...['BEGIN', 'SAVEPOINT a', 'DELETE FROM TABLE WHERE id < 9', 'ROLLBACK TO a', 'SELECT FROM nothing()'],
    ),
    statement: /never/,
  },
  {
    name: 'released',
    work: run('BEGIN', 'SAVEPOINT a', 'DELETE FROM TABLE', 'RELEASE a', 'END'),
    statement: /^DELETE FROM released/,
  },
  { name: 'by_function', work: run("SELECT purge('TABLE')"), statement: /^SELECT purge/ },
  {
    name: 'extended',
    work: (client, table) => client.query({ text: `DELETE FROM ${table} WHERE id > $1`, values: [1] }),
    statement: /^DELETE FROM extended WHERE id > \$1/,
  },
  {
    name: 'prepared',
    work: run('PREPARE d AS DELETE FROM TABLE', 'EXECUTE d'),
    statement: /^EXECUTE d/,
  },
  { name: 'emptied', work: run('TRUNCATE TABLE'), statement: /^TRUNCATE emptied/ },
  {
    name: 'dropped',
    work: run('DROP TABLE TABLE'.replace('TABLE', 'table')),
    statement: /^DROP table dropped/,
  },
  {
    name: 'lines',
    work: run('DELETE\nFROM TABLE\n  WHERE true'),
    statement: /^DELETE\nFROM lines\n {2}WHERE true/,
  },
  {
    name: 'tried_twice',
    work: async (client, table) => {
      await client.query(`DELETE FROM ${table} WHERE id / 0 = 1`).catch(() => {});
      await client.query(`DELETE FROM ${table}`);
    },
    statement: /^DELETE FROM tried_twice$/,
  },
];

/** How a server logs, and which of its logs are read. */
const LOGS = [
  { name: 'the seed', prefix: '<%t [%x-%v] %r %a %d %u %p %c %i>', statement: 'all', duration: -1 },
  { name: 'the default', prefix: '%m [%p] ', statement: 'all', duration: -1 },
  { name: 'durations', prefix: '%m [%p] %q%u@%d ', statement: 'none', duration: 0 },
  { name: 'both', prefix: '%n [%p] %q%-12u@%d %a %h ', statement: 'all', duration: 0 },
  { name: 'what changes', prefix: '%m [%p] %c %x %v %u %d %a %r ', statement: 'mod', duration: -1 },
] as const;

describeServers('who did it, by logs of', (postgres) => {
  const formats = postgres.version >= 15 ? ['stderr', 'csvlog', 'jsonlog'] : ['stderr', 'csvlog'];
  const root = serverFolder();
  const data = join(root, 'data');
  const cluster = Cluster.create(postgres, data, [
    'logging_collector = on',
    `log_destination = '${formats.join(',')}'`,
    'archive_mode = on',
    "archive_command = 'false'",
  ]);
  const pids = new Map<string, number>();
  const incidents = new Map<string, IncidentFound>();
  const answers = new Map<string, Map<string, WhoDidIt>>();

  beforeAll(async () => {
    cluster.start();
    const admin = await cluster.connect();
    const relations = new Map<string, string>();
    for (const i of LOGS.keys()) {
      await configure(admin, i);
      await prepare(admin, `s${i}`, relations);
      await work(`s${i}`);
      await admin.query(`RESET search_path; SELECT pg_sleep(1.1)`);
    }
    await admin.query('SELECT pg_switch_wal()');
    await admin.end();
    cluster.stop();
    for (const [i, log] of LOGS.entries()) {
      for (const format of formats) {
        const found = await findIncidents(join(data, 'pg_wal'), {
          minRows: 5,
          logs: logsOf(i, format),
          ...(['both', 'what changes'].includes(log.name) && { logLinePrefix: log.prefix }),
        });
        expect(found.logs?.problems).toEqual([]);
        answers.set(`${i} ${format}`, new Map(found.logs!.who));
        for (const one of found.incidents) {
          const name = 'relation' in one ? relations.get(one.relation) : undefined;
          if (name !== undefined) incidents.set(name, one);
        }
      }
    }
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function logsOf(i: number, format: string): string[] {
    const suffix = { stderr: '.log', csvlog: '.csv', jsonlog: '.json' }[format]!;
    const folder = join(data, `log${i}`);
    return readdirSync(folder)
      .filter((name) => name.endsWith(suffix))
      .map((name) => join(folder, name));
  }

  async function configure(admin: pg.Client, i: number): Promise<void> {
    const { prefix, statement, duration } = LOGS[i];
    for (const setting of [
      `log_directory = 'log${i}'`,
      `log_line_prefix = '${prefix}'`,
      `log_statement = '${statement}'`,
      `log_min_duration_statement = ${duration}`,
    ]) {
      await admin.query(`ALTER SYSTEM SET ${setting}`);
    }
    await admin.query('SELECT pg_reload_conf()');
    await admin.query('SELECT pg_sleep(0.5)');
  }

  async function prepare(admin: pg.Client, schema: string, relations: Map<string, string>): Promise<void> {
    await admin.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
    await admin.query(`CREATE FUNCTION purge(regclass) RETURNS void LANGUAGE plpgsql
      AS $$ BEGIN EXECUTE 'DELETE FROM ' || $1; END $$`);
    for (const { name } of JOBS) {
      await admin.query(`CREATE TABLE ${name} (id int)`);
      await admin.query(`INSERT INTO ${name} SELECT generate_series(1, 100)`);
      const [node] = await column(admin, `SELECT pg_relation_filenode('${name}')`);
      const [database] = await column(admin, `SELECT oid FROM pg_database WHERE datname = 'postgres'`);
      relations.set(`1663/${database}/${node}`, `${schema} ${name}`);
    }
  }

  /** All at once, each in a session of its own; others look on, roll back, or did something else before. */
  async function work(schema: string): Promise<void> {
    const idle = await cluster.connect();
    await idle.query('SELECT 1');
    const undone = await cluster.connect();
    await undone.query(`BEGIN`);
    await undone.query(`DELETE FROM ${schema}.alone WHERE false`);
    await undone.query('ROLLBACK');
    await Promise.all(
      JOBS.map(async ({ name, work: does }) => {
        const client = await cluster.connect();
        await client.query(`SET search_path = ${schema}; SET application_name = 'job of ${name}'`);
        pids.set(`${schema} ${name}`, Number((await column(client, 'SELECT pg_backend_pid()'))[0]));
        await does(client, name).catch(() => {});
        await client.query('SELECT 1').catch(() => {});
        await client.end();
      }),
    );
    await idle.query('SELECT 2');
    await idle.end();
    await undone.end();
  }

  const cases = LOGS.flatMap((log, i) =>
    formats.flatMap((format) =>
      JOBS.filter(({ name }) => name !== 'savepoints')
        // queries are not in such a log
        .filter(({ name }) => log.statement !== 'mod' || name !== 'by_function')
        .map((job) => ({ ...job, log, i, format })),
    ),
  );

  it.each(cases)('$log.name, $format: $name', ({ name, i, format, log, statement }) => {
    const incident = incidents.get(`s${i} ${name}`)!;
    const who = answers.get(`${i} ${format}`)!.get(whoKey(incident))!;
    const pid = pids.get(`s${i} ${name}`);
    expect(who.isCovered).toBe(true);
    const right = who.suspects.find((one) => one.pid === pid);
    // among very many of one second it may be one of those that are counted only
    if (right === undefined) {
      expect(who.more).toBeGreaterThan(0);
      return;
    }
    if (who.sure === 'transaction-id') expect(who.suspects).toHaveLength(1);
    expect(right.statements.map(({ text }) => text).join('\n\n')).toMatch(new RegExp(statement.source, 'm'));
    expect(who.suspects.map((one) => one.statements.map(({ text }) => text))).not.toContainEqual(
      expect.arrayContaining(['ROLLBACK']),
    );
    if (format !== 'stderr' || /%a/.test(log.prefix)) expect(right.application).toBe(`job of ${name}`);
    if (format !== 'stderr' || /%u/.test(log.prefix)) {
      expect(right).toMatchObject({ user: 'postgres', database: 'postgres' });
    }
  });

  it('takes no name for that of a function that the log does not have', () => {
    for (const format of formats) {
      const { sure } = answers.get(`4 ${format}`)!.get(whoKey(incidents.get('s4 by_function')!))!;
      expect(sure).not.toBe('transaction-id');
    }
  });

  it('names nobody for a transaction that was rolled back', () => {
    expect(incidents.has('s0 savepoints')).toBe(false);
  });

  it('is sure by the transaction id of a block', () => {
    for (const format of formats) {
      const { sure } = answers.get(`0 ${format}`)!.get(whoKey(incidents.get('s0 block')!))!;
      expect(sure).toBe('transaction-id');
    }
  });
});
