import { describe, expect, it } from 'vitest';
import { type Renaming, renameSteps } from '../../../src/questions/changes/renames.js';

const steps = (...renamings: [string | undefined, string][]) =>
  renameSteps(renamings.map(([from, to]): Renaming => ({ from, to }))).map(({ from, to }) => [from, to]);

describe('renames', () => {
  it('are as given where nothing is in the way', () => {
    expect(steps(['a', 'x'], [undefined, 'b'], ['c', 'c'])).toEqual([
      ['a', 'x'],
      [undefined, 'b'],
      ['c', 'c'],
    ]);
  });

  it('wait for the name that they get', () => {
    expect(steps([undefined, 'a'], ['a', 'b'], ['b', 'c'])).toEqual([
      ['b', 'c'],
      ['a', 'b'],
      [undefined, 'a'],
    ]);
  });

  it('go by another name where names go round', () => {
    expect(steps(['a', 'b'], ['b', 'walscan_1'], ['walscan_1', 'a'])).toEqual([
      ['a', 'walscan_2'],
      ['walscan_1', 'a'],
      ['b', 'walscan_1'],
      ['walscan_2', 'b'],
    ]);
  });
});
