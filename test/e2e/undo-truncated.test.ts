import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

describeServers('undo of TRUNCATE in a transaction that had given the table another file', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(
      postgres,
      `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 20) g;
       CREATE TABLE plain (id int)`,
    );
  }, 60_000);

  afterAll(() => lab.remove());

  it('says that rows are not known, and changes nothing', async () => {
    const { xids } = lab.run(
      'BEGIN; ALTER TABLE t ALTER v TYPE bigint; TRUNCATE t; INSERT INTO t VALUES (99, 99); COMMIT;',
    );
    const left = lab.rows('public');
    const { script, told, code } = await lab.undo(['--xid', xids[0]]);
    expect([code, told]).toEqual([3, expect.stringContaining('1 change cannot be taken back')]);
    const { isDone, warnings } = lab.apply(script, 'lab');
    expect(isDone).toBe(false);
    expect(warnings.join('\n')).toContain('of rows whose values are not known');
    expect(lab.rows('public')).toEqual(left);
  }, 60_000);

  it('takes back a table that the transaction made itself', async () => {
    const before = lab.rows('public');
    const { xids } = lab.run(
      'BEGIN; CREATE TABLE made (id int PRIMARY KEY); INSERT INTO made VALUES (1); TRUNCATE made; INSERT INTO plain VALUES (1); COMMIT;',
    );
    const { script, code } = await lab.undo(['--xid', xids[0]]);
    expect(code).toBe(0);
    expect(lab.apply(script, 'lab').isDone).toBe(true);
    expect(lab.rows('public')).toEqual({ ...before, 'public.made': [] });
  }, 60_000);
});
