import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseRelation } from '../../../src/follow/relation.js';
import { readRelationNames, recoverRows, takeUsableInventory } from '../../../src/node/questions.js';
import type { RowsQuestion } from '../../../src/questions/rows/ask.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import type { StopTarget } from '../../../src/replay/recovery.js';
import { formatLocator } from '../../../src/rmgr/locator.js';
import { UTC } from '../../../src/text/timezone.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers, makeFolders } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

/** Tables before the backup. `doomed` has its rows in several states, all of which a TRUNCATE takes away. */
const BEFORE = `
  create table doomed (id int4, note text);
  insert into doomed select g, repeat('n', g * 100) from generate_series(1, 40) g;
  delete from doomed where id % 10 = 0;
  create table dropped (id int4); insert into dropped select generate_series(1, 5);
  create table emptied (id int4); insert into emptied select generate_series(1, 7);
  create table discarded (id int4); insert into discarded select generate_series(1, 4);
  create table rewritten (id int4, note text); insert into rewritten select g, 'r' from generate_series(1, 9) g;
  create table moved (id int4); insert into moved select generate_series(1, 8);
  create table beside (id int4); insert into beside select generate_series(1, 3);
  create table mixed (id int4); insert into mixed select generate_series(1, 11);
  create schema going; create table going.inside (id int4); insert into going.inside select generate_series(1, 7);
  create table parent (id int4, k int4) partition by range (k);
  create table part_one partition of parent for values from (0) to (10);
  create table part_two partition of parent for values from (10) to (20);
  insert into parent select g, g from generate_series(0, 19) g;
  create table reworked (id int4, note text);
  insert into reworked select g, repeat('o', 700) || g from generate_series(1, 30) g;
  create table wide (id int4, note text); alter table wide alter note set storage plain;
  insert into wide select g, repeat('w', 5000) from generate_series(1, 6) g;
  create unlogged table fleeting (id int4); insert into fleeting values (1);
  create table locked (id int4 primary key, n int4); insert into locked select g, 0 from generate_series(1, 20) g;
  begin; select * from locked where id < 10 for key share; prepare transaction 'first';
  begin; select * from locked where id < 10 for key share; prepare transaction 'second';
  update locked set n = 1 where id in (2, 3);
  create table pending (id int4); insert into pending select generate_series(1, 6);
  begin; delete from pending where id < 3; insert into pending values (100); prepare transaction 'third';
`;

/** Changes rows, some of them again, on the same pages and on others, adds one, and deletes them all. */
const REWORK = `
  update reworked set note = repeat('m', 900) || id;
  savepoint a; update reworked set note = 'again' || id where id % 3 = 0; release a;
  savepoint b; update reworked set note = 'lost' where id < 20; rollback to b;
  delete from reworked; insert into reworked values (99, 'own'); delete from reworked where id = 99;
`;

