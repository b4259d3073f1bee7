import stringWidth from 'string-width';
import { printable } from './printable.js';

/** A column of a table of text. */
export interface TableColumn {
  name: string;
  flushRight: boolean;
}

type Row = readonly (string | null)[];

/** As many rows, or characters, are looked at for the widths of columns before they are printed. */
const MOST_ROWS = 1000;
const MOST_CHARACTERS = 1 << 20;

/**
 * Rows in columns, as psql shows them, with their number at the end. They are printed block by block while they come,
 * as psql does with FETCH_COUNT: where a later block needs more room, its columns are wider from there on.
 */
export function* formatTable(columns: readonly TableColumn[], rows: Iterable<Row>): Generator<string> {
  const names = columns.map(({ name }) => printable(name));
  const widths = names.map((name) => stringWidth(name));
  const lineOf = (texts: readonly string[], marks: readonly string[]): string => {
    const padded = texts.map((text, i) => {
      const space = ' '.repeat(widths[i] - stringWidth(text));
      return ` ${columns[i].flushRight ? space + text : text + space}${marks[i]}`;
    });
    return `${padded.join('|').trimEnd()}\n`;
  };
  let count = 0;
  for (const block of blocksOf(rows)) {
    const cells = block.map((row) => row.map(cellLines));
    for (const row of cells) for (const [i, lines] of row.entries()) widen(widths, i, lines);
    if (count === 0) {
      yield lineOf(names, Array(names.length).fill(' '));
      yield `${widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`;
    }
    count += block.length;
    for (const row of cells) {
      const height = Math.max(1, ...row.map((lines) => lines.length));
      for (let i = 0; i < height; i++) {
        const texts = row.map((lines) => lines[i] ?? '');
        // a plus sign behind a value that goes on in the next line
        yield lineOf(
          texts,
          row.map((lines) => (i + 1 < lines.length ? '+' : ' ')),
        );
      }
    }
  }
  yield `(${count} ${count === 1 ? 'row' : 'rows'})\n`;
}

function widen(widths: number[], i: number, lines: readonly string[]): void {
  for (const line of lines) widths[i] = Math.max(widths[i], stringWidth(line));
}

/** Rows that are printed together; where there is none at all, they are none together. */
function* blocksOf(rows: Iterable<Row>): Generator<Row[]> {
  let block: Row[] = [];
  let characters = 0;
  let isFirst = true;
  for (const row of rows) {
    block.push(row);
    for (const cell of row) characters += cell?.length ?? 0;
    if (block.length < MOST_ROWS && characters < MOST_CHARACTERS) continue;
    yield block;
    isFirst = false;
    block = [];
    characters = 0;
  }
  if (isFirst || block.length > 0) yield block;
}

/** The lines of a value. */
const cellLines = (cell: string | null): string[] => (cell ?? '').split('\n').map(printable);
