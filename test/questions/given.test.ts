import { describe, expect, it } from 'vitest';
import { folderSource } from '../../src/node/files.js';
import { NODE_READING } from '../../src/node/reading.js';
import { byNewestTimeline, checkBackup, openGiven } from '../../src/questions/given.js';
import type { Repository, StoredBackup } from '../../src/repos/index.js';
import { takeUsableInventory } from '../../src/sources/inventory.js';
import { WalError } from '../../src/wal/error.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { Message } from '../../src/wal/message.js';
import { fakePlace, fakeRepository } from '../support/fake-repository.js';
import { folderOf } from '../support/folder.js';

type Known = Partial<StoredBackup> & Pick<StoredBackup, 'name'>;

const at = (name: string, timeline: number, lsn: string): Known => ({
  name,
  timeline,
  startLsn: parseLsn(lsn)!,
});

/** A path that leads to repositories of these backups. */
function placeOf(
  ...all: { name?: string; known?: Partial<Repository>; backups: readonly Known[] }[]
): string {
  const folder = folderOf({});
  const repositories = all.map(({ name, known, backups }, i) =>
    fakeRepository(name ?? `${folder}/${i}`, backups, known ?? {}),
  );
  fakePlace(folder, { repositories });
  return folder;
}

const chosenOf = async (place: string, backup?: string): Promise<[string, string] | undefined> => {
  const { chosen } = await openGiven(place, backup, NODE_READING);
  return chosen && [chosen.repository.name, chosen.stored.name];
};

const candidatesOf = async (place: string): Promise<string[]> =>
  (await (await openGiven(place, undefined, NODE_READING)).candidates()).map(({ stored }) => stored.name);

describe('the newest backup of a repository', () => {
  it('is one of the highest timeline, which begins before the one that was given up ends', async () => {
    const place = placeOf({
      backups: [at('old', 1, '0/3000028'), at('given-up', 1, '0/9000028'), at('new', 2, '0/8000028')],
    });
    expect(await candidatesOf(place)).toEqual(['new', 'given-up', 'old']);
    expect((await chosenOf(place, 'latest'))?.[1]).toBe('new');
  });

  it('is none of which a parent is missing, failed, or builds on itself', async () => {
    const failed = new WalError('unknown-backup', new Message('it has failed', []));
    const place = placeOf({
      backups: [
        at('full', 1, '0/2000028'),
        { ...at('failed', 1, '0/3000028'), problem: failed },
        { ...at('on-failed', 1, '0/4000028'), parent: 'failed' },
        { ...at('on-that', 1, '0/5000028'), parent: 'on-failed' },
        { ...at('on-nothing', 1, '0/6000028'), parent: 'gone' },
        { ...at('circle-1', 1, '0/7000028'), parent: 'circle-2' },
        { ...at('circle-2', 1, '0/8000028'), parent: 'circle-1' },
      ],
    });
    expect(await candidatesOf(place)).toEqual(['full']);
    expect((await chosenOf(place, 'latest'))?.[1]).toBe('full');
  });

  it('is told among very many that build on each other', async () => {
    const backups = Array.from({ length: 50_000 }, (_, i) => ({
      ...at(`b${i}`, 1, '0/2000028'),
      parent: i === 0 ? 'gone' : `b${i - 1}`,
    }));
    expect(await candidatesOf(placeOf({ backups }))).toEqual([]);
  });
});

describe('a backup by a name that several clusters have', () => {
  const backups = [at('base_000000010000000000000002', 1, '0/2000028')];

  it('is not chosen among them', async () => {
    const place = placeOf({ backups }, { backups });
    await expect(chosenOf(place, backups[0].name)).rejects.toMatchObject({
      code: 'several-clusters',
      message: expect.stringMatching(
        /^several clusters have a backup base_0{7}10{15}2: .*\/0 \(.*\), .*\/1 \(.*\); give the path of one/,
      ),
    });
  });

  it('is that of the copy of the repository that can be restored', async () => {
    const known = { version: 17, systemIdentifier: 7n };
    const gone = { ...backups[0], problem: new WalError('missing-backup', new Message('it is gone', [])) };
    const place = placeOf({ known, backups: [gone] }, { known, backups });
    expect(await chosenOf(place, backups[0].name)).toEqual([`${place}/1`, backups[0].name]);
  });
});

it('says why no backup of a repository can be restored, of a few of them', async () => {
  const full = {
    ...at('F', 1, '0/2000028'),
    problem: new WalError('missing-backup', new Message('the folder of F is gone', [])),
  };
  const others = ['D1', 'D2', 'D3'].map((name) => ({ ...at(name, 1, '0/3000028'), parent: 'F' }));
  const place = placeOf({ backups: [full, ...others] });
  const message = expect.stringMatching(
    /no backup in \S+ that could be restored: the folder of F is gone; the backup D1 of .* builds on F, which cannot be restored: .*; the backup D2 .* and 1 more$/,
  );
  await expect(chosenOf(place, 'latest')).rejects.toMatchObject({ code: 'unknown-backup', message });
  const given = await openGiven(place, undefined, NODE_READING);
  await expect(checkBackup(undefined, given)).rejects.toMatchObject({ code: 'unknown-backup', message });
});

it('tells clusters before and after an upgrade apart that have one name', async () => {
  const before = { known: { version: 14, systemIdentifier: 7n }, backups: [at('a', 1, '0/2000028')] };
  const after = { known: { version: 15, systemIdentifier: 8n }, backups: [at('b', 1, '0/1000028')] };
  const place = placeOf({ name: 'backup/main', ...before }, { name: 'backup/main', ...after });
  await expect(chosenOf(place)).rejects.toMatchObject({ code: 'several-clusters' });
  expect((await chosenOf(place, 'b'))?.[1]).toBe('b');
});

it('says that there is no such backup where a path leads to none of the repository', async () => {
  const place = folderOf({});
  fakePlace(place, { repositories: [fakeRepository('r', [at('a', 1, '0/2000028')], {})], backup: 'b' });
  const unknown = { code: 'unknown-backup', message: expect.stringContaining('there is no backup b in r') };
  await expect(chosenOf(place)).rejects.toMatchObject(unknown);
  await expect(openGiven([], place, NODE_READING)).rejects.toMatchObject(unknown);
});

it('tries backups first that the newest timeline goes through', async () => {
  // timeline 2 leaves timeline 1 in segment 4
  const inventory = await takeUsableInventory(await folderSource('testdata/lab/17'), NODE_READING);
  const place = placeOf({
    backups: [
      at('first', 1, '0/2000028'),
      at('second', 1, '0/3000028'),
      at('given-up', 1, '0/5000028'),
      { name: 'unknown' },
    ],
  });
  const { candidates } = await openGiven(place, undefined, NODE_READING);
  const order = byNewestTimeline(await candidates(), inventory).map(({ stored }) => stored.name);
  expect(order).toEqual(['second', 'first', 'given-up', 'unknown']);
});
