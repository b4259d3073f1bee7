import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPath } from '../../src/node/files.js';
import { NODE_READING } from '../../src/node/reading.js';
import { MemoryPages } from '../../src/replay/block-store.js';
import { loadRelations } from '../../src/replay/load-backup.js';
import { ReplayedRelation } from '../../src/replay/replayed-relation.js';
import { findRepository, type RepositoryPlace } from '../../src/repos/index.js';
import { pgBackRest } from '../../src/repos/pgbackrest/layout.js';
import type { Backup } from '../../src/sources/backup-parts.js';
import type { SourceFolder } from '../../src/sources/byte-source.js';
import { listFolder } from '../../src/sources/folders.js';
import { takeInventory } from '../../src/sources/inventory.js';
import { ManifestCheck } from '../../src/sources/manifest-check.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { PORTABLE_READING, type Reading } from '../../src/sources/reading.js';
import { storedBytes } from '../../src/sources/stored-bytes.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';
import { withClosed } from '../support/closed-folder.js';
import { folderOf, segmentsOf } from '../support/folder.js';
import {
  infoFile,
  type Json,
  numbers,
  Raw,
  type RepositoryOptions,
  RepositoryWriter,
  SYSTEM_IDENTIFIER,
  sha1,
} from '../support/pgbackrest-repository.js';

const FULL = '20261126-110908F';
const DIFF = '20261126-110908F_20261126-111123D';
const INCR = '20261126-110908F_20261126-111151I';
const PASSPHRASE = 'secret';

const text = (content: string): Uint8Array => Buffer.from(content);
const page = (seed: number): Uint8Array => new Uint8Array(8192).map((_, i) => (i * seed + (i >> 8)) & 0xff);

const LABEL = text('START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n');
const SOME = {
  'pg_data/PG_VERSION': text('15\n'),
  'pg_data/backup_label': LABEL,
  'pg_data/base/5/1259': page(3),
  'pg_data/base/5/1260': new Uint8Array(0),
  'pg_tblspc/16384/PG_15_202209061/5/16385': page(5),
};

const withPassphrase = (options: RepositoryOptions): Reading => ({
  ...NODE_READING,
  passphrase: options.passphrase,
});

async function find(path: string, reading: Reading = NODE_READING): Promise<RepositoryPlace | undefined> {
  return findRepository(await openPath(path), reading);
}

async function open(
  files: Record<string, Uint8Array>,
  label: string,
  reading: Reading = NODE_READING,
): Promise<Backup> {
  const place = await find(folderOf(files), reading);
  const backups = await place!.repositories[0].backups();
  return backups.find(({ name }) => name === label)!.open();
}

