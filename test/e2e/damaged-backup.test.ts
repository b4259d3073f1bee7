import { closeSync, cpSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  findCommit,
  findIncidents,
  planRecovery,
  recoverRows,
  undoChanges,
} from '../../src/node/questions.js';
import type { RowsQuestion } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import type { RecoveredRows } from '../../src/questions/rows/recovered-rows.js';
import { UTC } from '../../src/text/timezone.js';
import { runCli } from '../support/cli.js';
import { SMALL_SEGMENTS } from '../support/pitr-lab.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

const BLOCK = 8192;

/** Tables of several pages: the backup has them all, the WAL after it images of some. */
const TABLES = `
  create table quiet (id int4, note text); insert into quiet select g, repeat('q', 200) from generate_series(1, 150) g;
  create table busy (id int4, note text); insert into busy select g, repeat('b', 200) from generate_series(1, 150) g;
  create table torn (id int4, note text); insert into torn select g, repeat('t', 200) from generate_series(1, 500) g;
  create table gone (id int4); insert into gone select generate_series(1, 400);
  create table wide (id int4, note text); alter table wide alter note set storage external;
  insert into wide select g, repeat(chr(64 + g), 5000) from generate_series(1, 6) g;
`;

describeServers('of a damaged backup,', (postgres) => {
  let server: TestServer;
  let backup: string;
  const files = new Map<string, string>();
  const truth = new Map<string, string>();
  let copies = 0;
  /** The transaction that truncated a table. */
  let emptied = 0;

  const copy = (query: string): string => server.sql(`copy (${query}) to stdout`);
  const fileOf = (relation: string): string =>
    server.sql(`select pg_relation_filepath('${relation}')`).trim();

  beforeAll(() => {
    const checksums = postgres.version >= 18 ? [] : ['--data-checksums'];
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"], [...SMALL_SEGMENTS, ...checksums]);
    server.sql(TABLES);
    // no page needs hints any more, which would bring images of it
    server.sql('vacuum (freeze)');
    for (const table of ['quiet', 'busy', 'gone', 'wide', 'pg_class', 'pg_attribute', 'pg_database']) {
      files.set(table, fileOf(table));
    }
    files.set(
      'toast',
      fileOf(server.sql("select reltoastrelid::regclass from pg_class where relname = 'wide'").trim()),
    );
    backup = server.baseBackup('backup', () => {});
    server.sql("select pg_create_restore_point('ready')");
    server.sql("update busy set note = 'changed' where ctid = '(1,1)'");
    const others = 'where (ctid::text::point)[0] <> 1 order by ctid';
    truth.set('quiet', copy(`select * from quiet ${others}`));
    truth.set('busy', copy('select * from busy order by ctid'));
    emptied = Number(server.sql('begin; truncate gone; select txid_current(); commit'));
    server.sql('select pg_switch_wal()');
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** A copy of the backup in which bytes of one block are wrong. */
  function damaged(file: string, block: number, at = 4000): string {
    const folder = `${server.root}/damaged-${++copies}`;
    cpSync(backup, folder, { recursive: true });
    const descriptor = openSync(join(folder, file), 'r+');
    const byte = new Uint8Array(1);
    readSync(descriptor, byte, 0, 1, block * BLOCK + at);
    byte[0] ^= 0x01;
    writeSync(descriptor, byte, 0, 1, block * BLOCK + at);
    closeSync(descriptor);
    return folder;
  }

  const LATEST: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
  /** Before anything was changed. */
  const READY: RowsQuestion = { kind: 'as-of', target: { kind: 'name', name: 'ready' } };

  const ask = (from: string, table: string, question: RowsQuestion = LATEST): Promise<RecoveredRows> =>
    recoverRows([join(server.data, 'pg_wal')], {
      ...{ backup: from, table, database: 'postgres', question, timezone: UTC },
    });

  async function answer(from: string, table: string, question: RowsQuestion = LATEST) {
    const rows = await ask(from, table, question);
    try {
      const text = [...formatRows(rows, 'copy', false)].join('');
      return { text, problems: rows.problems, missing: [...rows.missing], complete: rows.isComplete };
    } finally {
      rows.close();
    }
  }

  it('rows of sound pages are given, and the page that is not is named', async () => {
    const { text, problems, missing, complete } = await answer(damaged(files.get('quiet')!, 1), 'quiet');
    expect(text).toBe(truth.get('quiet'));
    expect(complete).toBe(false);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'damaged-backup', kind: 'incomplete' });
    expect(problems[0].message).toMatch(
      /^block 1 of .*\/base\/\d+\/\d+ is damaged, its checksum is .*, and no image in the WAL replaces it/,
    );
    const lost = server.sql('select ctid from quiet where (ctid::text::point)[0] = 1 order by ctid').trim();
    expect(missing.map(({ tid }) => `(${tid.block},${tid.offset})`)).toEqual(lost.split('\n'));
    expect(new Set(missing.map(({ reason }) => String(reason)))).toEqual(
      new Set(['its page in the backup is damaged']),
    );
  });

  it('the commands say so, and exit with 3', async () => {
    const wal = join(server.data, 'pg_wal');
    const options = ['--table', 'quiet', '--database', 'postgres', '--as-of', 'latest', '--format', 'copy'];
    const rows = ['rows', '--backup', damaged(files.get('quiet')!, 1), ...options, wal];
    const { stdout, stderr, code } = await runCli(rows);
    expect(code).toBe(3);
    expect(stdout).toBe(truth.get('quiet'));
    expect(stderr).toMatch(/^walscan: block 1 of .* is damaged/);
    expect(stderr).toMatch(/rows cannot be given: its page in the backup is damaged: \(1,1\) \(1,2\)/);
    const catalog = damaged(files.get('pg_class')!, 3);
    for (const command of ['incidents', 'dump']) {
      const { stdout, stderr, code } = await runCli([command, '--backup', catalog, wal]);
      expect(stdout + stderr, command).toMatch(/not all known: block 3 of .* is damaged/);
      expect(code, command).toBe(3);
    }
  });

  it('a page that an image in the WAL replaces is sound', async () => {
    const { text, problems, complete } = await answer(damaged(files.get('busy')!, 1), 'busy');
    expect(problems).toEqual([]);
    expect(text).toBe(truth.get('busy'));
    expect(complete).toBe(true);
  });

  it('a page that was written to while it was copied is sound', async () => {
    const busy = server.baseBackup('busy', () => {
      for (let i = 0; i < 20; i++) server.sql(`update torn set note = '${i}' || note`);
    });
    server.sql('select pg_switch_wal()');
    const { text, problems } = await answer(busy, 'torn');
    expect(problems).toEqual([]);
    expect(text).toBe(copy('select * from torn order by ctid'));
  });

  it('what a TRUNCATE took is not taken for nothing where its pages are damaged', async () => {
    const from = damaged(files.get('gone')!, 1);
    expect(await answer(from, 'gone')).toMatchObject({ text: '', problems: [] });
    const last = await answer(from, 'gone', { kind: 'deleted-by', xid: 'last' });
    expect(last.text).toMatch(/^1\n2\n/);
    expect(last.problems.map(({ code }) => code)).toEqual(['damaged-backup']);
  });

  it('rows are missing in every question that they belong to', async () => {
    const from = damaged(files.get('quiet')!, 1);
    const history = await answer(from, 'quiet', { kind: 'history' });
    expect(history.missing.length).toBeGreaterThan(0);
    const page = await answer(from, 'quiet');
    expect(history.missing).toEqual(page.missing);
  });

  it('a value in a damaged TOAST page is missing', async () => {
    const { text, problems, missing } = await answer(damaged(files.get('toast')!, 0), 'wide');
    expect(missing.length).toBeGreaterThan(0);
    expect(text.split('\n')).toHaveLength(6 - missing.length + 1);
    expect(problems[0].message).toMatch(/^block 0 of .* is damaged/);
  });

  it('undo of a TRUNCATE says that rows are missing', async () => {
    const wal = [join(server.data, 'pg_wal')];
    const undone = async (from: string) => {
      const undo = await undoChanges(wal, { backup: from, xids: [emptied] });
      undo.close();
      return undo;
    };
    expect(await undone(backup)).toMatchObject({ count: 400, problems: [] });
    const { count, problems } = await undone(damaged(files.get('gone')!, 1));
    expect(count).toBeLessThan(400);
    expect(problems[0]?.message).toMatch(/^block 1 of .* is damaged/);
  });

  /** The blocks of a catalog, and the one that has a row. */
  function blockOf(catalog: string, where: string): number {
    return Number(server.sql(`select (ctid::text::point)[0] from ${catalog} where ${where}`));
  }

  it('a table that is not in the catalogs may be in what is damaged', async () => {
    const block = blockOf('pg_class', "relname = 'quiet'");
    const from = damaged(files.get('pg_class')!, block);
    await expect(answer(from, 'quiet', READY)).rejects.toMatchObject({ code: 'incomplete-names' });
    await expect(answer(from, 'quiet', READY)).rejects.toThrow(/no table quiet.*block \d+ of .* is damaged/);
  });

  it('a table whose columns are damaged has no rows', async () => {
    const block = blockOf('pg_attribute', "attrelid = 'quiet'::regclass and attname = 'note'");
    const from = damaged(files.get('pg_attribute')!, block);
    await expect(answer(from, 'quiet', READY)).rejects.toMatchObject({ code: 'incomplete-names' });
    await expect(answer(from, 'quiet', READY)).rejects.toThrow(
      /2 columns of quiet.*block \d+ of .* is damaged/,
    );
  });

  it('no name stands for one that is not known', async () => {
    const from = damaged(files.get('pg_class')!, 3);
    const wal = [join(server.data, 'pg_wal')];
    const incomplete = expect.objectContaining({
      code: 'incomplete-names',
      message: expect.stringMatching(/are not all known: block 3 of .* is damaged/),
    });
    expect((await findIncidents(wal, { backup: from, minRows: 1 })).problems).toEqual([incomplete]);
    const table = { table: 'gone', database: 'postgres' };
    expect((await findCommit(wal, { backup: from, table })).problems).toEqual([incomplete]);
    const plan = await planRecovery(wal, { backup: from, target: { kind: 'before-delete', table } });
    expect(plan.problems).toEqual([incomplete]);
    const none = findCommit(wal, { backup: from, table: { ...table, table: 'none' } });
    await expect(none).rejects.toMatchObject({ code: 'incomplete-wal' });
  });
});
