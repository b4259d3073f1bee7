import fc from 'fast-check';
import { allTypes } from './values.js';

/** Random SQL on random tables, for comparing recovered rows with what a server says. */

export interface TablePlan {
  name: string;
  /** Types of the columns `c0`, `c1`, …, with expressions that give values. */
  columns: { type: string; values: fc.Arbitrary<string> }[];
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** Long values of a column that goes to a TOAST table, compressible and not. */
const longText = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.boolean(), fc.nat())
  .map(([n, random, seed]) =>
    random
      ? `(select string_agg(md5((g * ${seed}::int8)::text), '') from generate_series(1, ${n}) g)`
      : `repeat('${letters}${seed}', ${n})`,
  );

export function tablePlans(version: number, count: number): fc.Arbitrary<TablePlan[]> {
  const types = [...allTypes(version)];
  const column = fc.constantFrom(...types).map(([type, values]) => ({ type, values }));
  const columns = fc.array(column, { minLength: 1, maxLength: 5 });
  return fc
    .array(columns, { minLength: count, maxLength: count })
    .map((all) =>
      all.map((own, i) => ({ name: `w${i}`, columns: [...own, { type: 'text', values: longText }] })),
    );
}

export const createTable = ({ name, columns }: TablePlan): string =>
  `create table ${name} (id int4, ${columns.map(({ type }, i) => `c${i} ${type}`).join(', ')});`;

const row = ({ columns }: TablePlan, id: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...columns.map(({ values }) =>
        fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: fc.constant('null') }),
      ),
    )
    .map((values) => `(${[id, ...values].join(', ')})`);

let nextId = 0;

function insert(plan: TablePlan): fc.Arbitrary<string> {
  const names = ['id', ...plan.columns.map((_, i) => `c${i}`)].join(', ');
  return fc
    .integer({ min: 1, max: 12 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, () => row(plan, nextId++))))
    .map((rows) => `insert into ${plan.name} (${names}) values ${rows.join(', ')};`);
}

const some = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.nat({ max: 8 }))
  .map(([n, r]) => `id % ${n} = ${r % n}`);

function update(plan: TablePlan): fc.Arbitrary<string> {
  return fc
    .nat({ max: plan.columns.length - 1 })
    .chain((i) =>
      fc
        .tuple(plan.columns[i].values, some)
        .map(([value, where]) => `update ${plan.name} set c${i} = ${value} where ${where};`),
    );
}

/** Statements that a transaction may hold. */
function change(plan: TablePlan): fc.Arbitrary<string> {
  const { name } = plan;
  return fc.oneof(
    { weight: 4, arbitrary: insert(plan) },
    { weight: 3, arbitrary: update(plan) },
    { weight: 1, arbitrary: some.map((where) => `update ${name} set id = id where ${where};`) },
    { weight: 1, arbitrary: some.map((where) => `delete from ${name} where ${where} and id % 2 = 0;`) },
    {
      weight: 1,
      arbitrary: some.map(
        (where) => `select count(*) from (select 1 from ${name} where ${where} for update) s;`,
      ),
    },
    {
      weight: 1,
      arbitrary: some.map(
        (where) => `select count(*) from (select 1 from ${name} where ${where} for key share) s;`,
      ),
    },
  );
}

/** A transaction with savepoints, some of them rolled back, that commits or does not. */
function transaction(plan: TablePlan): fc.Arbitrary<string> {
  const savepoint = fc
    .tuple(change(plan), change(plan), fc.constantFrom('rollback to s;', 'release s;'))
    .map(([a, b, end]) => `savepoint s; ${a} ${b} ${end}`);
  return fc
    .tuple(
      fc.array(fc.oneof(change(plan), savepoint), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([steps, end]) => `begin; ${steps.join('\n')} ${end === 0 ? 'rollback;' : 'commit;'}`);
}

/** What cannot be in a transaction, or changes the table itself. */
function upkeep({ name }: TablePlan): fc.Arbitrary<string> {
  const column = fc.nat({ max: 1_000_000 });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(`vacuum ${name};`, `vacuum freeze ${name};`, `vacuum analyze ${name};`),
    },
    { weight: 2, arbitrary: fc.constant('checkpoint;') },
    { weight: 1, arbitrary: fc.constantFrom(`vacuum full ${name};`, `truncate ${name};`) },
    {
      weight: 1,
      arbitrary: column.map((n) => `alter table ${name} add column x${n} text default 'given ${n}';`),
    },
    {
      weight: 1,
      arbitrary: column.map(
        (n) => `alter table ${name} add column y${n} int4[]; alter table ${name} drop column y${n};`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'vacuum pg_class;',
        'vacuum pg_attribute;',
        'vacuum full pg_class;',
        'vacuum full pg_attribute;',
      ),
    },
  );
}

/** A few steps on the tables, each a script of its own. */
export function workload(plans: TablePlan[]): fc.Arbitrary<string[]> {
  const step = fc
    .constantFrom(...plans)
    .chain((plan) =>
      fc.oneof(
        { weight: 3, arbitrary: transaction(plan) },
        { weight: 3, arbitrary: change(plan) },
        { weight: 2, arbitrary: upkeep(plan) },
      ),
    );
  return fc.array(step, { minLength: 15, maxLength: 30 });
}
