import { describe, expect, it } from 'vitest';
import { folderSource } from '../../../src/node/files.js';
import { NODE_READING } from '../../../src/node/reading.js';
import type { Repository, StoredBackup } from '../../../src/repos/index.js';
import { openBackup } from '../../../src/sources/backup.js';
import type { ByteSource, FolderEntry, SourceFolder } from '../../../src/sources/byte-source.js';
import { WalError } from '../../../src/wal/error.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { message } from '../../../src/wal/message.js';
import { runCli } from '../../support/cli.js';
import { fakePlace, fakeRepository } from '../../support/fake-repository.js';
import { folderOf } from '../../support/folder.js';

const ROWS = 'testdata/rows/18';
const LAB = 'testdata/lab/17';

const backupOf = (name: string, path: string): Partial<StoredBackup> & Pick<StoredBackup, 'name'> => ({
  name,
  startLsn: parseLsn('0/2000028')!,
  timeline: 1,
  open: async () => openBackup(path, NODE_READING),
});

async function repositoryOf(
  backups: Parameters<typeof fakeRepository>[1],
  repository: Partial<Repository>,
): Promise<string> {
  const folder = folderOf({});
  fakeRepository(folder, backups, { tool: 'pgbackrest', cluster: 'main', ...repository });
  return folder;
}

const lab = async (): Promise<string> =>
  repositoryOf([backupOf('20261122-101335F', LAB)], { wal: [await folderSource(LAB)] });

/** A folder whose files have no path, as those that are deciphered while they are read. */
async function withoutPaths(path: string): Promise<SourceFolder> {
  const folder = await folderSource(path);
  return {
    name: folder.name,
    async *list(): AsyncGenerator<FolderEntry> {
      for await (const entry of folder.list()) {
        if (entry.kind !== 'file') continue;
        const { name, open } = entry.source;
        const source: ByteSource = { name, open: (options) => open.call(entry.source, options) };
        yield { kind: 'file', name: entry.name, source };
      }
    },
  };
}

const json = async (args: string[]): Promise<{ incidents?: unknown[]; problems?: unknown[] }> =>
  JSON.parse((await runCli([...args, '--json'])).stdout);

describe('a plan for a backup of a repository', () => {
  const TARGET = ['--lsn', '0/04000290', '--exclusive', '--timeline', '1'];

  it('has the commands of its tool beside the settings of PostgreSQL', async () => {
    const repository = await lab();
    const told = await json(['plan', ...TARGET, repository]);
    expect(told).toMatchObject({
      reachable: true,
      backup: { name: '20261122-101335F', label: 'pg_basebackup base backup' },
      tool: {
        name: 'pgbackrest',
        backup: '20261122-101335F',
        restore:
          'pgbackrest --stanza=main --set=20261122-101335F --type=lsn --target=0/04000290 --target-exclusive --target-timeline=1 --target-action=pause restore',
        restoreCommand: 'pgbackrest --stanza=main archive-get %f "%p"',
      },
      settings: { restore_command: expect.stringMatching(/^gunzip < \S+\/%f\.gz > %p$/) },
    });
    const { stdout } = await runCli(['plan', ...TARGET, repository]);
    expect(stdout).toContain(`Backup:           20261122-101335F of ${repository}\n`);
    expect(stdout).toContain(`\n  pgbackrest --stanza=main archive-get %f "%p"\n`);
    expect(stdout).toContain('\nWith pgBackRest:\n');
    const backups = [backupOf('20261122T101335', LAB)];
    const ofBarman = await repositoryOf(backups, { tool: 'barman', wal: [await folderSource(LAB)] });
    const barman = await runCli(['plan', ...TARGET, ofBarman]);
    expect(barman.stdout).toContain(
      '\nWith Barman, where what is in angle brackets is for you to fill in:\n',
    );
  });

  it('takes the restore_command of the tool where the shell could not read its files', async () => {
    const wal = [await withoutPaths(LAB)];
    const repository = await repositoryOf([backupOf('20261122-101335F', LAB)], { wal });
    expect(await json(['plan', ...TARGET, repository])).toMatchObject({
      misnamed: [],
      settings: { restore_command: 'pgbackrest --stanza=main archive-get %f "%p"' },
    });
  });

  it('is null for any other', async () => {
    expect(await json(['plan', ...TARGET, '--backup', LAB, LAB])).toMatchObject({
      backup: { name: null },
      tool: null,
    });
  });

  it('lists the files that are needed, alone', async () => {
    const { stdout, code } = await runCli(['plan', ...TARGET, '--segments', await lab()]);
    expect([stdout, code]).toEqual([
      '000000010000000000000002\n000000010000000000000003\n000000010000000000000004\n',
      0,
    ]);
    const other = await runCli(['plan', '--latest', '--timeline', '2', '--segments', await lab()]);
    expect(other.stdout.split('\n').slice(0, 2)).toEqual(['00000002.history', '000000010000000000000002']);
  });
});

