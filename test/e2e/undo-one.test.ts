import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { setupSql, transactionsSql, type World, worlds } from '../support/random-world.js';
import { type Ran, type TableState, UndoLab } from '../support/undo-lab.js';
import { USER_TYPES } from '../support/values.js';

/** So many histories are made; more by hand. */
const { WALSCAN_UNDO_RUNS: runs = '1', WALSCAN_UNDO_SEED: seed = '1' } = process.env;

type State = Map<string, TableState>;
/** Rows by table and key; without a key by all values, of which there may be many. */
type Rows = Map<string, string[][]>;

/** Where one thing follows from another on its own, so that a server without a transaction can be compared. */
const standingAlone = (world: World): World => ({
  ...world,
  tables: world.tables.map((plan) => ({ ...plan, numbered: '', parent: undefined })),
});

describeServers('undo of one transaction of many', (postgres) => {
  const { version } = postgres;

  it('is as if it had never been, but for rows that others changed later, which it names', async () => {
    const sampled = fc.sample(worlds(version, false), { numRuns: Number(runs), seed: Number(seed) });
    const all = sampled.map(standingAlone);
    const lab = new UndoLab(
      postgres,
      USER_TYPES + all.map((world, i) => setupSql(world, `r${i}`, version)).join('\n'),
    );
    try {
      const pasts = all.map((world, i) => {
        const schema = `r${i}`;
        const transactions = transactionsSql(world, schema, version);
        const states = [lab.state(schema)];
        const ran = transactions.map((sql) => {
          const one = lab.run(inSchema(schema, sql));
          states.push(lab.state(schema));
          return one;
        });
        const isOne = world.transactions.map(({ statements }) => statements.length === 1);
        return { schema, transactions, states, ran, isOne };
      });
      lab.keepWal();
      for (const past of pasts) {
        for (const [at, { xids }] of past.ran.entries()) {
          if (xids.length > 0) await takeBack(lab, past, at);
        }
      }
    } finally {
      lab.remove();
    }
  }, 3_600_000);
});

const inSchema = (schema: string, sql: string): string => `SET search_path = ${schema}, public;\n${sql}`;

interface Past {
  schema: string;
  transactions: string[];
  states: State[];
  ran: Ran[];
  /** Whether a transaction is of one statement. */
  isOne: boolean[];
}

async function takeBack(lab: UndoLab, past: Past, at: number): Promise<void> {
  const { schema, transactions, states, ran } = past;
  const what = `without ${at}, ${ran[at].xids[0]}: ${transactions.map((sql, i) => `\n-- ${i}\n${sql}`).join('')}`;
  const asked = ran[at].xids.flatMap((xid) => ['--xid', xid]);
  const [before, after] = [rowsOf(states[at]), rowsOf(states[at + 1])];
  const touched = changed(before, after);
  const end = rowsOf(states.at(-1)!);

  const { script, told } = await lab.undo([...asked, '--on-conflict', 'skip']);
  const copy = lab.copy();
  const { warnings, isDone } = lab.apply(script, copy);
  const undone = rowsOf(lab.state(schema, copy));
  lab.apply(script, copy);
  const again = rowsOf(lab.state(schema, copy));
  lab.dropCopy(copy);
  expect.soft(sorted(again), what).toEqual(sorted(undone));
  expect.soft({ isDone, told }, what).toEqual({ isDone: true, told });
  const conflicts = conflictsIn(warnings.join('\n'));

  // nothing is changed but what the transaction had changed
  const more = [...changed(end, undone)].filter((key) => !touched.has(key));
  expect.soft(more, what).toEqual([]);

  // where nobody touches its rows later, with it or without, it is as if it had never been
  const twin = lab.copy('base');
  const without = transactions.map((sql, i) => {
    if (i !== at) lab.server.tried(inSchema(schema, sql), twin);
    return rowsOf(lab.state(schema, twin));
  });
  lab.dropCopy(twin);
  const isFree = [...touched].every((key) =>
    transactions.every((_, i) => {
      if (i <= at) return true;
      const isSame = same(rowsOf(states[i]).get(key), rowsOf(states[i + 1]).get(key));
      return isSame && same(without[i - 1].get(key), without[i].get(key));
    }),
  );
  if (isFree) {
    expect
      .soft({ conflicts, rows: sorted(undone) }, what)
      .toEqual({ conflicts: [], rows: sorted(without.at(-1)!) });
  }

  // each row by itself: it is as the transaction left it, or in conflict
  if (past.isOne[at]) {
    for (const key of touched) {
      if (key.startsWith('all ')) continue;
      const wanted = expectedRow(before.get(key), after.get(key), end.get(key));
      const found = conflicts.filter((conflict) => conflict.key === key);
      const rows = undone.get(key);
      expect.soft({ key, rows, isConflict: found.length > 0 }, what).toEqual({ key, ...wanted });
      const later = transactions.findIndex(
        (_, i) => i > at && !same(rowsOf(states[i]).get(key), rowsOf(states[i + 1]).get(key)),
      );
      for (const { xid } of found) expect.soft({ key, xid }, what).toEqual({ key, xid: ran[later]?.xids[0] });
    }
  }

  if (conflicts.length === 0) return;
  const { script: stopping } = await lab.undo(asked);
  const stopped = lab.copy();
  const stop = lab.apply(stopping, stopped);
  expect.soft([stop.isDone, sorted(rowsOf(lab.state(schema, stopped)))], what).toEqual([false, sorted(end)]);
  expect.soft(conflictsIn(stop.warnings.join('\n')), what).toEqual(conflicts);
  lab.dropCopy(stopped);
}

