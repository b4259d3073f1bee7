import type { ChangedKey, ChangedTable } from './change.js';

/** The keys by which one row alone is found: those of which no column can be null, the best one first. */
export const usableKeys = ({ keys, columns = [] }: ChangedTable): ChangedKey[] =>
  keys.filter(({ kind, columns: places }) => kind === 'primary' || places.every((i) => columns[i].notNull));
