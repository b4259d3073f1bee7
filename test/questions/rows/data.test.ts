import { describe, expect, it } from 'vitest';
import { parseColumns } from '../../../src/questions/rows/columns.js';
import { rowData } from '../../../src/questions/rows/data.js';

const columns = parseColumns('a bool, b int8, c float8, d bytea, e numeric, f int4, g xid8, h float4');
const row = (texts: (string | null)[]) => ({
  tid: { block: 0, offset: 1 },
  xmin: 1,
  xmax: 0,
  values: texts.map((text, i) => ({ type: columns[i].type, text })),
});

describe('a row as JavaScript values', () => {
  it('has numbers, bigints, booleans and bytes where they hold all of a value', () => {
    const texts = ['f', '9223372036854775807', '0.1', '\\x00ff', '1.10', '-5', '18446744073709551615', 'NaN'];
    expect(rowData(columns, row(texts))).toEqual({
      a: false,
      b: 9223372036854775807n,
      c: 0.1,
      d: new Uint8Array([0, 255]),
      e: '1.10',
      f: -5,
      g: 18446744073709551615n,
      h: Number.NaN,
    });
    expect(rowData([columns[0]], row(['t']))).toEqual({ a: true });
  });

  it('has null for NULL, and text for what is not known', () => {
    expect(rowData(columns, row(columns.map(() => null)))).toEqual(
      Object.fromEntries(columns.map(({ name }) => [name, null])),
    );
    const unknown = { ...row([]), values: [{ type: 23, text: 'unknown:\\x01', unknown: true as const }] };
    expect(rowData([columns[5]], unknown)).toEqual({ f: 'unknown:\\x01' });
  });
});
