import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Answer, DroppedFile, RecordQuery } from '../../src/web/engine/api.js';
import { PageEngine } from '../../src/web/engine/page-engine.js';
import { runCli } from '../support/cli.js';
import { segmentsOf } from '../support/folder.js';

const none = (): void => {};

/** The files of a folder as they are dropped, below its name. */
function dropped(folder: string): DroppedFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      path: join(basename(folder), parentPath.slice(folder.length), name),
      file: new Blob([readFileSync(join(parentPath, name))]),
    }));
}

function valueIn<T>(answer: Answer<T>): T {
  if (answer.kind !== 'done') throw new Error(JSON.stringify(answer));
  return answer.value;
}

async function engineOf(files: DroppedFile[]): Promise<PageEngine> {
  const engine = new PageEngine();
  valueIn(await engine.open(files, none));
  return engine;
}

async function countOf(engine: PageEngine, query: RecordQuery): Promise<number> {
  return valueIn(await engine.records(query, none)).count;
}

/** How many records the command prints. */
async function printed(folder: string, ...options: string[]): Promise<number> {
  const { stdout } = await runCli(['dump', '--skip-damage', ...options, folder]);
  return stdout.split('\n').filter((line) => line.startsWith('rmgr: ')).length;
}

const WINDOW = { since: '2026-11-22T10:13:04.1Z', until: '2026-11-22T10:13:04.21Z' };

describe('the list of records', () => {
  it.each<[string, RecordQuery, string[]]>([
    ['all', {}, []],
    ['a resource manager', { rmgrs: ['heap', 'Btree'] }, ['-r', 'Heap', '-r', 'Btree']],
    ['a transaction', { xid: 783 }, ['-x', '783']],
    ['images', { fullPage: true }, ['-w']],
    ['a relation', { relation: '1663/16384/16428' }, ['-R', '1663/16384/16428']],
    ['LSNs', { startLsn: '0/03000000', endLsn: '0/03110000' }, ['-s', '0/3000000', '-e', '0/3110000']],
    ['times', WINDOW, ['--since', WINDOW.since, '--until', WINDOW.until]],
  ])('is what the command prints: %s', async (_, query, options) => {
    const engine = await engineOf(dropped('testdata/rows/15'));
    const count = await countOf(engine, query);
    expect(count).toBeGreaterThan(0);
    expect(count).toBe(await printed('testdata/rows/15', ...options));
  });

  it.each(['13', '14', '15', '16', '17', '18', '19'])('has the lines of the command: %s', async (version) => {
    const folder = `testdata/broad/${version}`;
    const engine = await engineOf(dropped(folder));
    const { id, count, timeline } = valueIn(await engine.records({}, none));
    const { stdout } = await runCli(['dump', '--skip-damage', folder]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('rmgr: '));
    expect(count).toBe(lines.length);
    for (const at of [0, 1, Math.floor(count / 2), count - 1]) {
      const [row] = valueIn(await engine.recordRows(id, at, 1));
      expect(lines[at]).toContain(`lsn: ${row.lsn},`);
      expect(lines[at].trimEnd().endsWith(`, desc: ${row.text}`)).toBe(true);
      const { line, bytes, record } = valueIn(await engine.openRecord(timeline, row.lsn));
      expect(line).toBe(lines[at]);
      expect(bytes).toHaveLength(record.totalLength);
      expect(valueIn(await engine.indexOf(id, row.lsn))).toBe(at);
    }
    expect(valueIn(await engine.recordRows(id, count, 10))).toEqual([]);
  });
});

describe('what is dropped', () => {
  it('that is no WAL is told', async () => {
    const engine = new PageEngine();
    for (const [path, bytes] of [
      ['photo.jpg', new Uint8Array(2000).fill(7)],
      ['000000010000000000000001', new Uint8Array(0)],
      ['000000010000000000000001.gz', new Uint8Array(500).fill(9)],
    ] as const) {
      const answer = await engine.open([{ path, file: new Blob([bytes]) }], none);
      expect(answer.kind).toBe('failed');
      expect(JSON.stringify(answer)).not.toMatch(/internal|\bat .*:\d+:\d+/);
    }
    expect(await engine.records({}, none)).toMatchObject({ kind: 'failed', error: { code: 'no-wal' } });
  });

  it('beside WAL and of no use is named', async () => {
    const files = [...dropped('testdata/rows/15'), { path: 'photo.jpg', file: new Blob(['x']) }];
    const opened = valueIn(await new PageEngine().open(files, none));
    expect(opened).toMatchObject({ postgres: 15, segments: 2, backups: [{ name: '15' }] });
    expect(opened.passedOver).toContainEqual({ path: 'photo.jpg', reason: 'no-wal' });
  });
});

it('finds the commit that the command finds, and the rows of a table', async () => {
  const engine = await engineOf(dropped('testdata/rows/15'));
  const { json } = valueIn(await engine.findCommit({ relation: '16456', backup: null }, none));
  const { stdout } = await runCli(['find-commit', '--rel', '16456', '--json', 'testdata/rows/15']);
  expect(json.relations.map(({ lastDelete }) => lastDelete)).toEqual(
    (JSON.parse(stdout) as typeof json).relations.map(({ lastDelete }) => lastDelete),
  );
  const tables = valueIn(await engine.tables({}, none));
  const table = tables.find((one) => one.table === 'public.t_new')!;
  const question = { kind: 'deleted-by', xid: 'last' } as const;
  // the first line names the transaction
  const [, ...truth] = readFileSync('testdata/rows/15/truth/deleted.t_new.copy', 'utf8')
    .trimEnd()
    .split('\n');
  const all = valueIn(await engine.tableRows({ table, question, limit: 1000 }, none));
  expect(all).toMatchObject({ more: false, missing: 0 });
  expect(all.rows.map((row) => row.join('\t'))).toEqual(truth);
  expect(valueIn(await engine.tableRows({ table, question, limit: 3 }, none))).toMatchObject({ more: true });
});

it('is cancelled in the middle of a scan', async () => {
  const files = segmentsOf(150).map(({ name, bytes }) => ({ path: `wal/${name}`, file: new Blob([bytes]) }));
  const engine = await engineOf(files);
  const answer = engine.records({}, none);
  await setImmediate();
  await engine.cancel();
  expect(await answer).toEqual({ kind: 'cancelled' });
  expect(await countOf(engine, {})).toBeGreaterThan(1000);
});