describe('a question with a repository', () => {
  const BACKUP = backupOf('base_1', `${ROWS}/base.tar.gz`);
  const TABLE = ['--table', 't_many', '--database', 'ventas_db'];
  const rows = async (backups = [BACKUP]): Promise<string> =>
    repositoryOf(backups, { tool: 'wal-g', wal: [await folderSource(ROWS)] });

  it('chooses a backup and names it', async () => {
    const repository = await rows();
    const line = `Backup: base_1 of ${repository}\n`;
    const found = await runCli(['find-commit', ...TABLE, repository]);
    expect(found.stdout).toContain(line);
    const incidents = await runCli(['incidents', '--min-rows', '1', repository]);
    expect(incidents.stdout).toContain(line);
    expect(incidents.stdout).toContain('ventas_db.public.');
    expect(incidents.stdout).toContain(`--backup base_1 --`);
    const given = await runCli(['rows', ...TABLE, '--as-of', 'latest', '--format', 'csv', repository]);
    expect(given.stdout).not.toContain('base_1');
    expect(given.stderr).toContain(line);
    for (const args of [['find-commit'], ['incidents'], ['rows', '--as-of', 'latest']]) {
      expect(await json([...args, ...TABLE, repository])).toMatchObject({ backup: 'base_1' });
    }
  });

  it.each([['base_1'], ['latest']])('takes the backup %s', async (name) => {
    const answer = await json(['find-commit', ...TABLE, '--backup', name, await rows()]);
    expect(answer).toMatchObject({ backup: 'base_1', problems: [] });
  });

  it('says that there is no such backup', async () => {
    const { stderr, code } = await runCli(['find-commit', ...TABLE, '--backup', 'base_2', await rows()]);
    expect([stderr, code]).toEqual([expect.stringContaining('there is no backup base_2 in'), 2]);
  });

  it('says that a repository without a backup has none', async () => {
    for (const args of [
      ['find-commit', ...TABLE],
      ['plan', '--latest'],
    ]) {
      const { stderr, code } = await runCli([...args, await rows([])]);
      expect([stderr, code]).toEqual([expect.stringMatching(/no backup in \S+ that could be restored/), 2]);
    }
  });

  it('dumps of several clusters the one that the backup is of', async () => {
    const known = { tool: 'wal-g', systemIdentifier: 1n } as const;
    const own = fakeRepository('18', [BACKUP], { ...known, version: 18, wal: [await folderSource(ROWS)] });
    const other = fakeRepository('17', [], { ...known, version: 17, wal: [await folderSource(LAB)] });
    const folder = folderOf({});
    fakePlace(folder, { repositories: [other, own] });
    const alone = await runCli(['dump', '--stats', ROWS]);
    expect(alone.code).toBe(0);
    expect(await runCli(['dump', '--stats', '--backup', 'base_1', folder])).toEqual(alone);
    const { stderr, code } = await runCli(['dump', '--stats', folder]);
    expect([stderr, code]).toEqual([
      expect.stringContaining('give one of these paths, or a backup of one'),
      1,
    ]);
  });

  describe('whose backup cannot be read', () => {
    const failing = (where: Partial<StoredBackup> = {}) =>
      rows([
        {
          ...BACKUP,
          ...where,
          open: async () => {
            throw new WalError('missing-backup', message`its parent is gone`);
          },
        },
      ]);

    it('tells of incidents all the same, and of the backup', async () => {
      const answer = await json(['incidents', '--min-rows', '1', await failing()]);
      expect(answer.incidents).not.toEqual([]);
      expect(answer.problems).toMatchObject([
        { code: 'incomplete-names', message: expect.stringContaining('its parent is gone') },
      ]);
    });

    it('does not without need', async () => {
      const answer = await json(['incidents', '--no-backup', '--min-rows', '1', await failing()]);
      expect(answer).toMatchObject({ backup: null, problems: [] });
    });

    it.each([['find-commit'], ['incidents']])(
      'says why %s has none, though no WAL follows it',
      async (command) => {
        const repository = await failing({ startLsn: parseLsn('9/2000028')! });
        const { stderr, code } = await runCli([command, ...TABLE, repository]);
        expect([stderr, code]).toEqual(['walscan: its parent is gone\n', 3]);
      },
    );

    it('has no answer about a table by its name', async () => {
      const { stderr, code } = await runCli(['incidents', ...TABLE, await failing()]);
      expect([stderr, code]).toEqual(['walscan: its parent is gone\n', 3]);
    });
  });
});
