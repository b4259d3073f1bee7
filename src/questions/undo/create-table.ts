import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ChangedTable } from '../changes/change.js';
import { tableSql } from '../changes/sql-text.js';

/** The CREATE TABLE of a table, as far as the catalogs tell it. */
export function createTable(table: ChangedTable, version: number): string {
  const columns = (table.columns ?? []).map(({ name, sqlType, notNull }) => {
    return `  ${quoteIdentifier(name, version)} ${sqlType}${notNull ? ' NOT NULL' : ''}`;
  });
  const keys = table.keys.map(({ kind, columns: places }) => {
    const names = places.map((place) => quoteIdentifier(table.columns![place].name, version)).join(', ');
    return `  ${kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE'} (${names})`;
  });
  return `CREATE TABLE ${tableSql(table, version)} (\n${[...columns, ...keys].join(',\n')}\n)`;
}
