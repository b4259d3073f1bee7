import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findMoment, takeInventory } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import { findRepository, type RepositoryPlace } from '../../src/repos/index.js';
import { folderOf, segmentsOf } from '../support/folder.js';

const find = async (path: string): Promise<RepositoryPlace | undefined> =>
  findRepository(await NODE_READING.open(path), NODE_READING);

const BACKUP = 'base_000000010000000000000004';
const SENTINEL = `${BACKUP}_backup_stop_sentinel.json`;
const sentinel = (version: number, systemIdentifier: bigint): string =>
  `{"LSN":67108904,"PgVersion":${version}0004,"FinishLSN":67109120,"SystemIdentifier":${systemIdentifier}}`;

describe('repositories of WAL-G', () => {
  it('of several clusters are told apart by their folders', async () => {
    const root = folderOf({
      [`old/basebackups_005/${SENTINEL}`]: sentinel(14, 7444444444444444441n),
      'old/wal_005/00000001.history': '',
      [`new/basebackups_005/${SENTINEL}`]: sentinel(15, 7444444444444444447n),
      'other/x': '',
    });
    const place = await find(root);
    const found = place?.repositories.map(({ name, version, systemIdentifier }) => [
      name,
      version,
      systemIdentifier,
    ]);
    expect(found?.sort()).toEqual([
      [join(root, 'new'), 15, 7444444444444444447n],
      [join(root, 'old'), 14, 7444444444444444441n],
    ]);
    await expect(findMoment([root], { time: 0n })).rejects.toMatchObject({
      code: 'several-clusters',
      message: expect.stringContaining(join(root, 'old')),
    });
  });

  it('before and after an upgrade is of no one version', async () => {
    const root = folderOf({
      [`basebackups_005/${SENTINEL}`]: sentinel(14, 1n),
      [`basebackups_005/${SENTINEL.replace('04_', '05_')}`]: sentinel(15, 2n),
    });
    expect((await find(root))?.repositories).toMatchObject([
      { version: undefined, systemIdentifier: undefined, wal: [] },
    ]);
  });

  it('has backups that cannot be restored, and says why', async () => {
    const root = folderOf({
      'basebackups_005/base_000000010000000000000002/tar_partitions/part_001.tar.lz4': '',
      [`basebackups_005/${SENTINEL}`]: sentinel(15, 1n),
      'basebackups_005/base_000000010000000000000006_backup_stop_sentinel.json': '{"LSN": "0/4"}',
      'basebackups_005/stream_20261126_backup_stop_sentinel.json': '{}',
    });
    const place = await find(root);
    expect(await place?.repositories[0].backups()).toMatchObject([
      { name: 'base_000000010000000000000002', problem: { code: 'unknown-backup' } },
      { name: 'base_000000010000000000000006', problem: { code: 'bad-repository' } },
      { name: BACKUP, problem: { code: 'missing-backup' } },
    ]);
  });

  it('has no WAL-G in other folders', async () => {
    const root = folderOf({
      'data/PG_VERSION': '15',
      'data/base/1/2': '',
      [`wal/${segmentsOf(1)[0].name}.br`]: 'x',
      'mysql/basebackups/stream_20261126_backup_stop_sentinel.json': '{}',
      'some/metadata.json': '{}',
      'some/files.tar.gz': '',
    });
    for (const path of ['', 'data', 'wal', 'mysql', 'mysql/basebackups', 'some', 'some/metadata.json']) {
      expect(await find(join(root, path)), path).toBeUndefined();
    }
  });

  it('is found by its WAL alone, of which a part may be meant', async () => {
    const [one] = segmentsOf(1);
    const root = folderOf({ [`wal_005/${one.name}.br`]: brotliCompressSync(one.bytes) });
    expect(await find(root)).toMatchObject({ repositories: [{ wal: [{ name: join(root, 'wal_005') }] }] });
    expect(await find(join(root, 'wal_005'))).toMatchObject({ wal: [{ name: join(root, 'wal_005') }] });
    expect((await takeInventory([root])).problems).toEqual([]);
  });

  it('is not taken for encrypted because of a file that is damaged', async () => {
    const [one, two] = segmentsOf(2);
    const root = folderOf({
      [`wal_005/${one.name}.gz`]: 'nonsense',
      [`wal_005/${two.name}.gz`]: gzipSync(two.bytes),
    });
    expect(await find(root)).toBeDefined();
  });

  it('of tar files in a form that cannot be read says how to get them', async () => {
    const root = folderOf({
      [`basebackups_005/${SENTINEL}`]: sentinel(15, 1n),
      [`basebackups_005/${BACKUP}/tar_partitions/part_001.tar.lzo`]: 'x',
    });
    const [stored] = await (await find(root))!.repositories[0].backups();
    await expect(stored.open()).rejects.toMatchObject({
      code: 'unsupported-compression',
      message: expect.stringContaining(`wal-g backup-fetch <PGDATA> ${BACKUP}`),
    });
  });

  it('that builds on itself is refused', async () => {
    const name = `${BACKUP}_D_000000010000000000000004`;
    const root = folderOf({
      [`basebackups_005/${name}_backup_stop_sentinel.json`]: `{"LSN": 5, "DeltaFrom": "${name}"}`,
    });
    mkdirSync(join(root, 'basebackups_005', name, 'tar_partitions'), { recursive: true });
    const [stored] = await (await find(root))!.repositories[0].backups();
    await expect(stored.open()).rejects.toMatchObject({ code: 'missing-backup' });
  });
});