async function read(backup: Backup, path: string): Promise<Uint8Array> {
  const source = await backup.files!.file(path);
  const pieces: Uint8Array[] = [];
  for await (const piece of storedBytes(source!, NODE_READING)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/** What is said of a file that is read and compared with its manifest. */
async function faultOf(backup: Backup, path: string): Promise<string | undefined> {
  const check = await ManifestCheck.of(backup);
  return check.faultOf(path, await read(backup, path))?.problem.message;
}

const FORMS: RepositoryOptions[] = [false, true].flatMap((bundle) =>
  (bundle ? [false, true] : [false]).flatMap((raw) =>
    (['none', 'gz'] as const).flatMap((compress) =>
      [undefined, PASSPHRASE].map((passphrase) => ({ bundle, raw, compress, passphrase })),
    ),
  ),
);

describe.each(FORMS)(
  'a backup, bundled $bundle, raw $raw, compressed by $compress, passphrase $passphrase',
  (options) => {
    const reading = withPassphrase(options);

    it('gives its files, and those of the one that it builds on', async () => {
      const writer = new RepositoryWriter(options).backup(FULL, SOME);
      const alone = { size: 8192, checksum: sha1(page(3)).toString('hex'), timestamp: 1 };
      const stored = writer.stored(page(3), options.bundle === true && options.raw);
      const version = writer.stored(text('15\n'), options.bundle === true && options.raw);
      const bundled: Record<string, Json> = options.bundle ? { bni: 1, bno: version.length } : {};
      writer.backup(
        DIFF,
        { 'pg_data/backup_label': LABEL, 'pg_data/base/5/1261': page(7) },
        { 'pg_data/base/5/1259': { ...bundled, reference: FULL, 'repo-size': stored.length, ...alone } },
      );
      const files = writer.done();
      for (const [path, bytes] of Object.entries(SOME)) {
        const backup = await open(files, FULL, reading);
        const inData = path.replace('pg_data/', '');
        expect(await read(backup, inData), path).toEqual(new Uint8Array(bytes));
        expect(await faultOf(backup, inData)).toBeUndefined();
      }
      const diff = await open(files, DIFF, reading);
      expect(await read(diff, 'base/5/1259')).toEqual(page(3));
      expect(await read(diff, 'base/5/1261')).toEqual(page(7));
      expect(await diff.tablespaceLinks()).toEqual([{ oid: 16384, path: '/apart' }]);
      expect((await diff.label())?.bytes).toEqual(new Uint8Array(LABEL));
      const portable = { ...PORTABLE_READING, open: openPath, passphrase: options.passphrase };
      expect(await read(await open(files, FULL, portable), 'base/5/1259')).toEqual(page(3));
    });
  },
);

/** A file of six blocks: the full backup has two super blocks of it, the second changed blocks 1 and 4. */
function blockRepository(options: RepositoryOptions): { files: Record<string, Uint8Array>; now: Uint8Array } {
  const writer = new RepositoryWriter({ ...options, raw: true });
  const blocks = [1, 2, 3, 4, 5].map(page);
  const tail = page(6).subarray(0, 100);
  const old = Buffer.concat([...blocks, tail]);
  const changed = [page(11), page(12)];
  const now = Buffer.concat([blocks[0], changed[0], blocks[2], blocks[3], changed[1], tail]);
  const check = (count: number): Uint8Array => new Uint8Array(6 * count).fill(9);
  const line = (bytes: Uint8Array, stored: Uint8Array, map: Uint8Array) => ({
    bi: 1,
    bim: map.length,
    checksum: sha1(bytes).toString('hex'),
    'repo-size': stored.length,
    size: bytes.length,
    timestamp: 1,
  });

  const [first, second] = [blocks.slice(0, 3), [...blocks.slice(3), tail]].map((some) =>
    writer.stored(Buffer.concat(some)),
  );
  // reference 0 at its beginning; super blocks of 3 blocks, and of 2 and 100 bytes, which is the last
  const sizes = [first.length, second.length];
  const zigZag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);
  const oldMap = writer.storedMap(
    Buffer.concat([
      numbers(0, (0 << 3) | 1, sizes[0] * 8 + 2, 3 << 1),
      check(3),
      numbers(zigZag(sizes[1] - sizes[0]) * 8 + 2 + 1, (2 << 1) | 1, 100),
      check(3),
    ]),
  );
  const stored = Buffer.concat([first, second, oldMap]);
  writer.backup(FULL, SOME, { 'pg_data/base/5/2': line(old, stored, oldMap) });
  writer.files[`backup/main/${FULL}/pg_data/base/5/2.pgbi`] = stored;

  const own = writer.stored(Buffer.concat(changed));
  const part = (total: number, offset?: number): Uint8Array =>
    numbers((total - 1) * 2 + (offset === undefined ? 0 : 1), ...(offset === undefined ? [] : [offset]));
  const map = writer.storedMap(
    Buffer.concat([
      // block 0 out of the first super block of the full backup, which goes on later
      numbers(0, 0 << 3, sizes[0] * 8 + 4 + 2 + 1, 3 << 1),
      part(1),
      check(1),
      // block 1 out of our own
      numbers(1 << 3, zigZag(own.length - sizes[0]) * 8 + 4 + 2 + 1, 2 << 1),
      part(1),
      check(1),
      // blocks 2 and, in the next super block, 3
      numbers((0 << 3) | 2),
      part(1, 1),
      check(1),
      numbers(zigZag(sizes[1] - sizes[0]) * 8 + 4 + 2 + 1, (2 << 1) | 1, 100),
      part(1),
      check(1),
      // our second, and the rest of the full backup's
      numbers((1 << 3) | 2 | 4),
      part(1),
      check(1),
      numbers((0 << 3) | 2 | 4 | 1),
      part(1, 1),
      check(1),
    ]),
  );
  const newer = Buffer.concat([own, map]);
  const file = line(now, newer, map);
  const version = text('15\n');
  const kept = { reference: FULL, checksum: sha1(version).toString('hex'), size: 3, timestamp: 1 };
  writer.backup(
    INCR,
    { 'pg_data/backup_label': LABEL },
    {
      'pg_data/PG_VERSION': { 'repo-size': writer.stored(version, false).length, ...kept },
      'pg_data/base/5/2': file,
    },
  );
  writer.files[`backup/main/${INCR}/pg_data/base/5/2.pgbi`] = newer;
  return { files: writer.done(), now };
}

describe.each([
  { compress: 'none' },
  { compress: 'gz' },
  { compress: 'gz', passphrase: PASSPHRASE },
] as const)('a file that is stored block by block, $compress, passphrase $passphrase', (options) => {
  it('is put together from the backups that have its blocks', async () => {
    const { files, now } = blockRepository(options);
    const backup = await open(files, INCR, withPassphrase(options));
    expect(await read(backup, 'base/5/2')).toEqual(new Uint8Array(now));
    expect(await faultOf(backup, 'base/5/2')).toBeUndefined();
  });

  it('is an error where a part of it is damaged', async () => {
    const { files } = blockRepository(options);
    const path = `backup/main/${FULL}/pg_data/base/5/2.pgbi`;
    const whole = files[path];
    for (const size of [0, 20, whole.length >> 1]) {
      const backup = await open({ ...files, [path]: whole.subarray(0, size) }, INCR, withPassphrase(options));
      await expect(read(backup, 'base/5/2')).rejects.toMatchObject({
        code: 'damaged-backup',
        file: expect.stringContaining(path),
      });
    }
    const own = `backup/main/${INCR}/pg_data/base/5/2.pgbi`;
    for (let at = 0; at < files[own].length; at += 97) {
      const flipped = Uint8Array.from(files[own]);
      flipped[at] ^= 0x10;
      const backup = await open({ ...files, [own]: flipped }, INCR, withPassphrase(options));
      const told = await faultOf(backup, 'base/5/2').catch((error) => {
        expect(error).toMatchObject({ code: 'damaged-backup' });
        return String(error.message);
      });
      // only checksums of blocks are passed over, since the file has one of its own
      if (told !== undefined) expect(told).toContain('.pgbi');
    }
  });
});

it('names the file that has a damaged page of one that is stored block by block', async () => {
  const { files } = blockRepository({ compress: 'none' });
  const backup = await open(files, INCR);
  const file = { spcOid: 1663, dbOid: 5, relNumber: 2 };
  const relation = new ReplayedRelation(file, new MemoryPages().newStore());
  // none of its pages is one, and their headers say so
  await loadRelations(backup, await ManifestCheck.of(backup), [relation], false);
  const parts = { [FULL]: 'block 0 of .*; so are 2, 3:', [INCR]: 'block 1 of .*; so is 4:' };
  expect(relation.damage.problems.map(({ file, message }) => [file, message])).toEqual(
    Object.entries(parts).map(([label, blocks]) => {
      const path = `/backup/main/${label}/pg_data/base/5/2.pgbi`;
      return [
        expect.stringMatching(new RegExp(`${path}$`)),
        expect.stringMatching(new RegExp(`^${blocks.replace(' of ', ` of base/5/2 \\(\\S+${path}\\)`)}`)),
      ];
    }),
  );
});

it('says what to do where a manifest tells of more files than fit into memory', async () => {
  const listed = Object.fromEntries(Array.from({ length: 1_002_000 }, (_, i) => [`pg_data/${i}`, NO_FILE]));
  const files = new RepositoryWriter().backup(FULL, {}, listed).done();
  await expect(open(files, FULL)).rejects.toMatchObject({
    code: 'file-too-large',
    file: expect.stringMatching(/backup\.manifest$/),
    message: expect.stringMatching(
      /more than 1000000 files, .*: restore the backup by pgbackrest restore, and/,
    ),
  });
});

const NO_FILE = { size: 0 };

describe('a damaged repository', () => {
  const whole = (): Record<string, Uint8Array> =>
    new RepositoryWriter({ bundle: true, compress: 'gz' }).backup(FULL, SOME).done();
  const bundle = `backup/main/${FULL}/bundle/1`;
  const manifest = `backup/main/${FULL}/backup.manifest`;

  it('names the bundle that is cut off, or missing', async () => {
    const files = whole();
    const cut = await open({ ...files, [bundle]: files[bundle].subarray(0, 60) }, FULL);
    await expect(read(cut, 'base/5/1259')).rejects.toMatchObject({
      code: 'damaged-backup',
      message: expect.stringMatching(/bundle\/1 is cut off: it ends after 60 bytes/),
    });
    const { [bundle]: _, ...rest } = files;
    await expect(read(await open(rest, FULL), 'base/5/1259')).rejects.toMatchObject({
      code: 'damaged-backup',
      message: expect.stringMatching(/bundle\/1 is missing: .* pg_data\/base\/5\/1259/),
    });
  });

  it('names the file in which a byte is another', async () => {
    const files = new RepositoryWriter().backup(FULL, SOME).done();
    const path = `backup/main/${FULL}/pg_data/base/5/1259`;
    files[path] = Uint8Array.from(files[path]);
    files[path][17] ^= 1;
    expect(await faultOf(await open(files, FULL), 'base/5/1259')).toMatch(
      /base\/5\/1259 \(.*\/pg_data\/base\/5\/1259\) has another checksum than its manifest says \(SHA1 /,
    );
    const packed = new RepositoryWriter({ compress: 'gz' }).backup(FULL, SOME).done();
    packed[`${path}.gz`] = Uint8Array.from(packed[`${path}.gz`]);
    packed[`${path}.gz`][100] ^= 1;
    await expect(read(await open(packed, FULL), 'base/5/1259')).rejects.toMatchObject({
      code: 'damaged-backup',
      file: expect.stringMatching(/1259\.gz$/),
    });
  });

  it('names it where one of the files is damaged by which all others are read', async () => {
    const control = page(9);
    for (const [path, bytes] of Object.entries({ 'global/pg_control': control, backup_label: LABEL })) {
      const stored = `backup/main/${FULL}/pg_data/${path}`;
      const good = new RepositoryWriter()
        .backup(FULL, { ...SOME, 'pg_data/global/pg_control': control })
        .done();
      const flipped = Uint8Array.from(bytes);
      flipped[40] ^= 1;
      for (const damaged of [flipped, bytes.subarray(0, 50), Buffer.concat([bytes, bytes])]) {
        const backup = await open({ ...good, [stored]: damaged }, FULL);
        const reading = path === 'backup_label' ? backup.label() : backup.control();
        await expect(reading).rejects.toMatchObject({
          code: 'damaged-backup',
          file: expect.stringContaining(stored),
        });
      }
    }
  });

  it('names the file of the repository, in another backup or a bundle, whose page is damaged', async () => {
    for (const bundle of [false, true]) {
      const writer = new RepositoryWriter({ compress: 'gz', bundle }).backup(FULL, {
        'pg_data/base/5/1259': page(3),
      });
      const line = { checksum: sha1(page(3)).toString('hex'), size: 8192, timestamp: 1, reference: FULL };
      const stored = { ...line, 'repo-size': writer.stored(page(3)).length, ...(bundle ? { bni: 1 } : {}) };
      writer.backup(DIFF, { 'pg_data/backup_label': LABEL }, { 'pg_data/base/5/1259': stored });
      const backup = await open(writer.done(), DIFF);
      const file = { spcOid: 1663, dbOid: 5, relNumber: 1259 };
      const relation = new ReplayedRelation(file, new MemoryPages().newStore());
      await loadRelations(backup, await ManifestCheck.of(backup), [relation], false);
      const path = `backup/main/${FULL}/${bundle ? 'bundle/1' : 'pg_data/base/5/1259.gz'}`;
      expect(relation.damage.problems).toMatchObject([
        {
          file: expect.stringMatching(new RegExp(`/${path}$`)),
          message: expect.stringMatching(new RegExp(`^block 0 of base/5/1259 \\(\\S+/${path}\\) is damaged`)),
        },
      ]);
    }
  });

  it('names the backup that another one builds on, and that is gone', async () => {
    const writer = new RepositoryWriter().backup(FULL, SOME);
    const kept = { reference: FULL, checksum: sha1(page(3)).toString('hex'), size: 8192, timestamp: 1 };
    const files = writer
      .backup(DIFF, { 'pg_data/backup_label': LABEL }, { 'pg_data/base/5/1259': kept })
      .done();
    const left = Object.fromEntries(
      Object.entries(files).filter(([path]) => !path.startsWith(`backup/main/${FULL}/`)),
    );
    const place = await find(folderOf(left));
    const backups = await place!.repositories[0].backups();
    expect(backups.map(({ name, problem }) => [name, problem?.code, problem?.message])).toEqual([
      [FULL, 'missing-backup', expect.stringContaining(`${FULL} is not there any more`)],
      [DIFF, 'missing-backup', expect.stringContaining(`${DIFF} builds on ${FULL}`)],
    ]);
    await expect(read(await backups[1].open(), 'base/5/1259')).rejects.toMatchObject({
      code: 'missing-backup',
    });
  });

  it('uses the copy of a file that was changed', async () => {
    const files = whole();
    for (const path of [manifest, 'backup/main/backup.info', 'archive/main/archive.info']) {
      const changed = Buffer.from(files[path]);
      changed[changed.length >> 1] ^= 1;
      files[path] = changed;
    }
    expect(await read(await open(files, FULL), 'PG_VERSION')).toEqual(new Uint8Array(text('15\n')));
    files[`${manifest}.copy`] = files[manifest];
    await expect(open(files, FULL)).rejects.toMatchObject({
      code: 'bad-repository',
      file: expect.stringContaining(manifest),
    });
    files['backup/main/backup.info.copy'] = files['backup/main/backup.info'];
    await expect(open(files, FULL)).rejects.toMatchObject({ code: 'bad-repository' });
  });

  it('tells of an information file whose copy it uses, damaged or gone', async () => {
    for (const path of ['backup/main/backup.info', 'archive/main/archive.info']) {
      const { [path]: sound, ...gone } = whole();
      const changed = Buffer.from(sound);
      changed[changed.length >> 1] ^= 1;
      for (const files of [gone, { ...gone, [path]: changed }]) {
        const folder = folderOf(files);
        const [{ passedOver }] = (await find(folder))!.repositories;
        expect(passedOver).toMatchObject([{ code: 'bad-repository', file: join(folder, path) }]);
      }
    }
    expect((await find(folderOf(whole())))!.repositories[0].passedOver).toEqual([]);
  });

  it.each([
    ['a path out of the backup', { 'pg_data/../../x': { size: 1, timestamp: 1 } }],
    ['a path out of a tablespace', { 'pg_tblspc/16384/../../x': { size: 1, timestamp: 1 } }],
    ['an absolute path', { '/etc/passwd': { size: 1, timestamp: 1 } }],
    ['a size that is none', { 'pg_data/x': { size: -1, timestamp: 1 } }],
    ['a size that is too large', { 'pg_data/x': { size: 1e300, timestamp: 1 } }],
    ['no size', { 'pg_data/x': { timestamp: 1 } }],
    ['an end beyond all numbers', { 'pg_data/x': { size: 9, bni: 1, bno: 9_007_199_254_740_990 } }],
    ['a reference to a folder', { 'pg_data/x': { size: 1, reference: '../../etc' } }],
    ['a checksum that is none', { 'pg_data/x': { size: 1, checksum: '00' } }],
    ['a map that is larger than the file', { 'pg_data/x': { size: 9, bi: 1, bim: 10 } }],
    ['a map that is larger than any', { 'pg_data/x': { size: 2 ** 40, bi: 1, bim: 2 ** 25 } }],
    ['blocks without a size', { 'pg_data/x': { size: 9, bi: 0, bim: 2 } }],
  ] as [string, Record<string, Record<string, Json>>][])(
    'refuses a manifest that has %s',
    async (_, lines) => {
      const files = new RepositoryWriter().backup(FULL, SOME, lines).done();
      await expect(open(files, FULL)).rejects.toMatchObject({ code: 'bad-repository' });
    },
  );

  it('reads no more of a file than it should have', async () => {
    const bomb = new Uint8Array(64 * 1024 * 1024);
    const writer = new RepositoryWriter({ compress: 'gz' });
    const stored = writer.stored(bomb);
    const line = { size: 10, checksum: sha1('').toString('hex'), 'repo-size': stored.length, timestamp: 1 };
    writer.backup(FULL, SOME, { 'pg_data/x': line });
    writer.files[`backup/main/${FULL}/pg_data/x.gz`] = stored;
    const backup = await open(writer.done(), FULL);
    await expect(read(backup, 'x')).rejects.toMatchObject({
      code: 'damaged-backup',
      message: expect.stringContaining('more than the 10 bytes'),
    });
  });
});

describe('an encrypted repository', () => {
  const files = new RepositoryWriter({ passphrase: PASSPHRASE, compress: 'gz' })
    .backup(FULL, SOME)
    .wal(segmentsOf(1)[0].name, segmentsOf(1)[0].bytes)
    .done();

  it('is opened by its passphrase alone', async () => {
    // below a folder of a name that is one of pgBackRest's
    const above = folderOf(
      Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`backup/repo/${path}`, bytes])),
    );
    const folder = join(above, 'backup/repo');
    const told =
      /archive\/main\/archive.info is encrypted by pgBackRest .*pgbackrest --stanza=main repo-get archive\/main\/archive.info/;
    await expect(find(folder)).rejects.toMatchObject({
      code: 'encrypted',
      message: expect.stringMatching(told),
    });
    for (const passphrase of ['wrong', '', `${PASSPHRASE} `]) {
      await expect(find(folder, { ...NODE_READING, passphrase })).rejects.toMatchObject({
        code: 'wrong-passphrase',
        file: expect.stringContaining('archive.info'),
      });
    }
  });

  it.each(['', 'archive/main/15-1', 'archive/main/15-1/0000000100000000'])(
    'has its WAL deciphered, found from %s',
    async (place) => {
      const folder = folderOf(files);
      const reading = withPassphrase({ passphrase: PASSPHRASE });
      const { repositories, wal } = (await find(join(folder, place), reading))!;
      const { segments, problems } = await takeInventory(wal ?? repositories[0].wal, reading);
      expect(segments.map(({ name }) => name)).toEqual([segmentsOf(1)[0].name]);
      expect(problems).toEqual([]);
    },
  );
});

