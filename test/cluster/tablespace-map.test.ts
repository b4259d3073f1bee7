import { expect, it } from 'vitest';
import { parseTablespaceMap } from '../../src/cluster/tablespace-map.js';

const parsed = (text: string, version: number): unknown =>
  parseTablespaceMap(new TextEncoder().encode(text), version).map(({ oid, path }) => [oid, path]);

// by `read_tablespace_map`: what is before a backslash counts since 14, up to 13 only the end of a line
it.each([
  [
    '16385 /srv/a\n16386 /srv/b c\n',
    13,
    [
      [16_385, '/srv/a'],
      [16_386, '/srv/b c'],
    ],
  ],
  [
    '16385 /srv/a\n16386 /srv/b c\n',
    14,
    [
      [16_385, '/srv/a'],
      [16_386, '/srv/b c'],
    ],
  ],
  ['16385 /srv/a\\b\n', 13, [[16_385, '/srv/a\\b']]],
  ['16385 /srv/a\\\\b\n', 14, [[16_385, '/srv/a\\b']]],
  ['16385 /srv/a\\\nb\n', 13, [[16_385, '/srv/a\nb']]],
  ['16385 /srv/a\\\nb\n', 14, [[16_385, '/srv/a\nb']]],
  ['', 17, []],
])('of %j, version %i', (text, version, tablespaces) => {
  expect(parsed(text, version)).toEqual(tablespaces);
});

it.each([13, 14])('of nothing but digits, version %i, in time', (version) => {
  expect(parsed('1'.repeat(1024 * 1024), version)).toEqual([]);
});
