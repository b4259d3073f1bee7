import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReport, reportJson } from '../../src/node.js';
import type { Answer, DroppedFile, PlanQuery } from '../../src/web/engine/api.js';
import { PageEngine } from '../../src/web/engine/page-engine.js';
import { runCli } from '../support/cli.js';
import { segmentsOf } from '../support/folder.js';
import { RepositoryWriter, SYSTEM_IDENTIFIER } from '../support/pgbackrest-repository.js';
import { segmentPaths } from '../support/testdata.js';
import { WalWriter } from '../support/wal-writer.js';

const none = (): void => {};

/** What the damage leaves no WAL to list of. */
const UNREADABLE = ['short-header', 'bad-segment-size', 'empty-file', 'garbage'];

/** The files of a folder as they are dropped, below its name. */
function dropped(folder: string): DroppedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      path: join(basename(folder), parentPath.slice(folder.length), name),
      file: new Blob([readFileSync(join(parentPath, name))]),
    }));
}

const droppedOf = (name: string, files: Record<string, Uint8Array>): DroppedFile[] =>
  Object.entries(files).map(([path, bytes]) => ({
    path: `${name}/${path}`,
    file: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  }));

function valueIn<T>(answer: Answer<T>): T {
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.value;
}

async function engineOf(files: DroppedFile[], passphrase?: string): Promise<PageEngine> {
  const engine = new PageEngine();
  valueIn(await engine.open(files, none, passphrase));
  return engine;
}

/** The records that the command prints. */
async function printed(...args: string[]): Promise<string[]> {
  const { stdout } = await runCli(['dump', ...args]);
  return stdout.split('\n').filter((line) => line.startsWith('rmgr: '));
}

/** What the command answers, with the name of the folder as the page knows it. */
async function answered<T>(folder: string, ...args: string[]): Promise<T> {
  const { stdout } = await runCli([...args, '--json', folder]);
  const text = Buffer.from(stdout, 'latin1').toString();
  return JSON.parse(text.replaceAll(folder, basename(folder))) as T;
}

describe.each(['testdata/two-timelines', 'testdata/clock', 'testdata/rows/15'])('with %s', (folder) => {
  it('the report is that of Node', async () => {
    const engine = await engineOf(dropped(folder));
    const report = valueIn(await engine.report({ backup: null }, none));
    const node = reportJson(await readReport([folder], { minRows: 10, backup: false }));
    const { made: _, ...json } = JSON.parse(JSON.stringify(node).replaceAll(folder, basename(folder)));
    expect(report).toMatchObject(json);
  });

  it('incidents are those of the command', async () => {
    const engine = await engineOf(dropped(folder));
    const { json } = valueIn(await engine.incidents({ minRows: 1, backup: null }, none));
    expect(json).toEqual(await answered(folder, 'incidents', '--min-rows', '1'));
  });
});

describe('a plan', () => {
  it.each<[string, PlanQuery['target'], string[]]>([
    ['an LSN', { kind: 'lsn', lsn: '0/03100000', inclusive: true }, ['--lsn', '0/03100000']],
    [
      'before a loss of rows',
      { kind: 'before-delete', table: { database: 'ventas_db', table: 'ventas.inventarios' } },
      ['--before-delete', '--table', 'ventas.inventarios', '--database', 'ventas_db'],
    ],
  ])('is that of the command, but for where files are: %s', async (_, target, args) => {
    const folder = 'testdata/rows/18';
    const engine = await engineOf(dropped(folder));
    const { json, text } = valueIn(await engine.plan({ target }, none));
    const command = await answered<typeof json>(
      folder,
      ...['plan', ...args, '--backup', `${folder}/base.tar.gz`],
    );
    const { restore_command, ...settings } = json.settings!;
    expect(restore_command).toBe('gunzip < /path/to/18/%f.gz > %p');
    expect(text).toContain(restore_command);
    const { restore_command: _own, ...others } = command.settings!;
    expect(settings).toEqual(others);
    expect(json.stopsAt).toEqual(command.stopsAt);
    expect(json.lastKept).toEqual(command.lastKept);
    expect(json.misnamed).toEqual([]);
  });
});

describe('the list of a timeline', () => {
  it('has its own records, and before it those of the timelines that it came from', async () => {
    const folder = 'testdata/two-timelines';
    const engine = await engineOf(dropped(folder));
    // where 00000002.history says that it began
    const fork = '0/00D00138';
    const before = await printed('-t', '1', '-e', fork, folder);
    const after = await printed('-t', '2', '-s', fork, folder);
    const { count, timeline } = valueIn(await engine.records({}, none));
    expect({ count, timeline }).toEqual({ count: before.length + after.length, timeline: 2 });
    const one = valueIn(await engine.records({ timeline: 1 }, none));
    expect(one.count).toBe((await printed('-t', '1', folder)).length);
    expect(await engine.records({ timeline: 77 }, none)).toMatchObject({
      error: { code: 'unknown-timeline' },
    });
  });
});

