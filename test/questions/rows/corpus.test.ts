import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRelation } from '../../../src/follow/relation.js';
import { recoverRows } from '../../../src/node/questions.js';
import type { RecoverRowsOptions, RowsQuestion } from '../../../src/questions/rows/ask.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { encodeText } from '../../../src/text/encoding.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { readTestdata } from '../../support/testdata.js';

type Asked = Omit<RecoverRowsOptions, 'timezone'> & { paths: string[] };

/** The rows as COPY prints them, in bytes. */
async function recover({ paths, ...options }: Asked): Promise<Buffer> {
  const rows = await recoverRows(paths, { ...options, timezone: UTC });
  try {
    const lines = [...formatRows(rows, 'copy', false)];
    expect([...rows.missing]).toEqual([]);
    expect(rows.problems).toEqual([]);
    return Buffer.concat(lines.map((line) => encodeText(line)));
  } finally {
    rows.close();
  }
}

describe.each([15, 18])('tables of a base backup and the WAL after it, PostgreSQL %i', (version) => {
  const root = `testdata/rows/${version}`;
  const truth = (name: string): Buffer => readFileSync(`${root}/truth/${name}`);
  // unpacked once for all
  const folder = mkdtempSync(join(tmpdir(), 'walscan-corpus-'));
  const source = { paths: [root], backup: join(folder, 'base.tar'), database: 'ventas_db' };
  beforeAll(() => writeFileSync(source.backup, readTestdata(`${root}/base.tar.gz`)));
  afterAll(() => rmSync(folder, { recursive: true }));

  const beforeLsn = parseLsn(truth('before.lsn').toString().trim())!;
  const tables = readFileSync(`${root}/truth/relations.txt`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('|')[0]);
  const fileOf = (table: string): string => table.replaceAll('"', '').replace(' ', '_');
  const deleted = readdirSync(`${root}/truth`).filter((name) => name.startsWith('deleted.'));

  it('has eight tables, of seven of which rows were deleted', () => {
    expect(tables).toHaveLength(8);
    expect(deleted).toHaveLength(7);
  });

  describe.each(tables)('%s', (table) => {
    const expected = truth(`before.${fileOf(table)}.copy`);

    it.each<[string, RowsQuestion]>([
      ['an LSN', { kind: 'as-of', target: { kind: 'lsn', lsn: beforeLsn, inclusive: false } }],
      ['a restore point', { kind: 'as-of', target: { kind: 'name', name: 'antes' } }],
    ])('is as it was at %s', async (_, question) => {
      const actual = await recover({ ...source, table, question });
      expect(actual.toString()).toBe(expected.toString());
      expect(actual.equals(expected)).toBe(true);
    });
  });

  // not of every table: some lose nothing
  it.each(deleted)('has lost what %s tells', async (file) => {
    const all = truth(file);
    const headEnd = all.indexOf('\n');
    const xid = Number(all.toString('latin1', 'xid|'.length, headEnd));
    const table = tables.find((one) => file === `deleted.${fileOf(one)}.copy`)!;
    const actual = await recover({ ...source, table, question: { kind: 'deleted-by', xid } });
    expect(actual.toString()).toBe(all.subarray(headEnd + 1).toString());
    expect(actual.length).toBeGreaterThan(0);
  });

  it('knows a table by its file too', async () => {
    const [, , relfilenode] = readFileSync(`${root}/truth/relations.txt`, 'utf8').split('\n')[0].split('|');
    const relation = parseRelation(relfilenode);
    const { paths } = source;
    const backup = `${root}/base.tar.gz`;
    const question = { kind: 'as-of', target: { kind: 'name', name: 'antes' } } as const;
    const actual = await recover({ paths, backup, relation, question });
    expect(actual.equals(truth('before.t_types.copy'))).toBe(true);
  });

  it('does not answer for a moment at which the backup was still being taken', async () => {
    const question = {
      kind: 'as-of',
      target: { kind: 'lsn', lsn: parseLsn('0/2000060')!, inclusive: false },
    } as const;
    await expect(recover({ ...source, table: 't_many', question })).rejects.toMatchObject({
      code: 'backup-not-consistent',
    });
  });

  it('does not answer for a moment that the WAL does not reach', async () => {
    const question = { kind: 'as-of', target: { kind: 'name', name: 'nunca' } } as const;
    await expect(recover({ ...source, table: 't_many', question })).rejects.toMatchObject({
      code: 'target-not-reached',
    });
  });

  it('does not know a table that is not there', async () => {
    const question = { kind: 'as-of', target: { kind: 'latest' } } as const;
    await expect(recover({ ...source, table: 'nada', question })).rejects.toMatchObject({
      code: 'unknown-table',
    });
    await expect(recover({ ...source, database: 'nada', table: 't_many', question })).rejects.toMatchObject({
      code: 'unknown-database',
    });
  });
});

