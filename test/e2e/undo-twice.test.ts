import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

const TABLES = `
  CREATE TABLE t (id int PRIMARY KEY, v int, w int); INSERT INTO t SELECT g, g, g FROM generate_series(1, 6) g;
  CREATE TABLE p (id int PRIMARY KEY DEFERRABLE, v int, w int); INSERT INTO p SELECT g, g, g FROM generate_series(1, 6) g;
  CREATE TABLE u (id int PRIMARY KEY, v int UNIQUE, w int); INSERT INTO u SELECT g, g, g FROM generate_series(1, 6) g;
  CREATE TABLE up (id int PRIMARY KEY, v int); INSERT INTO up SELECT g, g FROM generate_series(1, 6) g;
  CREATE TABLE down (id int PRIMARY KEY, up int REFERENCES up ON DELETE CASCADE ON UPDATE CASCADE, w int REFERENCES up ON DELETE SET NULL ON UPDATE CASCADE);
  INSERT INTO down SELECT g, g, 7 - g FROM generate_series(1, 6) g;
  CREATE TABLE nokey (a int, b text); INSERT INTO nokey SELECT g % 3, 'same' FROM generate_series(1, 9) g;
  CREATE TABLE m (id int, r text, PRIMARY KEY (id, r)) PARTITION BY LIST (r);
  CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a'); CREATE TABLE m_b PARTITION OF m FOR VALUES IN ('b');
  INSERT INTO m SELECT g, 'a' FROM generate_series(1, 4) g;
  CREATE TABLE k2 (a int, b int, v int, PRIMARY KEY (a, b)); INSERT INTO k2 SELECT g, g, g FROM generate_series(1, 4) g;`;

/** Transactions that are undone together. */
const CASES: [name: string, transactions: string[]][] = [
  [
    'a key changed, and the row deleted',
    ['BEGIN; UPDATE t SET id = id + 100; DELETE FROM t WHERE id = 101; COMMIT;'],
  ],
  ['the same in two transactions', ['UPDATE t SET id = id + 100;', 'DELETE FROM t WHERE id = 101;']],
  [
    'a chain of keys',
    [
      'BEGIN; UPDATE t SET id = 50, v = 50 WHERE id = 1; UPDATE t SET id = 60 WHERE id = 50; COMMIT;',
      'BEGIN; UPDATE t SET id = 70 WHERE id = 60; DELETE FROM t WHERE id = 70; COMMIT;',
    ],
  ],
  [
    'keys there and back',
    ['UPDATE t SET id = -id;', 'UPDATE t SET id = -id, v = 0;', 'DELETE FROM t WHERE id = 3;'],
  ],
  ['keys turned', ['UPDATE t SET id = -id;']],
  [
    'keys swapped by a third',
    [
      'BEGIN; UPDATE t SET id = 99 WHERE id = 1; UPDATE t SET id = 1 WHERE id = 2; UPDATE t SET id = 2 WHERE id = 99; COMMIT;',
    ],
  ],
  ['deferrable keys swapped', ['UPDATE p SET id = 7 - id;']],
  [
    'deferrable keys swapped, and some deleted',
    ['UPDATE p SET id = 7 - id;', 'DELETE FROM p WHERE id < 3;', 'UPDATE p SET id = id - 1;'],
  ],
  [
    'keys moved on',
    ['UPDATE p SET id = id + 1;', 'INSERT INTO p VALUES (1, 0, 0);', 'UPDATE p SET id = id + 1;'],
  ],
  [
    'a key deleted and used again',
    [
      'BEGIN; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 5, 5); UPDATE t SET v = 6 WHERE id = 1; COMMIT;',
    ],
  ],
  [
    'a key given up and used again',
    [
      'BEGIN; UPDATE t SET id = 100 WHERE id = 1; INSERT INTO t VALUES (1, 5, 5); DELETE FROM t WHERE id = 100; COMMIT;',
    ],
  ],
  [
    'a key used by an equal row',
    [
      'BEGIN; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 1, 1); DELETE FROM t WHERE id = 2; COMMIT;',
    ],
  ],
  [
    'a row changed many times',
    [
      'UPDATE t SET v = 7;',
      'UPDATE t SET v = 8, w = 8;',
      'UPDATE t SET v = 9;',
      'DELETE FROM t WHERE id > 4;',
    ],
  ],
  [
    'rows made and gone',
    [
      'BEGIN; INSERT INTO t VALUES (9, 9, 9); UPDATE t SET id = 10 WHERE id = 9; DELETE FROM t WHERE id = 10; UPDATE t SET v = 0 WHERE id = 1; COMMIT;',
    ],
  ],
  ['a value and back', ['UPDATE t SET v = 0;', 'UPDATE t SET v = id;', 'UPDATE t SET w = 0;']],
  ['unique values swapped', ['UPDATE u SET v = -v;', 'UPDATE u SET v = 7 + v;']],
  ['keys of parents', ['UPDATE up SET id = id + 100;', 'DELETE FROM up WHERE id = 101;']],
  [
    'keys of parents and children',
    [
      'BEGIN; UPDATE up SET id = -id; UPDATE down SET id = -id; DELETE FROM up WHERE id = -2; COMMIT;',
      'UPDATE down SET id = 50 WHERE id = -3;',
      'DELETE FROM down WHERE id = 50;',
    ],
  ],
  [
    'rows without a key',
    [
      'BEGIN; UPDATE nokey SET a = a + 1; DELETE FROM nokey WHERE ctid = (SELECT max(ctid) FROM nokey); COMMIT;',
      "INSERT INTO nokey VALUES (7, 'x'), (7, 'x');",
    ],
  ],
  [
    'rows that move between partitions',
    [
      `UPDATE m SET r = 'b';`,
      `UPDATE m SET r = 'a', id = id + 10 WHERE id < 3;`,
      'DELETE FROM m WHERE id = 3;',
    ],
  ],
  [
    'keys of two columns',
    ['BEGIN; UPDATE k2 SET b = b + 1; UPDATE k2 SET a = a + 1; DELETE FROM k2 WHERE a = 3; COMMIT;'],
  ],
  [
    'a table emptied and filled',
    [
      'BEGIN; UPDATE t SET id = id + 1 WHERE id = 6; TRUNCATE t; INSERT INTO t VALUES (1, 1, 1), (8, 8, 8); COMMIT;',
    ],
  ],
  ['a table dropped', ['UPDATE t SET v = 0; INSERT INTO t VALUES (20, 20, 20);', 'DROP TABLE t;']],
  [
    'tables dropped',
    [
      'UPDATE nokey SET a = 5 WHERE a = 2;',
      'BEGIN; UPDATE up SET id = -id; DROP TABLE up, down, nokey, m; COMMIT;',
    ],
  ],
];

