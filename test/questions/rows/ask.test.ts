import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRelation } from '../../../src/follow/relation.js';
import { recoverRows } from '../../../src/node/questions.js';
import type { RecoverRowsOptions, RowsQuestion } from '../../../src/questions/rows/ask.js';
import type { RecoveredRows } from '../../../src/questions/rows/recovered-rows.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { filesOf, folderOf } from '../../support/folder.js';
import { readTestdata } from '../../support/testdata.js';
import { parseTime } from '../../support/time.js';
import { WalWriter } from '../../support/wal-writer.js';
import { abort, commit, pageImage, remove, TABLE } from '../../support/workload.js';

const ROOT = 'testdata/rows/18';
const BACKUP = `${ROOT}/base.tar.gz`;
const [FIRST, SECOND] = ['000000010000000000000002', '000000010000000000000003'];
const LATEST: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
const LAST: RowsQuestion = { kind: 'deleted-by', xid: 'last' };

const segment = (name: string, root = ROOT): Uint8Array =>
  Uint8Array.from(readTestdata(`${root}/${name}.gz`));

function withByteFlipped(bytes: Uint8Array, offset: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[offset] ^= 0x10;
  return damaged;
}

/** The answer's rows and problems, or what it is refused with. */
type Asked = Omit<RecoverRowsOptions, 'timezone'> & { paths: string[] };

