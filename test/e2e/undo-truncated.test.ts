import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

/** A row with a TOAST value. */
const FILL = (from: number, to: number): string =>
  `INSERT INTO t SELECT g, g, (SELECT string_agg(md5((g * 100 + h)::text), '') FROM generate_series(1, 300) h)
     FROM generate_series(${from}, ${to}) g`;

/** All within one transaction, of a table that has rows. */
const TRUNCATIONS: readonly [string, string][] = [
  ['was moved', 'ALTER TABLE t SET TABLESPACE apart; TRUNCATE t'],
  ['was moved, and filled since', `ALTER TABLE t SET TABLESPACE apart; TRUNCATE t; ${FILL(30, 33)}`],
  ['was rewritten', 'ALTER TABLE t ALTER v TYPE bigint; TRUNCATE t'],
  [
    'was rewritten after changes',
    `UPDATE t SET v = -v WHERE id < 5; DELETE FROM t WHERE id > 17; ${FILL(40, 42)};
     ALTER TABLE t ALTER v TYPE bigint; UPDATE t SET v = 0 WHERE id = 7; TRUNCATE t; ${FILL(7, 8)}`,
  ],
  ['was clustered', 'CLUSTER t USING t_pkey; TRUNCATE t'],
  ['was truncated and filled', `TRUNCATE t; ${FILL(1, 9)}; TRUNCATE t`],
  [
    'was truncated and filled again and again',
    `TRUNCATE t; ${FILL(1, 2)}; TRUNCATE t; ${FILL(1, 3)}; UPDATE t SET big = big || 'x' WHERE id = 1;
     DELETE FROM t WHERE id = 2; TRUNCATE t; TRUNCATE t; ${FILL(2, 4)}`,
  ],
  [
    'was truncated, with savepoints that are rolled back',
    `SAVEPOINT a; TRUNCATE t; ${FILL(1, 2)}; TRUNCATE t; ROLLBACK TO a; TRUNCATE t; ${FILL(1, 4)};
     SAVEPOINT b; DELETE FROM t WHERE id = 1; ${FILL(5, 6)}; TRUNCATE t; ${FILL(90, 91)}; TRUNCATE t; ROLLBACK TO b;
     TRUNCATE t; ${FILL(50, 51)}`,
  ],
  [
    'was rewritten within a savepoint that is released',
    `SAVEPOINT a; ALTER TABLE t ALTER v TYPE bigint; ${FILL(60, 61)}; RELEASE a; SAVEPOINT b;
     UPDATE t SET big = 'short' WHERE id = 3; ROLLBACK TO b; TRUNCATE t; ${FILL(3, 3)}`,
  ],
];

describeServers('undo of TRUNCATE in a transaction that had given the table another file', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(
      postgres,
      `SET allow_in_place_tablespaces = on; CREATE TABLESPACE apart LOCATION '';
       CREATE TABLE t (id int PRIMARY KEY, v int, big text); ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
       ${FILL(1, 20)}; CREATE TABLE plain (id int); INSERT INTO plain SELECT generate_series(1, 3)`,
    );
  });

  afterAll(() => lab.remove());

  async function undo(sql: string): Promise<void> {
    const before = lab.rows('public');
    const { xids } = lab.run(`BEGIN; ${sql}; COMMIT;`);
    expect(lab.rows('public')).not.toEqual(before);
    const { script, told, code } = await lab.undo(['--xid', xids[0]]);
    expect([code, told]).toEqual([0, expect.any(String)]);
    expect(lab.apply(script, 'lab')).toMatchObject({ isDone: true });
  }

  it.each(TRUNCATIONS)('gives back all rows of one that %s', async (_, sql) => {
    const before = lab.rows('public');
    await undo(sql);
    expect(lab.rows('public')).toEqual(before);
    lab.run('ALTER TABLE t SET TABLESPACE pg_default, ALTER v TYPE int');
  });

  it('gives back all rows of a table without a key', async () => {
    const before = lab.rows('public');
    await undo(
      `TRUNCATE plain; INSERT INTO plain VALUES (1), (1), (7); TRUNCATE plain; INSERT INTO plain VALUES (1)`,
    );
    expect(lab.rows('public')).toEqual(before);
  });

  it('takes back a table that the transaction made itself', async () => {
    const before = lab.rows('public');
    await undo(
      'CREATE TABLE made (id int); INSERT INTO made VALUES (1); TRUNCATE made; INSERT INTO made VALUES (1), (1); INSERT INTO plain VALUES (1)',
    );
    expect(lab.rows('public')).toEqual({ ...before, 'public.made': [] });
  });

  it('tells whole values of rows that are cut off later', async () => {
    const { xids } = lab.run(`BEGIN; TRUNCATE t; ${FILL(1, 2)}; TRUNCATE t; COMMIT;`);
    const { told, script, code } = await lab.changes(['--xid', xids[0]]);
    expect([code, told]).toEqual([0, expect.any(String)]);
    const lines = script
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ action }) => action).join('')).toBe('BTIITC');
    expect(lines[2].columns[2].value).toHaveLength(9600);
  });
});