describeServers('rows of tables out of the ordinary equal the COPY of', (postgres) => {
  let server: TestServer;
  let backup: string;
  const truth = new Map<string, string>();
  const xids = new Map<string, number>();
  /** The files that tables have before the transactions that take them. */
  const files = new Map<string, string>();

  const copy = (table: string, database = 'postgres'): string =>
    server.sql(`copy (select * from ${table} order by ctid) to stdout`, database);
  const note = (point: string, tables: string[], database = 'postgres'): void => {
    server.sql(`select pg_create_restore_point('${point}')`);
    for (const table of tables) truth.set(`${point} ${database} ${table}`, copy(table, database));
  };
  const transaction = (name: string, statements: string): void => {
    const [xid] = server.sql(`begin; select pg_current_xact_id(); ${statements} commit;`).split('\n');
    xids.set(name, Number(xid));
  };

  beforeAll(() => {
    server = new TestServer(
      postgres,
      ["wal_keep_size = '1GB'", 'max_prepared_transactions = 5'],
      SMALL_SEGMENTS,
    );
    server.sql(BEFORE);
    server.sql('create database source');
    server.sql(
      "create table origin as select g as id, 'o' || g as note from generate_series(1, 50) g",
      'source',
    );
    server.sql('alter schema going rename to gone');
    server.sql('begin; alter schema gone rename to stayed; rollback');
    backup = server.baseBackup('backup', () => server.sql('update locked set n = 2 where id = 4'));
    note('start', ['doomed', 'dropped', 'locked', 'pending', 'reworked', 'gone.inside']);
    for (const table of ['doomed', 'dropped', 'rewritten', 'moved', 'mixed']) {
      files.set(table, server.sql(`select pg_relation_filenode('${table}')`).trim());
    }
    transaction(
      'truncate',
      "delete from doomed where id < 9; truncate doomed; insert into doomed values (1, 'new');",
    );
    transaction('drop', 'drop table dropped;');
    transaction('empty', 'delete from emptied;');
    server.sql('truncate emptied; truncate emptied');
    transaction('discard', 'delete from discarded;');
    server.sql('drop table discarded');
    transaction('rework', REWORK);
    transaction('schema', 'drop schema gone cascade;');
    server.sql('vacuum pg_namespace');
    transaction('rewrite', 'alter table rewritten alter id type text;');
    transaction('mixed', 'truncate mixed; alter table mixed alter id type text;');
    transaction('beside', 'alter table rewritten alter note type varchar(9); drop table beside;');
    transaction('both', 'truncate moved; drop table mixed;');
    server.sql(
      "vacuum full rewritten; commit prepared 'first'; rollback prepared 'second'; commit prepared 'third'",
    );
    note('middle', ['doomed', 'rewritten', 'locked', 'pending', 'part_one', 'part_two']);
    const strategies = server.version >= 15 ? [' strategy wal_log', ' strategy file_copy'] : [''];
    strategies.forEach((strategy, i) => {
      server.sql(`create database copy${i} template source${strategy}`);
      server.sql(
        `update origin set note = 'copied' where id % 5 = 0; create table own as select * from origin`,
        `copy${i}`,
      );
      note('copied', ['origin', 'own'], `copy${i}`);
      server.sql(`create table filler (id int4)`, `copy${i}`);
    });
    makeFolders(join(server.root, 'elsewhere'));
    server.sql(`create tablespace elsewhere location '${join(server.root, 'elsewhere')}'`);
    server.sql(`create database moved template source${strategies.at(-1)}`);
    server.sql('alter database moved set tablespace elsewhere');
    server.sql('alter database moved set tablespace pg_default');
    server.sql('delete from origin where id < 7', 'moved');
    note('moved', ['origin'], 'moved');
    server.sql('select pg_switch_wal(); checkpoint;');
    cpSync(join(server.data, 'pg_wal'), join(server.root, 'wal'), { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** Out of WAL alone, by the file that the table had. */
  async function recoverFromWal(
    table: string,
    question: RowsQuestion,
  ): Promise<{ text: string; isComplete: boolean; problems: string[] }> {
    const rows = await recoverRows(join(server.root, 'wal'), {
      relation: parseRelation(files.get(table)!),
      columns: table === 'doomed' || table === 'rewritten' ? 'id int4, note text' : 'id int4',
      question,
      timezone: UTC,
    });
    try {
      const text = [...formatRows(rows, 'copy', false)].join('');
      return { text, isComplete: rows.isComplete, problems: rows.problems.map(({ code }) => code) };
    } finally {
      rows.close();
    }
  }

  async function recover(table: string, question: RowsQuestion, database = 'postgres'): Promise<string> {
    const paths = [join(server.root, 'wal')];
    const rows = await recoverRows(paths, { backup, table, database, question, timezone: UTC });
    try {
      return [...formatRows(rows, 'copy', false)].join('');
    } finally {
      rows.close();
    }
  }

  const asOf = (name: string): RowsQuestion => ({ kind: 'as-of', target: { kind: 'name', name } });
  const latest: StopTarget = { kind: 'latest' };

  it('as of restore points: prepared, locked by several, rewritten, truncated, in copied and moved databases', async () => {
    expect(truth.size).toBeGreaterThanOrEqual(12);
    for (const [key, expected] of truth) {
      const [point, database, table] = key.split(' ');
      // every copy of a database has the point of its own name: the first one stops before the second is there
      if (database === 'copy1') continue;
      expect(await recover(table, asOf(point), database), key).toBe(expected);
    }
  });

  it('in a database copied file by file', async () => {
    if (server.version < 15) return;
    for (const table of ['origin', 'own']) {
      const rows = await recover(table, { kind: 'as-of', target: latest }, 'copy1');
      expect(rows).toBe(truth.get(`copied copy1 ${table}`));
    }
  });

  it('the rows that a TRUNCATE or a DROP removed, and none that a rewrite moved', async () => {
    const by = (name: string): RowsQuestion => ({ kind: 'deleted-by', xid: xids.get(name)! });
    expect(await recover('doomed', by('truncate'))).toBe(truth.get('start postgres doomed'));
    expect(await recover('dropped', by('drop'))).toBe(truth.get('start postgres dropped'));
    expect(await recover('rewritten', by('rewrite'))).toBe('');
    const last: RowsQuestion = { kind: 'deleted-by', xid: 'last' };
    expect(await recover('doomed', last)).toBe(truth.get('start postgres doomed'));
    expect(await recover('dropped', last)).toBe(truth.get('start postgres dropped'));
    await expect(recover('rewritten', last)).rejects.toMatchObject({ code: 'nothing-deleted' });
  });

  it('the same out of the WAL alone, as find-commit tells it', async () => {
    const by = (name: string): RowsQuestion => ({ kind: 'deleted-by', xid: xids.get(name)! });
    const last: RowsQuestion = { kind: 'deleted-by', xid: 'last' };
    const whole = (text: string | undefined) => ({ text, isComplete: true, problems: [] });
    for (const [table, name] of [
      ['doomed', 'truncate'],
      ['dropped', 'drop'],
    ]) {
      const expected = truth.get(`start postgres ${table}`);
      expect(await recoverFromWal(table, by(name)), table).toEqual(whole(expected));
      expect(await recoverFromWal(table, last), table).toEqual(whole(expected));
    }
    expect((await recoverFromWal('rewritten', by('rewrite'))).text).toBe('');
    await expect(recoverFromWal('rewritten', last)).rejects.toMatchObject({ code: 'nothing-deleted' });
  });

  it('of a table whose rows a transaction removed while it did other things to tables', async () => {
    const numbers = (count: number): string => Array.from({ length: count }, (_, i) => `${i + 1}\n`).join('');
    const by = (name: string): RowsQuestion => ({ kind: 'deleted-by', xid: xids.get(name)! });
    // a truncated table and a dropped one: either way the rows are gone
    expect(await recover('moved', by('both'))).toBe(numbers(8));
    expect(await recoverFromWal('moved', by('both'))).toEqual({
      text: numbers(8),
      isComplete: true,
      problems: [],
    });
    // truncated, then rewritten: only the catalogs tell whose the file between was
    expect(await recover('mixed', by('mixed'))).toBe(numbers(11));
    expect(await recoverFromWal('mixed', by('mixed'))).toEqual({
      text: numbers(11),
      isComplete: true,
      problems: ['unknown-removal'],
    });
    // dropped beside one that is rewritten, and no row of it in the WAL
    const source = { backup, table: 'beside', database: 'postgres', timezone: UTC };
    const rows = await recoverRows(join(server.root, 'wal'), { ...source, question: by('beside') });
    expect([...rows].length).toBe(3);
    expect(rows.problems).toEqual([]);
    rows.close();
  });

  it.each([
    ['emptied', 'empty', 7, 2],
    ['discarded', 'discard', 4, 1],
  ])('of a table that was empty when it was removed: %s', async (table, deletion, count, passedOver) => {
    const question: RowsQuestion = { kind: 'deleted-by', xid: 'last' };
    const source = { backup, table, database: 'postgres', question, timezone: UTC };
    const rows = await recoverRows(join(server.root, 'wal'), source);
    expect([...rows].length).toBe(count);
    expect(rows.deletedBy).toBe(xids.get(deletion));
    expect(rows.passedOver).toHaveLength(passedOver);
    rows.close();
  });

  it('the rows of a table whose schema was dropped with it', async () => {
    const expected = truth.get('start postgres gone.inside');
    expect(await recover('gone.inside', { kind: 'deleted-by', xid: 'last' })).toBe(expected);
    const inventory = await takeUsableInventory([join(server.root, 'wal')]);
    const names = (await readRelationNames(backup, inventory)).names.get(1)!;
    const [file] = names.filesOf('gone.inside', 'postgres');
    expect(names.nameOf(formatLocator(file))).toEqual({
      database: 'postgres',
      schema: 'gone',
      name: 'inside',
    });
  });

  it('not those of another table, whose name is written otherwise', async () => {
    expect(await recover('PUBLIC.Locked', asOf('middle'))).toBe(truth.get('middle postgres locked'));
    await expect(recover('"Locked"', asOf('middle'))).rejects.toMatchObject({ code: 'unknown-table' });
    await expect(recover('"PUBLIC".locked', asOf('middle'))).rejects.toMatchObject({ code: 'unknown-table' });
  });

  it('rows that a transaction changed and then deleted, as others saw them', async () => {
    const expected = truth.get('start postgres reworked');
    expect(expected).toContain('o30');
    expect(await recover('reworked', { kind: 'deleted-by', xid: xids.get('rework')! })).toBe(expected);
    expect(await recover('reworked', { kind: 'deleted-by', xid: 'last' })).toBe(expected);
  });

  it('none with the values that only the transaction itself saw, where there are no others', async () => {
    server.sql('vacuum wide'); // or the pages of old rows may be written once more, for their hint bits
    const work = `update wide set note = repeat('x', 5000); checkpoint; select pg_switch_wal();
      select pg_walfile_name(pg_current_wal_insert_lsn()); delete from wide;`;
    const lines = server.sql(`begin; select pg_current_xact_id(); ${work} commit;`).trim().split('\n');
    const [xid, segment] = [Number(lines[0]), lines.at(-1)!];
    server.sql('select pg_switch_wal()');
    const relation = parseRelation(server.sql("select pg_relation_filenode('wide')").trim());
    const rows = await recoverRows([join(server.data, 'pg_wal', segment)], {
      relation,
      columns: 'id int4, note text',
      question: { kind: 'deleted-by', xid },
      timezone: UTC,
    });
    try {
      expect([...rows].length).toBe(0);
      expect(rows.missing.length).toBe(6);
    } finally {
      rows.close();
    }
  });

  it('says why a table has no rows', async () => {
    await expect(recover('fleeting', asOf('middle'))).rejects.toMatchObject({ code: 'not-logged' });
  });
});
