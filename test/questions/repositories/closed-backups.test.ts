import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderSource } from '../../../src/node/files.js';
import {
  examineArchive,
  findCommit,
  findIncidents,
  findMoment,
  planRecovery,
  recoverRows,
} from '../../../src/node/questions.js';
import { NODE_READING } from '../../../src/node/reading.js';
import { openBackup } from '../../../src/sources/backup.js';
import type { SourceFolder } from '../../../src/sources/byte-source.js';
import { findBelow } from '../../../src/sources/folders.js';
import { UTC } from '../../../src/text/timezone.js';
import { WalError } from '../../../src/wal/error.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { message } from '../../../src/wal/message.js';
import { withClosed } from '../../support/closed-folder.js';
import { fakeRepository } from '../../support/fake-repository.js';
import { folderOf, segmentsOf } from '../../support/folder.js';
import { RepositoryWriter } from '../../support/pgbackrest-repository.js';

const FULL = '20261126-110908F';
const [SEGMENT] = segmentsOf(1, { version: 15 });
const PART = SEGMENT.name.slice(0, 16);

type Files = Record<string, Uint8Array | string>;

const pgBackRest = (passphrase?: string): Files =>
  new RepositoryWriter({ passphrase })
    .backup(FULL, { 'pg_data/PG_VERSION': Buffer.from('15\n') })
    .wal(SEGMENT.name, SEGMENT.bytes)
    .done();

const damaged = (files: Files): Files => ({
  ...files,
  'backup/main/backup.info': 'damaged',
  'backup/main/backup.info.copy': 'damaged',
});

const BARMAN: Files = {
  [`wals/${PART}/${SEGMENT.name}`]: SEGMENT.bytes,
  'wals/xlog.db': '',
  'base/20261126T111016/backup.info': 'no line of it',
  'base/20261126T111016/data/PG_VERSION': '15\n',
};

const WAL_G: Files = {
  [`wal_005/${SEGMENT.name}`]: SEGMENT.bytes,
  'basebackups_005/base_000000010000000000000002/tar_partitions/part_001.tar': '',
};

interface Case {
  files: Files;
  closed?: string;
  wal: string;
  passphrase?: string;
}

const CASES: Record<string, Case> = {
  'of pgBackRest, whose folder is closed': {
    files: pgBackRest(),
    closed: 'backup',
    wal: `archive/main/15-1/${PART}`,
  },
  'of pgBackRest, whose stanza is closed': {
    files: pgBackRest(),
    closed: 'backup/main',
    wal: `archive/main/15-1/${PART}`,
  },
  'of pgBackRest, encrypted and without a backup.info': {
    files: damaged(pgBackRest('secret')),
    wal: `archive/main/15-1/${PART}`,
    passphrase: 'secret',
  },
  'of Barman, whose folder is closed': { files: BARMAN, closed: 'base', wal: `wals/${PART}` },
  'of Barman, whose backup.info is damaged': { files: BARMAN, wal: `wals/${PART}` },
  'of WAL-G, whose folder is closed': { files: WAL_G, closed: 'basebackups_005', wal: 'wal_005' },
};

describe.each(Object.entries(CASES))('backups %s', (_, { files, closed, wal, passphrase }) => {
  const whole = async (): Promise<SourceFolder> => {
    const folder = await folderSource(folderOf(files));
    return closed === undefined ? folder : withClosed(folder, closed);
  };
  const codes = (problems: readonly WalError[]): string[] => problems.map(({ code }) => code);

  it('are no matter to questions about WAL alone', async () => {
    const place = await whole();
    const found = await findCommit(place, { relation: '16384', passphrase });
    expect(codes(found.problems)).toEqual([]);
    expect(codes((await findIncidents(place, { minRows: 1, backup: false, passphrase })).problems)).toEqual(
      [],
    );
    const { unread } = await findMoment(place, { time: 0n, quick: true, passphrase });
    expect(codes(unread)).toEqual([]);
  });

  it('are no matter to a part of the WAL', async () => {
    const part = await findBelow(await whole(), wal, NODE_READING);
    const options = { passphrase };
    expect(codes((await findCommit(part!, { ...options, relation: '16384' })).problems)).toEqual([]);
    expect(codes((await findMoment(part!, { ...options, time: 0n })).unread)).toEqual([]);
    const { problems } = await examineArchive(part!, options);
    expect(codes(problems)).toEqual([]);
  });

  it('are told where they are part of the answer', async () => {
    const place = await whole();
    const incidents = await findIncidents(place, { minRows: 1, passphrase });
    expect(codes(incidents.problems)).toEqual(['incomplete-names']);
    expect((await examineArchive(place, { passphrase })).problems.length).toBeGreaterThan(0);
    const table = { table: 't', database: 'd' };
    await expect(findCommit(place, { table, passphrase })).rejects.toBeInstanceOf(WalError);
    await expect(planRecovery(place, { target: { kind: 'latest' }, passphrase })).rejects.toBeInstanceOf(
      WalError,
    );
  });

  it('are no matter to a backup from elsewhere', async () => {
    const options = { relation: '16384', backup: 'testdata/rows/18/base.tar.gz', passphrase };
    await expect(findCommit(await whole(), options)).rejects.toMatchObject({ kind: 'conflict' });
  });
});

