import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openSegment } from '../../src/reader/segment.js';
import { formatLsn } from '../../src/wal/lsn.js';
import { segmentFileNameOf } from '../../src/wal/segment-name.js';
import { runCli } from '../support/cli.js';
import { folderOf, MiB, segmentsOf } from '../support/folder.js';

const ROWS = 'testdata/rows/18';
const BACKUP = ['--backup', `${ROWS}/base.tar.gz`];

interface Line {
  action: string;
  xid: number;
  lsn: string;
}

async function linesOf(...args: string[]): Promise<Line[]> {
  const { stdout } = await runCli(['changes', ...args]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const isChange = ({ action }: Line): boolean => action !== 'B' && action !== 'C';

describe('changes', () => {
  it('are told up to the end that is asked for, where WAL ends before that and old segments are kept behind it', async () => {
    const segments = segmentsOf(4);
    const wal = Object.fromEntries(segments.map(({ name, bytes }) => [name, bytes]));
    const walEnd = openSegment(segments[0].bytes).start + BigInt(4 * MiB);
    const later = [0, 1].map((i) => segmentFileNameOf(1, walEnd + BigInt(i * MiB), MiB));
    const folder = folderOf({ ...wal, [later[0]]: segments[0].bytes, [later[1]]: segments[1].bytes });
    const end = formatLsn(walEnd - 8n);
    const told = (await runCli(['changes', folder])).stderr;
    expect((await runCli(['changes', '--end', end, folder])).stderr).toBe(told);
  });

  it('come in the order of the WAL, where that is asked for, and are the same', async () => {
    const byCommit = await linesOf(...BACKUP, ROWS);
    const byLsn = await linesOf('--order', 'lsn', ...BACKUP, ROWS);
    expect(byLsn.every(isChange)).toBe(true);
    const texts = (lines: Line[]): string[] => lines.map((line) => JSON.stringify(line)).sort();
    expect(texts(byLsn)).toEqual(texts(byCommit.filter(isChange)));
    const positions = byLsn.map(({ lsn }) => lsn.padStart(20));
    expect(positions).toEqual([...positions].sort());
  });

  it('have a beginning and an end for each transaction', async () => {
    const lines = await linesOf('--xid', '809', '--xid', '799', ...BACKUP, ROWS);
    expect(lines.filter((line) => !isChange(line)).map(({ action, xid }) => `${action}${xid}`)).toEqual([
      'B799',
      'C799',
      'B809',
      'C809',
    ]);
  });

  it.each([
    [['--order', 'lsn', '--format', 'sql'], 2, 'in the order of the commits'],
    [['--table', 'nowhere'], 3, 'there is no table nowhere'],
    [['--xid', '4000000000'], 3, 'has no record in the WAL given'],
    [['--database', 'nowhere'], 3, 'there is no database nowhere'],
    [['--database', 'postgres'], 1, 'there is no such change'],
    [
      ['--since', '2027-01-01', '--until', '2026-01-01'],
      2,
      'is later than until (2026-01-01T00:00:00.000000Z): nothing lies between',
    ],
    [['--start', '0/2000000', '--end', '0/1000000'], 2, 'start (0/02000000) is later than end (0/01000000)'],
    [
      ['--start', '0/1000000', '--end', '0/1500000'],
      3,
      'the end that was asked for lies before the place where the backup is consistent',
    ],
    [['--start', 'F/0'], 3, 'the WAL given ends at 0/'],
  ])('%j end with %d', async (options, expected, message) => {
    const { code, stderr } = await runCli(['changes', ...options, ...BACKUP, ROWS]);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(message)]);
  });

  it('say where the WAL ends before the backup is consistent', async () => {
    const name = '000000010000000000000002';
    const segment = gunzipSync(readFileSync(`${ROWS}/${name}.gz`));
    // the record of the backup's end, and all behind it
    segment.fill(0, 0xf8);
    const folder = folderOf({ [name]: segment });
    const { code, stderr } = await runCli(['changes', ...BACKUP, folder]);
    expect(code).toBe(3);
    expect(stderr).toContain('before the backup is consistent');
  });

  it('without a backup have unknown values, and nothing of system catalogs', async () => {
    const { code, stdout, stderr } = await runCli(['changes', ROWS]);
    expect(code).toBe(3);
    expect(stderr).toContain('give one from before, or a later one as --catalog');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.some(({ unknown }) => unknown === true)).toBe(true);
    for (const { relation } of lines.filter((line) => line.relation !== undefined)) {
      expect(Number(relation.split('/')[2])).toBeGreaterThanOrEqual(16384);
    }
  });
});

describe('undo', () => {
  it.each([
    [[], 2, 'say what is to be undone'],
    [['--xid', '4000000000'], 3, 'has no record in the WAL given'],
    [['--since', '2030-01-01'], 1, 'there is nothing to undo'],
    [['--since', '2020-01-01'], 3, 'the backup is of a later time than what is asked for'],
    [['--until', '2020-01-01'], 3, 'the backup is of a later time than what is asked for'],
    [['--start', '0/1000000', '--end', '0/1500000'], 3, 'what was committed before 0/02'],
  ])('%j ends with %d', async (options, expected, message) => {
    const { code, stderr } = await runCli(['undo', ...options, ...BACKUP, ROWS]);
    expect([code, stderr]).toEqual([expected, expect.stringContaining(message)]);
  });

  it('up to a position tells what later transactions changed as well', async () => {
    const touched = async (...range: string[]): Promise<number> => {
      const { stdout } = await runCli(['undo', '--json', ...range, ...BACKUP, ROWS]);
      const { tables } = JSON.parse(stdout) as { tables: { touchedLater: number }[] };
      return tables.reduce((sum, { touchedLater }) => sum + touchedLater, 0);
    };
    expect(await touched('--end', '0/030FFFFF')).toBeGreaterThan(0);
    expect(await touched('--start', '0/02000000')).toBe(0);
  });

  it('begins with a summary, and is one transaction', async () => {
    const { code, stdout, stderr } = await runCli(['undo', '--xid', '809', ...BACKUP, ROWS]);
    expect(code).toBe(0);
    expect(stderr).toContain('ventas.inventarios: 11 rows restored');
    expect(stdout).toContain('-- ventas.inventarios: 11 rows restored');
    expect(stdout.match(/^BEGIN;$/gm)).toHaveLength(1);
    expect(stdout.trimEnd().endsWith('COMMIT;')).toBe(true);
  });
});
