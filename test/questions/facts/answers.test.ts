import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FactsFolder } from '../../../src/node/facts-folder.js';
import { NODE } from '../../../src/node/platform.js';
import { examineArchive, findCommit, findIncidents } from '../../../src/node/questions.js';
import { archiveJson } from '../../../src/questions/archive/json.js';
import { makeFacts } from '../../../src/questions/facts/ask.js';
import { findCommitJson } from '../../../src/questions/find-commit/json.js';
import { incidentsJson } from '../../../src/questions/incidents/json.js';
import type { ByteSource } from '../../../src/sources/byte-source.js';
import { fileKind } from '../../../src/sources/file-name.js';
import { WalError } from '../../../src/wal/error.js';
import { folderOf } from '../../support/folder.js';

const KINDS = ['segment', 'history', 'backup-history'];

/** What facts are made of in a folder. */
const walIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => KINDS.includes(fileKind(name).kind))
    .map((name) => `${folder}/${name}`)
    .filter((path) => statSync(path).isFile());

/** All folders of testdata with segments in them. */
const corpora = [
  'testdata',
  ...readdirSync('testdata', { recursive: true, encoding: 'utf8' }).map((path) => `testdata/${path}`),
]
  .filter((path) => statSync(path).isDirectory())
  .filter((path) => walIn(path).some((file) => fileKind(basename(file)).kind === 'segment'))
  // that a file has another segment than its name says is told when facts are made
  .filter((path) => !path.endsWith('recycled-next'))
  .sort();

async function factsOf(wal: readonly string[]): Promise<string> {
  const folder = folderOf({});
  await makeFacts(wal, await FactsFolder.open(folder), {}, NODE);
  return folder;
}

/** Files by their bare names, and no commands to go on with: those of facts name others. */
const withoutFolders = (answer: unknown, ...folders: string[]): unknown => {
  let text = JSON.stringify(answer, (name, value: unknown) =>
    /command$/i.test(name) ? undefined : value,
  ).replaceAll(/(?<=\.backup|\d)\.(?:gz|lz4)(?:\.partial)?(?=[" ])/g, '');
  for (const folder of folders) {
    text = text.replaceAll(new RegExp(`${folder}/(?:system=\\d+/_files/)?`, 'g'), '');
  }
  return JSON.parse(text);
};

/** What is said of files, of which facts know nothing. */
const NOT_IN_FACTS = ['duplicates', 'partial', 'unused', 'notArchived'];

const withoutFiles = (answer: object): object =>
  Object.fromEntries(Object.entries(answer).filter(([name]) => !NOT_IN_FACTS.includes(name)));

interface Asked {
  facts?: string;
  jobs?: number;
}

/** The questions that facts answer: what each comes to, as JSON. */
const archive = async (wal: readonly string[], asked: Asked = {}) =>
  withoutFiles(archiveJson(await examineArchive(wal, asked)));

const incidents = async (wal: readonly string[], asked: Asked & { since?: bigint; until?: bigint } = {}) =>
  incidentsJson(await findIncidents(wal, { minRows: 1, all: true, ...asked }));

const commits = async (
  wal: readonly string[],
  asked: Asked & { relation: string; startLsn?: bigint; endLsn?: bigint },
) => findCommitJson(await findCommit(wal, { transactions: 'all', ...asked }));

/** Or why there is none. */
async function answerOf<T>(ask: Promise<T>): Promise<T | { code: string }> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof WalError) return { code: error.code };
    throw error;
  }
}

const MOST_RELATIONS = 8;

/** Some of the relations that lost rows or were removed. */
async function relationsIn(wal: readonly string[]): Promise<string[]> {
  const { incidents } = await findIncidents(wal, { minRows: 1, all: true });
  const relations = incidents.flatMap((one) => ('relation' in one ? [one.relation] : []));
  return [...new Set(relations)].slice(0, MOST_RELATIONS);
}

