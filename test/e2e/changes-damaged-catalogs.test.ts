import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

/** A type that consists of itself: seen in the WAL as soon as it is there, and by the server never. */
const DAMAGED = `BEGIN;
  UPDATE pg_attribute a SET atttypid = 'circle_of'::regtype, atthasmissing = true, attmissingval = b.attmissingval
    FROM pg_attribute b
    WHERE a.attrelid = 'circle_of'::regclass AND b.attrelid = 'given'::regclass AND b.attname = 'b';
  PREPARE TRANSACTION 'damage';`;

describeServers('changes of tables whose catalogs are damaged', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(
      postgres,
      `CREATE TABLE given (a int); INSERT INTO given VALUES (1); ALTER TABLE given ADD b int DEFAULT 5;
       CREATE TYPE circle_of AS (a int); CREATE TABLE t (id int, x circle_of)`,
    );
  });

  afterAll(() => lab.remove());

  it('end where a composite type consists of itself', async () => {
    const { xids } = lab.run(`${DAMAGED} INSERT INTO t (id) VALUES (1); ROLLBACK PREPARED 'damage';`);
    const { script, told, code } = await lab.changes(['--xid', xids[0]]);
    expect([code, told]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(script.split('\n')[1])).toMatchObject({
      action: 'I',
      columns: [
        { name: 'id', value: 1 },
        { name: 'x', value: null },
      ],
    });
  });
});
