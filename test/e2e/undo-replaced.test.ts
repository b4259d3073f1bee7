import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

const SCHEMAS = ['one', 'two', 'equal', 'others', 'strange'];

const tables = (schema: string): string => `
  CREATE SCHEMA ${schema}; SET search_path = ${schema};
  CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) SELECT 'v' || g FROM generate_series(1, 3) g;
  CREATE TABLE n (a int); INSERT INTO n VALUES (1), (1), (2);`;

describeServers('undo of a table that was dropped and made anew', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(postgres, SCHEMAS.map(tables).join('\n'));
  });

  afterAll(() => lab.remove());

  const undoOf = async (schema: string, transactions: string[]) => {
    const before = lab.rows(schema);
    const all = transactions.map((sql) => lab.run(`SET search_path = ${schema};\n${sql}`));
    const { script } = await lab.undo(all.flatMap(({ xids }) => xids.flatMap((xid) => ['--xid', xid])));
    return { before, script };
  };

  const isUndone = (schema: string, script: string, before: Record<string, string[]>): void => {
    for (const warnings of [[''], [expect.stringContaining('run already'), '']]) {
      expect({ ...lab.apply(script, 'lab'), output: '' }).toEqual({ output: '', warnings, isDone: true });
      expect(lab.rows(schema)).toEqual(before);
    }
  };

  it('puts the old one in the place of the new one', async () => {
    const { before, script } = await undoOf('one', [
      `BEGIN; DROP TABLE t, n; CREATE TABLE t (id serial PRIMARY KEY, x int, y int); INSERT INTO t (x) VALUES (7), (8);
       CREATE TABLE n (a int); INSERT INTO n VALUES (1), (5); COMMIT;`,
    ]);
    isUndone('one', script, before);
  });

  it('does so over several transactions', async () => {
    const { before, script } = await undoOf('two', [
      'UPDATE t SET v = NULL;',
      'DROP TABLE t;',
      'CREATE TABLE other (id int PRIMARY KEY); ALTER TABLE other RENAME TO t;',
      'INSERT INTO t VALUES (1), (2);',
    ]);
    isUndone('two', script, before);
  });

  it('tells equal rows of both from each other', async () => {
    const { before, script } = await undoOf('equal', [
      `BEGIN; DROP TABLE t, n; CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'v1'), (3, 'v3'), (9, 'v9');
       UPDATE t SET id = 2, v = 'v2' WHERE id = 3; CREATE TABLE n (a int); INSERT INTO n VALUES (1), (1), (2); COMMIT;`,
    ]);
    isUndone('equal', script, before);
  });

  it('leaves a new one that has other rows, and says what to do', async () => {
    const { script } = await undoOf('others', [
      'BEGIN; DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); COMMIT;',
    ]);
    lab.run('INSERT INTO others.t VALUES (2);');
    const left = lab.rows('others');
    const { isDone, warnings } = lab.apply(script, 'lab');
    expect([isDone, lab.rows('others')]).toEqual([false, left]);
    expect(warnings.join('\n')).toContain(
      'create of others.t () cannot be taken back: the table that was made in its place has other rows: move it to another schema (ALTER TABLE ... SET SCHEMA), and run this script again',
    );
    lab.server.sql('CREATE SCHEMA aside; ALTER TABLE others.t SET SCHEMA aside', 'lab');
    expect(lab.apply(script, 'lab').isDone).toBe(true);
    expect(lab.rows('others')['others.t']).toEqual(['1\tv1', '2\tv2', '3\tv3']);
    expect(lab.rows('aside')['aside.t']).toEqual(['1', '2']);
  });

  it('leaves one that somebody else made', async () => {
    const { script } = await undoOf('strange', ['DROP TABLE t;']);
    lab.run(`CREATE TABLE strange.t (id int PRIMARY KEY, v text);`);
    const { isDone, warnings } = lab.apply(script, 'lab');
    expect([isDone, lab.rows('strange')['strange.t']]).toEqual([false, []]);
    expect(warnings.join('\n')).toContain(
      'there is another table of that name: move it to another schema (ALTER TABLE ... SET SCHEMA), and run this script again',
    );
  });
});
