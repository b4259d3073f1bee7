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
