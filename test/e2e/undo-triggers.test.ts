import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

describeServers('undo where triggers fire', (postgres) => {
  let lab: UndoLab;

  beforeAll(() => {
    lab = new UndoLab(
      postgres,
      `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1), (2, 2); CREATE TABLE audit (id int);
       CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (NEW.id); RETURN NEW; END';
       CREATE TRIGGER log AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION log();`,
    );
  });

  afterAll(() => lab.remove());

  it('says what a function lacks that names a table without its schema', async () => {
    const { xids } = lab.run('UPDATE t SET v = 5 WHERE id = 1;');
    const { script } = await lab.undo(['--xid', xids[0], '--table', 'public.t']);
    const { isDone, warnings } = lab.apply(script, 'lab');
    expect([isDone, lab.rows('public')['public.t']]).toEqual([false, ['1\t5', '2\t2']]);
    expect(warnings.join('\n')).toMatch(
      /update of public.t \(id=1\) cannot be taken back: relation "audit" does not exist \(a trigger's function names it without its schema, .*SET search_path/,
    );
    lab.server.sql('ALTER FUNCTION log() SET search_path = public', 'lab');
    expect(lab.apply(script, 'lab').isDone).toBe(true);
    expect(lab.rows('public')).toEqual({ 'public.audit': ['1', '1'], 'public.t': ['1\t1', '2\t2'] });
  });
});
