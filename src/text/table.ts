import stringWidth from 'string-width';
import { printable } from './printable.js';

/** A column of a table of text. */
export interface TableColumn {
  name: string;
  flushRight: boolean;
}

/**
 * Rows in columns, as psql shows them, with their number at the end. The rows are gone through twice, for the
 * widths and then to print, so that they need not all be in memory.
 */
export function* formatTable(
  columns: readonly TableColumn[],
  rows: Iterable<readonly (string | null)[]>,
): Generator<string> {
  const names = columns.map(({ name }) => printable(name));
  const widths = names.map((name) => stringWidth(name));
  let count = 0;
  for (const row of rows) {
    count++;
    row.forEach((cell, i) => {
      for (const line of cellLines(cell)) widths[i] = Math.max(widths[i], stringWidth(line));
    });
  }
  const lineOf = (texts: readonly string[], marks: readonly string[]): string => {
    const padded = texts.map((text, i) => {
      const space = ' '.repeat(widths[i] - stringWidth(text));
      return ` ${columns[i].flushRight ? space + text : text + space}${marks[i]}`;
    });
    return `${padded.join('|').trimEnd()}\n`;
  };
  yield lineOf(names, Array(names.length).fill(' '));
  yield `${widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`;
  for (const row of rows) {
    const cells = row.map(cellLines);
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    for (let i = 0; i < height; i++) {
      const texts = cells.map((lines) => lines[i] ?? '');
      // a plus sign behind a value that goes on in the next line
      yield lineOf(
        texts,
        cells.map((lines) => (i + 1 < lines.length ? '+' : ' ')),
      );
    }
  }
  yield `(${count} ${count === 1 ? 'row' : 'rows'})\n`;
}

/** The lines of a value. */
const cellLines = (cell: string | null): string[] => (cell ?? '').split('\n').map(printable);
