import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

describeServers('undo of texts that are equal to others', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(
      postgres,
      `CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE TABLE t (id int PRIMARY KEY, v text COLLATE ci); INSERT INTO t VALUES (1, 'first'), (2, 'second');
       CREATE TABLE arrays (id int PRIMARY KEY, v text[] COLLATE ci); INSERT INTO arrays VALUES (1, '{first}');
       CREATE TABLE keys (k varchar(9) COLLATE ci PRIMARY KEY, v int); INSERT INTO keys VALUES ('first', 1), ('gone', 2);
       CREATE TABLE keyless (v text COLLATE ci); INSERT INTO keyless VALUES ('first');`,
    );
  });

  afterAll(() => lab.remove());

  it('leaves what a later transaction changed to another text that its collation takes for equal', async () => {
    const { xids } = lab.run(
      `BEGIN; UPDATE t SET v = 'changed'; UPDATE arrays SET v = '{changed}'; UPDATE keys SET k = 'changed' WHERE v = 1;
       DELETE FROM keys WHERE v = 2; INSERT INTO keys VALUES ('new', 3); UPDATE keyless SET v = 'changed'; COMMIT;`,
    );
    lab.run(
      `UPDATE t SET v = 'CHANGED' WHERE id = 1; UPDATE arrays SET v = '{CHANGED}'; UPDATE keys SET k = 'CHANGED' WHERE v = 1;
       UPDATE keys SET k = 'NEW' WHERE v = 3; UPDATE keyless SET v = 'CHANGED';`,
    );
    const { script } = await lab.undo(['--xid', xids[0], '--on-conflict', 'skip']);
    expect(lab.apply(script, 'lab').isDone).toBe(true);
    expect(lab.rows('public')).toEqual({
      'public.arrays': ['1\t{CHANGED}'],
      'public.keyless': ['CHANGED'],
      'public.keys': ['CHANGED\t1', 'NEW\t3', 'gone\t2'],
      'public.t': ['1\tCHANGED', '2\tsecond'],
    });
  });
});