const COLUMNS = 'id int4, producto text, stock integer, fecha_hora timestamp without time zone';

/** The table before the DELETE as the server printed it: commit time, ctid, xmin, xmax and the columns. */
function liveRows(version: number): string[][] {
  const text = readFileSync(`testdata/lab/${version}/live-rows.txt`, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split('|'));
}

const relationOf = (version: number) =>
  parseRelation(/relfilenode=(\d+)/.exec(readFileSync(`testdata/lab/${version}/catalog.txt`, 'utf8'))![1]);

describe.each([13, 14, 15, 16, 17, 18, 19])('deleted rows from WAL alone, PostgreSQL %i', (version) => {
  const question = { kind: 'deleted-by', xid: 'last' } as const;
  const relation = relationOf(version);
  const expected = liveRows(version);

  it('all eleven, for an image of their page is in the WAL', async () => {
    const actual = await recover({
      paths: [`testdata/lab/${version}`],
      relation,
      question,
      columns: COLUMNS,
    });
    expect(actual.toString().trim().split('\n')).toEqual(expected.map((row) => row.slice(4).join('\t')));
  });

  it('names those whose values are not in the WAL given', async () => {
    // the segment with the DELETE alone: the last page image may be in the one before
    const paths = [`testdata/lab/${version}/000000010000000000000004.gz`];
    const rows = await recoverRows(paths, { relation, question, columns: COLUMNS, timezone: UTC });
    const given = [...rows].map((row) => `(${row.tid.block},${row.tid.offset})`);
    const missing = [...rows.missing].map(({ tid }) => `(${tid.block},${tid.offset})`);
    rows.close();
    expect([...given, ...missing].sort()).toEqual(expected.map(([, ctid]) => ctid).sort());
  });
});

describe.each([15, 18])('a table with its backup, PostgreSQL %i', (version) => {
  const root = `testdata/lab/${version}`;
  const relation = relationOf(version);
  const source = { paths: [root], backup: `${root}/base.tar.gz`, relation };

  it('gives back the deleted rows', async () => {
    const actual = await recover({ ...source, question: { kind: 'deleted-by', xid: 'last' } });
    expect(actual.toString().trim().split('\n')).toEqual(
      liveRows(version).map((row) => row.slice(4).join('\t')),
    );
  });

  it('tells the lives of rows', async () => {
    const { paths, ...table } = source;
    const history = { question: { kind: 'history' }, timezone: UTC, timeline: 1 } as const;
    const rows = await recoverRows(paths, { ...table, ...history });
    const shown = [...formatRows(rows, 'csv', true)].slice(1).map((line) => line.trim().replaceAll('"', ''));
    const deleter = [...rows][0].xmax;
    rows.close();
    const born = liveRows(version).map(([time, ctid, xmin]) => `${time},${ctid},${xmin},${deleter},`);
    expect(shown.map((line, i) => line.slice(0, born[i].length))).toEqual(born);
    expect(new Set(shown.map((line, i) => line.slice(born[i].length).split(',')[0])).size).toBe(1);
  });
});
