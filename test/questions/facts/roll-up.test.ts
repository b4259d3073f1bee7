import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FactsFolder } from '../../../src/node/facts-folder.js';
import { NODE } from '../../../src/node/platform.js';
import { findCommit, findIncidents, takeUsableInventory } from '../../../src/node/questions.js';
import { RollUps } from '../../../src/questions/facts/roll-up/make.js';
import { findCommitJson } from '../../../src/questions/find-commit/json.js';
import { incidentsJson } from '../../../src/questions/incidents/json.js';
import { TimelineSearches } from '../../../src/questions/timeline-searches.js';
import { corporaIn, factsOf, walIn } from '../../support/corpora.js';
import { contentOf } from '../../support/facts.js';

/** Small enough for WAL of a few segments, of a few transactions, to be rolled up and summed up. */
const SIZES = { segments: 2, early: 2, newest: 1 };

/** Rolls facts up. @param order of the segments */
async function rollUp(facts: string, wal: readonly string[], order: 1 | -1 = 1): Promise<void> {
  const { format, segments } = await takeUsableInventory(wal);
  const rollUps = new RollUps(await FactsFolder.open(facts), format, NODE.reading, SIZES);
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
    await Promise.all([rollUp(other, wal, -1), rollUp(other, wal)]);
    expect(rolledUp(other)).toEqual(made);
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
