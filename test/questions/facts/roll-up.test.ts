import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FactsFolder } from '../../../src/node/facts-folder.js';
import { NODE } from '../../../src/node/platform.js';
import { findCommit, findIncidents, makeFacts, takeUsableInventory } from '../../../src/node/questions.js';
import { RollUps } from '../../../src/questions/facts/roll-up/make.js';
import { findCommitJson } from '../../../src/questions/find-commit/json.js';
import { incidentsJson } from '../../../src/questions/incidents/json.js';
import { TimelineSearches } from '../../../src/questions/timeline-searches.js';
import { corporaIn, factsOf, walIn } from '../../support/corpora.js';
import { contentOf } from '../../support/facts.js';
import { folderOf } from '../../support/folder.js';

/** Small enough for WAL of a few segments, of a few transactions, to be rolled up and summed up. */
const SIZES = { segments: 2, stretch: 2, early: 2, newest: 1 };

/** Blocks that are not all there. */
const LARGE_BLOCKS = { ...SIZES, segments: 8 };

/** Rolls facts up. @param order of the segments */
async function rollUp(
  facts: string,
  wal: readonly string[],
  { order = 1, sizes = SIZES }: { order?: 1 | -1; sizes?: typeof SIZES } = {},
): Promise<void> {
  const { format, segments } = await takeUsableInventory(wal);
  const rollUps = new RollUps(await FactsFolder.open(facts), format, NODE.reading, sizes);
  for (const segment of order === 1 ? segments : segments.toReversed()) rollUps.note(segment);
  await rollUps.settle();
}

interface Asked {
  facts?: string;
  jobs?: number;
}

/** What is asked, as JSON, without names of files and of commands to go on with. */
const asJson = (answer: object): unknown =>
  JSON.parse(
    JSON.stringify(answer, (name, value: unknown) => (/command$|^file$/i.test(name) ? undefined : value)),
  );

const incidents = async (wal: readonly string[], asked: Asked & { minRows: number; all: boolean }) =>
  asJson({ ...incidentsJson(await findIncidents(wal, asked)), problems: [] });

const commits = async (wal: readonly string[], asked: Asked & { relation: string }) =>
  asJson({
    ...findCommitJson(await findCommit(wal, { transactions: SIZES.newest, ...asked })),
    problems: [],
  });

const MOST_RELATIONS = 4;

async function relationsIn(wal: readonly string[]): Promise<string[]> {
  const { incidents } = await findIncidents(wal, { minRows: 1, all: true });
  const relations = incidents.flatMap((one) => ('relation' in one ? [one.relation] : []));
  return [...new Set(relations)].slice(0, MOST_RELATIONS);
}

/** Corpora of several segments with a whole story in them. */
const corpora = corporaIn('testdata').filter((path) => /\/(lab\/\d+|two-timelines)$/.test(path));

/** How often a roll-up was taken for what it sums up, and how often its segments were read instead. */
const taken = { yes: 0, no: 0 };
const spy = vi.spyOn(TimelineSearches.prototype, 'addRolledUp');

afterEach(() => {
  for (const { value } of spy.mock.results) taken[value === true ? 'yes' : 'no']++;
  spy.mockClear();
});

describe.each(corpora)('roll-ups of %s', (corpus) => {
  const wal = walIn(corpus);

  it('answer as the WAL does', async () => {
    const facts = await factsOf(wal);
    await rollUp(facts, wal);
    const same = async (ask: (from: readonly string[], asked: Asked) => Promise<unknown>): Promise<void> => {
      const read = await ask(wal, {});
      for (const jobs of [1, 2]) expect(await ask([], { facts, jobs })).toEqual(read);
    };
    for (const minRows of [1, 100]) {
      await same((from, asked) => incidents(from, { ...asked, minRows, all: true }));
      await same((from, asked) => incidents(from, { ...asked, minRows, all: false }));
    }
    for (const relation of await relationsIn(wal)) {
      await same((from, asked) => commits(from, { ...asked, relation }));
    }
  });
});

