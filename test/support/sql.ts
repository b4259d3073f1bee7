import { onTestFinished } from 'vitest';
import type { JsonCell } from '../../src/node/duckdb.js';
import { FactsDatabase } from '../../src/node/facts-database.js';
import { NODE } from '../../src/node/platform.js';
import { factsAnswers } from '../../src/questions/sql/ask.js';

/** A row by its columns. */
export type SqlRow = Record<string, JsonCell>;

/** Facts to be asked in SQL, until the test is over. @returns the rows of the last statement of a query */
export async function sqlOver(facts: string): Promise<(sql: string) => Promise<SqlRow[]>> {
  const database = await FactsDatabase.open(facts, () => factsAnswers(facts, {}, NODE));
  onTestFinished(() => database.close());
  return async (sql) => {
    let rows: SqlRow[] = [];
    for await (const { columns, jsonRows } of database.query(sql)) {
      rows = [];
      for await (const row of jsonRows()) {
        rows.push(Object.fromEntries(columns.map(({ name }, c) => [name, row[c]])));
      }
    }
    return rows;
  };
}
