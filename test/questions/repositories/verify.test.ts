import { describe, expect, it } from 'vitest';
import { openPath } from '../../../src/node/files.js';
import { NODE_READING } from '../../../src/node/reading.js';
import { KnownFiles, type VerifiedBackup, verifyBackup } from '../../../src/questions/archive/verify.js';
import { findRepository } from '../../../src/repos/index.js';
import { folderOf } from '../../support/folder.js';
import { RepositoryWriter, sha1 } from '../../support/pgbackrest-repository.js';

const FULL = '20261126-110908F';
const DIFF = '20261126-110908F_20261126-111123D';
const PAGE = new Uint8Array(8192).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
const LABEL = Buffer.from('START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n');

/** A differential backup has a file of its own, and one of the full backup that it builds on. */
function files(compress: 'none' | 'gz'): Record<string, Uint8Array> {
  const writer = new RepositoryWriter({ compress });
  writer.backup(FULL, {
    'pg_data/PG_VERSION': Buffer.from('15\n'),
    'pg_data/backup_label': LABEL,
    'pg_data/postgresql.auto.conf': Buffer.from('a = 1\n'),
    'pg_data/base/5/1259': PAGE,
  });
  writer.backup(
    DIFF,
    { 'pg_data/backup_label': LABEL, 'pg_data/base/5/1261': PAGE.toReversed() },
    {
      'pg_data/base/5/1259': {
        ...{ reference: FULL, 'repo-size': writer.stored(PAGE).length, size: PAGE.length },
        ...{ checksum: sha1(PAGE).toString('hex'), timestamp: 1 },
      },
    },
  );
  return writer.done();
}

async function verify(repository: Record<string, Uint8Array>): Promise<Record<string, VerifiedBackup>> {
  const place = await findRepository(await openPath(folderOf(repository)), NODE_READING);
  const known = new KnownFiles();
  const answers: Record<string, VerifiedBackup> = {};
  for (const stored of await place!.repositories[0].backups()) {
    const options = { reading: NODE_READING, startLsn: stored.startLsn, onBytes: () => {}, known };
    answers[stored.name] = await verifyBackup(await stored.open(), options);
  }
  return answers;
}

const told = ({ problems }: VerifiedBackup): (string | undefined)[] =>
  problems.map(({ file }) => file && /backup\/main\/.*/.exec(file)?.[0]);

describe.each(['none', 'gz'] as const)("the files of pgBackRest's backups, compressed by %s,", (compress) => {
  const suffix = compress === 'none' ? '' : `.${compress}`;
  const shared = `backup/main/${FULL}/pg_data/base/5/1259${suffix}`;
  const damaged = (path: string, change: (bytes: Uint8Array) => Uint8Array): Record<string, Uint8Array> => {
    const all = files(compress);
    return { ...all, [path]: change(all[path]) };
  };

  it('are held against its manifest, each once', async () => {
    const { [FULL]: full, [DIFF]: diff } = await verify(files(compress));
    expect(full).toMatchObject({ checksums: 'backup.manifest', problems: [], files: 4 });
    expect(diff).toMatchObject({ checksums: 'backup.manifest', problems: [], files: 3 });
    expect(diff.bytes).toBe(PAGE.length + LABEL.length);
  });

  it.each([
    [
      'with a byte that is another',
      (bytes: Uint8Array) => bytes.map((byte, i) => (i === 15 ? byte ^ 1 : byte)),
    ],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 20)],
  ])('are told where one is %s, of all backups that need it', async (_, change) => {
    const { [FULL]: full, [DIFF]: diff } = await verify(damaged(shared, change));
    expect(told(full)).toEqual([shared]);
    expect(told(diff)).toEqual([shared]);
  });

  it('are told where one is missing', async () => {
    const { [shared]: _, ...rest } = files(compress);
    const { [FULL]: full, [DIFF]: diff } = await verify(rest);
    expect([told(full), told(diff)]).toEqual([[shared], [shared]]);
  });

  it('are told also of those that pg_verifybackup passes over', async () => {
    const path = `backup/main/${FULL}/pg_data/postgresql.auto.conf${suffix}`;
    const { [FULL]: full } = await verify(damaged(path, (bytes) => bytes.subarray(0, bytes.length - 1)));
    expect(told(full)).toEqual([path]);
  });

  it('are told where pgBackRest found pages of them damaged as it copied them', async () => {
    const writer = new RepositoryWriter({ compress });
    const stored = writer.stored(PAGE);
    const path = 'pg_data/base/5/1259';
    const line = { size: PAGE.length, 'repo-size': stored.length, checksum: sha1(PAGE).toString('hex') };
    const found = { 'checksum-page': false, 'checksum-page-error': [1, [3, 5]] };
    writer.backup(FULL, { 'pg_data/backup_label': LABEL }, { [path]: { ...line, ...found, timestamp: 1 } });
    const { [FULL]: full } = await verify({ ...writer.done(), [shared]: stored });
    expect(told(full)).toEqual([shared]);
    expect(full.problems[0].message).toContain('pages (1, 3-5) whose checksums were wrong');
  });

  it('are told of their manifest where its copy is used instead', async () => {
    const path = `backup/main/${FULL}/backup.manifest`;
    const changed = damaged(path, (bytes) =>
      bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
    );
    const { [path]: _, ...gone } = files(compress);
    for (const repository of [changed, gone]) {
      const { [FULL]: full } = await verify(repository);
      expect(told(full)).toEqual([path]);
      expect(full).toMatchObject({ checksums: 'backup.manifest', files: 4 });
    }
  });
});
