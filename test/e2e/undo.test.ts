import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { type Ran, UndoLab } from '../support/undo-lab.js';

/** Tables, and what is done to them: each suffix of the transactions is taken back. */
interface Scenario {
  name: string;
  setup: string;
  transactions: string[];
}

const SCENARIOS: Scenario[] = [
  {
    name: 'kinds',
    setup: `CREATE TABLE k (id int PRIMARY KEY, t text, j jsonb, n numeric, f float8, ts timestamptz, i interval, b bytea, a text[]);
      INSERT INTO k SELECT g, 'it''s \\ ' || g || E'\\n$sql$ %s ü', '{"a": 1}', g * 1.10, g / 3.0, '2020-01-01'::timestamptz + g * '1 hour'::interval, '1 day 2 hours', '\\x00ff', ARRAY['a', NULL, '"x"', ''] FROM generate_series(1, 20) g;
      CREATE TABLE nokey (a int, b text); INSERT INTO nokey SELECT g % 3, 'same' FROM generate_series(1, 12) g;`,
    transactions: [
      `BEGIN; UPDATE k SET t = '', j = NULL WHERE id < 5; DELETE FROM k WHERE id > 15; COMMIT;`,
      `BEGIN; UPDATE k SET id = id + 100, a = '{}' WHERE id < 10; INSERT INTO k (id, t) VALUES (500, '$sql$'), (501, NULL); COMMIT;`,
      `DELETE FROM nokey WHERE ctid IN (SELECT ctid FROM nokey WHERE a = 1 LIMIT 2);`,
      `BEGIN; SAVEPOINT a; DELETE FROM k; ROLLBACK TO a; SAVEPOINT b; INSERT INTO nokey VALUES (1, 'same'), (NULL, 'same'); UPDATE nokey SET b = 'other' WHERE a = 2; RELEASE b; COMMIT;`,
      `BEGIN; DELETE FROM k; ROLLBACK;`,
      `BEGIN; UPDATE k SET n = n + 1 WHERE id > 100; PREPARE TRANSACTION 'k'; COMMIT PREPARED 'k';`,
      `INSERT INTO k (id, t) VALUES (500, 'x') ON CONFLICT (id) DO UPDATE SET t = excluded.t || k.t;`,
      `TRUNCATE k, nokey;`,
      `INSERT INTO nokey VALUES (0, 'same'), (0, 'same');`,
    ],
  },
  {
    name: 'swaps',
    setup: `CREATE TABLE u (id int PRIMARY KEY, v int UNIQUE DEFERRABLE INITIALLY IMMEDIATE);
      INSERT INTO u SELECT g, g FROM generate_series(1, 6) g;
      CREATE TABLE p (id int PRIMARY KEY DEFERRABLE, v text); INSERT INTO p SELECT g, 'v' || g FROM generate_series(1, 6) g;`,
    transactions: [
      `UPDATE u SET v = 7 - v;`,
      `UPDATE p SET id = id + 1;`,
      `DELETE FROM p WHERE id = 3;`,
      `BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO u VALUES (7, 1); UPDATE u SET v = 70 WHERE id = 6; COMMIT;`,
    ],
  },
  {
    name: 'keys',
    setup: `CREATE TABLE parent (id int PRIMARY KEY, t text);
      CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE TABLE lonely (id int PRIMARY KEY, p int REFERENCES parent ON DELETE SET NULL ON UPDATE SET NULL);
      CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);
      CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE);
      ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE;
      CREATE TABLE late (id int PRIMARY KEY, p int REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO parent SELECT g, 'p' || g FROM generate_series(1, 10) g;
      INSERT INTO child SELECT g, 1 + g % 10 FROM generate_series(1, 50) g;
      INSERT INTO lonely SELECT g, 1 + g % 10 FROM generate_series(1, 30) g;
      INSERT INTO tree SELECT g, nullif(g - 1, 0) FROM generate_series(1, 40) g;`,
    transactions: [
      `DELETE FROM parent WHERE id < 4;`,
      `DELETE FROM tree WHERE id = 5;`,
      `UPDATE parent SET id = id + 100 WHERE id > 7;`,
      `BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); COMMIT;`,
      `BEGIN; INSERT INTO late VALUES (1, 200); INSERT INTO parent VALUES (200, 'late'); COMMIT;`,
      `INSERT INTO tree VALUES (60, 60);`,
      `BEGIN; SET CONSTRAINTS ALL DEFERRED; DELETE FROM a; DELETE FROM b; COMMIT;`,
      `BEGIN; INSERT INTO parent VALUES (201, 'x'); INSERT INTO child VALUES (201, 201), (202, 201); DELETE FROM parent WHERE id = 201; COMMIT;`,
      `TRUNCATE parent CASCADE;`,
    ],
  },
  {
    name: 'parts',
    setup: `CREATE TABLE m (id int, r text, g int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id, r)) PARTITION BY LIST (r);
      CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a'); CREATE TABLE m_b PARTITION OF m FOR VALUES IN ('b');
      CREATE TABLE m_c (r text NOT NULL, gone int, id int NOT NULL, g int GENERATED ALWAYS AS (id * 2) STORED); ALTER TABLE m_c DROP COLUMN gone;
      ALTER TABLE m ATTACH PARTITION m_c FOR VALUES IN ('c');
      INSERT INTO m SELECT g, chr(97 + g % 3) FROM generate_series(1, 30) g;
      CREATE TABLE i1 (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text); CREATE TABLE i2 (x int) INHERITS (i1);
      INSERT INTO i1 (t) VALUES ('a'), ('b'), ('c'); INSERT INTO i2 (id, t, x) VALUES (1, 'd', 1), (2, 'e', 2);
      CREATE TABLE big (id int PRIMARY KEY, t text, u text); ALTER TABLE big ALTER t SET STORAGE EXTERNAL;
      INSERT INTO big SELECT g, repeat('long' || g, 5000), 'u' FROM generate_series(1, 5) g;`,
    transactions: [
      `UPDATE m SET r = 'b' WHERE r = 'a';`,
      `UPDATE i1 SET t = t || 'x';`,
      `DELETE FROM i1 WHERE id = 1;`,
      `UPDATE big SET u = 'v';`,
      `DELETE FROM big WHERE id < 3;`,
      `UPDATE big SET t = repeat('other', 10000) WHERE id = 4;`,
      `INSERT INTO i1 (t) VALUES ('new');`,
      `UPDATE m SET id = id + 1000, r = 'c' WHERE id < 10;`,
      `TRUNCATE i1 RESTART IDENTITY;`,
      `TRUNCATE m;`,
    ],
  },
  {
    name: 'ddl',
    setup: `CREATE TABLE d (id int PRIMARY KEY, a int, b text); INSERT INTO d SELECT g, g, 'b' || g FROM generate_series(1, 10) g;
      CREATE TABLE e (a int, b text); INSERT INTO e SELECT g % 3, 'b' FROM generate_series(1, 10) g;
      CREATE TABLE "f ""q" ("i d" int PRIMARY KEY, "x'y" text); INSERT INTO "f ""q" VALUES (1, 'a'), (2, 'b');`,
    transactions: [
      `UPDATE d SET a = 0 WHERE id < 5;`,
      `BEGIN; DELETE FROM e WHERE ctid IN (SELECT ctid FROM e WHERE a = 1 LIMIT 1); INSERT INTO e VALUES (7, 'x'); COMMIT;`,
      `UPDATE "f ""q" SET "x'y" = 'c';`,
    ],
  },
];