it('takes roll-ups', () => {
  expect(taken.yes).toBeGreaterThan(50);
});

describe('the roll-ups of a folder', () => {
  const corpus = 'testdata/lab/17';
  const wal = walIn(corpus);
  const rolledUp = (facts: string): Record<string, string> =>
    Object.fromEntries(Object.entries(contentOf(facts)).filter(([path]) => path.includes('/_rolled-up/')));

  it('are the same whenever they are made', async () => {
    const [one, other] = [await factsOf(wal), await factsOf(wal)];
    await rollUp(one, wal);
    const made = rolledUp(one);
    expect(Object.keys(made)).not.toEqual([]);
    await rollUp(one, wal);
    expect(rolledUp(one)).toEqual(made);
    await Promise.all([rollUp(other, wal, { order: -1 }), rollUp(other, wal)]);
    expect(rolledUp(other)).toEqual(made);
  });

  it('are of what there is of a block, and grow with it', async () => {
    const some = wal.filter((path) => /0000000[23]\.gz$/.test(path));
    const [grown, whole] = [await factsOf(some), await factsOf(wal)];
    await rollUp(grown, some, { sizes: LARGE_BLOCKS });
    const few = rolledUp(grown);
    expect(Object.keys(few)).not.toEqual([]);
    await makeFacts(wal, grown);
    const [relation] = await relationsIn(wal);
    // those that came since are not in it
    expect(await commits([], { facts: grown, relation })).toEqual(await commits(wal, { relation }));
    // processes that know of different segments
    const rollAllUp = (facts: string) => rollUp(facts, wal, { sizes: LARGE_BLOCKS });
    await Promise.all([rollAllUp(grown), rollUp(grown, some, { sizes: LARGE_BLOCKS })]);
    await rollAllUp(whole);
    expect(rolledUp(grown)).toEqual(rolledUp(whole));
    expect(rolledUp(grown)).not.toEqual(few);
    expect(await commits([], { facts: grown, relation })).toEqual(await commits(wal, { relation }));
  });

  it('are not believed of facts that were made of another file', async () => {
    const third = wal.find((path) => path.endsWith('03.gz'))!;
    const folder = folderOf({
      [basename(third, '.gz')]: gunzipSync(readFileSync(third)).subarray(0, 2 ** 14),
    });
    const cutOff = wal.map((path) => (path === third ? join(folder, basename(third, '.gz')) : path));
    const [facts, ofCutOff] = [await factsOf(wal), await factsOf(cutOff)];
    await rollUp(facts, wal);
    const [relation] = await relationsIn(wal);
    await commits([], { facts, relation });
    const believed = spy.mock.calls.length;
    spy.mockClear();
    const [path] = Object.keys(contentOf(facts)).filter((one) => one.endsWith('03/segments.parquet'));
    cpSync(join(ofCutOff, dirname(path)), join(facts, dirname(path)), { recursive: true, force: true });
    const found = await commits([], { facts, relation });
    expect(spy.mock.calls.length).toBe(believed - 1);
    expect(found).toEqual(await commits([], { facts: ofCutOff, relation }));
  });

  it('are believed only of facts that they were made of', async () => {
    const [facts, whole] = [await factsOf(wal), await factsOf(wal)];
    await rollUp(facts, wal);
    const [relation] = await relationsIn(wal);
    // the facts of one segment are no longer there: what was rolled up of it does not count
    const [system] = readdirSync(facts).filter((name) => name.startsWith('system='));
    for (const timeline of readdirSync(join(facts, system)).filter((name) => name.startsWith('timeline='))) {
      for (const segment of readdirSync(join(facts, system, timeline))) {
        for (const folder of [facts, whole]) {
          const path = join(folder, system, timeline, segment);
          if (!segment.endsWith('-next')) rmSync(path, { recursive: true });
        }
        expect(await commits([], { facts, relation }).catch(({ code }) => code)).toEqual(
          await commits([], { facts: whole, relation }).catch(({ code }) => code),
        );
      }
    }
  });
});
