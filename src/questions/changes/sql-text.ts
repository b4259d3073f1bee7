import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ChangedColumn, ChangedTable, ChangedValue } from './change.js';

/** Pieces of SQL that name tables and rows. */

/** What the session has to be like for values as they are printed here to be read, and printed, the same. */
const SETTINGS = [
  "search_path = ''",
  "TimeZone = 'UTC'",
  "DateStyle = 'ISO, MDY'",
  "IntervalStyle = 'postgres'",
  "bytea_output = 'hex'",
  'extra_float_digits = 1',
  'standard_conforming_strings = on',
  'array_nulls = on',
  'quote_all_identifiers = off',
  "lc_monetary = 'C'",
  'xmloption = content',
];

/**
 * Statements that make the session so, for this transaction or for good. Texts have the bytes that the WAL has, which are in
 * the database's encoding.
 */
export function sessionSql(isLocal: boolean): string[] {
  const encoding = `pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), ${isLocal})`;
  const settings = SETTINGS.map((setting) => `SET ${isLocal ? 'LOCAL ' : ''}${setting}`);
  return [...settings, `DO $$BEGIN PERFORM ${encoding}; END$$`];
}

/** A table by its schema and name. */
export const tableSql = ({ schema, name }: Pick<ChangedTable, 'schema' | 'name'>, version: number): string =>
  `${quoteIdentifier(schema ?? '', version)}.${quoteIdentifier(name ?? '', version)}`;

/** Makes a schema that is not there: `IF NOT EXISTS` asks for the right to make schemas even where it is. */
export function schemaSql(name: string, version: number): string {
  const quoted = quoteIdentifier(name, version);
  return ifLackingSql('to_regnamespace', quoted, `CREATE SCHEMA ${quoted}`);
}

/** Does what makes something that is not there. @param find the function that finds it by its name */
export function ifLackingSql(find: string, name: string, statement: string): string {
  const isLacking = `pg_catalog.${find}(${textSql(name)}) IS NULL`;
  return `DO ${statementSql(`BEGIN IF ${isLacking} THEN ${statement}; END IF; END`)}`;
}

/** A text as a literal, with `standard_conforming_strings` on. */
export const textSql = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A text that has quotes itself, such as a statement, as a literal that people can read. */
export function statementSql(text: string): string {
  if (!text.includes("'")) return textSql(text);
  // one at the end would go together with the tag
  if (text.endsWith('$')) return textSql(text);
  let tag = '$sql$';
  for (let i = 2; text.includes(tag.slice(0, -1)); i++) tag = `$sql${i}$`;
  return `${tag}${text}${tag}`;
}

/** smallint, integer, bigint: as they stand. */
const INTEGERS: ReadonlySet<number> = new Set([20, 21, 23]);

/** A value as a literal of its column's type. */
export function valueSql(value: string | null, { typeOid, sqlType }: ChangedColumn): string {
  if (value === null) return 'NULL';
  // a sign in front of a literal would be an operator
  if (INTEGERS.has(typeOid)) return value.startsWith('-') ? `(${value})` : value;
  if (typeOid === 16) return value === 't' ? 'true' : 'false';
  return typeOid === 25 ? textSql(value) : `${textSql(value)}::${sqlType}`;
}

/**
 * Types whose values are equal only where they print the same. Those of others, some of which have no equality at all, are
 * compared as they print.
 */
const EXACT: ReadonlySet<number> = new Set([
  ...[16, 17, 18, 19, 20, 21, 23, 25, 26, 790, 1042, 1043, 1082, 1083, 1114, 1184, 2950, 3220, 5069],
]);

/** Whether a column has this value. */
export function hasValueSql(value: string | null, column: ChangedColumn, version: number): string {
  const name = quoteIdentifier(column.name, version);
  if (value === null) return `${name} IS NULL`;
  if (EXACT.has(column.typeOid)) return `${name} = ${valueSql(value, column)}`;
  // as its output function prints it, which a cast to text does not always do
  const isEqual = `pg_catalog.format('%s', ${name}) = ${textSql(value)}`;
  // which prints nothing of NULL
  return value === '' ? `(pg_catalog.num_nonnulls(${name}) = 1 AND ${isEqual})` : isEqual;
}

/** Whether all of these columns have these values; undefined where one is not known. */
export function rowSql(
  values: readonly ChangedValue[],
  columns: readonly ChangedColumn[],
  places: readonly number[],
  version: number,
): string | undefined {
  const parts: string[] = [];
  for (const place of places) {
    const value = values[place];
    if (value === undefined) return undefined;
    parts.push(hasValueSql(value, columns[place], version));
  }
  return parts.join(' AND ');
}