/** In a schema of their own. */
const MORE = [
  'BEGIN; UPDATE t SET id = id + 100; DELETE FROM t WHERE id = 101; COMMIT;',
  'BEGIN; UPDATE u SET id = 99 WHERE id = 1; UPDATE u SET id = 1 WHERE id = 2; UPDATE u SET id = 2 WHERE id = 99; COMMIT;',
  'BEGIN; UPDATE k2 SET a = 99 WHERE a = 1; UPDATE k2 SET a = 1, b = 1 WHERE a = 2; UPDATE k2 SET a = 2, b = 2 WHERE a = 99; COMMIT;',
];

const ALREADY = 'nothing is as these transactions left it: this script seems to have been run already';

describeServers('a script of undo that is run twice', (postgres) => {
  let lab: UndoLab;
  const copies: { onConflict: string; name: string }[] = [];
  const asked: string[][] = [];
  const moreAsked: string[] = [];
  const before: Record<string, string[]>[] = [];

  beforeAll(() => {
    const schemas = CASES.map((_, i) => `CREATE SCHEMA c${i}; SET search_path = c${i};${TABLES}`);
    lab = new UndoLab(
      postgres,
      [...schemas, `CREATE SCHEMA more; SET search_path = more;${TABLES}`].join('\n'),
    );
    for (const [i, [, transactions]] of CASES.entries()) {
      before.push(lab.rows(`c${i}`));
      const xids = transactions.flatMap((sql) => lab.run(`SET search_path = c${i};\n${sql}`).xids);
      asked.push(xids.flatMap((xid) => ['--xid', xid]));
    }
    moreAsked.push(
      ...MORE.flatMap((sql) =>
        lab.run(`SET search_path = more;\n${sql}`).xids.flatMap((xid) => ['--xid', xid]),
      ),
    );
    lab.keepWal();
    for (const onConflict of ['stop', 'skip']) copies.push({ onConflict, name: lab.copy() });
  });

  afterAll(() => lab.remove());

  it.each(CASES.map(([name], i) => [name, i] as const))('changes nothing: %s', async (_, i) => {
    for (const { onConflict, name } of copies) {
      const { script } = await lab.undo([...asked[i], '--on-conflict', onConflict]);
      const first = lab.apply(script, name);
      expect({ ...first, output: '' }).toEqual({ output: '', warnings: [''], isDone: true });
      expect(lab.rows(`c${i}`, name)).toEqual(before[i]);
      const again = lab.apply(script, name);
      const warnings = [expect.stringContaining(ALREADY), ''];
      expect({ ...again, output: '' }).toEqual({ output: '', warnings, isDone: true });
      expect(lab.rows(`c${i}`, name)).toEqual(before[i]);
    }
  });

  it('leaves rows that were changed since, and says so each time', async () => {
    const name = lab.copy('base');
    const run = (sql: string) => lab.server.sql(`SET search_path = more; ${sql}`, name);
    const { script } = await lab.undo([...moreAsked, '--on-conflict', 'skip']);
    run(MORE.join(''));
    // the key that a deleted row had at first, both rows of a swap, one row of another
    run(`INSERT INTO t VALUES (1, 7, 7); UPDATE u SET w = 0 WHERE id < 3; UPDATE k2 SET v = 0 WHERE a = 1`);
    const named = () =>
      lab
        .apply(script, name)
        .warnings.filter((line) => line.includes('WARNING'))
        .map((line) => line.replace(/.*WARNING: {2}/, ''));
    const told = [
      'insert of more.t (id=101) cannot be taken back: another row has the key that it had at first',
      ...[1, 2, 99].map(
        (id) =>
          `update of more.u (id=${id}) cannot be taken back: rows changed places and were changed since: which is which cannot be told`,
      ),
    ].map((line) => `${line}; no later change of it is in the WAL given`);
    expect(named().sort()).toEqual(told);
    const rows = lab.rows('more', name);
    expect(rows).toMatchObject({
      'more.t': expect.arrayContaining(['1\t7\t7', '2\t2\t2']),
      'more.u': expect.arrayContaining(['1\t2\t0', '2\t1\t0']),
      'more.k2': ['1\t1\t1', '2\t2\t0', '3\t3\t3', '4\t4\t4'],
    });
    expect(rows['more.t']).toHaveLength(6);
    expect(named().sort()).toEqual([...told, ALREADY].sort());
    expect(lab.rows('more', name)).toEqual(rows);
  });
});
