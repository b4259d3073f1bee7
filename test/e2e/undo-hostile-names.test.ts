import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { UndoLab } from '../support/undo-lab.js';

/** Names that end a quoted text, or stand for something where text is replaced. */
const NAMES = [`$walscan$; CREATE TABLE taken (); --`, `$'`, '$&', '$$', '$sql$', ':x\\', 'a -- b'];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describeServers('undo of tables with hostile names', (postgres) => {
  it('does no more than take changes back', async () => {
    const tables = NAMES.map((name) => `"s $'".${quoted(name)}`);
    const setup = tables.map(
      (table) => `CREATE TABLE ${table} (id serial PRIMARY KEY, word text);
        INSERT INTO ${table} (word) SELECT 'w' FROM generate_series(1, 3);`,
    );
    const lab = new UndoLab(postgres, `CREATE SCHEMA "s $'";\n${setup.join('\n')}`);
    try {
      const before = lab.rows("s $''");
      const { xids } = lab.run(
        `BEGIN;\n${tables.map((table) => `DELETE FROM ${table};`).join('\n')}\nCOMMIT;`,
      );
      lab.server.sql(tables.map((table) => `TRUNCATE ${table} RESTART IDENTITY;`).join('\n'), 'lab');
      const { script, code } = await lab.undo(['--xid', ...xids]);
      expect(code).toBe(0);
      const { warnings, isDone } = lab.apply(script, 'lab');
      expect({ warnings, isDone }).toEqual({ warnings: [''], isDone: true });
      expect(lab.rows("s $''")).toEqual(before);
      expect(lab.server.sql("SELECT to_regclass('taken') IS NULL", 'lab').trim()).toBe('t');
      // sequences go on behind the rows that came back
      lab.server.sql(tables.map((table) => `INSERT INTO ${table} (word) VALUES ('n');`).join('\n'), 'lab');
    } finally {
      lab.remove();
    }
  });
});
