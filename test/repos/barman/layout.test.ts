import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_READING } from '../../../src/node/reading.js';
import { barman } from '../../../src/repos/barman/index.js';
import { findRepository, type RepositoryPlace, type StoredBackup } from '../../../src/repos/index.js';
import type { Backup } from '../../../src/sources/backup-parts.js';
import type { SourceFolder } from '../../../src/sources/byte-source.js';
import { takeInventory } from '../../../src/sources/inventory.js';
import { withClosed } from '../../support/closed-folder.js';
import { folderOf } from '../../support/folder.js';

const ID = '20261126T111016';
const IDENTITY = '{"systemid": "7712435489008293896", "version": "15"}';
const SEGMENT = '000000010000000000000013';

const info = (...more: string[]): string =>
  [
    'begin_xlog=0/13000028',
    'server_name=main',
    'mode=postgres',
    'status=DONE',
    'systemid=7712435489008293896',
    "tablespaces=[('ts1', 16384, '/srv/ts1')]",
    'timeline=1',
    'version=150018',
    ...more,
  ].join('\n');

/** A data folder, and its tablespace beside it. */
const plain = (id: string, text: string): Record<string, string> => ({
  [`home/main/base/${id}/backup.info`]: text,
  [`home/main/base/${id}/data/PG_VERSION`]: '15\n',
  [`home/main/base/${id}/data/base/5/16400`]: `table of ${id}`,
  [`home/main/base/${id}/data/pg_tblspc/.keep`]: '',
  [`home/main/base/${id}/16384/PG_15_202209061/5/16401`]: `other table of ${id}`,
});

const archive = {
  'home/main/identity.json': IDENTITY,
  'home/main/wals/xlog.db': '',
  [`home/main/wals/${SEGMENT.slice(0, 16)}/${SEGMENT}`]: 'wal',
  [`home/main/streaming/${SEGMENT.slice(0, 23)}4.partial`]: 'wal',
};

const server = (files: Record<string, string> = plain(ID, info())): string =>
  folderOf({ ...archive, ...files });

const find = async (...path: string[]): Promise<RepositoryPlace | undefined> =>
  findRepository(await NODE_READING.open(join(...path)), NODE_READING);

async function only(...path: string[]): Promise<StoredBackup> {
  const place = await find(...path);
  const [backup, ...others] = (await place?.repositories[0].backups()) ?? [];
  expect(others).toEqual([]);
  return backup;
}

/** The files of a backup that are wanted, with their bytes as text. */
async function filesIn(
  backup: Backup,
  wanted = /^(?:base|pg_tblspc)\/.*\d$/,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  await backup.visit(
    (path) => wanted.test(path),
    async (path, body) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece);
      files[path] = Buffer.concat(pieces).toString();
    },
  );
  return files;
}

const tablesOf = (id: string): Record<string, string> => ({
  'base/5/16400': `table of ${id}`,
  'pg_tblspc/16384/PG_15_202209061/5/16401': `other table of ${id}`,
});

