import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

describeServers('undo of rows whose keys are long, and begin the same', (postgres) => {
  it('takes one back where another is as it was already', async () => {
    const keys = [1, 2].map((n) => `${'x'.repeat(200)}${n}`);
    const lab = new UndoLab(
      postgres,
      `CREATE TABLE t (k text PRIMARY KEY, v int); INSERT INTO t VALUES ('${keys[0]}', 1), ('${keys[1]}', 1);`,
    );
    try {
      const { xids } = lab.run('UPDATE t SET v = 2;');
      lab.run(`UPDATE t SET v = 1 WHERE k = '${keys[1]}';`);
      const { script } = await lab.undo(['--xid', xids[0]]);
      expect(lab.apply(script, 'lab')).toMatchObject({ isDone: true, warnings: [''] });
      expect(lab.rows('public')).toEqual({ 'public.t': keys.map((key) => `${key}\t1`) });
    } finally {
      lab.remove();
    }
  });
});
