import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { wrapped } from '../../src/cli/wrap.js';
import { colours } from '../../src/text/colours.js';
import { toCopy } from '../../src/text/to-copy.js';

const WORDS = 'recovery stops right before the transaction that deleted the rows of this table and no later';

describe('lines on a terminal', () => {
  it.each([
    [`  ${WORDS}`, '    '],
    [`Why:              ${WORDS}`, ' '.repeat(18)],
    [`    # ${WORDS}`, '    # '],
    [`  -- ${WORDS}`, '  -- '],
    [colours.yellow(WORDS), '  '],
    ['表は削除されました '.repeat(8).trim(), '  '],
  ])('are broken between words, and hang below: %s', (line, indent) => {
    const [first, ...others] = wrapped(line, 50).split('\n');
    expect(others.length).toBeGreaterThan(0);
    for (const one of others) expect(one.slice(0, indent.length + 1)).toMatch(new RegExp(`^${indent}\\S`));
    for (const one of [first, ...others]) expect(stringWidth(one)).toBeLessThanOrEqual(50);
    // nothing but space is put in or taken away
    const rest = others.map((one) => one.slice(indent.length));
    expect([first, ...rest].join(' ')).toBe(line);
  });

  it.each([`    ${toCopy(`walscan undo ${WORDS}`)}`, WORDS.slice(0, 50), 'x'.repeat(90)])(
    'stay as they are where they are to be copied, fit, or have no place to be broken: %s',
    (line) => {
      expect(wrapped(line, 50)).toBe(line);
    },
  );

  it('stay as they are where a terminal is narrower than labels want', () => {
    expect(wrapped(WORDS, 20)).toBe(WORDS);
  });
});
