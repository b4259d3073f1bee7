import { describe, expect, it } from 'vitest';
import { formatTable, type TableColumn, type TableLayout } from '../../src/text/table.js';

const left = (...names: string[]): TableColumn[] => names.map((name) => ({ name, flushRight: false }));

const printed = (
  columns: TableColumn[],
  rows: (string | null)[][],
  layout: TableLayout = { expanded: true },
): string => [...formatTable(columns, rows, layout)].join('');

// what psql 15 prints of the same values after \x
describe('a table with a column a line is as in psql', () => {
  it.each<[string, TableColumn[], (string | null)[][], string]>([
    ['values narrower than the head', left('id', 'n'), [['1', 'x']], '-[ RECORD 1 ]\nid | 1\nn  | x\n'],
    [
      'several lines, nothing and wide characters',
      left('identifier', 'note', 'nothing', 'w'),
      [['12', 'two\nlines', null, '漢字']],
      `-[ RECORD 1 ]-----
identifier | 12
note       | two  +
           | lines
nothing    |
w          | 漢字
`,
    ],
    [
      'several rows',
      left('a', 'b'),
      [
        ['1', 'b'],
        ['2', 'a much longer value than the header'],
      ],
      `-[ RECORD 1 ]--------------------------
a | 1
b | b
-[ RECORD 2 ]--------------------------
a | 2
b | a much longer value than the header
`,
    ],
    [
      'a name wider than the head',
      left('a_name_that_is_longer'),
      [['1']],
      `-[ RECORD 1 ]---------+--
a_name_that_is_longer | 1
`,
    ],
    ['no row', left('a'), [], '(0 rows)\n'],
  ])('%s', (_, columns, rows, expected) => {
    expect(printed(columns, rows)).toBe(expected);
  });

  it('with names of wide characters, and numbers of rows of any length', () => {
    const rows = Array.from({ length: 10 }, () => ['1', 'x'.repeat(30)]);
    const lines = printed(left('漢字', 'b'), rows).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '-[ RECORD 1 ]------------------------',
      '漢字 | 1',
      `b    | ${'x'.repeat(30)}`,
    ]);
    expect(lines.at(-4)).toBe('-[ RECORD 10 ]-----------------------');
  });
});

describe('a table', () => {
  const row = [['1', 'four']];
  // ' a | b    ' is ten characters wide
  it.each([
    [10, ' a | b\n---+------\n 1 | four\n(1 row)\n'],
    [9, '-[ RECORD 1 ]\na | 1\nb | four\n'],
  ])('that is to fit into %d characters has a column a line where it does not', (width, expected) => {
    expect(printed(left('a', 'b'), row, { width })).toBe(expected);
  });

  it('has no rule that is longer, as psql 16 with xheader_width page has none', () => {
    const [head, first] = printed(left('a'), [['x'.repeat(50)]], { width: 20 }).split('\n');
    expect(head).toBe('-[ RECORD 1 ]-------');
    expect(first).toBe(`a | ${'x'.repeat(50)}`);
  });

  it('keeps its layout, however wide later rows are', () => {
    function* rows(): Generator<string[]> {
      for (let i = 0; i < 1500; i++) yield [i === 1400 ? 'x'.repeat(200) : 'x'];
    }
    expect([...formatTable(left('a'), rows(), { width: 80 })].at(-1)).toBe('(1500 rows)\n');
  });
});
