import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliResult, commandLine, type ProcessOptions, runCli, runProgram } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { readTestdata } from '../support/testdata.js';

/**
 * `walscan dump` in the place of `pg_waldump`: what PostgreSQL's own tests of it check (src/bin/pg_waldump/t in 18
 * and 19), on a segment of 18, with the text that `pg_waldump` 18 printed of it as the measure.
 */
const FOLDER = 'testdata/broad/18';
const SEGMENT = '000000010000000000000022';
const WAL = readTestdata(`${FOLDER}/${SEGMENT}.gz`);
const TEXT = linesOf(expected('text.txt.gz'));
/** Tablespace, database and relfilenode of a table, and of an index. */
const TABLE = '1663/16384/16438';
const INDEX = '1663/16384/16593';

function expected(name: string): string {
  return readTestdata(`${FOLDER}/expected/${name}`).toString('latin1');
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

const lsnOf = (line: string): string => /lsn: (\S+),/.exec(line)?.[1] ?? '';

function dump(args: string[], { cwd, env }: ProcessOptions = {}): Promise<CliResult> {
  return cwd === undefined ? runCli(['dump', ...args], env) : runProgram(['dump', ...args], { cwd, env });
}

/** The data directory of a server that is gone. */
const dataFolder = (): string => folderOf({ [`pg_wal/${SEGMENT}`]: WAL });

/** What is printed of the segment, without an error. */
async function printed(...args: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await dump([...args, '-p', dataFolder(), SEGMENT]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return linesOf(stdout);
}

/** The error as the only output. */
async function refused(args: string[], options?: ProcessOptions): Promise<string> {
  const { stdout, stderr, code } = await dump(args, options);
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  return stderr;
}

const HINT = 'pg_waldump: hint: Try "walscan dump --help" for more information.\n';

describe('without WAL', () => {
  it.each(['--help', '-?'])('%s explains every option', async (option) => {
    const { stdout, stderr, code } = await dump([option]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('Usage: walscan dump [OPTION]... [STARTSEG [ENDSEG]]');
    const wide = linesOf(stdout).filter((line) => line.length > 95);
    expect(wide).toEqual([]);
    const options = stdout.matchAll(/^ {2}(?:-(.), | {4})--([a-z-]+)/gm);
    expect([...options].map(([, short = '', long]) => short + long).sort()).toEqual(
      [
        ...['bbkp-details', 'Bblock', 'eend', 'ffollow', 'Ffork', 'nlimit', 'ppath', 'qquiet', 'rrmgr'],
        ...['Rrelation', 'sstart', 'ttimeline', 'Vversion', 'wfullpage', 'xxid', 'zstats', '?help'],
        ...['save-fullpage', 'json', 'since', 'until', 'backup', 'table', 'database', 'jobs', 'skip-damage'],
        'cipher-pass-file',
      ].sort(),
    );
  });

  it.each(['--version', '-V'])('%s tells the version', async (option) => {
    const { stdout, stderr, code } = await dump([option]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^walscan dump \d+\.\d+\.\d+ .*10 to 19/);
  });

  it('lists the resource managers, as 18 does', async () => {
    const { stdout, code } = await dump(['--rmgr=list']);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual([
      ...['XLOG', 'Transaction', 'Storage', 'CLOG', 'Database', 'Tablespace', 'MultiXact', 'RelMap'],
      ...['Standby', 'Heap2', 'Heap', 'Btree', 'Hash', 'Gin', 'Gist', 'Sequence', 'SPGist', 'BRIN'],
      ...['CommitTs', 'ReplicationOrigin', 'Generic', 'LogicalMessage'],
    ]);
  });

  it.each([
    [[], 'pg_waldump: error: no arguments specified\n'],
    [['foo', 'bar', 'baz'], 'pg_waldump: error: too many command-line arguments (first is "baz")\n'],
    [['--block', 'bad'], 'pg_waldump: error: invalid block number: "bad"\n'],
    [['--not-a-valid-option'], "pg_waldump: unrecognized option '--not-a-valid-option'\n"],
  ])('%j is refused', async (args, message) => expect(await refused(args)).toBe(message + HINT));

  it('without a file of that name', async () => {
    expect(await refused(['foo', 'bar'])).toBe('pg_waldump: error: could not locate WAL file "foo"\n');
    const absent = join(folderOf({}), 'absent');
    expect(await refused([join(absent, SEGMENT)])).toBe(
      `pg_waldump: error: could not open directory "${absent}": No such file or directory\n`,
    );
    expect(await refused(['-p', absent, SEGMENT])).toBe(
      `pg_waldump: error: could not open directory "${absent}": No such file or directory\n${HINT}`,
    );
    expect(await refused(['-p', folderOf({}), '-s', '0/1'])).toBe(
      'pg_waldump: error: could not find any WAL file\n',
    );
  });

  it('in a folder that has none', async () => {
    expect(await refused([folderOf({ 'notes.txt': 'no WAL' })])).toMatch(/^pg_waldump: error: .+\n$/);
  });
});

describe('the segment is found', () => {
  it.each<[string, (data: string) => [string[], ProcessOptions?]]>([
    ['by its path', (data) => [[join(data, 'pg_wal', SEGMENT)]]],
    ['as start and end', (data) => [[join(data, 'pg_wal', SEGMENT), join(data, 'pg_wal', SEGMENT)]]],
    ['in the current folder', (data) => [[SEGMENT], { cwd: join(data, 'pg_wal') }]],
    ['in pg_wal below it', (data) => [[SEGMENT], { cwd: data }]],
    ['in that of PGDATA', (data) => [[SEGMENT], { env: { PGDATA: data } }]],
    ['in the folder of -p', (data) => [['-p', join(data, 'pg_wal'), SEGMENT]]],
    ['in the data directory of -p', (data) => [[`--path=${data}`, SEGMENT]]],
    ['by a start LSN', (data) => [['-p', data, '-s', lsnOf(TEXT[0]), '-e', '0/2300000']]],
  ])('%s', async (_, arrange) => {
    const [args, options] = arrange(dataFolder());
    const { stdout, stderr, code } = await dump(args, options);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(linesOf(stdout)).toEqual(TEXT);
  });

  it('but not without anything to start at', async () => {
    expect(await refused(['-p', dataFolder()])).toBe(
      `pg_waldump: error: no start WAL location given\n${HINT}`,
    );
  });

  it('but not its end', async () => {
    const path = join(dataFolder(), 'pg_wal', SEGMENT);
    expect(await refused([path, 'bar'])).toBe('pg_waldump: error: could not open file "bar"\n');
  });

  it('but not what comes after it', async () => {
    const path = join(dataFolder(), 'pg_wal', SEGMENT);
    const { stdout, stderr, code } = await dump(['-p', dirname(path), '-s', lsnOf(TEXT[0])]);
    expect(linesOf(stdout)).toEqual(TEXT);
    expect(stderr).toBe(
      'pg_waldump: error: could not find file "000000010000000000000023": No such file or directory\n',
    );
    expect(code).toBe(1);
  });

  it('on another timeline only where it is named', async () => {
    const folder = folderOf({ [`00000007${SEGMENT.slice(8)}`]: WAL });
    const { stdout } = await dump(['-p', folder, '-t', '7', '-s', lsnOf(TEXT[0]), '-n', '3']);
    expect(linesOf(stdout)).toEqual(TEXT.slice(0, 3));
    expect(await refused(['-p', folder, '-s', lsnOf(TEXT[0])])).toBe(
      `pg_waldump: error: could not find file "${SEGMENT}": No such file or directory\n`,
    );
  });

  it('and has no valid beginning', async () => {
    const broken = Buffer.from(WAL);
    broken.writeUInt16LE(0, 0);
    const path = join(folderOf({ [SEGMENT]: broken }), SEGMENT);
    expect(await refused([path])).toBe(
      `pg_waldump: error: could not find a valid record after 0/2200000: invalid magic number 0000 in WAL segment ${SEGMENT}, LSN 0/2200000, offset 0\n`,
    );
  });
});

describe('prints', () => {
  it('blocks in detail', async () => {
    expect(await printed('--bkp-details')).toEqual(linesOf(expected('details.txt.gz')));
  });

  it('nothing with --quiet', async () => {
    expect(await printed('--quiet')).toEqual([]);
  });

  it.each([
    [['-z'], 'stats.txt'],
    [['--stats'], 'stats.txt'],
    [['--stats=rmgr'], 'stats.txt'],
    [['--stats=record'], 'stats-record.txt'],
  ])('statistics: %j', async (args, file) => {
    expect(await printed(...args)).toEqual(linesOf(expected(file)));
  });

  it('as many records as --limit says', async () => {
    expect(await printed('--limit', '6')).toEqual(TEXT.slice(0, 6));
    expect(await printed('-n', '0')).toEqual(TEXT);
    expect(await printed('-r', 'Btree', '-n', '6')).toEqual(
      TEXT.filter((line) => line.startsWith('rmgr: Btree ')).slice(0, 6),
    );
  });

  it('from --start to --end', async () => {
    const [start, end] = [lsnOf(TEXT[400]), lsnOf(TEXT[410])];
    expect(await printed('--start', start, '--end', end)).toEqual(TEXT.slice(400, 410));
  });

  it('from the first record after --start, and says how far that is', async () => {
    const start = lsnOf(TEXT[400]);
    const next = (Number.parseInt(start.slice(2), 16) + 1).toString(16).toUpperCase();
    const { stdout, stderr, code } = await dump(['-s', `0/${next}`, '-p', dataFolder(), SEGMENT]);
    expect(linesOf(stdout)).toEqual(TEXT.slice(401));
    const [first] = [lsnOf(TEXT[401])].map((lsn) => Number.parseInt(lsn.slice(2), 16));
    const skipped = first - Number.parseInt(next, 16);
    expect(stderr).toBe(
      `pg_waldump: first record is after 0/${next}, at 0/${first.toString(16).toUpperCase()}, skipping over ${skipped} bytes\n`,
    );
    expect(code).toBe(0);
  });
});

/** A filter, and which of the lines it leaves. */
const FILTERS: [string, string[], (line: string) => boolean][] = [
  ['a resource manager', ['--rmgr', 'Btree'], (line) => line.startsWith('rmgr: Btree ')],
  ['full pages', ['--fullpage'], (line) => / blk \d+ FPW/.test(line)],
  ['a fork', ['--fork', 'vm'], (line) => line.includes(' fork vm ')],
  ['the main fork', ['--fork', 'main'], (line) => / rel \d+\/\d+\/\d+ blk /.test(line)],
  ['a relation', ['--relation', TABLE], (line) => line.includes(` rel ${TABLE} `)],
  [
    'a block',
    ['-R', INDEX, '-B', '13'],
    (line) => line.split(', blkref').some((ref) => ref.endsWith(` rel ${INDEX} blk 13`)),
  ],
  ['a transaction', ['--xid', '34068'], (line) => line.includes(' tx:      34068,')],
  [
    'several resource managers',
    ['-r', 'heap', '-r', 'Transaction'],
    (line) => /^rmgr: (Heap|Transaction) /.test(line),
  ],
  [
    'several relations',
    ['-R', TABLE, '-R', INDEX],
    (line) => line.includes(` rel ${TABLE} `) || line.includes(` rel ${INDEX} `),
  ],
  ['several transactions', ['-x', '34068', '-x', '34075'], (line) => /tx: +340(68|75),/.test(line)],
  [
    'all of these',
    ['-r', 'Btree', '-x', '34068', '-R', INDEX],
    (line) => /^rmgr: Btree .*tx: +34068,/.test(line) && line.includes(` rel ${INDEX} `),
  ],
];

describe('only records of', () => {
  it.each(FILTERS)('%s', async (_, args, isWanted) => {
    const wanted = TEXT.filter(isWanted);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(TEXT.length);
    expect(await printed(...args)).toEqual(wanted);
  });
});

describe('--save-fullpage', () => {
  const sums = new Map(
    linesOf(expected('fullpages.sha256')).map((line): [string, string] => [
      line.slice(66),
      line.slice(0, 64),
    ]),
  );

  function sumsOf(folder: string): Map<string, string> {
    const names = readdirSync(folder).sort();
    return new Map(
      names.map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
    );
  }

  it('writes the files that pg_waldump writes', async () => {
    const folder = join(folderOf({}), 'new', 'pages');
    expect(await printed('--quiet', '--save-fullpage', folder)).toEqual([]);
    expect(sumsOf(folder)).toEqual(new Map([...sums].sort()));
  });

  it('writes those of the records that are wanted, into an empty folder', async () => {
    const folder = folderOf({});
    const text = await printed(`--save-fullpage=${folder}`, '--relation', TABLE);
    expect(text).toEqual(TEXT.filter((line) => line.includes(` rel ${TABLE} `)));
    const places = text.filter((line) => line.includes(' FPW')).map(lsnOf);
    const wanted = [...sums].filter(([name]) =>
      places.some((lsn) => name.startsWith(`00000001-00000000-${lsn.slice(2)}.`)),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(sumsOf(folder)).toEqual(new Map(wanted));
  });

  it('touches no folder that has something in it', async () => {
    const folder = folderOf({ note: 'mine' });
    expect(await refused(['--save-fullpage', folder, `${FOLDER}/${SEGMENT}.gz`])).toBe(
      `pg_waldump: error: directory "${folder}" exists but is not empty\n`,
    );
    expect(readdirSync(folder)).toEqual(['note']);
    const file = join(folder, 'note');
    expect(await refused(['--save-fullpage', file, `${FOLDER}/${SEGMENT}.gz`])).toBe(
      `pg_waldump: error: could not access directory "${file}": Not a directory\n`,
    );
  });
});

describe('--json', () => {
  it('has an object for each record, with the text of pg_waldump in it', async () => {
    const records = (await printed('--json')).map((line) => JSON.parse(line));
    const parts = TEXT.map((line) => {
      const [, rmgr, length, total, xid, lsn, prev, desc] =
        /^rmgr: (\S+) +len \(rec\/tot\): +(\d+)\/ *(\d+), tx: +(\d+), lsn: (\S+), prev (\S+), desc: (.*)$/.exec(
          line,
        ) ?? [];
      return { rmgr, recordLength: +length, totalLength: +total, xid: +xid, lsn, prevLsn: prev, desc };
    });
    expect(
      records.map(({ rmgr, recordLength, totalLength, xid, lsn, prevLsn, kind, description }, i) => {
        const { desc } = parts[i];
        const text = `${kind} ${description}`;
        return {
          rmgr,
          recordLength,
          totalLength,
          xid,
          lsn,
          prevLsn,
          desc: desc.startsWith(text) ? desc : text,
        };
      }),
    ).toEqual(parts);
    const blocks = records.map(({ blocks }) => blocks.length);
    expect(blocks).toEqual(TEXT.map((line) => line.match(/, blkref #\d+: /g)?.length ?? 0));
    const lsns = records.map(({ endLsn }) => endLsn);
    expect(lsns.slice(0, -1).every((end, i) => end <= records[i + 1].lsn)).toBe(true);
  });

  it('shows decoded content', async () => {
    const [line] = await printed('--json', '-r', 'Transaction', '-x', '34067');
    expect(JSON.parse(line)).toMatchObject({
      lsn: '0/022A5D40',
      rmgr: 'Transaction',
      kind: 'COMMIT',
      xid: 34067,
      data: { type: 'commit', xactTime: '2026-11-22T09:46:47.925703Z' },
      description: '2026-11-22 09:46:47.925703 UTC',
    });
  });
});

describe('a window of commit times', () => {
  const at = (lsn: string): number => TEXT.findIndex((line) => lsnOf(line) === lsn);
  const [first, second] = [at('0/022A5D40'), at('0/022AE2E0')];

  it('begins after the last commit before --since', async () => {
    expect(await printed('--since', '2026-11-22 09:46:47.929492Z')).toEqual(TEXT.slice(first + 1));
    expect(await printed('--since', '2026-11-22 09:46:47.925704Z')).toEqual(TEXT.slice(first + 1));
    expect(await printed('--since', '2026-11-22 09:46:47.925703Z')).toEqual(TEXT.slice(at('0/022A4FF8') + 1));
  });

  it('ends before the first commit after --until', async () => {
    expect(await printed('--until', '2026-11-22 09:46:47.925703Z')).toEqual(TEXT.slice(0, second));
    expect(await printed('--until', '2026-11-22 09:46:47.929491Z')).toEqual(TEXT.slice(0, second));
  });

  it('has both ends', async () => {
    const window = ['--since=2026-11-22 09:46:47.929Z', '--until=2026-11-22 09:46:47.929Z'];
    expect(await printed(...window)).toEqual(TEXT.slice(first + 1, second));
    expect(await printed('--since=2027-01-01')).toEqual([]);
  });

  it('is given in the local zone', async () => {
    const { stdout } = await dump(['--until=2026-11-22 06:46:47.926', `${FOLDER}/${SEGMENT}.gz`], {
      env: { TZ: 'America/Sao_Paulo' },
    });
    expect(linesOf(stdout)).toHaveLength(second);
    expect(linesOf(stdout)[first]).toContain('COMMIT 2026-11-22 06:46:47.925703 -03');
  });
});

it('ends without a word when nobody reads on', async () => {
  const { spawnSync } = await import('node:child_process');
  const command = `${commandLine} dump '${FOLDER}/${SEGMENT}.gz' | head -n 1`;
  const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    encoding: 'latin1',
    env: { ...process.env, TZ: 'UTC' },
  });
  expect(linesOf(stdout)).toEqual(TEXT.slice(0, 1));
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
});

it('names the files that it is tested with', () => {
  expect(basename(readdirSync(FOLDER)[0], '.gz')).toBe(SEGMENT);
});
