import stringWidth from 'string-width';
import { printable } from './printable.js';

/** A column of a table of text. */
export interface TableColumn {
  name: string;
  flushRight: boolean;
}

/** How a table is laid out: in lines, or a column a line (psql's `\x`). */
export interface TableLayout {
  /** A column a line, whatever there is room for. */
  expanded?: boolean | undefined;
  /** So many characters fit into a line: what needs more is expanded. Left out, any number does. */
  width?: number | undefined;
}

type Row = readonly (string | null)[];

/** A row's values, each as the lines that it has. */
type CellLines = string[][];

/** As many rows, or characters, are looked at for the widths of columns before they are printed. */
const MOST_ROWS = 1000;
const MOST_CHARACTERS = 1 << 20;

/**
 * Rows in columns, as psql shows them, with their number at the end; or expanded. They are printed block by block while they
 * come, as psql does with FETCH_COUNT: where a later block needs more room, its columns are wider from there on.
 */
export function* formatTable(
  columns: readonly TableColumn[],
  rows: Iterable<Row>,
  { expanded = false, width = Number.POSITIVE_INFINITY }: TableLayout = {},
): Generator<string> {
  const aligned = new AlignedRows(columns);
  let shape: Shape = expanded ? new ExpandedRows(columns, width) : aligned;
  let count = 0;
  for (const block of blocksOf(rows)) {
    const cells = block.map((row) => row.map(cellLines));
    if (count === 0 && !expanded && block.length > 0 && aligned.widthOf(cells) > width) {
      shape = new ExpandedRows(columns, width);
    }
    yield* shape.lines(cells, count);
    count += block.length;
  }
  if (shape === aligned || count === 0) yield `(${count} ${count === 1 ? 'row' : 'rows'})\n`;
}

/** Prints blocks of rows. */
interface Shape {
  /** @param before how many rows came before these */
  lines(cells: readonly CellLines[], before: number): Generator<string>;
}

/** A row a line, or several where values have several. */
class AlignedRows implements Shape {
  private readonly names: string[];
  private readonly widths: number[];

  constructor(private readonly columns: readonly TableColumn[]) {
    this.names = columns.map(({ name }) => printable(name));
    this.widths = this.names.map((name) => stringWidth(name));
  }

  /** How wide a line of these rows is. */
  widthOf(cells: readonly CellLines[]): number {
    this.widen(cells);
    return this.widths.reduce((sum, width) => sum + width + 3, -1);
  }

  *lines(cells: readonly CellLines[], before: number): Generator<string> {
    this.widen(cells);
    if (before === 0) {
      yield this.lineOf(this.names, Array(this.names.length).fill(' '));
      yield `${this.widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`;
    }
    for (const row of cells) {
      const height = Math.max(1, ...row.map((lines) => lines.length));
      for (let i = 0; i < height; i++) {
        const texts = row.map((lines) => lines[i] ?? '');
        yield this.lineOf(
          texts,
          row.map((lines) => markOf(lines, i)),
        );
      }
    }
  }

  private widen(cells: readonly CellLines[]): void {
    for (const row of cells) {
      for (const [i, lines] of row.entries()) this.widths[i] = Math.max(this.widths[i], widest(lines));
    }
  }

  private lineOf(texts: readonly string[], marks: readonly string[]): string {
    const padded = texts.map((text, i) => {
      const space = ' '.repeat(this.widths[i] - stringWidth(text));
      return ` ${this.columns[i].flushRight ? space + text : text + space}${marks[i]}`;
    });
    return `${padded.join('|').trimEnd()}\n`;
  }
}

/** A column a line (`print_aligned_vertical`, src/fe_utils/print.c). */
class ExpandedRows implements Shape {
  private readonly names: string[];
  private readonly nameWidth: number;
  private valueWidth = 0;

  /** @param width rules are no longer (psql's `xheader_width page`) */
  constructor(
    columns: readonly TableColumn[],
    private readonly width: number,
  ) {
    this.names = columns.map(({ name }) => printable(name));
    this.nameWidth = widest(this.names);
  }

  *lines(cells: readonly CellLines[], before: number): Generator<string> {
    for (const row of cells) this.valueWidth = Math.max(this.valueWidth, ...row.map(widest));
    for (const [r, row] of cells.entries()) {
      yield this.head(before + r + 1);
      for (const [c, lines] of row.entries()) {
        for (const [i, text] of lines.entries())
          yield this.lineOf(i === 0 ? this.names[c] : '', lines, i, text);
      }
    }
  }

  private head(row: number): string {
    const head = `-[ RECORD ${row} ]`;
    const line = `${'-'.repeat(this.nameWidth + 1)}+${'-'.repeat(this.valueWidth + 1)}`;
    return `${head}${line.slice(head.length, this.width)}\n`;
  }

  private lineOf(name: string, lines: readonly string[], i: number, text: string): string {
    const mark = markOf(lines, i);
    const value = mark === ' ' ? text : padded(text, this.valueWidth) + mark;
    return `${`${padded(name, this.nameWidth)} | ${value}`.trimEnd()}\n`;
  }
}

const padded = (text: string, width: number): string => text + ' '.repeat(width - stringWidth(text));

/** A plus sign behind a value that goes on in the next line. */
const markOf = (lines: readonly string[], i: number): string => (i + 1 < lines.length ? '+' : ' ');

const widest = (lines: readonly string[]): number =>
  lines.reduce((most, line) => Math.max(most, stringWidth(line)), 0);

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