describe('a server of Barman', () => {
  it.each([
    ['home', undefined],
    ['home/main', undefined],
    ['home/main/base', undefined],
    ['home/main/wals', undefined],
    ['home/main/streaming', undefined],
    ['home/main/identity.json', undefined],
    ['home/main/wals/xlog.db', undefined],
    [`home/main/base/${ID}`, ID],
    [`home/main/base/${ID}/data`, ID],
    [`home/main/base/${ID}/16384`, ID],
    [`home/main/base/${ID}/backup.info`, ID],
  ])('is found from %s', async (path, backup) => {
    const place = await find(server(), path);
    expect(place?.backup).toBe(backup);
    expect(place?.wal).toBeUndefined();
    expect(place?.repositories).toHaveLength(1);
    const [repository] = place!.repositories;
    expect(repository).toMatchObject({
      tool: 'barman',
      cluster: 'main',
      version: 15,
      systemIdentifier: 7712435489008293896n,
    });
    expect(repository.name).toMatch(/home\/main$/);
    expect(repository.wal.map(({ name }) => name.replace(/^.*main\//, ''))).toEqual(['wals', 'streaming']);
    expect((await repository.backups()).map(({ name }) => name)).toEqual([ID]);
  });

  it('gives some of its WAL where that is meant', async () => {
    const root = server();
    const part = await find(root, 'home/main/wals', SEGMENT.slice(0, 16));
    expect(part?.repositories).toHaveLength(1);
    expect(part?.wal?.map(({ name }) => name)).toEqual([join(root, 'home/main/wals', SEGMENT.slice(0, 16))]);
    expect(await find(root, 'home/main/wals', SEGMENT.slice(0, 16), SEGMENT)).toBeUndefined();
  });

  it('tells of its backups from both places of backup.info', async () => {
    const parent = '20261126T101010';
    const root = server({
      ...plain(parent, info('end_xlog=0/14042820', 'size=1000')),
      ...plain(ID, info()),
      [`home/main/meta/${ID}-backup.info`]: info(
        `parent_backup_id=${parent}`,
        'begin_xlog=0/20000028',
        'size=900',
        'deduplicated_size=200',
        'begin_time=2026-11-26 11:10:16.805819+00:00',
      ),
    });
    const backups = await (await find(root, 'home/main'))!.repositories[0].backups();
    expect(backups).toMatchObject([
      { name: parent, type: 'full', parent: undefined, endLsn: 0x14042820n, size: 1000, storedSize: 1000 },
      { name: ID, type: 'incremental', parent, startLsn: 0x20000028n, timeline: 1, storedSize: 200 },
    ]);
    expect(backups[1].tablespaces).toEqual([{ name: 'ts1', oid: 16384, path: '/srv/ts1' }]);
    expect(backups[1].size).toBeUndefined();
  });

  it('is each folder of several', async () => {
    const root = server({
      ...plain(ID, info()),
      'home/other/base/20261101T000000/backup.info': info('server_name=second', 'systemid=1'),
      'home/.barman.auto.conf': '',
      'home/notes/README': '',
    });
    const place = await find(root, 'home');
    expect(place?.repositories.map(({ cluster }) => cluster).sort()).toEqual(['main', 'second']);
  });

  it('is nothing that lies near one, and no ordinary folder', async () => {
    const root = server();
    mkdirSync(join(root, 'home/main/errors'));
    expect(await find(root, 'home/main/errors')).toBeUndefined();
    expect(await find(root, `home/main/base/${ID}/data/base`)).toBeUndefined();
    const other = folderOf({
      'data/PG_VERSION': '15\n',
      'data/base/5/16400': '',
      'wals/file': '',
      'base/x/file': '',
      'data/backup_label': '',
    });
    for (const path of ['', 'data', 'data/base', 'data/backup_label', 'wals', 'base', 'base/x']) {
      expect(await find(other, path), path).toBeUndefined();
    }
  });

  it('is looked for with few questions', async () => {
    let asked = 0;
    const folder = {
      name: '/archive',
      list: async function* () {
        for (let i = 0; i < 100_000; i++) {
          asked++;
          yield { kind: 'folder' as const, name: `folder${i}`, folder };
        }
      },
      entry: async () => {
        asked++;
        return undefined;
      },
    };
    expect(await barman.find(folder, NODE_READING)).toBeUndefined();
    expect(asked).toBeLessThan(200);
  });

  it('is none without backups where these may not be looked at', async () => {
    const folder = (await NODE_READING.open(join(server(), 'home/main'))) as SourceFolder;
    const place = await findRepository(withClosed(folder, 'base'), NODE_READING);
    await expect(place?.repositories[0].backups()).rejects.toMatchObject({ code: 'unreadable' });
    const base = (await NODE_READING.open(join(folder.name, 'base'))) as SourceFolder;
    const own = (await NODE_READING.open(join(folder.name, 'base', ID))) as SourceFolder;
    const below = { ...own, parent: { ...base, parent: withClosed(folder, 'base') } };
    expect(await findRepository(below, NODE_READING)).toMatchObject({ backup: ID });
  });

  it.skipIf(process.getuid?.() === 0)('is none where the folders above are closed', async () => {
    const root = server();
    chmodSync(join(root, 'home/main'), 0o111);
    try {
      expect(await find(root, 'home/main/base')).toBeUndefined();
    } finally {
      chmodSync(join(root, 'home/main'), 0o755);
    }
  });
});

it('WAL that Barman encrypts is named', async () => {
  // as gpg writes a session key: encrypted with a passphrase, to a public key
  for (const beginning of ['8c0d04090302', '85010c03aabbccddeeff001122']) {
    const name = `wals/${SEGMENT.slice(0, 16)}/${SEGMENT}`;
    const folder = folderOf({ [name]: Buffer.from(beginning.padEnd(1024, '5a'), 'hex') });
    const { segments, problems } = await takeInventory(folder, NODE_READING);
    expect(segments).toEqual([]);
    expect(problems).toMatchObject([{ code: 'encrypted', file: join(folder, name) }]);
  }
});

describe('a backup of Barman', () => {
  it('has its tablespaces beside it, wherever links lead', async () => {
    const root = server();
    const links = join(root, `home/main/base/${ID}/data/pg_tblspc`);
    expect(await filesIn(await (await only(root, 'home/main')).open())).toEqual(tablesOf(ID));
    symlinkSync('/nowhere/base/16384', join(links, '16384'));
    const moved = await (await only(root, 'home/main')).open();
    expect(await filesIn(moved)).toEqual(tablesOf(ID));
    expect(moved.passedOver ?? []).toEqual([]);
    expect(await moved.tablespaceLinks()).toEqual([{ oid: 16384, path: '/nowhere/base/16384' }]);
    rmSync(join(links, '16384'));
    mkdirSync(join(root, 'production/PG_15_202209061/5'), { recursive: true });
    symlinkSync(join(root, 'production'), join(links, '16384'));
    expect(await filesIn(await (await only(root, 'home/main')).open())).toEqual(tablesOf(ID));
  });

  it('does without a tablespace that is gone for what lies elsewhere', async () => {
    const root = server();
    symlinkSync('/nowhere', join(root, `home/main/base/${ID}/data/pg_tblspc/16384`));
    rmSync(join(root, `home/main/base/${ID}/16384`), { recursive: true });
    const backup = await (await only(root, 'home/main')).open();
    expect(await filesIn(backup)).toEqual({ 'base/5/16400': `table of ${ID}` });
    expect(backup.passedOver).toMatchObject([
      { code: 'missing-backup', message: expect.stringMatching(/lacks the tablespace ts1 \(16384\)/) },
    ]);
  });

  const suffixes = ['', '.gz', '.bz2', '.xz', '.zst', '.lz4'].map((suffix) => ({ suffix }));
  it.for(suffixes)('is in tar files$suffix', async ({ suffix }, { skip }) => {
    skip(!isInstalled(PACKERS[suffix]), `${PACKERS[suffix]} is not installed`);
    const root = server({ [`home/main/base/${ID}/backup.info`]: info('compression=some') });
    const data = join(root, `home/main/base/${ID}/data`);
    mkdirSync(data);
    const source = folderOf(plain(ID, ''));
    tar(join(source, `home/main/base/${ID}/data`), join(data, 'base.tar'), suffix);
    tar(join(source, `home/main/base/${ID}/16384`), join(data, '16384.tar'), suffix);
    const backup = await only(root, 'home/main/base', ID, 'data');
    const opened = await backup.open();
    expect(await filesIn(opened)).toEqual(tablesOf(ID));
    expect(opened.passedOver ?? []).toEqual([]);
    expect(await find(data, `base.tar${suffix}`)).toMatchObject({ backup: ID });
  });

  it('is one of barman-cloud, in parts', async () => {
    const source = folderOf(plain(ID, ''));
    const root = folderOf({
      [`main/base/${ID}/backup.info`]: info('server_name=cloud'),
      [`main/wals/${SEGMENT.slice(0, 16)}/${SEGMENT}.gz`]: '',
    });
    const to = join(root, 'main/base', ID);
    tar(join(source, `home/main/base/${ID}/16384`), join(to, '16384.tar'), '.gz');
    renameSync(
      join(source, `home/main/base/${ID}/data/base`),
      join(source, `home/main/base/${ID}/16384/base`),
    );
    tar(join(source, `home/main/base/${ID}/data`), join(to, 'data.tar'), '.gz');
    tar(join(source, `home/main/base/${ID}/16384`), join(to, 'data_0001.tar'), '.gz', 'base');
    expect(await filesIn(await (await only(root, 'main')).open())).toEqual(tablesOf(ID));
    expect(await find(root)).toMatchObject({ repositories: [{ cluster: 'main' }] });
    expect(await only(root, 'main')).toMatchObject({ isOfBarmanCloud: true });
  });

  it('is compressed in a way that nothing here reads', async () => {
    const root = folderOf({
      [`main/base/${ID}/backup.info`]: info(),
      [`main/base/${ID}/data.tar.snappy`]: 'x',
      'main/wals/xlog.db': '',
    });
    await expect((await only(root, 'main')).open()).rejects.toMatchObject({
      code: 'unsupported-compression',
      file: join(root, 'main/base', ID, 'data.tar.snappy'),
    });
  });

  it('is known by itself, away from its server', async () => {
    const root = server();
    renameSync(join(root, `home/main/base/${ID}`), join(root, ID));
    for (const path of [ID, `${ID}/data`, `${ID}/backup.info`]) {
      const place = await find(root, path);
      expect(place).toMatchObject({ backup: ID, repositories: [{ cluster: 'main', wal: [] }] });
      expect(await filesIn(await (await only(root, path)).open())).toEqual(tablesOf(ID));
    }
  });

  it.each([
    [
      'status=FAILED\nerror=disk full',
      'unknown-backup',
      /^Barman calls the backup \S+ FAILED \(disk full\) in /,
    ],
    ['status=STARTED', 'unknown-backup', /^Barman calls the backup \S+ STARTED in /],
    ['mode=snapshot-aws', 'unknown-backup', /is snapshots of the server's disks \(snapshot-aws\)/],
    ['encryption=gpg', 'encrypted', /is encrypted with gpg/],
    ['no line of it', 'bad-repository', /has a line without "="/],
  ])('with %j cannot be restored', async (line, code, message) => {
    const backup = await only(server(plain(ID, info(line))), 'home/main');
    expect(backup.problem).toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(backup.open()).rejects.toBe(backup.problem);
  });

  it('waits for WAL and can be restored', async () => {
    const backup = await only(server(plain(ID, info('status=WAITING_FOR_WALS'))), 'home/main');
    expect(backup.problem).toBeUndefined();
  });

  it('lacks its backup.info', async () => {
    const root = server();
    rmSync(join(root, `home/main/base/${ID}/backup.info`));
    const backup = await only(root, 'home/main');
    const problem = { code: 'missing-backup', file: join(root, 'home/main/base', ID) };
    expect(backup).toMatchObject({ name: ID, problem });
    await expect(backup.open()).rejects.toBe(backup.problem);
    for (const path of ['', '/data']) {
      expect(await find(root, `home/main/base/${ID}${path}`)).toMatchObject({ backup: ID });
    }
  });

  it('lacks its parent, or its files', async () => {
    const orphan = await only(server(plain(ID, info('parent_backup_id=20251126T000000'))), 'home/main');
    await expect(orphan.open()).rejects.toMatchObject({
      code: 'missing-backup',
      message: expect.stringMatching(/builds on 20251126T000000, which is not in .*home\/main/),
    });
    const circle = await only(server(plain(ID, info(`parent_backup_id=${ID}`))), 'home/main');
    await expect(circle.open()).rejects.toMatchObject({ code: 'missing-backup' });
    const empty = await only(server({ [`home/main/meta/${ID}-backup.info`]: info() }), 'home/main');
    await expect(empty.open()).rejects.toMatchObject({ code: 'missing-backup' });
    const root = server();
    rmSync(join(root, `home/main/base/${ID}/data`), { recursive: true });
    const file = join(root, `home/main/base/${ID}/backup.info`);
    expect((await only(root, 'home/main')).problem).toMatchObject({ code: 'missing-backup', file });
    const locked = server({
      [`home/main/base/${ID}/backup.info`]: info(),
      [`home/main/base/${ID}/data/base.tar.gz.gpg`]: 'x',
    });
    await expect((await only(locked, 'home/main')).open()).rejects.toMatchObject({ code: 'encrypted' });
  });
});

const PACKERS: Readonly<Record<string, string>> = {
  '': 'cat',
  '.gz': 'gzip',
  '.bz2': 'bzip2',
  '.xz': 'xz',
  '.zst': 'zstd',
  '.lz4': 'lz4',
};

function tar(folder: string, to: string, suffix: string, what = '.'): void {
  execFileSync('sh', ['-c', `tar -cf - -C ${folder} ${what} | ${PACKERS[suffix]} > ${to}${suffix}`]);
}

const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
