import { describe, expect, it } from 'vitest';
import { parseServerConfig } from '../../src/cluster/server-config.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('parseServerConfig', () => {
  it.each([
    ["a = 'x'", 'x'],
    ['a x', 'x'],
    ['a=x', 'x'],
    ['  a\t=\t10min # so long', '10min'],
    ['a = -0x1F', '-0x1F'],
    ['a = 1.5', '1.5'],
    ['a = b.c.d', 'b.c.d'],
    ['a = C:/x-y_z', 'C:/x-y_z'],
    ["a = 'it''s # no comment'", "it's # no comment"],
    ["a = 'a\\'b\\\\c\\n\\t\\x'", "a'b\\c\n\tx"],
    ["a = '\\303\\261 \\1014'", 'ñ A4'],
    ["a = 'ñ'\r", 'ñ'],
    ["a = ''", ''],
    ['ä = 1', '1'],
    ['my.own = 1', '1'],
  ])('reads %j', (text, value) => {
    expect(parseServerConfig(bytes(text)).map((line) => line.value)).toEqual([value]);
    expect(parseServerConfig(bytes(`#x\n\n${text}\nb = 2`))).toHaveLength(2);
  });

  it.each(['a', 'a =', "a = 'x", 'a = x y', 'a = b.c', 'a = 1.5min', 'a == x', '1 = x', "a = 'x\ny'"])(
    'leaves out %j, which the server cannot read',
    (text) => {
      expect(parseServerConfig(bytes(`${text}\nb = 2`)).map(({ name }) => name)).toEqual(['b']);
    },
  );

  it.each(['# b\r', '# b\u2028', 'a ^ b\r', "a = 'x\\\r'\t#\r"])('ends %j with its line', (text) => {
    const lines = parseServerConfig(bytes(`${text}c = 1\nd = 2`));
    expect(lines.map(({ name }) => name).filter((name) => name !== 'a')).toEqual(['d']);
  });

  it('takes as long for a line as it has bytes', () => {
    const text = "\\'".repeat(500_000);
    expect(parseServerConfig(bytes(`${text}\na = 1\n${'b'.repeat(1_000_000)}\nc = 2`))).toHaveLength(2);
  });

  it('keeps names as they are spelt, and their order', () => {
    expect(parseServerConfig(bytes('A_b = 1\na_b = 2\n'))).toEqual([
      { name: 'A_b', value: '1' },
      { name: 'a_b', value: '2' },
    ]);
  });
});
