import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { EXIT_NOT_FOUND, EXIT_OK } from '../../src/cli/exit-code.js';
import { missingProblem, timelineChain } from '../../src/cluster/chain.js';
import { parseRelation } from '../../src/follow/relation.js';
import { NODE } from '../../src/node/platform.js';
import { NODE_READING } from '../../src/node/reading.js';
import { examineArchive } from '../../src/questions/archive/ask.js';
import { findCommit, transactionsOf } from '../../src/questions/find-commit/ask.js';
import { findIncidents } from '../../src/questions/incidents/ask.js';
import { findMoment } from '../../src/questions/moment/ask.js';
import { planRecovery } from '../../src/questions/plan/ask.js';
import { PORTABLE } from '../../src/questions/platform.js';
import { type RecoverRowsOptions, recoverRows } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { readRelationNames } from '../../src/replay/names-of-backup.js';
import { takeInventory, takeUsableInventory } from '../../src/sources/inventory.js';
import { readSegments } from '../../src/sources/read-segments.js';
import { UTC } from '../../src/text/timezone.js';
import { WalError } from '../../src/wal/error.js';
import { Message } from '../../src/wal/message.js';
import { backupFiles } from '../support/backup-files.js';
import { runCli } from '../support/cli.js';
import { allFaults, cleanRun, type FaultedQuestion, randomFaults, verdict } from '../support/faults-told.js';
import type { FaultyFiles } from '../support/faulty-files.js';
import { readTestdata } from '../support/testdata.js';
import { parseTime } from '../support/time.js';

/**
 * `all`: each fault at each step at which it can strike, `all/20`: at every 20th of these, from the `FAULTS_SEED`th on;
 * a number: so many at random, from that seed on.
 */
const { FAULTS = '5', FAULTS_SEED = '1' } = process.env;

/** The files of a folder of testdata; every other segment unpacked. */
function filesOf(
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const stored of readdirSync(folder, { withFileTypes: true })) {
    const name = stored.name.replace(/\.gz$/, '');
    if (!stored.isFile() || !isWanted(name)) continue;
    const bytes = Uint8Array.from(readTestdata(`${folder}/${stored.name}`));
    if (/^[0-9A-F]{23}[13579BDF]$/.test(name)) files[`${name}.gz`] = gzipSync(bytes);
    else files[name] = bytes;
  }
  return files;
}

const below = (folder: string, files: Record<string, Uint8Array>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]));

const CLOCK = filesOf('testdata/clock');
const BRANCHES = filesOf('testdata/two-timelines');
const REPACK = filesOf('testdata/repack');
const ROWS = {
  ...filesOf('testdata/rows/18', (name) => /^0/.test(name)),
  ...below('backup', await backupFiles('testdata/rows/18/base.tar.gz')),
};

const AT = parseTime('2026-03-08 02:00:02', UTC)!;
const all = (store: FaultyFiles) => [store.folder()];

async function rows(store: FaultyFiles, options: Omit<RecoverRowsOptions, 'timezone'>): Promise<unknown> {
  const found = await recoverRows(all(store), { ...options, timezone: UTC }, NODE);
  try {
    const lines = [...formatRows(found, 'copy', false)];
    return { lines, head: found.head, problems: found.problems, missing: found.missing };
  } finally {
    found.close();
  }
}

/** What `dump` prints of a folder, which it takes for the store. */
async function dump(store: FaultyFiles, folder: string, ...options: string[]): Promise<unknown> {
  const open = vi.spyOn(NODE_READING, 'open').mockImplementation(async () => store.folder());
  const { stdout, stderr, code } = await runCli(['dump', ...options, folder]).finally(() =>
    open.mockRestore(),
  );
  if (code === EXIT_NOT_FOUND) throw new WalError('unreadable', new Message(stderr, []));
  if (code === EXIT_OK && stderr !== '') throw new Error(`told, and yet all is well: ${stderr}`);
  const problems = stderr.split('\n').map((message) => ({ code: 'note', message }));
  return { text: createHash('sha256').update(stdout).digest('hex'), problems };
}

