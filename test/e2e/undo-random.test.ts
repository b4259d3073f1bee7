import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { type Ran, UndoLab } from '../support/undo-lab.js';

/** So many histories are made; more by hand. */
const { WALSCAN_UNDO_RUNS: runs = '2', WALSCAN_UNDO_SEED: seed = '1' } = process.env;

/** A statement about one of the tables, with numbers that tell rows and values. */
interface Statement {
  kind: number;
  table: number;
  a: number;
  b: number;
}

type Transaction = { statements: Statement[]; end: number };

const TABLES = ['keyed', 'uniq', 'bare', 'part', 'parent', 'child', 'lonely', 'wide'] as const;

/** Eight tables of different make, in a schema of their own. */
const setup = (schema: string): string => `CREATE SCHEMA ${schema}; SET search_path = ${schema};
  CREATE TABLE keyed (id int PRIMARY KEY, v int, t text DEFAULT 'd', g int GENERATED ALWAYS AS (v * 2) STORED);
  CREATE TABLE uniq (id int NOT NULL, v int, t text, UNIQUE (id) DEFERRABLE INITIALLY IMMEDIATE);
  CREATE UNIQUE INDEX uniq_key ON uniq (id); ALTER TABLE uniq REPLICA IDENTITY USING INDEX uniq_key;
  CREATE TABLE bare (id int, v int, t text);
  CREATE TABLE part (id int, v int, t text, PRIMARY KEY (id, v)) PARTITION BY RANGE (v);
  CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (MINVALUE) TO (3);
  CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (3) TO (MAXVALUE);
  CREATE TABLE parent (id int PRIMARY KEY, v int, t text);
  CREATE TABLE child (id int PRIMARY KEY, v int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, t text);
  CREATE TABLE lonely (id int PRIMARY KEY, v int REFERENCES parent ON DELETE SET NULL DEFERRABLE, t text);
  CREATE TABLE wide (id numeric PRIMARY KEY, v float8, t text); ALTER TABLE wide ALTER t SET STORAGE EXTERNAL;
  INSERT INTO keyed SELECT g, g FROM generate_series(1, 6) g; INSERT INTO uniq SELECT g, g, 'u' FROM generate_series(1, 6) g;
  INSERT INTO bare SELECT g % 3, g % 2, 'b' FROM generate_series(1, 9) g;
  INSERT INTO part SELECT g, g % 6, 'p' FROM generate_series(1, 8) g;
  INSERT INTO parent SELECT g, g, 'p' FROM generate_series(1, 6) g;
  INSERT INTO child SELECT g, 1 + g % 6, 'c' FROM generate_series(1, 8) g;
  INSERT INTO lonely SELECT g, 1 + g % 6, 'l' FROM generate_series(1, 8) g;
  INSERT INTO wide SELECT g, g / 3.0, repeat(g::text, 3000) FROM generate_series(1, 5) g;`;

/** In a savepoint of its own: one that fails is rolled back. */
function statementSql({ kind, table, a, b }: Statement): string {
  const name = TABLES[table];
  const text = name === 'wide' ? `repeat('${b}', 3000)` : `'t${b} '' \\'`;
  switch (kind) {
    case 0:
      return `INSERT INTO ${name} (id, v, t) VALUES (${a}, ${b}, ${text})`;
    case 1:
      return `INSERT INTO ${name} (id, v, t) SELECT g, ${b}, ${text} FROM generate_series(${10 + a}, ${13 + a}) g ON CONFLICT DO NOTHING`;
    case 2:
      return `UPDATE ${name} SET t = ${text} WHERE id = ${a}`;
    case 3:
      return `UPDATE ${name} SET v = ${b} WHERE id BETWEEN ${a} AND ${a + 2}`;
    case 4:
      return `UPDATE ${name} SET id = id + ${1 + b} WHERE id = ${a}`;
    case 5:
      return `DELETE FROM ${name} WHERE id = ${a}`;
    case 6:
      return `DELETE FROM ${name} WHERE v = ${b}`;
    case 7:
      return `INSERT INTO keyed (id, v) VALUES (${a}, ${b}) ON CONFLICT (id) DO UPDATE SET v = excluded.v, t = 'up'`;
    case 8:
      return `UPDATE ${name} SET v = NULL, t = '' WHERE id = ${a}`;
    case 9:
      return name === 'bare'
        ? `DELETE FROM bare WHERE ctid = (SELECT ctid FROM bare WHERE v = ${b % 2} LIMIT 1)`
        : `TRUNCATE ${name} CASCADE`;
    default:
      return `UPDATE uniq SET v = 7 - v WHERE v < 7`;
  }
}

