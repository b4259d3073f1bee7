import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

const SETUP = `CREATE SCHEMA s; CREATE TABLE s.p (k int, i int, v text, PRIMARY KEY (i, k)) PARTITION BY LIST (k);
  CREATE TABLE s.a PARTITION OF s.p FOR VALUES IN (1); CREATE TABLE s.b (v text, i int NOT NULL, k int NOT NULL); ALTER TABLE s.p ATTACH PARTITION s.b FOR VALUES IN (2);
  CREATE TABLE s.c PARTITION OF s.p FOR VALUES IN (3) PARTITION BY RANGE (i); CREATE TABLE s.c1 PARTITION OF s.c FOR VALUES FROM (0) TO (100);
  INSERT INTO s.p SELECT 1, g, 'v' || g FROM generate_series(1, 4) g;`;

/** The row that moves, what it moves to, and what is no move beside it. */
const WORK = `BEGIN; UPDATE s.p SET k = 2, v = 'moved' WHERE i = 1; UPDATE s.p SET v = 'stays' WHERE i = 2; DELETE FROM s.p WHERE i = 3;
  UPDATE s.p SET k = 3 WHERE i = 4; INSERT INTO s.p VALUES (1, 3, 'new'); COMMIT;`;

interface Line {
  action: string;
  table?: string;
  partitionOf?: { name: string };
  moved?: boolean;
  columns?: { name: string; value: unknown }[];
  identity?: { name: string; value: unknown }[];
}

describeServers('an UPDATE that moves rows to other partitions, of', (postgres) => {
  let lab: UndoLab;
  let before: Record<string, string[]>;
  let xids: string[];

  beforeAll(() => {
    lab = new UndoLab(postgres, SETUP);
    before = lab.rows('s');
    xids = lab.run(WORK).xids;
    lab.keepWal();
  });

  afterAll(() => lab.remove());

  const rowOf = (columns: Line['columns']) =>
    columns && Object.fromEntries(columns.map(({ name, value }) => [name, value]));

  it('is a DELETE that says so, and an INSERT', async () => {
    const { script } = await lab.changes([]);
    const lines = script
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const told = lines.map(({ action, table, partitionOf, moved, identity, columns }) => {
      const [old, now] = [identity, columns].map(rowOf);
      return [action, table, partitionOf?.name, moved, old, now].filter((value) => value !== undefined);
    });
    expect(told).toEqual([
      ['B'],
      ['D', 'a', 'p', true, { k: 1, i: 1, v: 'v1' }],
      ['I', 'b', 'p', { k: 2, i: 1, v: 'moved' }],
      ['U', 'a', 'p', { k: 1, i: 2, v: 'v2' }, { k: 1, i: 2, v: 'stays' }],
      ['D', 'a', 'p', { k: 1, i: 3, v: 'v3' }],
      ['D', 'a', 'p', true, { k: 1, i: 4, v: 'v4' }],
      ['I', 'c1', 'p', { k: 3, i: 4, v: 'v4' }],
      ['I', 'a', 'p', { k: 1, i: 3, v: 'new' }],
      ['C'],
    ]);
  });

  it('is marked in CSV', async () => {
    const { script } = await lab.changes(['--format', 'csv']);
    const moved = script
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(6, 9));
    expect(moved).toEqual([
      ['a', 'delete', 'true'],
      ['b', 'insert', ''],
      ['a', 'update', ''],
      ['a', 'delete', ''],
      ['a', 'delete', 'true'],
      ['c1', 'insert', ''],
      ['a', 'insert', ''],
    ]);
  });

  it('is done again by SQL, and taken back', async () => {
    const again = lab.copy('base');
    lab.apply((await lab.changes(['--format', 'sql'])).bytes, again);
    expect(lab.rows('s', again)).toEqual(lab.rows('s'));
    const undone = lab.copy();
    const { warnings } = lab.apply((await lab.undo(xids.flatMap((xid) => ['--xid', xid]))).bytes, undone);
    expect(warnings).toEqual(['']);
    expect(lab.rows('s', undone)).toEqual(before);
  });
});