describe('a repository is found', () => {
  const segment = segmentsOf(1)[0];
  const files = new RepositoryWriter()
    .backup(FULL, SOME)
    .backup(DIFF, SOME)
    .wal(segment.name, segment.bytes)
    .done();
  const wal = Object.keys(files).find((path) => path.startsWith('archive/main/15-1/'))!;
  files['backup/main/latest'] = text(DIFF);

  it.each([
    ['', undefined, false],
    ['archive', undefined, false],
    ['backup', undefined, false],
    ['archive/main', undefined, false],
    ['backup/main', undefined, false],
    ['archive/main/15-1', undefined, false],
    ['archive/main/archive.info', undefined, false],
    ['backup/main/backup.info.copy', undefined, false],
    [`backup/main/${FULL}`, FULL, false],
    [`backup/main/${FULL}/pg_data`, FULL, false],
    [`backup/main/${FULL}/pg_tblspc`, FULL, false],
    [`backup/main/${DIFF}/backup.manifest`, DIFF, false],
    ['backup/main/latest', DIFF, false],
    ['archive/main/15-1/0000000100000000', undefined, true],
    [wal, undefined, true],
  ])('from %s', async (path, backup, isPart) => {
    const folder = folderOf(files);
    const place = await find(join(folder, path));
    expect(place?.repositories).toMatchObject([
      { tool: 'pgbackrest', cluster: 'main', version: 15, systemIdentifier: BigInt(SYSTEM_IDENTIFIER) },
    ]);
    expect(place?.repositories[0].name).toBe(join(folder, 'archive/main/15-1'));
    expect(place?.backup).toBe(backup);
    expect(place?.wal !== undefined).toBe(isPart);
    const backups = await place!.repositories[0].backups();
    expect(backups.map(({ name, type, parent }) => [name, type, parent])).toEqual([
      [FULL, 'full', undefined],
      [DIFF, 'differential', FULL],
    ]);
  });

  it('from the link to the newest backup', async () => {
    const folder = folderOf({ ...files, 'backup/main/latest': text('') });
    symlinkSync(FULL, join(folder, 'backup/main/newest'));
    expect(await find(join(folder, 'backup/main/newest'))).toMatchObject({ backup: FULL });
  });

  it('and tells what its information files say of a backup', async () => {
    const [backup] = await (await find(folderOf(files)))!.repositories[0].backups();
    expect(backup).toMatchObject({
      startLsn: 0x2000028n,
      endLsn: 0x2000120n,
      timeline: 1,
      size: 2000,
      storedSize: 1000,
      // 2026-11-26 11:11:51 UTC
      startTime: (1795691511n - 946684800n) * 1_000_000n,
      problem: undefined,
    });
  });

  it('with each of its clusters, where they have anything', async () => {
    const writer = new RepositoryWriter().backup(FULL, SOME).wal(segment.name, segment.bytes, '16-2');
    const clusters = {
      1: { version: '15', id: SYSTEM_IDENTIFIER },
      2: { version: '16', id: '7712435489008293897' },
      3: { version: '17', id: '7712435489008293898' },
    };
    const folder = folderOf(writer.done(clusters));
    const { repositories } = (await find(folder))!;
    expect(repositories.map(({ name, version }) => [name.slice(folder.length), version])).toEqual([
      ['/archive/main/15-1', 15],
      ['/archive/main/16-2', 16],
    ]);
    expect((await find(join(folder, 'archive/main/16-2')))?.repositories).toMatchObject([{ version: 16 }]);
    expect((await find(join(folder, 'backup/main', FULL)))?.repositories).toMatchObject([{ version: 15 }]);
  });

  it('with backups that were not finished, or are not in backup.info', async () => {
    const writer = new RepositoryWriter().backup(FULL, SOME);
    const all = { ...new RepositoryWriter().backup(DIFF, SOME).backup(INCR, SOME).files, ...writer.done() };
    delete all[`backup/main/${INCR}/backup.manifest`];
    const [{ backups }] = (await find(folderOf(all)))!.repositories;
    expect((await backups()).map(({ name, problem, startLsn }) => [name, problem?.code, startLsn])).toEqual([
      [FULL, undefined, 0x2000028n],
      [DIFF, undefined, 0x2000028n],
      [INCR, 'unknown-backup', undefined],
    ]);
  });

  it('but not as one without backups, or without WAL, where these may not be looked at', async () => {
    const wal = { 'archive/main/15-1/0000000100000000/x': text('') };
    const root = folderOf({ ...new RepositoryWriter().backup(FULL, SOME).done(), ...wal });
    for (const path of ['archive', 'archive/main']) {
      const folder = withClosed((await openPath(root)) as SourceFolder, path);
      await expect(findRepository(folder, NODE_READING), path).rejects.toMatchObject({ code: 'unreadable' });
    }
    for (const path of ['backup', 'backup/main']) {
      const folder = withClosed((await openPath(root)) as SourceFolder, path);
      const [repository, ...others] = (await findRepository(folder, NODE_READING))!.repositories;
      expect(repository.wal, path).toHaveLength(1);
      await expect(repository.backups(), path).rejects.toMatchObject({ code: 'unreadable' });
      expect(others).toEqual([]);
    }
    expect((await find(root))?.repositories).toHaveLength(1);
  });

  it('with the WAL that a backup has itself', async () => {
    const own = { [`pg_data/pg_wal/${segment.name}`]: segment.bytes };
    const backup = await open(
      new RepositoryWriter({ compress: 'gz' }).backup(FULL, { ...SOME, ...own }).done(),
      FULL,
    );
    const { segments } = await takeInventory((await backup.wal())!, NODE_READING);
    expect(segments.map(({ name }) => name)).toEqual([segment.name]);
    expect(await (await open(files, FULL)).wal()).toBeUndefined();
  });

  it('with all its stanzas, whatever else lies among them', async () => {
    const done = new RepositoryWriter().backup(FULL, SOME).done();
    const others = Array.from({ length: 30 }, (_, i) => [`backup/o${i}/x`, text('')]);
    const again = Object.entries(done).map(([path, bytes]) => [path.replace('/main/', '/other/'), bytes]);
    const root = folderOf({ ...done, ...Object.fromEntries([...again, ...others]) });
    // whichever comes first
    const folder = (await openPath(join(root, 'backup'))) as SourceFolder;
    const last = (name: string): number => Number(name === 'other');
    const sorted: SourceFolder = {
      ...{ name: folder.name, id: folder.id, parent: folder.parent },
      async *list() {
        const entries = await listFolder(folder, NODE_READING);
        yield* entries.sort((a, b) => last(a.name) - last(b.name));
      },
    };
    const place = await findRepository(sorted, NODE_READING);
    expect(place?.repositories.map(({ cluster }) => cluster)).toEqual(['main', 'other']);
  });

  it('where there is only a backup', async () => {
    const writer = new RepositoryWriter().backup(FULL, SOME);
    const place = await find(join(folderOf(writer.files), 'backup/main', FULL));
    expect(place).toMatchObject({ backup: FULL, repositories: [{ version: 15, wal: [] }] });
  });

  it('in no other folder', async () => {
    const folder = folderOf({
      'archive/000000010000000000000003': segment.bytes,
      'backup/data/PG_VERSION': text('15\n'),
      'barman/base/20261126T111131/backup.info': text('begin_wal=000000010000000000000002\n'),
      'wal/15-1/0000000100000000/x': text(''),
      'label/backup.manifest': text('{}'),
    });
    mkdirSync(join(folder, 'empty/archive'), { recursive: true });
    const paths = [
      ...['', 'archive', 'backup', 'barman/base/20261126T111131', 'wal/15-1', 'empty', 'label'],
      ...['wal/15-1/0000000100000000', 'archive/000000010000000000000003'],
    ];
    for (const path of paths) {
      const found = pgBackRest.find(await openPath(join(folder, path)), NODE_READING);
      expect(await found, path).toBeUndefined();
    }
  });

  it('in no folder of WAL, for which it is asked little', async () => {
    const asked: string[] = [];
    const closed: SourceFolder = {
      name: '/closed',
      // biome-ignore lint/correctness/useYield: it has nothing to give
      async *list() {
        throw new WalError('unreadable', message`it is closed`);
      },
      entry: async (name) => {
        asked.push(name);
        return { kind: 'unreadable', name, error: new WalError('unreadable', message`it is closed`) };
      },
    };
    for (const name of ['/closed/archive', '/closed/wal', '/closed/15-1', `/closed/${FULL}/pg_data`]) {
      asked.length = 0;
      const folder: SourceFolder = {
        name,
        parent: closed,
        async *list() {
          for (let i = 0; i < 100_000; i++) {
            asked.push('one of very many');
            yield { kind: 'file', name: `${i}`, source: memorySource(`${name}/${i}`, new Uint8Array(9)) };
          }
        },
        entry: async (one) => {
          asked.push(one);
          return undefined;
        },
      };
      expect(await pgBackRest.find(folder, NODE_READING), name).toBeUndefined();
      expect(asked.length, name).toBeLessThan(40);
    }
  });
});

it('reads keys that have an equals sign, and what JSON escapes', async () => {
  const sections = {
    'backup:current': {},
    'db:history': { 1: new Raw(`{"db-system-id":1,"db-version":"15"}`) },
  };
  const odd = { 'a=b="c\\d': 'x=1' };
  const folder = folderOf({ 'backup/main/backup.info': infoFile({ ...sections, odd }) });
  expect(await find(join(folder, 'backup/main'))).toBeUndefined();
});