function transactionSql({ statements, end }: Transaction, i: number): string {
  const body = statements.map(
    (one) =>
      `SAVEPOINT s;\n${statementSql(one)};\n\\if :ERROR\nROLLBACK TO s;\n\\else\nRELEASE s;\n\\endif\n`,
  );
  const undone = 'SAVEPOINT x; DELETE FROM keyed; INSERT INTO bare VALUES (99, 99); ROLLBACK TO x;\n';
  const ends = [
    'COMMIT;',
    'COMMIT;',
    'COMMIT;',
    `PREPARE TRANSACTION 'r${i}'; COMMIT PREPARED 'r${i}';`,
    'ROLLBACK;',
  ];
  return `BEGIN;\n${end % 2 === 0 ? undone : ''}${body.join('')}${ends[end]}\n`;
}

const histories = fc.array(
  fc.record({
    statements: fc.array(
      fc.record({
        kind: fc.nat(10),
        table: fc.nat(TABLES.length - 1),
        a: fc.integer({ min: 1, max: 9 }),
        b: fc.nat(6),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    end: fc.nat(4),
  }),
  { minLength: 3, maxLength: 7 },
);

describeServers('undo of random histories', (postgres) => {
  it('gives the rows back', async () => {
    const all = fc.sample(histories, { numRuns: Number(runs), seed: Number(seed) });
    const lab = new UndoLab(postgres, all.map((_, i) => setup(`r${i}`)).join('\n'));
    try {
      const pasts = all.map((history, i) => {
        const schema = `r${i}`;
        const before: Record<string, string[]>[] = [];
        const ran = history.map((one, at) => {
          before.push(lab.rows(schema));
          return lab.run(`SET search_path = ${schema};\n${transactionSql(one, at)}`);
        });
        return { history, schema, before, ran, end: lab.rows(schema) };
      });
      for (const past of pasts) {
        for (let from = 0; from < past.ran.length; from++) await takeBackFrom(lab, past, from);
        for (let at = 0; at < past.ran.length; at++) await takeBackOne(lab, past, at);
      }
    } finally {
      lab.remove();
    }
  }, 3_600_000);
});

interface Past {
  history: Transaction[];
  schema: string;
  before: Record<string, string[]>[];
  ran: Ran[];
  end: Record<string, string[]>;
}

async function takeBackFrom(lab: UndoLab, { schema, before, ran, history }: Past, from: number) {
  const xids = ran.slice(from).flatMap((one) => one.xids);
  if (xids.length === 0) return;
  const { script, told } = await lab.undo(xids.flatMap((xid) => ['--xid', xid]));
  if (script === '') return expect({ told, rows: lab.rows(schema) }).toMatchObject({ rows: before[from] });
  const copy = lab.copy();
  const { warnings, isDone } = lab.apply(script, copy);
  const what = history.slice(from).map(transactionSql).join('');
  expect({ what, warnings, isDone, told }).toEqual({ what, warnings: [''], isDone: true, told });
  expect({ what, rows: lab.rows(schema, copy) }).toEqual({ what, rows: before[from] });
  lab.apply(script, copy);
  expect({ what, rows: lab.rows(schema, copy) }).toEqual({ what, rows: before[from] });
  lab.dropCopy(copy);
}

/** Where nothing is in conflict, all is as if the transaction had never been; else nothing is changed. */
async function takeBackOne(lab: UndoLab, { schema, ran, end, history }: Past, at: number) {
  const { xids } = ran[at];
  if (xids.length === 0) return;
  const { script } = await lab.undo(xids.flatMap((xid) => ['--xid', xid]));
  if (script === '') return;
  const copy = lab.copy();
  const { isDone } = lab.apply(script, copy);
  const rows = lab.rows(schema, copy);
  const what = history.map(transactionSql).join('');
  if (!isDone) expect({ what, at, rows }).toEqual({ what, at, rows: end });
  lab.apply(script, copy);
  expect({ what, at, rows: lab.rows(schema, copy) }).toEqual({ what, at, rows });
  lab.dropCopy(copy);
}
