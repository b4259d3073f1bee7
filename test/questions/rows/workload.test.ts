import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recoverRows } from '../../../src/node/questions.js';
import type { RowsQuestion } from '../../../src/questions/rows/ask.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import type { StopTarget } from '../../../src/replay/recovery.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { describeServers } from '../../support/postgres.js';
import { createTable, type TablePlan, tablePlans, workload } from '../../support/rows-workload.js';
import { TestServer } from '../../support/server.js';
import { USER_TYPES } from '../../support/values.js';

const TABLES = 3;
const ROUNDS = 3;

/** What the server says, to be compared. */
interface Truth {
  table: string;
  question: RowsQuestion;
  copy: string[];
  what: string;
}

describeServers('recovered rows equal the COPY of', (postgres) => {
  let server: TestServer;
  const truths: Truth[] = [];
  let backup: string;
  const { WALSCAN_SEED } = process.env;
  const seed = Number(WALSCAN_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let draws = 0;
  const draw = <T>(arbitrary: fc.Arbitrary<T>): T =>
    fc.sample(arbitrary, { numRuns: 1, seed: seed + draws++ })[0];

  const lines = (text: string): string[] => text.split('\n').slice(0, -1);

  const runSteps = (plans: TablePlan[]): void => server.trySql(draw(workload(plans)).join('\n'));
  /** One after the other, so that they last while a backup is taken. */
  const runSlowly = (plans: TablePlan[]): void => {
    for (const step of draw(workload(plans))) server.trySql(step);
  };

  /** Notes all tables as they are now, with a moment for asking after them. */
  const noteTables = (plans: TablePlan[], round: number): void => {
    const point = `point_${round}`;
    const lsn = lines(
      server.sql(`select pg_current_wal_insert_lsn(); select pg_create_restore_point('${point}')`),
    )[0];
    const targets: StopTarget[] = [
      { kind: 'lsn', lsn: parseLsn(lsn)!, inclusive: false },
      { kind: 'name', name: point },
    ];
    for (const { name } of plans) {
      const copy = lines(server.sql(`copy (select * from ${name} order by ctid) to stdout`));
      const target = targets[round % 2];
      truths.push({
        table: name,
        question: { kind: 'as-of', target },
        copy,
        what: `${name} as of round ${round}`,
      });
    }
  };

  const noteDeletion = ({ name }: TablePlan, round: number): void => {
    const script = `begin; copy (select pg_current_xact_id()) to stdout;
      copy (with gone as (delete from ${name} where id % 3 = ${round % 3} returning ctid as tid, *)
            select * from gone order by tid) to stdout; commit;`;
    const [xid, ...copy] = lines(server.sql(script));
    // the first column is the ctid, which only puts them in order
    const rows = copy.map((line) => line.slice(line.indexOf('\t') + 1));
    if (rows.length === 0) return;
    const question = { kind: 'deleted-by', xid: Number(xid) } as const;
    truths.push({ table: name, question, copy: rows, what: `deleted from ${name} in round ${round}` });
  };

  beforeAll(() => {
    server = new TestServer(postgres, ['wal_compression = on', "wal_keep_size = '4GB'"]);
    server.sql(USER_TYPES);
    const plans = draw(tablePlans(server.version, TABLES));
    server.sql(plans.map(createTable).join('\n'));
    runSteps(plans);
    backup = server.baseBackup('backup', () => runSlowly(plans));
    const late = { ...draw(tablePlans(server.version, 1))[0], name: 'late' };
    server.sql(createTable(late));
    const all = [...plans, late];
    for (let round = 0; round < ROUNDS; round++) {
      runSteps(all);
      noteTables(all, round);
      for (const plan of all) noteDeletion(plan, round);
    }
    server.sql('select pg_switch_wal(); checkpoint;');
    cpSync(join(server.data, 'pg_wal'), join(server.root, 'wal'), { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  it(`as of any moment and by who deleted them (seed ${seed})`, async () => {
    let compared = 0;
    for (const { table, question, copy, what } of truths) {
      const source = { backup, table, database: 'postgres' };
      const rows = await recoverRows([join(server.root, 'wal')], { ...source, question, timezone: UTC });
      const actual = [...formatRows(rows, 'copy', false)].join('');
      expect([...rows.missing], what).toEqual([]);
      expect(actual, what).toBe(copy.map((line) => `${line}\n`).join(''));
      compared += copy.length;
      rows.close();
    }
    expect(truths.length).toBeGreaterThanOrEqual((TABLES + 1) * ROUNDS);
    expect(compared).toBeGreaterThan(0);
  });
});
