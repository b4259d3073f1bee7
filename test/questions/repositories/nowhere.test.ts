import { expect, it } from 'vitest';
import { folderSource } from '../../../src/node/files.js';
import { planRecovery, recoverRows } from '../../../src/node/questions.js';
import { NODE_READING } from '../../../src/node/reading.js';
import { Asking } from '../../../src/questions/asking.js';
import { mayReach } from '../../../src/questions/last-place.js';
import { PORTABLE } from '../../../src/questions/platform.js';
import { openBackup } from '../../../src/sources/backup.js';
import type { SourceFolder } from '../../../src/sources/byte-source.js';
import { takeUsableInventory } from '../../../src/sources/inventory.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { fakeRepository } from '../../support/fake-repository.js';
import { folderOf } from '../../support/folder.js';

const LAB = 'testdata/lab/17';
const ROWS = 'testdata/rows/18';
const XID = 4_000_000;

/** A folder that counts how often files of it are opened. */
async function counted(path: string): Promise<{ wal: SourceFolder; opens: () => number }> {
  const { name, list } = await folderSource(path);
  let opens = 0;
  const wal: SourceFolder = {
    name,
    async *list(options) {
      for await (const entry of list(options)) {
        if (entry.kind !== 'file') continue;
        const { source } = entry;
        const open: typeof source.open = (how) => {
          opens++;
          return source.open(how);
        };
        yield { kind: 'file', name: entry.name, source: { name: source.name, open } };
      }
    },
  };
  return { wal, opens: () => opens };
}

/** How often files of WAL are opened by a question that so many backups may answer. */
async function opensWith(
  backups: number,
  [wal, backup]: readonly [string, string],
  ask: (place: string) => Promise<unknown>,
): Promise<number> {
  const folder = folderOf({});
  const files = await counted(wal);
  const all = Array.from({ length: backups }, (_, i) => ({
    name: `b${i}`,
    startLsn: parseLsn('0/2000028')!,
    timeline: 1,
    open: async () => openBackup(backup, NODE_READING),
  }));
  fakeRepository(folder, all, { wal: [files.wal] });
  await ask(folder);
  return files.opens();
}

const TABLE = { table: 't_many', database: 'ventas_db', timezone: UTC };

it.each([
  [
    'plan',
    [LAB, LAB],
    async (place: string) => {
      const { plan } = await planRecovery(place, { target: { kind: 'xid', xid: XID, inclusive: true } });
      expect(plan.obstacle).toEqual({ reason: 'target-not-found' });
    },
  ],
  [
    'rows',
    [ROWS, `${ROWS}/base.tar.gz`],
    async (place: string) => {
      const rows = recoverRows(place, { ...TABLE, question: { kind: 'deleted-by', xid: XID } });
      await expect(rows).rejects.toThrow(`transaction ${XID} has no record in the WAL given`);
    },
  ],
] as const)(
  '%s looks once for a transaction that is nowhere, however many backups there are',
  async (_, paths, ask) => {
    expect(await opensWith(6, paths, ask)).toBe(await opensWith(2, paths, ask));
  },
);

it('a plan takes stock once, however many backups it tries', async () => {
  const target = { kind: 'lsn', lsn: parseLsn('0/2000030')!, inclusive: true } as const;
  const ask = async (place: string): Promise<void> => {
    const { plan } = await planRecovery(place, { target });
    expect(plan.obstacle).toEqual({ reason: 'target-before-consistency' });
  };
  const one = await opensWith(1, [LAB, LAB], ask);
  expect((await opensWith(2, [LAB, LAB], ask)) - one).toBeLessThan(one);
});

it.each([
  ['xid', { kind: 'xid', xid: 742, inclusive: false }, ['before', 'unknown']],
  ['later LSN', { kind: 'lsn', lsn: parseLsn('1/0')!, inclusive: true }, ['unknown']],
  ['name that nothing has', { kind: 'name', name: 'nowhere' }, ['unknown']],
  ['end of all WAL', { kind: 'latest' }, ['before', 'behind', 'unknown']],
] as const)('backups that may reach a %s are those that begin before it', async (_, target, names) => {
  const inventory = await takeUsableInventory(LAB, NODE_READING);
  const known = { before: '0/2000028', behind: '0/9000028', unknown: undefined };
  const repository = fakeRepository(
    folderOf({}),
    Object.entries(known).map(([name, lsn]) => ({ name, startLsn: lsn === undefined ? lsn : parseLsn(lsn) })),
    {},
  );
  const all = (await repository.backups()).map((stored) => ({ repository, stored }));
  const found = await mayReach(target, all, inventory, new Asking({}, PORTABLE));
  expect(found.map(({ stored }) => stored.name)).toEqual(names);
});
