import { describe, expect, it } from 'vitest';
import { getopt, OptionError, type OptionSpec } from '../../src/cli/dump/getopt.js';

const SPECS: OptionSpec[] = [
  { long: 'bkp-details', short: 'b', argument: 'none' },
  { long: 'limit', short: 'n', argument: 'required' },
  { long: 'stats', short: 'z', argument: 'optional' },
  { long: 'start', short: 's', argument: 'required' },
  { long: 'save-fullpage', argument: 'required' },
];

/** Options as `name=value`, then the operands. */
function parse(...args: string[]): string[] {
  const found: string[] = [];
  const operands = getopt(args, SPECS, (long, value) =>
    found.push(value === undefined ? long : `${long}=${value}`),
  );
  return [...found, ...operands];
}

describe('takes options as getopt_long does', () => {
  it.each([
    [
      ['-b', '-n', '5', 'SEG'],
      ['bkp-details', 'limit=5', 'SEG'],
    ],
    [
      ['-bn5', 'SEG'],
      ['bkp-details', 'limit=5', 'SEG'],
    ],
    [
      ['-bn', '5'],
      ['bkp-details', 'limit=5'],
    ],
    [['-n-5'], ['limit=-5']],
    [
      ['SEG', '-b', 'END'],
      ['bkp-details', 'SEG', 'END'],
    ],
    [
      ['--limit=5', '--limit', '6'],
      ['limit=5', 'limit=6'],
    ],
    [
      ['--lim=5', '--bkp'],
      ['limit=5', 'bkp-details'],
    ],
    [['--limit='], ['limit=']],
    // an optional argument never takes the next word
    [
      ['--stats', 'record'],
      ['stats', 'record'],
    ],
    [
      ['-z', 'record'],
      ['stats', 'record'],
    ],
    [
      ['--stats=record', 'SEG'],
      ['stats=record', 'SEG'],
    ],
    [['-zb'], ['stats', 'bkp-details']],
    [
      ['-b', '--', '-n', '--limit'],
      ['bkp-details', '-n', '--limit'],
    ],
    [['-'], ['-']],
  ])('%j', (args, expected) => expect(parse(...args)).toEqual(expected));
});

describe('tells what is wrong as the C library does', () => {
  it.each([
    [['-y'], "invalid option -- 'y'"],
    [['-bz='], "invalid option -- '='"],
    [['-n'], "option requires an argument -- 'n'"],
    [['--limit'], "option '--limit' requires an argument"],
    [['--nix=5'], "unrecognized option '--nix=5'"],
    [['--bkp=5'], "option '--bkp-details' doesn't allow an argument"],
    [['--st'], "option '--st' is ambiguous; possibilities: '--stats' '--start'"],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(new OptionError(message));
  });
});