describe.each(corpora)('facts of %s', (corpus) => {
  const wal = walIn(corpus);

  it('answer as the WAL does', async () => {
    const made = await answerOf(factsOf(wal));
    if (typeof made !== 'string') {
      // what has no answer has no facts
      expect(await answerOf(incidents(wal))).toEqual(made);
      return;
    }
    const same = async <T extends object>(
      ask: (from: readonly string[], asked: Asked) => Promise<T>,
    ): Promise<void> => {
      const read = withoutFolders(await answerOf(ask(wal, {})), corpus, made);
      const told = withoutFolders(await answerOf(ask([], { facts: made })), corpus, made);
      expect(told).toEqual(read);
    };
    await same(archive);
    await same(incidents);
    for (const relation of await relationsIn(wal)) {
      await same((from, asked) => commits(from, { ...asked, relation }));
    }
  });
});

/** Two timelines, one that shares its number with another, and transactions that run over the ends of segments. */
describe.each(['testdata/lab/17', 'testdata/two-timelines', 'testdata/broad/15'])('some of %s', (corpus) => {
  const wal = walIn(corpus);
  const segments = wal.filter((path) => fileKind(basename(path)).kind === 'segment').sort();
  const others = wal.filter((path) => !segments.includes(path));

  it('has the same answer with facts of half of the segments', async () => {
    const half = segments.filter((_, i) => i % 2 === 0);
    const facts = await factsOf([...half, ...others]);
    const rest = [...segments.filter((path) => !half.includes(path)), ...others];
    const same = async (ask: typeof archive | typeof incidents): Promise<void> => {
      const told = withoutFolders(await ask(rest, { facts }), corpus, facts);
      expect(told).toEqual(withoutFolders(await ask(wal), corpus, facts));
    };
    await same(archive);
    await same(incidents);
  });

  it('has the same answer for times, or all of the segments that these are in', async () => {
    const facts = await factsOf(wal);
    const { incidents: all } = await findIncidents(wal, { minRows: 1, all: true });
    const times = [...new Set(all.map(({ time }) => time))].slice(0, 5);
    for (const since of times) {
      const asked = { since, until: since + 1_000_000n };
      const told = withoutFolders(await incidents([], { facts, ...asked }), corpus, facts);
      expect(told).toEqual(withoutFolders(await incidents(wal, asked), corpus, facts));
    }
  });
});

describe.each(['testdata/broad/13', 'testdata/broad/15', 'testdata/broad/19'])(
  'a stretch of %s',
  (corpus) => {
    const wal = walIn(corpus);

    it('has the same answer for LSNs, or says that it takes the WAL', async () => {
      const facts = await factsOf(wal);
      const [relation] = await relationsIn(wal);
      const { startLsn = 0n, endLsn = 0n } = await findIncidents(wal, { minRows: 1 });
      const bounds = Array.from({ length: 12 }, (_, i) => startLsn + (BigInt(i) * (endLsn - startLsn)) / 11n);
      let untold = 0;
      for (const [i, bound] of bounds.entries()) {
        const range = i % 2 === 0 ? { startLsn: bound } : { endLsn: bound };
        const read = withoutFolders(await answerOf(commits(wal, { relation, ...range })), corpus, facts);
        const both = withoutFolders(
          await answerOf(commits(wal, { relation, ...range, facts })),
          corpus,
          facts,
        );
        expect(both).toEqual(read);
        const alone = await answerOf(commits([], { relation, ...range, facts }));
        if ('problems' in alone && alone.problems.some(({ code }) => code === 'needs-wal')) untold++;
        else expect(withoutFolders(alone, corpus, facts)).toEqual(read);
      }
      expect(untold).toBeGreaterThan(0);
      expect(untold).toBeLessThan(bounds.length);
    });
  },
);