const QUESTIONS: Record<string, FaultedQuestion> = {
  'find-commit': {
    files: CLOCK,
    ask: (store) => findCommit(all(store), { relation: '16384' }, NODE),
  },
  'find-commit, by ranges': {
    files: BRANCHES,
    options: { ranges: true },
    ask: (store) => findCommit(all(store), { relation: '16384' }, PORTABLE),
  },
  transactionsOf: {
    files: REPACK,
    ask: async (store) => {
      const told: unknown[] = [];
      const transactions = transactionsOf(all(store), { relation: '16384' }, PORTABLE);
      for (;;) {
        const { done, value } = await transactions.next();
        told.push(value);
        if (done) return told;
      }
    },
  },
  incidents: {
    files: CLOCK,
    ask: (store) => findIncidents(all(store), { minRows: 10 }, NODE),
  },
  archive: { files: BRANCHES, ask: (store) => examineArchive(all(store), {}, NODE) },
  'archive, quick': {
    files: BRANCHES,
    options: { ranges: true },
    ask: (store) => examineArchive(all(store), { quick: true }, NODE),
  },
  moment: {
    files: CLOCK,
    ask: (store) => findMoment(all(store), { time: AT }, NODE),
  },
  'moment, quick': {
    files: CLOCK,
    ask: (store) => findMoment(all(store), { time: AT, quick: true }, NODE),
  },
  plan: {
    files: CLOCK,
    ask: (store) =>
      planRecovery(all(store), { backup: store.source('backup_label'), target: { kind: 'latest' } }, NODE),
  },
  'plan before a delete': {
    files: CLOCK,
    ask: (store) =>
      planRecovery(
        all(store),
        {
          backup: store.source('backup_label'),
          target: { kind: 'before-delete', relation: '16384' } as never,
        },
        NODE,
      ),
  },
  'rows without a backup': {
    files: REPACK,
    ask: (store) =>
      rows(store, {
        relation: parseRelation('16384'),
        columns: 'id int4, v text',
        question: { kind: 'deleted-by', xid: 'last' },
      }),
  },
  'rows with a backup': {
    files: ROWS,
    ask: (store) =>
      rows(store, {
        backup: store.folder('backup'),
        database: 'ventas_db',
        table: 't_cols',
        question: { kind: 'deleted-by', xid: 'last' },
      }),
  },
  names: {
    files: ROWS,
    ask: async (store) => {
      const inventory = await takeUsableInventory(all(store), NODE.reading);
      const found = await readRelationNames(store.folder('backup'), inventory, NODE);
      return { ...found, unread: inventory.problems };
    },
  },
  dump: { files: CLOCK, ask: (store) => dump(store, 'testdata/clock') },
  'dump, statistics': {
    files: BRANCHES,
    ask: (store) => dump(store, 'testdata/two-timelines', '--timeline=1', '--stats=record'),
  },
  'dump, times': {
    files: CLOCK,
    ask: (store) => dump(store, 'testdata/clock', '--since=2026-03-08 02:00:02', '--json'),
  },
  inventory: { files: BRANCHES, ask: (store) => takeInventory(all(store), NODE.reading) },
  segments: {
    files: CLOCK,
    ask: async (store) => {
      const inventory = await takeUsableInventory(all(store), NODE.reading);
      const told: unknown[] = [...inventory.problems];
      const { segments, gaps } = timelineChain(inventory, 1);
      told.push(...gaps.map(missingProblem));
      const reader = new WalReader({ onFault: 'resume' });
      for await (const { segment, file, problem, padded } of readSegments(
        segments,
        inventory.format,
        NODE.reading,
      )) {
        told.push([file.name, problem, padded]);
        reader.push(segment);
        for (let record = reader.next(); record; record = reader.next()) {
          told.push([record.lsn, record.endLsn, record.xid]);
        }
      }
      const damages = reader.damages.map(({ fault }) => ({ code: fault.kind, message: fault.lsn }));
      return [...told, ...damages];
    },
  },
};

describe.each(Object.entries(QUESTIONS))('%s', (_, question) => {
  it('comes to the same, or tells that it may not', async () => {
    const { possible, answer } = await cleanRun(question);
    const seed = Number(FAULTS_SEED);
    const [count, every] = FAULTS.split('/');
    const tries =
      count === 'all'
        ? allFaults(possible, Number(every ?? 1), seed)
        : Array.from({ length: Number(count) }, (_, i) => randomFaults(possible.length, seed + i));
    const wrong: string[] = [];
    for (const faults of tries) {
      const found = await verdict(question, answer, faults);
      if (found !== undefined) wrong.push(found);
    }
    expect(wrong).toEqual([]);
  });
});

/** In the second reading of the WAL and in the third, each of which ends where the transaction does. */
it.each([35, 52])('what is damaged when rows are read again is told (step %i)', async (at) => {
  const question = QUESTIONS['rows without a backup'];
  const { answer } = await cleanRun(question);
  expect(await verdict(question, answer, [{ kind: 'bit-flipped', at }])).toBeUndefined();
});
