import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { DumpError, errorText } from '../../src/cli/dump/error.js';
import { type DumpOptions, parseDumpOptions } from '../../src/cli/dump/options.js';

function parse(...args: string[]): DumpOptions {
  const options = parseDumpOptions(args);
  if (typeof options === 'string') throw new Error(`asks for ${options}`);
  return options;
}

function errorOf(...args: string[]): string {
  try {
    parseDumpOptions(args);
  } catch (error) {
    if (error instanceof DumpError) return errorText(error);
    throw error;
  }
  throw new Error('no error');
}

const HINT = 'pg_waldump: hint: Try "walscan dump --help" for more information.\n';

it('takes every option, short', () => {
  const args =
    '-b -B 7 -e 0/5 -f -F vm -n 3 -p dir -q -R 1663/5/16384 -r heap -s 1/a -t 0x10 -w -x 700 -z a b';
  expect(parse(...args.split(' '))).toEqual({
    operands: ['a', 'b'],
    blockDetails: true,
    startLsn: 0x10000000an,
    endLsn: 5n,
    follow: true,
    limit: 3,
    path: 'dir',
    quiet: true,
    timeline: 16,
    stats: 'rmgr',
    saveFullpage: undefined,
    filter: {
      block: 7,
      fork: 2,
      relations: [{ spcOid: 1663, dbOid: 5, relNumber: 16384 }],
      rmids: new Set([10]),
      fullPage: true,
      xids: new Set([700]),
    },
    json: false,
    since: undefined,
    until: undefined,
    skipDamage: false,
    jobs: availableParallelism(),
  });
});

it('takes every option, long', () => {
  const options = parse(
    ...[
      '--bkp-details',
      '--block=7',
      '--end=0/5',
      '--follow',
      '--fork=vm',
      '--limit=3',
      '--path=dir',
      '--quiet',
    ],
    ...['--relation=1663/5/16384', '--rmgr=Heap', '--start=1/A', '--timeline=16', '--fullpage', '--xid=700'],
    ...[
      '--stats=record',
      '--save-fullpage=out',
      '--since=2000-01-01 00:00:01Z',
      '--until=2000-01-01 00:00:02Z',
    ],
    '--skip-damage',
    '--jobs=3',
  );
  expect(options).toMatchObject({
    blockDetails: true,
    limit: 3,
    timeline: 16,
    stats: 'record',
    saveFullpage: 'out',
    since: '2000-01-01 00:00:01Z',
    until: '2000-01-01 00:00:02Z',
    skipDamage: true,
    jobs: 3,
    filter: { block: 7, fork: 2, rmids: new Set([10]), fullPage: true, xids: new Set([700]) },
  });
  expect(parse('--json').json).toBe(true);
});

it('takes several resource managers, relations and transactions', () => {
  const { filter } = parse(
    ...['-r', 'Heap', '-r', 'btree', '-r', 'custom200', '-r', 'XLOG2', '-x', '7', '-x', '8'],
    ...['-R', '1663/5/16384', '-R', '1664/0/1262'],
  );
  expect(filter.rmids).toEqual(new Set([10, 11, 200, 22]));
  expect(filter.xids).toEqual(new Set([7, 8]));
  expect(filter.relations?.map(({ relNumber }) => relNumber)).toEqual([16384, 1262]);
});

describe('reads numbers as C does', () => {
  it.each([
    ['-x', '12abc', { filter: { xids: new Set([12]) } }],
    ['-x', ' -1', { filter: { xids: new Set([0xffffffff]) } }],
    ['-x', '4294967297', { filter: { xids: new Set([1]) } }],
    ['-n', '-3', { limit: -3 }],
    ['-n', '5x', { limit: 5 }],
    ['-t', '010', { timeline: 8 }],
    ['-t', '7 ', { timeline: 7 }],
    ['-s', '0/1e ', { startLsn: 0x1en }],
    ['-s', '0/5/7', { startLsn: 5n }],
    ['-s', '0x1/0x2', { startLsn: 0x100000002n }],
  ])('%s %j', (option, value, expected) => expect(parse(option, value)).toMatchObject(expected));
});

describe('says what is wrong as pg_waldump does', () => {
  it.each([
    [[], 'no arguments specified'],
    [['foo', 'bar', 'baz'], 'too many command-line arguments (first is "baz")'],
    [['--block', 'bad'], 'invalid block number: "bad"'],
    [['-R', '1/1/1', '-B', '4294967295'], 'invalid block number: "4294967295"'],
    [['-B', '1'], 'option -B/--block requires option -R/--relation to be specified'],
    [['--fork', 'bad'], 'invalid fork name: "bad"'],
    [['--fork', 'MAIN'], 'invalid fork name: "MAIN"'],
    [['--limit', 'bad'], 'invalid value "bad" for option -n/--limit'],
    [['--rmgr', 'bad'], 'resource manager "bad" does not exist'],
    [['--rmgr', 'custom300'], 'custom resource manager "custom300" does not exist'],
    [['--start', 'bad'], 'invalid WAL location: "bad"'],
    [['--end', '1'], 'invalid WAL location: "1"'],
    [['-t', '0'], '-t/--timeline must be in range 1..4294967295'],
    [['-t', '4294967296'], '-t/--timeline must be in range 1..4294967295'],
    [['-t', '-1'], '-t/--timeline must be in range 1..4294967295'],
    [['-t', '1x'], 'invalid value "1x" for option -t/--timeline'],
    [['-x', 'y'], 'invalid transaction ID specification: "y"'],
    [['--stats=bad'], 'unrecognized value for option --stats: bad'],
    [['--jobs', '0'], 'invalid value "0" for option --jobs'],
    [['--jobs=two'], 'invalid value "two" for option --jobs'],
    [['--json', '-z'], 'option --json cannot be used with option -z/--stats'],
  ])('%j', (args, message) => expect(errorOf(...args)).toBe(`pg_waldump: error: ${message}\n${HINT}`));

  it('with details', () => {
    expect(errorOf('--relation', '1663/5')).toBe(
      'pg_waldump: error: invalid relation specification: "1663/5"\n' +
        'pg_waldump: detail: Expecting "tablespace OID/database OID/relation filenode".\n' +
        HINT,
    );
    expect(errorOf('--nix')).toBe(`pg_waldump: unrecognized option '--nix'\n${HINT}`);
  });
});

it('words errors as the version does', () => {
  const text = (severity: 'fatal' | 'usage', version: number) =>
    errorText(new DumpError(severity, 'no', version));
  expect(text('fatal', 10)).toBe('pg_waldump: FATAL:  no\n');
  expect(text('fatal', 13)).toBe('pg_waldump: fatal: no\n');
  expect(text('fatal', 15)).toBe('pg_waldump: error: no\n');
  expect(text('usage', 11)).toBe('pg_waldump: no\nTry "walscan dump --help" for more information.\n');
  expect(text('usage', 14)).toBe('pg_waldump: error: no\nTry "walscan dump --help" for more information.\n');
});

it.each([
  [['--help'], 'help'],
  [['-?'], 'help'],
  [['-b', '-V'], 'version'],
  [['-r', 'LIST'], 'rmgr-list'],
])('%j asks for something else', (args, expected) => expect(parseDumpOptions(args)).toBe(expected));
