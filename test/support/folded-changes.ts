/**
 * Applies the JSON of `walscan changes` to rows: what comes out is what the tables hold at the end, if the changes are
 * right. Renames and changes of types are not among the changes: what follows `__` in a name is left out, and values are
 * compared as text.
 */

/** A row: its values as COPY prints them, by the names of columns. */
export type Row = Map<string, string | null>;

/** Rows by `database.table`. */
export type Tables = Map<string, Row[]>;

/** What a table or a column is called for good. */
export const lastingName = (name: string): string => name.replace(/__.*/, '');

interface JsonValue {
  name: string;
  type: string;
  value?: unknown;
  text?: string;
  unknown?: true;
}

export interface JsonChange {
  action: 'B' | 'C' | 'I' | 'U' | 'D' | 'T' | 'DROP';
  xid: number;
  lsn: string;
  timestamp: string;
  database: string | null;
  schema: string | null;
  table: string | null;
  columns?: JsonValue[];
  identity?: JsonValue[];
  moved?: true;
  origin?: number;
}

/** The lines of JSON, numbers in values left as the text that they are. */
export function parseChanges(text: string): JsonChange[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.replace(/("value":)(-?\d[^,}]*)/g, '$1"$2"')) as JsonChange);
}

function rowOf(values: JsonValue[] = []): Row {
  return new Map(
    values
      .filter(({ unknown }) => !unknown)
      .map(({ name, type, value, text }) => [lastingName(name), text ?? asText(value, type)]),
  );
}

function asText(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return type === 'bytea' ? `\\x${value}` : String(value);
}

/** Whether two agree in all columns that both have: one may have been added, or dropped, in the meantime. */
const agree = (a: Row, b: Row): boolean =>
  [...b].every(([name, value]) => !a.has(name) || a.get(name) === value);

/** Applies changes to tables. @throws where an old row is not there */
export function applyChanges(tables: Tables, changes: readonly JsonChange[]): void {
  for (const change of changes) {
    const { action, database, table, lsn } = change;
    if (action === 'B' || action === 'C') continue;
    const key = `${lastingName(database ?? '')}.${lastingName(table ?? '')}`;
    const rows = tables.get(key) ?? [];
    tables.set(key, rows);
    if (action === 'T' || action === 'DROP') {
      rows.length = 0;
      if (action === 'DROP') tables.delete(key);
      continue;
    }
    if (action !== 'I') {
      const old = rowOf(change.identity);
      const place = rows.findIndex((row) => agree(row, old));
      if (place < 0)
        throw new Error(`${action} at ${lsn} of a row of ${key} that is not there: ${text(old)}`);
      rows.splice(place, 1);
    }
    if (action !== 'D') rows.push(rowOf(change.columns));
  }
}

const text = (row: Row): string => JSON.stringify(Object.fromEntries(row));

/** Rows that only one of two has, as text; what one row lacks is as the other has it. */
export function difference(found: readonly Row[], truth: readonly Row[]): string[] {
  const left = [...found];
  const missing = truth.filter((row) => {
    const place = left.findIndex((one) => agree(one, row));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
  return [...missing.map((row) => `- ${text(row)}`), ...left.map((row) => `+ ${text(row)}`)];
}
