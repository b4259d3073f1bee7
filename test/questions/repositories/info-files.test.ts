import { expect, it } from 'vitest';
import { examineArchive } from '../../../src/node/questions.js';
import { folderOf, segmentsOf } from '../../support/folder.js';
import { RepositoryWriter } from '../../support/pgbackrest-repository.js';

const FULL = '20261126-110908F';

function repository(): Record<string, Uint8Array> {
  const [segment] = segmentsOf(1);
  const label = Buffer.from('START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n');
  return new RepositoryWriter()
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