describe.each(
  ['15', '18']
    .flatMap((version) =>
      readdirSync(`testdata/faults/${version}`).map((name) => `testdata/faults/${version}/${name}`),
    )
    .filter((folder) => segmentPaths(folder).length > 0),
)('damaged WAL: %s', (folder) => {
  it('is listed as the command lists it, and every record opens', async () => {
    const engine = new PageEngine();
    const opened = await engine.open(dropped(folder), none);
    if (UNREADABLE.includes(basename(folder))) {
      expect(opened).toMatchObject({
        kind: 'failed',
        error: { code: expect.not.stringMatching('internal') },
      });
      return;
    }
    valueIn(opened);
    const { id, count, timeline, problems } = valueIn(await engine.records({}, none));
    const lines = await printed('--skip-damage', folder);
    expect(count).toBe(lines.length);
    expect(problems.map(({ message }) => message).join()).not.toMatch(/undefined|NaN/);
    for (const { lsn } of valueIn(await engine.recordRows(id, 0, count))) {
      valueIn(await engine.openRecord(timeline, lsn));
    }
  });
});

describe.each(readdirSync('testdata/kinds').filter((name) => /^\d+$/.test(name)))(
  'every kind of record of %s',
  (version) => {
    it('opens, and its fields cover its bytes', async () => {
      const engine = await engineOf(dropped(`testdata/kinds/${version}`));
      const { id, count, timeline } = valueIn(await engine.records({}, none));
      const seen = new Set<string>();
      for (const { lsn, rmgr, kind } of valueIn(await engine.recordRows(id, 0, count))) {
        if (seen.has(`${rmgr} ${kind}`)) continue;
        seen.add(`${rmgr} ${kind}`);
        const { fields, bytes } = valueIn(await engine.openRecord(timeline, lsn));
        let end = 0;
        for (const { offset, length } of fields) {
          expect(offset).toBe(end);
          expect(length).toBeGreaterThan(0);
          end += length;
        }
        expect(end).toBe(bytes.length);
      }
      expect(seen.size).toBeGreaterThan(80);
    });
  },
);

it('lists and opens records of a resource manager that an extension brought', async () => {
  const writer = new WalWriter({ version: 17 });
  writer.append({ rmid: 130, info: 0x10, main: Uint8Array.of(1, 2, 3) });
  writer.append({ rmid: 0, info: 0x20, main: new Uint8Array(10) });
  const [{ name, bytes }] = writer.segments;
  const engine = await engineOf(droppedOf('wal', { [name]: bytes }));
  const { id, timeline, count } = valueIn(await engine.records({ rmgrs: ['custom130'] }, none));
  expect(count).toBe(1);
  const [row] = valueIn(await engine.recordRows(id, 0, 1));
  expect(row.rmgr).toBe('custom130');
  const { fields } = valueIn(await engine.openRecord(timeline, row.lsn));
  expect(fields.at(-1)).toMatchObject({ name: 'main data', length: 3 });
});

describe('an LSN that no record begins at', () => {
  it('leads to the next record, and behind the last one to none', async () => {
    const engine = await engineOf(dropped('testdata/lab/17'));
    const { record } = valueIn(await engine.openRecord(1, '0/04000291'));
    expect(record.lsn).toBe('0/040002B8');
    for (const lsn of ['0/FFFFFFFF', 'FFFFFFFF/FFFFFFFF']) {
      expect(await engine.openRecord(1, lsn)).toMatchObject({
        kind: 'failed',
        error: { code: 'target-not-reached' },
      });
    }
    for (const lsn of ['', 'x', '0/', '1/123456789']) {
      expect(await engine.openRecord(1, lsn)).toMatchObject({ kind: 'failed', error: { code: 'usage' } });
    }
    expect(await engine.openRecord(9, '0/0')).toMatchObject({ kind: 'failed' });
  });
});

describe('a repository of pgBackRest', () => {
  const segments = segmentsOf(3, { version: 15, systemIdentifier: BigInt(SYSTEM_IDENTIFIER) });
  const filesWith = (passphrase?: string): DroppedFile[] => {
    const writer = new RepositoryWriter({ passphrase });
    for (const { name, bytes } of segments) writer.wal(name, bytes);
    return droppedOf('repository', writer.done());
  };

  it('is opened as it was dropped', async () => {
    const engine = await engineOf(filesWith());
    expect(valueIn(await engine.records({}, none)).count).toBeGreaterThan(100);
  });

  it('that is encrypted is opened with its passphrase alone', async () => {
    const engine = new PageEngine();
    const files = filesWith('secret words');
    expect(await engine.open(files, none)).toMatchObject({ kind: 'failed', error: { code: 'encrypted' } });
    expect(await engine.open(files, none, 'other words')).toMatchObject({ kind: 'failed' });
    valueIn(await engine.open(files, none, 'secret words'));
    expect(valueIn(await engine.records({}, none)).count).toBeGreaterThan(100);
    const report = valueIn(await engine.report({}, none));
    expect(report.wal.segments).toBe(3);
  });
});

it('gives all rows as a file, however many are shown', async () => {
  const engine = await engineOf(dropped('testdata/rows/15'));
  const table = { database: 'rows', table: 'public.t_new' };
  const [{ database }] = valueIn(await engine.tables({}, none));
  const question = { kind: 'deleted-by', xid: 'last' } as const;
  const query = { table: { ...table, database }, question };
  const shown = valueIn(await engine.tableRows({ ...query, limit: 1 }, none));
  expect(shown).toMatchObject({ more: true, rows: { length: 1 } });
  const { stdout } = await runCli([
    ...['rows', '--table', table.table, '--database', database, '--deleted-by', 'last'],
    ...['--format', 'csv', '--backup', 'testdata/rows/15/base.tar.gz', 'testdata/rows/15'],
  ]);
  const file = valueIn(await engine.rowsFile(query, none));
  expect(await file.text()).toBe(Buffer.from(stdout, 'latin1').toString());
});
