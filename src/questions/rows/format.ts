import { formatTupleId } from '../../heap/tuple.js';
import { formatTimestamptz } from '../../heap/types/datetime.js';
import { csvLine } from '../../text/csv.js';
import { printableJson } from '../../text/printable.js';
import { formatTable, type TableColumn, type TableLayout } from '../../text/table.js';
import { rowJson } from './json.js';
import type { RecoveredRow, RecoveredRows } from './recovered-rows.js';
import type { RecoveredTable } from './table.js';

/** How rows are printed. Every format is given line by line, each with its end. */
export type RowFormat = 'table' | 'csv' | 'copy' | 'sql' | 'json';

type Cell = string | null;

/** The lines of all rows, each as soon as it is there; those of a table in blocks, whose columns are as wide as those need. */
export function* formatRows(
  rows: RecoveredRows,
  format: RowFormat,
  withLifetimes: boolean,
  layout: TableLayout = {},
): Generator<string> {
  switch (format) {
    case 'copy':
      for (const row of rows) yield copyLine(cells(rows, row, withLifetimes));
      break;
    case 'csv': {
      const names = header(rows, withLifetimes);
      yield csvLine(names, names.length === 1);
      for (const row of rows) yield csvLine(cells(rows, row, withLifetimes), names.length === 1);
      break;
    }
    case 'sql':
      for (const row of rows) yield insertStatement(rows, row);
      break;
    case 'json':
      for (const row of rows) yield `${printableJson(JSON.stringify(rowJson(rows.columns, row)))}\n`;
      break;
    case 'table':
      yield* formatTable(columnsShown(rows, withLifetimes), allCells(rows, withLifetimes), layout);
  }
}

function* allCells(rows: RecoveredRows, withLifetimes: boolean): Generator<Cell[]> {
  for (const row of rows) yield cells(rows, row, withLifetimes);
}

/** What a history shows before the columns, as a query of pg_dirtyread does. */
const LIFETIME_NAMES = ['born', 'ctid', 'xmin', 'xmax', 'died'];
/** The same where the rows are of several tables, whose ctids may be equal. */
const lifetimeNames = ({ isOfSeveral }: RecoveredRows): string[] =>
  isOfSeveral ? ['table', ...LIFETIME_NAMES] : LIFETIME_NAMES;

/** Types that psql shows flush right: numbers. */
const NUMERIC: ReadonlySet<number> = new Set([20, 21, 23, 26, 28, 700, 701, 790, 1700, 5069]);

function columnsShown(rows: RecoveredRows, withLifetimes: boolean): TableColumn[] {
  const columns = rows.columns.map(({ name, type }) => ({ name, flushRight: NUMERIC.has(type) }));
  return withLifetimes
    ? [...lifetimeNames(rows).map((name) => ({ name, flushRight: false })), ...columns]
    : columns;
}

function header(rows: RecoveredRows, withLifetimes: boolean): string[] {
  const names = rows.columns.map((column) => column.name);
  return withLifetimes ? [...lifetimeNames(rows), ...names] : names;
}

function cells(rows: RecoveredRows, row: RecoveredRow, withLifetimes: boolean): Cell[] {
  const texts = row.values.map((value) => value.text);
  if (!withLifetimes) return texts;
  const { bornAt, diedAt } = row.lifetime ?? {};
  const time = (at: bigint | undefined): Cell =>
    at === undefined ? null : formatTimestamptz(at, rows.timezone);
  const of = row.table === undefined ? [] : [tableName(row.table)];
  return [
    ...of,
    time(bornAt),
    formatTupleId(row.tid),
    String(row.xmin),
    String(row.xmax),
    time(diedAt),
    ...texts,
  ];
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** A line of COPY's text format (`CopyAttributeOutText`, src/backend/commands/copyto.c). */
function copyLine(row: readonly Cell[]): string {
  const escaped = (text: string): string => text.replace(/[\b\f\n\r\t\v\\]/g, (c) => COPY_ESCAPES[c]);
  return `${row.map((cell) => (cell === null ? '\\N' : escaped(cell))).join('\t')}\n`;
}

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A literal that means the same whatever `standard_conforming_strings` is. */
function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** `schema.table`, or the table alone where there is no backup to tell the schema. */
const tableParts = ({ schema, name }: RecoveredTable): string[] => (schema === '' ? [name] : [schema, name]);

const tableName = (table: RecoveredTable): string => tableParts(table).join('.');

/** Rows of partitions go into the partitioned table, which has no file; those of tables that inherit where they were. */
const targetOf = ({ table }: RecoveredRows, row: RecoveredRow): RecoveredTable =>
  table.file.relNumber === 0 ? table : (row.table ?? table);

/** Generated columns are left to the server; the values of identity columns are kept. */
function insertStatement(rows: RecoveredRows, row: RecoveredRow): string {
  const { columns } = rows;
  const given = columns.flatMap((column, i) => (column.generated === '' ? [i] : []));
  const target = tableParts(targetOf(rows, row)).map(quoteIdentifier).join('.');
  const names = given.map((i) => quoteIdentifier(columns[i].name)).join(', ');
  const values = given.map((i) => {
    const { text } = row.values[i];
    return text === null ? 'NULL' : quoteLiteral(text);
  });
  const overriding = columns.some((column) => column.identity === 'a') ? ' OVERRIDING SYSTEM VALUE' : '';
  if (given.length === 0) return `INSERT INTO ${target} DEFAULT VALUES;\n`;
  return `INSERT INTO ${target} (${names})${overriding} VALUES (${values.join(', ')});\n`;
}
