import { createHash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './cli.js';
import type { Postgres } from './postgres.js';
import { TestServer } from './server.js';

/** What a transaction of the lab was. */
export interface Ran {
  /** Of all that committed. */
  xids: string[];
  /** Where the WAL was before it. */
  lsn: string;
}

/** The rows of a table, by the columns' numbers. */
export interface TableState {
  name: string;
  columns: number[];
  /** By which of them a row is found, with their names; none without a key. */
  key: { number: number; name: string }[];
  rows: string[][];
}

export interface UndoAnswer {
  script: string;
  /** The same, in the encoding of the database. */
  bytes: Uint8Array;
  told: string;
  code: number | null;
}

export interface Applied {
  output: string;
  warnings: string[];
  isDone: boolean;
}

/** So that what differs can be read. */
const shortened = (value: string): string =>
  value.length < 200 ? value : `${value.slice(0, 40)}… ${createHash('sha256').update(value).digest('hex')}`;

/** A server with a backup of its database `lab`, and copies of that to undo changes on. */
export class UndoLab {
  readonly server: TestServer;
  readonly backup: string;
  private copies = 0;
  private wal: string;

  /**
   * @param setup makes the tables, before the backup
   * @param encoding of the database
   */
  constructor(postgres: Postgres, setup: string, encoding = 'UTF8') {
    this.server = new TestServer(
      postgres,
      ['max_prepared_transactions = 5', 'wal_keep_size = 8GB', 'wal_level = logical', 'max_wal_size = 4GB'],
      ['--wal-segsize=1'],
    );
    this.wal = join(this.server.data, 'pg_wal');
    this.server.sql(`CREATE DATABASE lab TEMPLATE template0 ENCODING '${encoding}'`);
    this.server.sql(setup, 'lab');
    this.server.sql('CREATE DATABASE base TEMPLATE lab; CHECKPOINT');
    this.backup = join(this.server.root, 'backup');
    this.backup = this.server.baseBackup('backup', () => {});
  }

  /** Runs SQL in `lab`, of which statements may fail, and says what transactions it was. */
  run(sql: string): Ran {
    const head = 'SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())';
    const mark = `${head} || ' ' || pg_catalog.pg_current_wal_insert_lsn();`;
    const output = this.server
      .tried(`${mark}\n\\o /dev/null\n${sql}\n\\o\n${mark}`, 'lab')
      .trim()
      .split('\n');
    const [first, lsn] = output[0].split(' ');
    const [end] = output.at(-1)!.split(' ');
    const xids = this.server
      .sql(`SELECT x FROM pg_catalog.generate_series(${first}::bigint, ${end}::bigint - 1) AS x
        WHERE pg_catalog.txid_status(x) = 'committed'`)
      .trim();
    return { xids: xids === '' ? [] : xids.split('\n'), lsn };
  }

  /** All rows of all tables of a schema, as COPY prints them. */
  rows(schema: string, database = 'lab'): Record<string, string[]> {
    // by one psql: to start one takes longer than all that it does
    const output = this.server.sql(
      `SELECT pg_catalog.format('SELECT %L', '@@@' || name), pg_catalog.format('COPY (SELECT * FROM ONLY %s) TO STDOUT', name)
        FROM (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${schema}' AND c.relkind = 'r') t
        ORDER BY name\n\\gexec`,
      database,
    );
    const tables = output.split(/^@@@/m).slice(1);
    return Object.fromEntries(
      tables.map((table) => {
        const [name, ...lines] = table.split('\n');
        return [name, lines.filter((line) => line !== '').sort()];
      }),
    );
  }

  /** The tables of a schema, by their oids, which copies of the database have as well. */
  state(schema: string, database = 'lab'): Map<string, TableState> {
    const listed = this.server.sql(
      `SELECT pg_catalog.json_agg(pg_catalog.json_build_array(c.oid::text, pg_catalog.format('%I.%I', n.nspname, c.relname),
          ARRAY(SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum),
          (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('number', a.attnum, 'name', a.attname) ORDER BY i)
            FROM (SELECT * FROM pg_catalog.pg_index WHERE indrelid = c.oid AND indisunique AND (indisprimary OR NOT EXISTS
                (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum = ANY (indkey) AND NOT attnotnull))
              ORDER BY indisprimary DESC, indisreplident DESC LIMIT 1) x
              CROSS JOIN pg_catalog.generate_subscripts(x.indkey, 1) i
              JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[i]))
          ORDER BY c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = '${schema}' AND c.relkind = 'r'`,
      database,
    );
    const tables = JSON.parse(listed.trim() || '[]') as [
      string,
      string,
      number[],
      TableState['key'] | null,
    ][];
    const script = tables.map(([, name]) => `\\echo @@@\nCOPY (SELECT * FROM ONLY ${name}) TO STDOUT;`);
    const parts =
      tables.length === 0 ? [] : this.server.sql(script.join('\n'), database).split('@@@\n').slice(1);
    return new Map(
      tables.map(([oid, name, columns, key], i) => {
        const rows = parts[i].split('\n').slice(0, -1);
        return [
          oid,
          { name, columns, key: key ?? [], rows: rows.map((line) => line.split('\t').map(shortened)) },
        ];
      }),
    );
  }

  /** Takes the WAL as it is by now for all that is asked from then on. */
  keepWal(): void {
    this.server.sql('SELECT pg_switch_wal(); CHECKPOINT');
    this.wal = join(this.server.root, 'wal');
    rmSync(this.wal, { recursive: true, force: true });
    cpSync(join(this.server.data, 'pg_wal'), this.wal, { recursive: true });
  }

  /** What `walscan changes` prints of `lab`. */
  async changes(args: readonly string[]): Promise<UndoAnswer> {
    return this.ask('changes', args);
  }

  async undo(args: readonly string[]): Promise<UndoAnswer> {
    return this.ask('undo', args);
  }

  private async ask(command: string, args: readonly string[]): Promise<UndoAnswer> {
    const where = ['--backup', this.backup, '--database', 'lab', this.wal];
    const { stdout, stderr, code } = await runCli([command, ...args, ...where]);
    const bytes = Buffer.from(stdout, 'latin1');
    return { script: bytes.toString(), bytes, told: stderr, code };
  }

  /** A new database, a copy of another one. @returns its name */
  copy(of = 'lab'): string {
    const name = `copy${++this.copies}`;
    this.server.sql(`CREATE DATABASE ${name} TEMPLATE ${of}`);
    return name;
  }

  dropCopy(name: string): void {
    this.server.sql(`DROP DATABASE ${name}`);
  }

  apply(script: string | Uint8Array, database: string, user = 'postgres'): Applied {
    const { status, stdout, stderr } = this.server.psqlAs(script, database, user);
    return { output: stdout, warnings: stderr.split('\n'), isDone: status === 0 };
  }

  remove(): void {
    this.server.stop();
    this.server.remove();
  }
}
