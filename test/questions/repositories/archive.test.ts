import { readdirSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { folderSource } from '../../../src/node/files.js';
import { examineArchive, findMoment } from '../../../src/node/questions.js';
import { archiveJson } from '../../../src/questions/archive/json.js';
import { archiveText } from '../../../src/questions/archive/text.js';
import type { StoredBackup } from '../../../src/repos/index.js';
import { UTC } from '../../../src/text/timezone.js';
import { WalError } from '../../../src/wal/error.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { message } from '../../../src/wal/message.js';
import { fakePlace, fakeRepository } from '../../support/fake-repository.js';
import { folderOf, segmentsOf } from '../../support/folder.js';

const LAB = 'testdata/lab/17';
const lsn = (text: string): bigint => parseLsn(text)!;
/** As the lab's `.backup` file has it. */
const PLACE = { startLsn: lsn('0/2000028'), endLsn: lsn('0/2000120'), timeline: 1 };

const schema = new Ajv2020({ strict: true, allowUnionTypes: true });
for (const file of readdirSync('docs/schema')) {
  schema.addSchema(JSON.parse(readFileSync(`docs/schema/${file}`, 'utf8')));
}

/** A folder that is a repository with the lab's WAL. */
async function repositoryOf(
  backups: readonly (Partial<StoredBackup> & Pick<StoredBackup, 'name'>)[],
  wal = LAB,
): Promise<string> {
  const folder = folderOf({});
  fakeRepository(folder, backups, { wal: [await folderSource(wal)] });
  return folder;
}

describe('the archive of a repository', () => {
  it('lists backups as their tool names them, with the .backup file that the server archived', async () => {
    const repository = await repositoryOf([
      {
        ...PLACE,
        name: 'first',
        size: 3 * 2 ** 20,
        storedSize: 2 ** 20,
        startTime: 0n,
        stopTime: 1_000_000n,
      },
    ]);
    const report = await examineArchive([repository]);
    expect(report.problems).toEqual([]);
    const { backups } = archiveJson(report);
    expect(backups).toEqual([
      {
        tool: 'barman',
        name: 'first',
        type: 'full',
        parent: null,
        startTime: '2000-01-01T00:00:00.000000Z',
        stopTime: '2000-01-01T00:00:01.000000Z',
        size: 3145728,
        storedSize: 1048576,
        problem: null,
        startLsn: '0/02000028',
        endLsn: '0/02000120',
        timeline: 1,
        label: 'pg_basebackup base backup',
        files: expect.arrayContaining([`${LAB}/000000010000000000000002.00000028.backup.gz`]),
        state: 'complete',
        firstSegment: '000000010000000000000002',
        lastSegment: '000000010000000000000002',
        missing: [],
        verified: null,
      },
    ]);
    expect(stripVTControlCharacters(archiveText(report, UTC))).toContain(`
Base backups
  first, full backup by Barman, of ${repository}
    2000-01-01 00:00:00.000000 UTC to 2000-01-01 00:00:01.000000 UTC, 3.0 MiB, 1.0 MiB in the repository
    0/02000028 to 0/02000120, timeline 1, "pg_basebackup base backup"
    needs 000000010000000000000002: all there
`);
    expect(schema.validate('archive.json', archiveJson(report)), schema.errorsText()).toBe(true);
  });

  it('lists those that failed, and says why', async () => {
    const problem = new WalError('missing-backup', message`it failed: no space`, { file: 'backup.info' });
    const report = await examineArchive([
      await repositoryOf([
        { name: 'failed', problem },
        { ...PLACE, name: 'sound' },
      ]),
    ]);
    const json = archiveJson(report);
    expect(json.backups.map(({ name, state, startLsn }) => [name, state, startLsn])).toEqual([
      ['sound', 'complete', '0/02000028'],
      ['failed', 'unusable', null],
    ]);
    expect(json.problems.map(({ message }) => message)).toEqual(['it failed: no space']);
    expect(stripVTControlCharacters(archiveText(report, UTC))).toMatch(
      / {2}failed, full backup .*\n {4}cannot be restored: it failed: no space/,
    );
    expect(schema.validate('archive.json', json), schema.errorsText()).toBe(true);
  });

  it.each([
    ['which is not there$', []],
    [
      'which cannot be restored: it is broken',
      [{ problem: new WalError('missing-backup', message`it is broken`) }],
    ],
    ['which cannot be restored: and that on itself', [{ parent: 'diff' }]],
  ])('takes none for complete that builds on one %s', async (why, parents) => {
    const place = { startLsn: lsn('0/3000028'), endLsn: lsn('0/3000100'), timeline: 1 };
    const full = parents.map((one) => ({ ...PLACE, name: 'full', ...one }));
    const repository = await repositoryOf([
      ...full,
      { ...place, name: 'diff', type: 'differential', parent: 'full' },
      { ...place, startLsn: place.startLsn + 8n, name: 'incr', type: 'incremental', parent: 'diff' },
    ]);
    const { backups, problems } = archiveJson(await examineArchive([repository]));
    const of = (name: string) => backups.find((one) => one.name === name);
    expect(of('diff')).toMatchObject({ type: 'differential', parent: 'full', state: 'unusable' });
    expect(of('incr')).toMatchObject({ type: 'incremental', parent: 'diff', state: 'unusable' });
    expect(of('diff')?.problem?.message).toMatch(new RegExp(`builds on (?:full|diff), ${why}`));
    expect(problems.length).toBeGreaterThan(1);
  });

  it('names the WAL that a backup needs and that is missing', async () => {
    const repository = await repositoryOf([
      { name: 'newer', startLsn: lsn('0/6000028'), endLsn: lsn('0/7000100'), timeline: 1 },
    ]);
    const { backups, problems } = archiveJson(await examineArchive([repository]));
    expect(backups.find(({ name }) => name === 'newer')).toMatchObject({
      state: 'missing',
      missing: [{ first: '000000010000000000000006', last: '000000010000000000000007' }],
    });
    expect(problems[0].message).toContain(`the base backup newer of ${repository} needs`);
  });

  it('tells nothing of backups where some of the WAL is meant', async () => {
    const folder = folderOf({});
    const backups = [{ name: 'newer', startLsn: lsn('0/9000028'), endLsn: lsn('0/9000100'), timeline: 1 }];
    const wal = [await folderSource(LAB)];
    fakePlace(folder, { repositories: [fakeRepository(`${folder}/all`, backups, { wal })], wal });
    for (const verify of [false, true]) {
      const { problems, backups: told } = archiveJson(await examineArchive([folder], { verify }));
      expect([problems, told.filter(({ tool }) => tool !== null)]).toEqual([[], []]);
    }
  });

  describe('where retention took WAL', () => {
    const segments = segmentsOf(8);
    const size = BigInt(segments[0].bytes.length);
    const base = BigInt(`0x${segments[0].name.slice(16)}`);
    const start = (index: number): bigint => (base + BigInt(index)) * size;
    const withoutSegments = (...gone: number[]): string =>
      folderOf(
        Object.fromEntries(
          segments.flatMap(({ name, bytes }, i) => (gone.includes(i) ? [] : [[name, bytes]])),
        ),
      );
    const backupAt = (name: string, index: number) => ({
      name,
      startLsn: start(index) + 40n,
      endLsn: start(index) + 400n,
      timeline: 1,
    });
    const told = async (wal: string, backups: Parameters<typeof repositoryOf>[0]) => {
      const report = await examineArchive([await repositoryOf(backups, wal)]);
      const [{ missing, expired }] = report.timelines;
      return {
        missing: missing.map(({ firstName }) => firstName),
        expired: expired.map(({ firstName }) => firstName),
      };
    };

    it('tells so of what lies between two backups, and before the oldest', async () => {
      const backups = [backupAt('a', 3), backupAt('b', 6)];
      expect(await told(withoutSegments(1, 4), backups)).toEqual({
        expired: [segments[1].name],
        missing: [segments[4].name],
      });
      expect(await told(withoutSegments(1, 4, 5), backups)).toEqual({
        expired: [segments[1].name, segments[4].name],
        missing: [],
      });
    });
  });

  it('is of one cluster: of several it names them', async () => {
    const folder = folderOf({});
    const made = ['one', 'two'].map((name, i) =>
      fakeRepository(`${folder}/${name}`, [], { version: 14 + i, systemIdentifier: 7n }),
    );
    fakePlace(folder, { repositories: made });
    const message = `${folder}/one (PostgreSQL 14, system identifier 7), ${folder}/two (PostgreSQL 15, system identifier 7); give one of these paths`;
    for (const ask of [() => examineArchive([folder]), () => findMoment([folder], { time: 0n })]) {
      await expect(ask()).rejects.toMatchObject({
        code: 'several-clusters',
        message: expect.stringContaining(message),
      });
    }
  });
});
