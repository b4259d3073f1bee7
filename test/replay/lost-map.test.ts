import { expect, it } from 'vitest';
import { NODE } from '../../src/node/platform.js';
import { recoverRows } from '../../src/questions/rows/ask.js';
import { UTC } from '../../src/text/timezone.js';
import { backupFiles } from '../support/backup-files.js';
import { FaultyFiles } from '../support/faulty-files.js';

const BACKUP = await backupFiles('testdata/rows/18/base.tar.gz');
const HOME = 'base/16384';
const MAP = `${HOME}/pg_filenode.map`;

/** A backup that has no manifest, as 12 and tools that copy files make them. */
function rows(files: Readonly<Record<string, Uint8Array>>): ReturnType<typeof recoverRows> {
  const backup = new FaultyFiles(files).folder();
  const options = { backup, database: 'ventas_db', table: 't_cols', timezone: UTC };
  return recoverRows(
    ['testdata/rows/18'],
    { ...options, question: { kind: 'as-of', target: { kind: 'latest' } } },
    NODE,
  );
}

function without(path: string): Record<string, Uint8Array> {
  const { [path]: _, ...rest } = BACKUP;
  return rest;
}

const refusal = (path: string): object => ({
  code: 'damaged-backup',
  file: `store/${path}`,
  message: `the backup store is damaged: ${path} is not in it, though others of its folder are`,
});

it.each(['global/pg_filenode.map', MAP])(
  'a backup without %s is told, and no database missed',
  async (path) => {
    expect(Object.keys(BACKUP)).toContain(path);
    await expect(rows(without(path))).rejects.toMatchObject(refusal(path));
  },
);

it('the map of a database in a tablespace is missed there, wherever else it has files', async () => {
  const home = 'pg_tblspc/20000/PG_18_202506291/16384';
  const { [`${HOME}/PG_VERSION`]: version, ...rest } = without(MAP);
  await expect(rows({ ...rest, [`${home}/PG_VERSION`]: version })).rejects.toMatchObject(
    refusal(`${home}/pg_filenode.map`),
  );
});

it('tables of a database that are not in its own tablespace need no map there', async () => {
  const elsewhere = 'pg_tblspc/20000/PG_18_202506291/16384/99999';
  const found = await rows({ ...BACKUP, [elsewhere]: new Uint8Array(8192) });
  expect(found.problems).toEqual([]);
  found.close();
});
