import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeServers } from '../support/postgres.js';
import { setupSql, transactionsSql, worlds } from '../support/random-world.js';
import { type Ran, type TableState, UndoLab } from '../support/undo-lab.js';
import { USER_TYPES } from '../support/values.js';

/** So many histories are made; more by hand. */
const { WALSCAN_UNDO_RUNS: runs = '2', WALSCAN_UNDO_SEED: seed = '1' } = process.env;

type State = Map<string, TableState>;

interface Past {
  schema: string;
  transactions: string[];
  /** The states between them, from before the first until after the last. */
  states: State[];
  ran: Ran[];
}

describeServers('changes of random tables', (postgres) => {
  const { version } = postgres;

  it('are taken back by undo, and done again by their SQL', async () => {
    const all = fc.sample(worlds(version, true), { numRuns: Number(runs), seed: Number(seed) });
    const lab = new UndoLab(
      postgres,
      USER_TYPES + all.map((world, i) => setupSql(world, `r${i}`, version)).join('\n'),
    );
    try {
      const pasts = all.map((world, i): Past => {
        const schema = `r${i}`;
        const transactions = transactionsSql(world, schema, version);
        const states = [lab.state(schema)];
        const ran = transactions.map((sql) => {
          const one = lab.run(`SET search_path = ${schema}, public;\n${sql}`);
          states.push(lab.state(schema));
          return one;
        });
        return { schema, transactions, states, ran };
      });
      lab.keepWal();
      for (const past of pasts) {
        for (let from = 0; from < past.ran.length; from++) await takeBackFrom(lab, past, from);
        for (let from = 0; from < 3; from++) await takeBackSome(lab, past, from);
      }
      await doAgain(lab, pasts);
    } finally {
      lab.remove();
    }
  }, 3_600_000);
});

async function takeBackFrom(lab: UndoLab, { schema, transactions, states, ran }: Past, from: number) {
  const xids = ran.slice(from).flatMap((one) => one.xids);
  if (xids.length === 0) return;
  const what = `SET search_path = ${schema}; ${transactions.slice(from).join('')}`;
  const { script, told } = await lab.undo(xids.flatMap((xid) => ['--xid', xid]));
  const copy = lab.copy();
  const expected = statesAfterUndo(states, from);
  const { warnings, isDone } = lab.apply(script, copy);
  const errors = warnings.filter((line) => /ERROR|WARNING/.test(line));
  expect.soft({ errors, isDone, told }, what).toEqual({ errors: [], isDone: true, told });
  const asBefore = { found: expected.map(({ rows }) => rows), more: [] };
  expect.soft(compared(expected, lab.state(schema, copy)), what).toEqual(asBefore);
  // a second time it finds nothing that is as it was left, and says no more than that
  const again = lab.apply(script, copy);
  const faults = again.warnings.filter((line) => /ERROR|cannot be taken back/.test(line));
  expect.soft({ faults, isDone: again.isDone }, what).toEqual({ faults: [], isDone: true });
  expect.soft(compared(expected, lab.state(schema, copy)), what).toEqual(asBefore);
  lab.dropCopy(copy);
}

/** One in three transactions: what cannot be taken back stays as it is, however often the script runs. */
async function takeBackSome(lab: UndoLab, { schema, transactions, ran }: Past, from: number) {
  const xids = ran.flatMap((one, i) => (i % 3 === from ? one.xids : []));
  if (xids.length === 0) return;
  const what = transactions
    .map((sql, i) => `\n-- ${i}${i % 3 === from ? ', taken back' : ''}\n${sql}`)
    .join('');
  const { script } = await lab.undo([...xids.flatMap((xid) => ['--xid', xid]), '--on-conflict', 'skip']);
  const copy = lab.copy();
  const states = [1, 2].map(() => {
    const { isDone } = lab.apply(script, copy);
    return { isDone, state: lab.state(schema, copy) };
  });
  expect.soft(states[0].isDone, what).toBe(true);
  expect.soft(states[1], what).toEqual(states[0]);
  lab.dropCopy(copy);
}

/** A table as it should be, by its oid or, where it is made again, its name: the columns that it still has. */
interface Expected {
  oid: string;
  name: string;
  columns: number[];
  rows: string[];
}

function statesAfterUndo(states: State[], from: number): Expected[] {
  const end = states.at(-1)!;
  return [...states[from]].map(([oid, { columns, rows }]) => {
    // a table that was dropped is made again as it was last
    const last = states.findLast((state) => state.has(oid))!.get(oid)!;
    const kept = columns.filter((number) => last.columns.includes(number));
    const isMade = !end.has(oid);
    return {
      oid,
      name: last.name,
      columns: isMade ? kept.map((number) => 1 + last.columns.indexOf(number)) : kept,
      rows: projected({ columns, rows }, kept),
    };
  });
}

const projected = ({ columns, rows }: Pick<TableState, 'columns' | 'rows'>, onto: number[]): string[] =>
  rows.map((row) => onto.map((number) => row[columns.indexOf(number)]).join('\t')).sort();

/** The rows of the tables, and other tables that are not empty. */
function compared(expected: Expected[], state: State) {
  const rest = new Map(state);
  const found = expected.map(({ oid, name, columns }) => {
    const [key, table] = [...state].find(([one]) => one === oid) ??
      [...state].find(([, one]) => one.name === name) ?? ['', undefined];
    rest.delete(key);
    return table && projected(table, columns);
  });
  return { found, more: [...rest.values()].filter(({ rows }) => rows.length > 0) };
}

async function doAgain(lab: UndoLab, pasts: Past[]) {
  const { script, told } = await lab.changes(['--format', 'sql']);
  const copy = lab.copy('base');
  const { warnings, isDone } = lab.apply(`SET session_replication_role = replica;\n${script}`, copy);
  const errors = warnings.filter((line) => /ERROR|WARNING/.test(line));
  expect.soft({ told, errors, isDone }).toEqual({ told: '', errors: [], isDone: true });
  if (!isDone) return;
  for (const { schema, states, transactions } of pasts) {
    const texts = (state: State) =>
      new Map([...state.values()].map(({ name, rows }) => [name, rows.map((row) => row.join('\t')).sort()]));
    const found = texts(lab.state(schema, copy));
    for (const [name, rows] of texts(states.at(-1)!)) {
      expect.soft({ name, rows: found.get(name) }, transactions.join('')).toEqual({ name, rows });
      found.delete(name);
    }
    expect.soft(found).toEqual(new Map());
  }
}
