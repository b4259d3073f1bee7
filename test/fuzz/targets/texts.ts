import { getopt, OptionError } from '../../../src/cli/dump/getopt.js';
import { readTime } from '../../../src/cli/time/read.js';
import { parseXid } from '../../../src/cli/values.js';
import { parseRelation } from '../../../src/follow/relation.js';
import { namedZone } from '../../../src/node/timezone.js';
import { parseColumns } from '../../../src/questions/rows/columns.js';
import { decodeText } from '../../../src/text/encoding.js';
import { isPosixTz, parsePosixTz } from '../../../src/text/posix-tz.js';
import { printable } from '../../../src/text/printable.js';
import { UTC } from '../../../src/text/timezone.js';
import { formatLsn, parseLsn } from '../../../src/wal/lsn.js';
import { parseSegmentFileName, segmentFileName } from '../../../src/wal/segment-name.js';
import type { Input } from '../input.js';
import { check, type Target } from '../target.js';

const texts = (...all: string[]): Input[] => all.map((text) => [new TextEncoder().encode(text)]);

/** What people type, or have in a variable of the environment. */
const textTarget = (
  name: string,
  seeds: readonly string[],
  run: (text: string) => unknown,
  words: readonly string[] = [],
): Target => ({
  name,
  seeds: () => texts(...seeds),
  words,
  run: ([bytes = new Uint8Array(0)]) => run(decodeText(bytes)),
});

/** A moment at which "yesterday" is to be read. */
const NOW = Date.UTC(2026, 10, 26, 12);

const time = textTarget(
  'time',
  [
    ...[
      '2025-12-24 17:53:45.880038+00',
      '2025-12-24T17:53',
      '20251224T175345Z',
      'yesterday 18:00',
      '2 hours ago',
    ],
    ...['2025-12-24 10:53:45.880038 MST', '2025-12-24 5:53 pm America/Lima', 'Dec 24, 2025 17:53:45.5 CET'],
    ...[
      '24:00',
      'next friday at 7',
      '2000-01-01 00:00:00.-500000 UTC',
      '2025-03-30 02:30 Europe/Madrid',
      'now',
    ],
  ],
  (text) => readTime(text, UTC, NOW),
  [
    ...[
      'yesterday',
      'today',
      'tomorrow',
      'ago',
      'hours',
      'last',
      'monday',
      ' at ',
      ' pm',
      'noon',
      'GMT',
      '+05:30',
    ],
    ...['Europe/Madrid', 'infinity', '2025-12-24', '17:53:45', 'T', 'Z', '.', '-', ':', 'ñ'],
  ],
);

const posixTz = textTarget(
  'posix-tz',
  [
    'EET-2EEST,M3.5.0/3,M10.5.0/4',
    '<+0330>-3:30',
    'CET-1CEST',
    'EST5EDT,J60/2,300/-1',
    'UTC0',
    'Foo/Bar',
    '',
  ],
  (text) => {
    isPosixTz(text);
    const zone = parsePosixTz(text);
    for (const moment of [-9e12, -1, 0, 1.7e9, 9e12]) {
      const { offset, abbreviation } = zone.at(moment);
      check(Number.isInteger(offset) && typeof abbreviation === 'string', `offset ${offset}`);
    }
  },
  ['EST', '<+03>', ',M3.5.0', ',J60', '/2', '-', '+', ':30'],
);

const namedZones = textTarget('zone-name', ['Europe/Madrid', 'utc', 'EST5EDT', '+05:30'], (text) =>
  namedZone(text),
);

const lsn = textTarget('lsn', ['0/04000680', 'FFFFFFFF/FFFFFFFF', '0/0'], (text) => {
  const parsed = parseLsn(text);
  check(
    parsed === undefined || parseLsn(formatLsn(parsed)) === parsed,
    'an LSN is not read as it is printed',
  );
  parseXid(text);
});

const MIB = 1024 * 1024;
const segmentName = textTarget(
  'segment-name',
  ['000000010000000000000001', '00000001000000FF000000FF'],
  (text) => {
    for (const size of [MIB, 16 * MIB, 1024 * MIB]) {
      const name = parseSegmentFileName(text, size);
      check(
        name === undefined || segmentFileName(name.timeline, name.segmentNumber, size) === text.toUpperCase(),
        'a segment is not named as it is read',
      );
    }
  },
);

const relation = textTarget('relation', ['16386', '1663/16384/16386'], parseRelation);

const columns = textTarget(
  'columns',
  [
    'id int4, producto text, precio numeric(10,2), tags text[]',
    '"a ""b" timestamp without time zone, c bit varying(3)',
  ],
  (text) => parseColumns(text),
  [
    'int4',
    'text',
    ' numeric(10,2)',
    '[]',
    ', ',
    '"',
    'character varying',
    'double precision',
    'interval(3)',
    '(',
  ],
);

const OPTIONS = [
  { long: 'limit', short: 'n', argument: 'required' },
  { long: 'stats', short: 'z', argument: 'optional' },
  { long: 'follow', short: 'f', argument: 'none' },
] as const;

const options = textTarget(
  'getopt',
  ['-n 5 --stats=record a b', '-fz5 -- -x', '--lim 3 --foll'],
  (text) => {
    try {
      getopt(text.split(' '), OPTIONS, () => {});
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
    }
  },
  ['--', '-', '=', 'limit', 'stats', 'follow', ' '],
);

const CONTROLS = /\p{Cc}|[\udc80-\udc9f]/u;
const printing = textTarget('printable', ['a\u001b[31mb', '\u202e', 'ñ'], (text) => {
  check(!CONTROLS.test(printable(text).replaceAll('\n', '')), 'a terminal would take it for a command');
});

export const textTargets: readonly Target[] = [
  ...[time, posixTz, namedZones, lsn, segmentName, relation, columns, options, printing],
];
