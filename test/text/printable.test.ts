import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/text/encoding.js';
import { printable, printableJson } from '../../src/text/printable.js';
import { formatTable } from '../../src/text/table.js';

const HOSTILE = '\x1b]0;owned\x07\r\n\x7f\u009b2J\u202etxt.exe\u2069\u2028';
const SHOWN = '\\u001b]0;owned\\u0007\\r\\n\\u007f\\u009b2J\\u202etxt.exe\\u2069\\u2028';

describe('text from input', () => {
  it('is shown without anything that a terminal acts upon', () => {
    expect(printable(HOSTILE)).toBe(SHOWN);
    // a lone byte, which a terminal that knows no UTF-8 takes for CSI
    expect(printable(decodeText(Uint8Array.of(0x61, 0x9b, 0x41)))).toBe('a\\udc9bA');
  });

  it('is left as it is otherwise', () => {
    const text = 'café “naïve” 漢字 עברית 😀 \\ " \' – 1\u00a0000';
    expect(printable(text)).toBe(text);
    expect(printable(decodeText(Uint8Array.of(0x63, 0xe9)))).toBe('c\udce9');
  });

  it('means the same in JSON', () => {
    const value = { name: HOSTILE, list: ['ü'] };
    const json = printableJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json.split('\n').map(printable).join('\n')).toBe(json);
    expect(json).toContain('\n  "name"');
  });

  it('does no harm as a value or a name in a table', () => {
    const lines = [
      ...formatTable([{ name: 'a\u009b', flushRight: false }], [['x\x7f\u202ey'], ['two\nlines']]),
    ];
    expect(lines).toEqual([
      ' a\\u009b\n',
      '----------------\n',
      ' x\\u007f\\u202ey\n',
      ' two           +\n',
      ' lines\n',
      '(2 rows)\n',
    ]);
  });
});

describe('a table of many rows', () => {
  const column = [{ name: 'a', flushRight: false }];
  function* rows(count: number): Generator<string[]> {
    for (let i = 0; i < count; i++) yield [i === 1500 ? 'longer' : 'x'];
  }

  it('is printed in blocks, of which later ones may be wider', () => {
    const lines = [...formatTable([...column, { name: 'b', flushRight: true }], pairs())];
    function* pairs(): Generator<string[]> {
      for (const [a] of rows(2500)) yield [a, '1'];
    }
    expect(lines.slice(0, 3)).toEqual([' a | b\n', '---+---\n', ' x | 1\n']);
    // the first thousand as narrow as they are, the block of the longer value and what follows as wide as that
    expect(lines[1001]).toBe(' x | 1\n');
    expect(lines[1002]).toBe(' x      | 1\n');
    expect(lines[1502]).toBe(' longer | 1\n');
    expect(lines.at(-2)).toBe(' x      | 1\n');
    expect(lines.at(-1)).toBe('(2500 rows)\n');
  });

  it('waits for no more than a thousand of them, or a million characters', () => {
    let asked = 0;
    function* counted(cell: string): Generator<string[]> {
      for (; asked < 100_000; asked++) yield [cell];
    }
    formatTable(column, counted('x')).next();
    expect(asked).toBeLessThan(1001);
    asked = 0;
    formatTable(column, counted('x'.repeat(300_000))).next();
    expect(asked).toBeLessThan(5);
  });
});
