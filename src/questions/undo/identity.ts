import type { ChangedKey, ChangedTable, ChangedValue } from '../changes/change.js';
import { usableKeys } from '../changes/key.js';

/** The key that rows of a table are found by: the first of which no column can be null. */
export const keyOf = (table: ChangedTable): ChangedKey | undefined => usableKeys(table)[0];

/** What tells a row from others of its table: the values of its key, or all of them; undefined where one is not known. */
export function identityOf(
  table: ChangedTable,
  values: readonly ChangedValue[] | undefined,
): string | undefined {
  if (values === undefined) return undefined;
  const places = keyOf(table)?.columns ?? values.keys();
  const parts: (string | null)[] = [];
  for (const place of places) {
    const value = values[place];
    if (value === undefined) return undefined;
    parts.push(value);
  }
  return JSON.stringify(parts);
}

/** The places of those of a table's columns that it still has. */
export function keptPlaces({ columns = [] }: ChangedTable, now: ChangedTable | undefined): number[] {
  const numbers = now && new Set(now.columns?.map(({ number }) => number));
  return [...columns.keys()].filter((place) => numbers === undefined || numbers.has(columns[place].number));
}

/** The key by which a row of then is found now: where it is none any more, rows are found by all that they have. */
export function keyNow(table: ChangedTable, now: ChangedTable | undefined): ChangedKey | undefined {
  if (now === undefined) return keyOf(table);
  const numbers = (of: ChangedTable, key: ChangedKey): string =>
    key.columns.map((place) => of.columns![place].number).join();
  const still = new Set(usableKeys(now).map((key) => numbers(now, key)));
  return usableKeys(table).find((key) => still.has(numbers(table, key)));
}