it('backups of pgBackRest whose backup.info is damaged, and its copy, are told by their manifests', async () => {
  const folder = folderOf(damaged(pgBackRest()));
  const { backups, problems } = await examineArchive(folder);
  expect(backups.map(({ stored }) => stored?.name)).toEqual([FULL]);
  expect(problems.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/backup\.info cannot be used: .*; the backups are told by their own manifests/),
  );
});

describe('a backup that cannot be opened', () => {
  const broken = new WalError('bad-repository', message`its manifest is damaged`);
  const at = (name: string, open: () => ReturnType<typeof openBackup>) => ({
    ...{ name, startLsn: parseLsn('0/2000028')!, timeline: 1, open },
  });
  const repository = async (wal: string, sound: string | undefined): Promise<string> => {
    const folder = folderOf({});
    const backups = [at('broken', () => Promise.reject(broken))];
    if (sound !== undefined) backups.unshift(at('sound', async () => openBackup(sound, NODE_READING)));
    fakeRepository(folder, backups.reverse(), { tool: 'pgbackrest', wal: [await folderSource(wal)] });
    return folder;
  };
  const told = { code: 'bad-repository', message: expect.stringContaining('its manifest is damaged') };

  it('is passed over by a plan, which says so', async () => {
    const place = await repository('testdata/lab/17', 'testdata/lab/17');
    const plan = await planRecovery(place, { target: { kind: 'latest' } });
    expect(plan).toMatchObject({ storedBackup: { name: 'sound' }, unread: [told] });
  });

  it('is passed over by a plan, too, where its tar file is cut off', async () => {
    const cut = readFileSync('testdata/rows/18/base.tar.gz').subarray(0, 100_000);
    const path = join(folderOf({ 'base.tar.gz': cut }), 'base.tar.gz');
    const place = folderOf({});
    const backups = ['testdata/rows/18/base.tar.gz', path].map((from, i) => ({
      ...at(`b${i}`, async () => openBackup(from, NODE_READING)),
      startLsn: parseLsn('0/2000028')! + BigInt(i),
    }));
    fakeRepository(place, backups, { tool: 'barman', wal: [await folderSource('testdata/rows/18')] });
    const plan = await planRecovery(place, { target: { kind: 'latest' } });
    const unread = [
      { code: 'damaged-backup', file: path, message: expect.stringContaining('b1 was passed') },
    ];
    expect(plan).toMatchObject({ storedBackup: { name: 'b0' }, unread });
  });

  it('is passed over by rows, which say so', async () => {
    const rows = 'testdata/rows/18';
    const question = { kind: 'as-of', target: { kind: 'latest' } } as const;
    const options = { table: 't_many', database: 'ventas_db', question, timezone: UTC };
    const found = await recoverRows(await repository(rows, `${rows}/base.tar.gz`), options);
    expect(found.storedBackup).toMatchObject({ name: 'sound' });
    expect(found.problems).toMatchObject([told]);
    found.close();
    await expect(recoverRows(await repository(rows, undefined), options)).rejects.toMatchObject(told);
  });

  it('is done without where the WAL alone has rows, and that is said', async () => {
    const options = {
      relation: { relNumber: 16386 },
      columns: 'id int4, producto text, stock int4, fecha_hora timestamp',
      question: { kind: 'deleted-by', xid: 'last' },
      timeline: 1,
      timezone: UTC,
    } as const;
    const found = await recoverRows(await repository('testdata/lab/17', undefined), options);
    expect([...found]).toHaveLength(11);
    expect(found.storedBackup).toBeUndefined();
    expect(found.problems).toMatchObject([{ code: told.code, message: expect.stringMatching(/WAL alone/) }]);
    found.close();
  });
});