/** What a row becomes that is taken back on its own. */
function expectedRow(before: string[][] = [], after: string[][] = [], end: string[][] = []) {
  const asIs = { rows: end.length === 0 ? undefined : end, isConflict: false };
  const as = (rows: string[][]) => (rows.length === 0 ? undefined : rows);
  if (same(before, end)) return asIs;
  if (before.length === 0 || after.length === 0) {
    // a row that was inserted, and deleted since, is as it should be
    if (same(after, end)) return { rows: as(before), isConflict: false };
    return { rows: as(end), isConflict: end.length > 0 };
  }
  if (end.length === 0) return { rows: undefined, isConflict: true };
  const all = [...before[0].keys()].filter((i) => before[0][i] !== after[0][i]);
  if (all.every((i) => end[0][i] === before[0][i])) return asIs;
  if (!all.every((i) => end[0][i] === after[0][i])) return { ...asIs, isConflict: true };
  return { rows: [end[0].map((value, i) => (all.includes(i) ? before[0][i] : value))], isConflict: false };
}

function rowsOf(state: State): Rows {
  const rows: Rows = new Map();
  for (const { name: table, columns, key, rows: all } of state.values()) {
    for (const row of all) {
      const parts = key.map(({ number, name }) => `${name}=${row[columns.indexOf(number)]}`);
      const id = key.length > 0 ? `${table} ${parts.join(', ')}` : `all ${table} ${row.join('\t')}`;
      rows.set(id, [...(rows.get(id) ?? []), row]);
    }
  }
  return rows;
}

const same = (a: string[][] = [], b: string[][] = []): boolean => JSON.stringify(a) === JSON.stringify(b);

const changed = (a: Rows, b: Rows): Set<string> =>
  new Set([...a.keys(), ...b.keys()].filter((key) => !same(a.get(key), b.get(key))));

const sorted = (rows: Rows) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));

/** The rows that a script names, with the transaction that it says. */
function conflictsIn(text: string): { key: string; xid: string | undefined }[] {
  const found = text.matchAll(
    /WARNING: {2}\w+ of (.*?) \(([^)]*)\) cannot be taken back: .*?; (?:changed by transaction (\d+)|no later change)/gs,
  );
  return Array.from(found, ([, table, row, xid]) => ({ key: `${table} ${row}`, xid }));
}