/** Rows, and children that go with them. */
const LATER = `CREATE SCHEMA later; SET search_path = later; CREATE TABLE t (id int PRIMARY KEY, v int);
  CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE); INSERT INTO t SELECT g, g FROM generate_series(1, 3) g;
  CREATE TABLE s (id int PRIMARY KEY, v int); INSERT INTO s VALUES (1, 1);`;

describeServers('undo', (postgres) => {
  let lab: UndoLab;
  const ran = new Map<string, { ran: Ran[]; before: Record<string, string[]>[] }>();

  beforeAll(() => {
    const schemas = SCENARIOS.map(
      ({ name, setup }) => `CREATE SCHEMA ${name}; SET search_path = ${name};\n${setup}`,
    );
    lab = new UndoLab(postgres, [...schemas, LATER].join('\n'));
    for (const { name, transactions } of SCENARIOS) {
      const before: Record<string, string[]>[] = [];
      const all = transactions.map((sql) => {
        before.push(lab.rows(name));
        return lab.run(`SET search_path = ${name};\n${sql}`);
      });
      before.push(lab.rows(name));
      ran.set(name, { ran: all, before });
    }
    // what copies of the database add to it is of no question here
    lab.keepWal();
  });

  afterAll(() => lab.remove());

  describe.each(SCENARIOS)('of $name', ({ name, transactions }) => {
    it.each(transactions.map((sql, i) => [i, sql] as const))('all from %i on: %s', async (i) => {
      const { ran: all, before } = ran.get(name)!;
      const xids = all.slice(i).flatMap(({ xids }) => xids);
      if (xids.length === 0) return;
      const { script, told } = await lab.undo(xids.flatMap((xid) => ['--xid', xid]));
      const copy = lab.copy();
      const { warnings, isDone } = lab.apply(script, copy);
      expect({ warnings, isDone, told }).toMatchObject({ warnings: [''], isDone: true });
      expect(lab.rows(name, copy)).toEqual(before[i]);
      const again = lab.apply(script, copy);
      expect(again).toMatchObject({ warnings: [expect.stringContaining('run already'), ''], isDone: true });
      expect(lab.rows(name, copy)).toEqual(before[i]);
      lab.dropCopy(copy);
    });
  });

  it('names what later transactions changed, and leaves it', async () => {
    const first = lab.run('BEGIN; UPDATE later.t SET v = 0; INSERT INTO later.t VALUES (4, 0); COMMIT;');
    const second = lab.run(
      'BEGIN; UPDATE later.t SET v = 9 WHERE id = 2; INSERT INTO later.c VALUES (1, 4); COMMIT;',
    );
    const left = lab.rows('later');
    lab.keepWal();
    const asked = first.xids.flatMap((xid) => ['--xid', xid]);
    const copy = lab.copy();
    const stopped = lab.apply((await lab.undo(asked)).script, copy);
    expect([stopped.isDone, lab.rows('later', copy)]).toEqual([false, left]);

    const { script, told } = await lab.undo([...asked, '--on-conflict', 'skip']);
    expect(told).toContain(
      'later.t: 0 rows restored, 3 changed back, 1 removed, 1 changed later as well, 0 unknown',
    );
    const skipped = lab.apply(script, copy);
    expect(skipped.isDone).toBe(true);
    expect(lab.rows('later', copy)).toMatchObject({
      'later.c': ['1\t4'],
      'later.t': ['1\t1', '2\t9', '3\t3', '4\t0'],
    });
    const warnings = skipped.warnings.filter((line) => line.includes('WARNING'));
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain(
      'delete of later.t (id=4) cannot be taken back: rows of later.c hang on it',
    );
    expect(warnings[1]).toContain(
      `update of later.t (id=2) cannot be taken back: the row is not what it was left as; changed by transaction ${second.xids[0]}`,
    );
  });

  it('leaves what a later transaction made of a row, even where that is what the row was in between', async () => {
    const first = lab.run(
      'BEGIN; UPDATE later.s SET v = 2; UPDATE later.s SET v = 3; INSERT INTO later.s VALUES (7, 7); DELETE FROM later.s WHERE id = 7; COMMIT;',
    );
    const second = lab.run('BEGIN; UPDATE later.s SET v = 2; INSERT INTO later.s VALUES (7, 7); COMMIT;');
    const asked = [...first.xids.flatMap((xid) => ['--xid', xid]), '--on-conflict', 'skip'];
    lab.keepWal();
    const copy = lab.copy();
    const { warnings } = lab.apply((await lab.undo(asked)).script, copy);
    expect(lab.rows('later', copy)['later.s']).toEqual(['1\t2', '7\t7']);
    const conflicts = warnings.filter((line) => line.includes('cannot be taken back'));
    expect(conflicts.map((line) => line.replace(/.*WARNING: {2}/, ''))).toEqual([
      expect.stringContaining('delete of later.s (id=7) cannot be taken back: the row was changed since;'),
      expect.stringContaining('update of later.s (id=1) cannot be taken back: the row was changed since;'),
    ]);
    for (const line of conflicts) expect(line).toContain(`changed by transaction ${second.xids[0]}`);
  });
});