async function answer({ paths, ...options }: Asked): Promise<unknown> {
  try {
    const rows = await recoverRows(paths, { ...options, timezone: UTC });
    const count = [...rows].length;
    rows.close();
    return { count, problems: rows.problems.map(({ code }) => code) };
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const ofTable = (table: string, paths: string[], question: RowsQuestion): Promise<unknown> =>
  answer({ paths, backup: BACKUP, table, database: 'ventas_db', question });

/** In the last COMMIT, as pg_waldump shows it; only a SWITCH comes after it. */
const IN_LAST_COMMIT = 0x141610 + 26;

describe('damage on the last page of the WAL, after which no record is valid', () => {
  const damaged = (): string =>
    folderOf({ [FIRST]: segment(FIRST), [SECOND]: withByteFlipped(segment(SECOND), IN_LAST_COMMIT) });

  it('is not the end of the WAL: there is no answer as of then', async () => {
    expect(await ofTable('t_many', [ROOT], LATEST)).toMatchObject({ problems: [] });
    expect(await ofTable('t_many', [damaged()], LATEST)).toBe('damaged-wal');
    expect(await ofTable('t_many', [damaged()], LAST)).toBe('damaged-wal');
  });

  it('does not matter for a moment before it', async () => {
    const antes: RowsQuestion = { kind: 'as-of', target: { kind: 'name', name: 'antes' } };
    const whole = await ofTable('t_many', [ROOT], antes);
    expect(whole).toMatchObject({ count: expect.any(Number), problems: [] });
    expect(await ofTable('t_many', [damaged()], antes)).toEqual(whole);
  });

  it('is told of without a backup, too', async () => {
    const lab = 'testdata/lab/17';
    const names = ['000000010000000000000003', '000000010000000000000004'];
    const [before, last] = names.map((name) => segment(name, lab));
    const source = {
      relation: parseRelation('16386'),
      columns: 'id int4, producto text, stock int4, fecha_hora timestamp',
      question: LAST,
    };
    const whole = folderOf({ [names[0]]: before, [names[1]]: last });
    expect(await answer({ ...source, paths: [whole] })).toEqual({ count: 11, problems: [] });
    // in the DELETE of the first row
    const damagedDelete = folderOf({ [names[0]]: before, [names[1]]: withByteFlipped(last, 0x28 + 30) });
    expect(await answer({ ...source, paths: [damagedDelete] })).toBe('incomplete-wal');
    // in the SWITCH after the commit
    const damagedSwitch = folderOf({ [names[0]]: before, [names[1]]: withByteFlipped(last, 0x2b8 + 20) });
    const problems = ['damaged-wal'];
    expect(await answer({ ...source, paths: [damagedSwitch] })).toEqual({ count: 11, problems });
  });

  it('is that of a file that cannot be unpacked, too', async () => {
    const files = {
      [FIRST]: segment(FIRST),
      [`${SECOND}.gz`]: readFileSync(`${ROOT}/${SECOND}.gz`).subarray(0, 90_000),
    };
    expect(await ofTable('t_many', [folderOf(files)], LATEST)).toBe('damaged-wal');
  });
});

describe('segments that are missing', () => {
  it('are told with the file that cannot be read, which may hold them', async () => {
    const folder = folderOf({ [SECOND]: segment(SECOND) });
    const asked = { backup: BACKUP, table: 't_many', database: 'ventas_db', question: LATEST, timezone: UTC };
    await expect(recoverRows(folder, asked)).rejects.toMatchObject({
      code: 'missing-segments',
      message: expect.stringMatching(
        / on is not in the input: give it, too; .* in the backup's pg_wal or pg_wal\.tar$/,
      ),
    });
    symlinkSync('nowhere', join(folder, FIRST));
    await expect(recoverRows(folder, asked)).rejects.toMatchObject({
      code: 'missing-segments',
      message: expect.stringMatching(
        new RegExp(
          ` is not in the input: .*, and not all .* could be read: cannot read .*/${FIRST}: no such file`,
        ),
      ),
    });
  });
});

describe('a moment before the backup', () => {
  it.each([
    ['2000-01-01', { kind: 'time', time: parseTime('2000-01-01', UTC)!, inclusive: true }],
    ['an LSN', { kind: 'lsn', lsn: parseLsn('0/01000000')!, inclusive: false }],
  ] as const)('cannot be answered for: %s', async (_, target) => {
    expect(await ofTable('t_many', [ROOT], { kind: 'as-of', target })).toBe('target-before-backup');
  });
});

describe('a transaction that the newest timeline rolled back, and an older one committed', () => {
  const written = [commit, abort].map((end, i) => {
    const writer = new WalWriter({ version: 17, timeline: i + 1, firstSegment: BigInt(i + 1) });
    writer.append(pageImage(600, TABLE));
    writer.append(remove(700, { offset: 1 }));
    writer.append(end(700, 1n));
    return writer.segments;
  });
  const source = { relation: TABLE, columns: 'id int4', question: { kind: 'deleted-by', xid: 700 } } as const;

  it('is the older one’s', async () => {
    const rows = await recoverRows(folderOf(filesOf(written.flat())), { ...source, timezone: UTC });
    expect(rows.head.timelines).toEqual([1]);
    expect(rows.deletedBy).toBe(700);
    rows.close();
  });

  it('deleted nothing where the newest one alone is meant', async () => {
    const paths = [folderOf(filesOf(written.flat()))];
    expect(await answer({ ...source, paths, timeline: 2 })).toBe('not-committed');
  });
});

describe('rows that were closed', () => {
  const open = (): Promise<RecoveredRows> =>
    recoverRows(ROOT, {
      ...{ backup: BACKUP, table: 't_many', database: 'ventas_db' },
      ...{ question: LATEST, timezone: UTC },
    });

  it('cannot be had', async () => {
    const rows = await open();
    rows.close();
    expect(() => [...rows]).toThrow('the answer is closed');
    expect(() => rows.isEmpty).toThrow('the answer is closed');
  });

  it('cannot be had from the middle on', async () => {
    const rows = await open();
    const taken = () => {
      for (const _ of rows) rows.close();
    };
    expect(taken).toThrow('the answer is closed');
  });

  it('can be closed again', async () => {
    const rows = await open();
    expect([...rows].length).toBeGreaterThan(0);
    rows.close();
    rows.close();
  });
});
