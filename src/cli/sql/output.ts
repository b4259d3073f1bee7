import type { StatementResult } from '../../node/duckdb.js';
import { csvLine } from '../../text/csv.js';
import { printableJson } from '../../text/printable.js';
import { formatTable } from '../../text/table.js';
import type { Io } from '../io.js';
import { printPieces } from '../print.js';

export type ResultFormat = 'table' | 'expanded' | 'json' | 'csv';

/** Prints the rows that a statement gives; one that only does something prints nothing. */
export async function printResult(result: StatementResult, format: ResultFormat, io: Io): Promise<void> {
  if (!result.isQuestion) return;
  if (format === 'json') await printJson(result, io);
  else if (format === 'csv') await printCsv(result, io);
  else await printTable(result, format === 'expanded', io);
}

async function printJson({ columns, jsonRows }: StatementResult, { write }: Io): Promise<void> {
  for await (const row of jsonRows()) {
    const object = Object.fromEntries(columns.map(({ name }, c) => [name, row[c]]));
    write(`${printableJson(JSON.stringify(object))}\n`);
  }
}

async function printCsv({ columns, textRows }: StatementResult, { write }: Io): Promise<void> {
  const isOnly = columns.length === 1;
  write(
    csvLine(
      columns.map(({ name }) => name),
      isOnly,
    ),
  );
  for await (const row of textRows()) write(csvLine(row, isOnly));
}

async function printTable({ columns, textRows }: StatementResult, expanded: boolean, io: Io): Promise<void> {
  const heads = columns.map(({ name, isNumber }) => ({ name, flushRight: isNumber }));
  const rows: (string | null)[][] = [];
  for await (const row of textRows()) rows.push(row);
  await printPieces(formatTable(heads, rows, { expanded, width: io.screenWidth }), io, true);
}
