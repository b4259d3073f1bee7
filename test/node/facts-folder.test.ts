import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FactsFolder } from '../../src/node/facts-folder.js';
import { factsFolder } from '../../src/questions/facts/layout.js';
import type { Making, Put } from '../../src/questions/facts/store.js';
import { folderOf } from '../support/folder.js';

const PLACE = { systemIdentifier: 7n, timeline: 1, name: '000000010000000000000001' };

/** Facts whose worth is a number. */
const put = (store: FactsFolder, worth: number, during?: () => Promise<unknown>): Promise<Put> =>
  store.put(PLACE, [{ table: 'segments', bytes: Uint8Array.of(worth) }], {
    replaces: async (one, other) => {
      const answer = worthOf(one) > worthOf(other);
      const work = during;
      during = undefined;
      await work?.();
      return answer;
    },
  });

const worthOf = ({ segments }: Making): number => segments?.[0] ?? -1;

const keptIn = (folder: string): number =>
  readFileSync(join(folder, factsFolder(PLACE), 'segments.parquet'))[0];

describe('facts that are put', () => {
  it('are made, there, replaced, or give way', async () => {
    const folder = folderOf({});
    const store = await FactsFolder.open(folder);
    const puts: Put[] = [];
    for (const worth of [2, 2, 3, 1]) puts.push(await put(store, worth));
    expect(puts).toEqual(['made', 'same', 'replaced', 'kept']);
    expect(keptIn(folder)).toBe(3);
  });

  it('do not take the place of better ones that come while they are held against what was there', async () => {
    const folder = folderOf({});
    const store = await FactsFolder.open(folder);
    await put(store, 1);
    const other = await FactsFolder.open(folder);
    expect(await put(store, 2, () => put(other, 3))).toBe('kept');
    expect(keptIn(folder)).toBe(3);
  });

  it('are the best of all that come at once', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = folderOf({});
      const worths = [3, 1, 4, 1, 5, 9, 2, 6];
      const stores = await Promise.all(worths.map(() => FactsFolder.open(folder)));
      await Promise.all(stores.map((store, i) => put(store, worths[(i + round) % worths.length])));
      expect(keptIn(folder)).toBe(9);
    }
  });

  it('go at once when they are removed', async () => {
    const folder = folderOf({});
    const store = await FactsFolder.open(folder);
    await put(store, 1);
    await store.remove(PLACE);
    await store.remove(PLACE);
    expect(await store.look(PLACE)).toBeUndefined();
    expect(await store.timelines(7n)).toEqual([1]);
  });

  it('are not read where they have more bytes than can be right', async () => {
    const store = await FactsFolder.open(folderOf({}));
    await store.put(PLACE, [{ table: 'segments', bytes: new Uint8Array(100) }], {
      replaces: async () => true,
    });
    expect(await store.read(PLACE, 'segments', 99)).toBeUndefined();
    expect((await store.read(PLACE, 'segments', 100))?.bytes).toHaveLength(100);
  });
});