describe('beside facts', () => {
  const wal = walIn('testdata/lab/17');
  const segments = wal.filter((path) => fileKind(basename(path)).kind === 'segment');

  it('no file of a segment is opened but the first of a folder', async () => {
    const facts = await factsOf(wal);
    const opened = new Set<string>();
    const sources = segments.map(
      (path): ByteSource => ({
        name: path,
        async *open() {
          opened.add(path);
          yield readFileSync(path);
        },
      }),
    );
    const { problems } = await findCommit(sources, { facts, relation: '16386' });
    expect(problems).toEqual([]);
    expect([...opened]).toEqual([segments[0]]);
  });

  it('a segment stands for what was made of its .partial file', async () => {
    const name = '000000010000000000000004';
    const whole = gunzipSync(readFileSync(`testdata/lab/17/${name}.gz`));
    const folder = folderOf({ [`${name}.partial`]: whole.subarray(0, 4096 * 2) });
    const facts = await factsOf([folder]);
    const asked = { relation: '16386' };
    const [told, read] = [await commits([], { ...asked, facts }), await commits([folder], asked)];
    expect(withoutFolders(told, folder, facts)).toEqual(withoutFolders(read, folder, facts));
    const file = `testdata/lab/17/${name}.gz`;
    const after = await commits([file], { ...asked, facts });
    expect(after).toEqual(await commits([file], asked));
    expect(after.relations).not.toEqual([]);
  });
});

describe('facts that are not as they should be', () => {
  const wal = walIn('testdata/lab/17');

  /** A table of the facts of a segment. */
  const fileOf = (facts: string, segment: string, table: string): string => {
    const [found] = readdirSync(facts, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith(`segment=${segment}/${table}.parquet`),
    );
    return `${facts}/${found}`;
  };
  const DELETED_IN = '000000010000000000000004';

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9)],
    ['garbage', (bytes: Uint8Array) => bytes.map((_, i) => (i * 131) & 0xff)],
    ['empty', () => new Uint8Array()],
  ])('are told where a table is %s, and the WAL is read where it is there', async (_, broken) => {
    for (const table of ['segments', 'transactions', 'changes']) {
      const facts = await factsOf(wal);
      const file = fileOf(facts, DELETED_IN, table);
      writeFileSync(file, broken(readFileSync(file)));
      const asked = { facts, relation: '16386' };
      const alone = await commits([], asked);
      expect(alone.problems.map(({ code }) => code)).toContain('bad-facts');
      const { problems, relations } = await commits(wal, asked);
      expect(problems.map(({ code }) => code)).toContain('bad-facts');
      expect(relations).toEqual((await commits(wal, { relation: '16386' })).relations);
    }
  });

  it('are told where a table is that of another segment', async () => {
    const facts = await factsOf(wal);
    const other = fileOf(facts, '000000010000000000000003', 'segments');
    writeFileSync(fileOf(facts, DELETED_IN, 'segments'), readFileSync(other));
    const { problems } = await commits([], { facts, relation: '16386' });
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['bad-facts', 'missing-segments']),
    );
  });

  it('are told where there are none', async () => {
    await expect(commits([], { facts: folderOf({}), relation: '16386' })).rejects.toMatchObject({
      code: 'no-wal',
    });
  });

  it('of another cluster are refused beside WAL of one', async () => {
    const facts = await factsOf(walIn('testdata/lab/15'));
    await expect(commits(wal, { facts, relation: '16386' })).rejects.toMatchObject({
      code: 'foreign-cluster',
    });
  });

  it('are what the command to go on with asks, and all else takes WAL', async () => {
    const facts = await factsOf(wal);
    const commandsOf = async (inputs: readonly string[]) =>
      (await incidents(inputs, { facts })).incidents.flatMap(({ command, undoCommand }) => [
        command,
        undoCommand,
      ]);
    const alone = await commandsOf([]);
    expect(alone).toContain(`walscan find-commit --rel 1663/16384/16386 --facts ${facts}`);
    expect(alone.filter((one) => one?.includes(' undo '))).not.toEqual([]);
    expect(alone.filter((one) => one?.includes(' undo ') && !one.endsWith(' WAL'))).toEqual([]);
    expect(await commandsOf(['testdata/lab/17'])).toContain(
      `walscan find-commit --rel 1663/16384/16386 --facts ${facts} testdata/lab/17`,
    );
  });

  it('do without names, which take the WAL', async () => {
    const facts = await factsOf(wal);
    const options = { facts, backup: 'testdata/lab/17', relation: '16386' };
    await expect(findCommit([], options)).rejects.toMatchObject({ code: 'needs-wal' });
  });
});
