import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CliResult, runCli, runProgram } from '../support/cli.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';
import { WalWriter } from '../support/wal-writer.js';

const run = (...args: string[]): Promise<CliResult> => runCli(args);
const LAB = 'testdata/lab/17';
const [s1, s2, s3] = segmentsOf(3);

describe('walscan archive', () => {
  it('ends with 0 where all is there, and tells nothing on standard error', async () => {
    const { stdout, stderr, code } = await run('archive', LAB);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Nothing is missing, nothing is damaged.\n');
  });

  it.each([[[]], [['--quick']]])('ends with 3 where something is missing, with %j', async (options) => {
    const { stdout, code } = await run('archive', ...options, folderOf(filesOf([s1, s3])));
    expect(code).toBe(3);
    expect(stdout).toContain(`missing: ${s2.name}\n`);
  });

  it('lists with --limit so many of each, the newest, and says how many are left out', async () => {
    const folder = folderOf(filesOf([s1, s3]));
    const whole = JSON.parse((await run('archive', '--json', folder)).stdout);
    const [{ runs, missing }] = whole.wal;
    expect([runs.length, missing.length, whole.older]).toEqual([2, 1, undefined]);
    const rest = { backups: 0, duplicates: 0, partial: 0, notArchived: 0, unused: 0 };
    for (const [limit, wal, older] of [
      ['3', { runs, missing }, 0],
      ['2', { runs: runs.slice(1), missing }, 1],
      ['1', { runs: runs.slice(1), missing: [] }, 2],
    ] as const) {
      const json = JSON.parse((await run('archive', '--json', '--limit', limit, folder)).stdout);
      expect(json).toEqual({ ...whole, wal: [{ ...whole.wal[0], ...wal }], older: { wal: older, ...rest } });
    }
    const { stdout, code } = await run('archive', '--limit', '1', folder);
    expect(code).toBe(3);
    const told = stdout.split('\n').filter((line) => /^ {2}\S/.test(line));
    expect(told.slice(0, 2)).toEqual([
      expect.stringContaining(`${s3.name}: 1 segment`),
      '  and 2 older ones',
    ]);
    // what is wrong is told, however little is listed
    expect(stdout).toContain(`segment ${s2.name} is missing`);
  });

  it('prints JSON that says the same', async () => {
    const { stdout, code } = await run('archive', '--json', LAB);
    expect(code).toBe(0);
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({
      postgres: 17,
      segmentSize: 16 * 1024 * 1024,
      complete: true,
      quick: false,
      timelines: [1, 2],
      startLsn: '0/02000000',
      wal: [
        {
          timeline: 1,
          parent: null,
          switchLsn: null,
          runs: [
            {
              first: '000000010000000000000002',
              last: '000000010000000000000005',
              count: 4,
              startLsn: '0/02000000',
              endLsn: '0/06000000',
            },
          ],
          missing: [],
        },
        { timeline: 2, parent: 1, switchLsn: '0/04000290', toldBy: 'history' },
      ],
      backups: [{ startLsn: '0/02000028', endLsn: '0/02000120', state: 'complete' }],
      duplicates: [],
      partial: [],
      notArchived: [],
      unused: [],
      problems: [],
    });
    expect(json.systemIdentifier).toMatch(/^\d{19}$/);
  });

  it.each(['archive', 'incidents'])(
    'tells the same with one thread and with several: %s',
    async (command) => {
      const [alone, shared] = [
        await runProgram([command, '--jobs', '1', LAB]),
        await runProgram([command, '--jobs', '4', LAB]),
      ];
      expect(shared).toEqual(alone);
      expect(alone.code).toBe(0);
    },
  );

  it('tells a long gap by its ends', async () => {
    const far = new WalWriter({ version: 17, firstSegment: 1n << 40n });
    far.append({ rmid: 0, info: 0x20, main: new Uint8Array(10) });
    const folder = folderOf(filesOf([s1, ...far.segments]));
    const { stdout, code } = await run('archive', '--json', folder);
    expect(code).toBe(3);
    expect(JSON.parse(stdout).wal[0].missing).toEqual([
      {
        timeline: 1,
        first: s2.name,
        last: '000000010FFFFFFF00000FFF',
        count: 2 ** 40 - 2,
      },
    ]);
    expect((await run('archive', folder)).stdout.length).toBeLessThan(2000);
  });

  it('finds a moment, in the zone of TZ or another one', async () => {
    const { stdout, code } = await run('archive', LAB, '--at', '2026-11-22 10:13:38');
    expect(code).toBe(0);
    expect(stdout).toContain('On timeline 1: its WAL is there, in 000000010000000000000003\n');
    for (const time of ['2026-11-22 11:13:38+01', '2026-11-22T10:13:38Z']) {
      expect((await run('archive', LAB, '--at', time)).stdout).toBe(stdout);
    }
    const json = JSON.parse((await run('archive', LAB, '--json', '--at', '2026-11-22 10:13:38')).stdout);
    expect(json.answers[0]).toMatchObject({ timelines: [1], state: 'there', before: { record: 'COMMIT' } });
  });

  it('says how it understood words, and a time that comes twice', async () => {
    const asked = (time: string, TZ: string) => runCli(['archive', LAB, '--at', time], { TZ });
    const words = await asked('22/11/2026 05:13:38', 'America/Lima');
    expect(words.code).toBe(0);
    expect(words.stderr).toBe('walscan: --at: "22/11/2026 05:13:38" is read as 2026-11-22 05:13:38-05\n');
    const twice = await asked('2026-11-01 01:30', 'America/New_York');
    expect(twice.stderr).toMatch(/^walscan: --at: .*twice.*\n$/);
    expect(twice.stdout).toContain('2026-11-01 01:30:00.000000 EST');
  });

  it('ends with 3 where the moment is not there', async () => {
    const early = await run('archive', LAB, '--at', '2025-01-01');
    expect([early.code, early.stdout]).toEqual([
      3,
      expect.stringContaining('no transaction here had ended by then'),
    ]);
    const late = await run('archive', LAB, '--at', '2027-01-01');
    expect([late.code, late.stdout]).toEqual([
      3,
      expect.stringContaining('all transactions here had ended by then'),
    ]);
  });

  it.each([
    [['archive'], /argument <path> is missing/],
    [['archive', '--at', 'whenever', LAB], /^walscan: --at "whenever": it is no time, such as /],
    [['archive', '--at', '05/06/2026', LAB], /2026-06-05 for some and 2026-05-06 for others/],
    [['archive', '--at', '', LAB], /^walscan: --at "": it is empty/],
    [['archive', '--jobs', '0', LAB], /whole number/],
    [
      ['archive', 'testdata/nowhere'],
      /^walscan: cannot read testdata\/nowhere: no such file or folder; check the path\n$/,
    ],
    [['archive', 'package.json'], /no WAL segment in/],
    [['archive', '--at', '2026-01-01', 'docs'], /no WAL segment in/],
  ])('ends with 2 for %j', async (args, message) => {
    const { stdout, stderr, code } = await runCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('explains itself', async () => {
    const { stdout, code } = await run('archive', '--help');
    expect(code).toBe(0);
    for (const text of ['--quick', '--at <time>', '--json', 'Exit code: 0']) expect(stdout).toContain(text);
  });
});

describe('walscan incidents', () => {
  /** The DELETE, as pg_waldump shows it. */
  const deletes = readFileSync(`${LAB}/expected/000000010000000000000004.txt`, 'utf8')
    .split('\n')
    .filter((line) => line.includes('desc: DELETE '));

  const removal = `${LAB}/000000010000000000000004.gz`;

  it('finds the DELETE of the lab', async () => {
    const [, xid, relation] = /tx: +(\d+),.* rel (\S+) blk/.exec(deletes[0])!;
    const { stdout, stderr, code } = await run('incidents', LAB);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(3)).toEqual([
      expect.stringMatching(new RegExp(`UTC {2}deleted ${deletes.length} rows of ${relation}$`)),
      `  transaction ${xid}, committed at 0/04000290, timeline 1`,
      `  walscan find-commit --rel ${relation} ${LAB}`,
      `  walscan rows --rel ${relation} --backup BACKUP --deleted-by ${xid} --timeline 1 ${LAB}`,
      `  walscan undo --xid ${xid} --backup BACKUP --timeline 1 ${LAB}`,
      '',
    ]);
    const json = JSON.parse((await run('incidents', '--json', LAB)).stdout);
    expect(json).toMatchObject({
      postgres: 17,
      older: 0,
      problems: [],
      incidents: [
        {
          xid: Number(xid),
          lsn: '0/04000290',
          timelines: [1],
          kind: 'rows',
          relation,
          rows: { deleted: deletes.length, updated: 0 },
          command: `walscan find-commit --rel ${relation} ${LAB}`,
          undoCommand: `walscan undo --xid ${xid} --backup BACKUP --timeline 1 ${LAB}`,
        },
      ],
    });
  });

  it('gives commands that work', async () => {
    const json = JSON.parse((await run('incidents', '--json', LAB)).stdout);
    const [, ...args] = json.incidents[0].command.split(' ');
    const { stdout, code } = await run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain(`at ${json.incidents[0].lsn}`);
  });

  it('ends with 1 where there is none, and with 3 where WAL is missing', async () => {
    const none = await run('incidents', '--min-rows', '12', removal);
    expect([none.code, none.stdout]).toEqual([
      1,
      expect.stringContaining('No such transaction in this WAL: none changed so many rows'),
    ]);
    expect((await run('incidents', '--since', '2026-11-23', removal)).code).toBe(1);
    expect((await run('incidents', '--until', '2026-11-22', removal)).code).toBe(1);
    expect((await run('incidents', '--since', '2026-11-22', '--until', '2026-11-23', removal)).code).toBe(0);
    const gap = await run('incidents', folderOf(filesOf([s1, s3])));
    expect([gap.code, gap.stdout]).toEqual([3, expect.stringContaining(`segment ${s2.name} is missing`)]);
  });

  it('ends with 2 for wrong usage', async () => {
    for (const args of [[], ['--min-rows', 'x', LAB], ['--since', 'x', LAB], ['testdata/nowhere']]) {
      expect((await run('incidents', ...args)).code).toBe(2);
    }
  });

  it('shows names, labels and reasons from the input without what a terminal would obey', async () => {
    const hostile = '\x1b]0;owned\x07\u009b2J\x7f\u202e';
    const folder = folderOf({
      ...filesOf([s1, s2]),
      '00000002.history': `1\t0/200000\t${hostile}\n`,
      [`${hostile}/00000003.history`]: `nonsense ${hostile}`,
      [`${hostile}/backup_label`]: `START WAL LOCATION: 0/100028 (file ${s1.name})\nCHECKPOINT LOCATION: 0/100060\nBACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: 2026-11-22 10:12:36 UTC\nLABEL: ${hostile}\nSTART TIMELINE: 1\n`,
    });
    for (const options of [[], ['--json']]) {
      const { stdout, code } = await run('archive', ...options, folder);
      expect(code).toBe(3);
      const text = Buffer.from(stdout, 'latin1').toString();
      expect(text.split('owned').length).toBeGreaterThan(4);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    }
    const { stderr } = await run('archive', `${folder}/${hostile}`);
    expect(stderr).toContain('\\u001b]0;owned\\u0007\\u009b2J\\u007f\\u202e');
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });

  it('says where the WAL ends, unless the last segment is full', async () => {
    const full = await run('archive', folderOf(filesOf([s1, s2])));
    expect(full.stdout).not.toContain('the WAL ends');
    // as a copy that was cut off and filled up with zeroes
    const cut = s2.bytes.slice().fill(0, 512 * 1024);
    const folder = folderOf({ ...filesOf([s1]), [s2.name]: cut });
    const { stdout, code } = await run('archive', folder);
    expect(code).toBe(0);
    const [, end] = /^ {4}the WAL ends at (0\/[0-9A-F]{8}), within (?:[0-9A-F]{24})$/m.exec(stdout) ?? [];
    expect(end >= '0/00276000' && end < '0/00280000').toBe(true);
    expect(stdout).toContain(`within ${s2.name}\n`);
    const json = JSON.parse((await run('archive', '--json', folder)).stdout);
    expect(json.wal[0].runs).toMatchObject([{ lastRecordEnd: end, full: false }]);
    const switched = JSON.parse((await run('archive', '--json', LAB)).stdout);
    expect(switched.wal[0].runs).toMatchObject([{ full: true }]);
  });

  it.each([['--quick'], ['--jobs', '2']])('gives the same moment with %s', async (...options) => {
    const at = ['archive', LAB, '--at', '2026-11-22 10:13:38'];
    expect(await run(...at, ...options)).toEqual(await run(...at));
  });
});
