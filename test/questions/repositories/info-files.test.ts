import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examineArchive } from '../../../src/node/questions.js';
import { folderOf, segmentsOf } from '../../support/folder.js';
import { RepositoryWriter } from '../../support/pgbackrest-repository.js';

const FULL = '20261126-110908F';

function repository(passphrase?: string): Record<string, Uint8Array> {
  const [segment] = segmentsOf(1);
  const label = Buffer.from('START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n');
  return new RepositoryWriter({ passphrase })
    .backup(FULL, { 'pg_data/PG_VERSION': Buffer.from('15\n'), 'pg_data/backup_label': label })
    .wal(segment.name, segment.bytes)
    .done();
}

const problemsOf = async (files: Record<string, Uint8Array>): Promise<(string | undefined)[]> => {
  const folder = folderOf(files);
  const { problems } = await examineArchive(folder);
  return problems.map(({ file }) => file?.slice(folder.length + 1));
};

it.each(['archive/main/archive.info', 'backup/main/backup.info'])(
  'tells of %s, damaged or gone, though its copy is sound',
  async (path) => {
    const { [path]: sound, ...gone } = repository();
    expect(await problemsOf({ ...gone, [path]: sound.subarray(1) })).toContain(path);
    expect(await problemsOf(gone)).toContain(path);
    expect(await problemsOf({ ...gone, [path]: sound })).not.toContain(path);
  },
);

describe('where archive.info and its copy are gone', () => {
  const without = (passphrase?: string): Record<string, Uint8Array> => {
    const files = repository(passphrase);
    for (const suffix of ['', '.copy']) delete files[`archive/main/archive.info${suffix}`];
    return files;
  };

  it.each(['', 'archive', 'backup', 'archive/main', 'archive/main/15-1', 'backup/main'])(
    'the WAL is read all the same, given %s, and that is told',
    async (place) => {
      const folder = folderOf(without());
      const { timelines, problems, backups } = await examineArchive(join(folder, place));
      expect(timelines).toHaveLength(1);
      expect(backups.map(({ stored }) => stored?.name)).toEqual([FULL]);
      const told = problems.find(({ code }) => code === 'bad-repository');
      expect(told).toMatchObject({ file: join(folder, 'archive/main/archive.info') });
      expect(told?.message).toContain('pgbackrest --stanza=main stanza-create');
    },
  );

  it('encrypted WAL cannot be, and the error names what is to be put back', async () => {
    const folder = folderOf(without('secret'));
    await expect(examineArchive(folder, { passphrase: 'secret' })).rejects.toMatchObject({
      code: 'bad-repository',
      message: expect.stringMatching(/archive\.info cannot be used: it is missing.*put back archive\.info/),
    });
  });
});

it('names encrypted WAL that was copied out of its repository for what it is', async () => {
  const [path, bytes] = Object.entries(repository('secret')).find(([name]) => name.includes('/15-1/'))!;
  const name = path.replace(/^.*\//, '');
  const other = { 'keys.enc': bytes };
  for (const copy of [name, `${name}.gz`, `${name}.zst`, `${name}.lz4`, name.slice(0, 24)]) {
    const folder = folderOf({ [copy]: bytes, ...other });
    const failed = examineArchive(folder);
    await expect(failed, copy).rejects.toMatchObject({ code: 'encrypted', file: join(folder, copy) });
  }
});
