import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examineArchive } from '../../src/node/questions.js';
import { archiveJson, type VerifiedJson } from '../../src/questions/archive/json.js';
import { SMALL_SEGMENTS } from '../support/pitr-lab.js';
import { Cluster, describeServers, runAsServer, serverFolder, serverUser } from '../support/postgres.js';

/** Turns one bit of the last byte. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(path, bytes);
}

describeServers('a base backup', (postgres) => {
  const [take, verify] = ['pg_basebackup', 'pg_verifybackup'].map((name) => join(postgres.bin, name));
  if (!existsSync(take) || !existsSync(verify)) {
    it.skip('is verified as pg_verifybackup does: there is none');
    return;
  }
  let root: string;
  let cluster: Cluster;
  let table: string;
  let taken = 0;

  const backup = (...options: string[]): string => {
    const folder = join(root, `backup-${++taken}`);
    const connection = ['-h', cluster.folder, '-p', String(cluster.port), '-U', 'postgres', '-c', 'fast'];
    runAsServer(take, ['-D', folder, ...connection, ...options]);
    return folder;
  };

  beforeAll(async () => {
    root = serverFolder();
    const settings = ["wal_keep_size = '1GB'", 'max_wal_senders = 4', 'wal_level = replica'];
    cluster = Cluster.create(postgres, join(root, 'data'), settings, [...SMALL_SEGMENTS, '--data-checksums']);
    cluster.start();
    await cluster.query('create table t as select generate_series(1, 5000) as id');
    [table] = await cluster.query("select pg_relation_filepath('t')");
  });

  afterAll(() => {
    cluster?.stop('immediate');
    rmSync(root, { recursive: true, force: true });
  });

  /** What it says of one backup. */
  async function verified(path: string, ...more: string[]): Promise<VerifiedJson> {
    const { backups } = archiveJson(await examineArchive([path, ...more], { verify: true }));
    const [one] = backups.flatMap((each) => each.verified ?? []);
    return one;
  }

  /** The files that PostgreSQL's own program finds fault with. */
  function filesToldByPostgres(folder: string): string[] {
    const { stderr, status } = spawnSync(verify, [folder], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      ...serverUser,
    });
    const lines = stderr.split('\n').filter((line) => line.startsWith('pg_verifybackup: error'));
    expect(lines.length > 0).toBe(status !== 0);
    return lines.map((line) => /"([^"]+)"/.exec(line)?.[1] ?? line).sort();
  }

  const filesTold = (folder: string, { problems }: VerifiedJson): string[] =>
    problems.map(({ file }) => file?.slice(folder.length + 1) ?? '').sort();

  const CHANGES: [what: string, change: (folder: string) => void][] = [
    ['as it is', () => {}],
    ['with a bit that is another', (folder) => damage(join(folder, table))],
    ['with a file that is cut off', (folder) => truncateSync(join(folder, table), 8192)],
    ['with a file that is longer', (folder) => appendFileSync(join(folder, 'PG_VERSION'), '\n')],
    ['without a file', (folder) => rmSync(join(folder, table))],
    ['without its label', (folder) => rmSync(join(folder, 'backup_label'))],
    [
      'with files more',
      (folder) => {
        writeFileSync(join(folder, 'more'), 'x');
        writeFileSync(join(folder, 'base/more'), '');
      },
    ],
    [
      'with files that are passed over',
      (folder) => {
        writeFileSync(join(folder, 'standby.signal'), '');
        writeFileSync(join(folder, 'recovery.signal'), '');
        appendFileSync(join(folder, 'postgresql.auto.conf'), 'x = 1\n');
        writeFileSync(join(folder, 'pg_wal/more'), 'x');
      },
    ],
    [
      'with many faults',
      (folder) => {
        damage(join(folder, 'pg_xact/0000'));
        damage(join(folder, table));
        rmSync(join(folder, 'pg_hba.conf'));
        rmSync(join(folder, 'global/pg_filenode.map'));
        writeFileSync(join(folder, 'postmaster.pid'), '1');
      },
    ],
  ];

  it.each(CHANGES)('is verified as pg_verifybackup does: %s', async (_, change) => {
    for (const algorithm of ['CRC32C', 'SHA256']) {
      const folder = backup(`--manifest-checksums=${algorithm}`);
      change(folder);
      const ours = await verified(folder);
      expect(ours.checksums).toBe('backup_manifest');
      expect(filesTold(folder, ours)).toEqual(filesToldByPostgres(folder));
      expect(ours.sound).toBe(ours.problems.length === 0);
    }
  });

  it.each(['plain', 'tar'])('is read to the end, as %s', async (format) => {
    const folder = backup('-F', format);
    const manifest = JSON.parse(readFileSync(join(folder, 'backup_manifest'), 'utf8')) as {
      Files: { Path: string; Size: number }[];
    };
    const files = manifest.Files.filter(({ Path }) => Path !== 'postgresql.auto.conf');
    const { problems, ...found } = await verified(folder);
    expect([problems, found.files]).toEqual([[], files.length]);
    expect(found.bytes).toBe(files.reduce((sum, { Size }) => sum + Size, 0));
  });

  it('whose manifest was changed is told', async () => {
    const folder = backup();
    const path = join(folder, 'backup_manifest');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"Size": ', '"Size":  '));
    const { problems, checksums } = await verified(folder);
    expect([problems[0].code, checksums]).toEqual(['manifest-checksum', null]);
    expect(filesToldByPostgres(folder)).toEqual([expect.stringContaining('manifest checksum mismatch')]);
  });

  it('whose WAL is missing or damaged is told', async () => {
    const folder = backup();
    const [segment] = readdirSync(join(folder, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name));
    const bytes = readFileSync(join(folder, 'pg_wal', segment));
    const flipped = Buffer.from(bytes);
    flipped[60] ^= 1; // in the first record
    writeFileSync(join(folder, 'pg_wal', segment), flipped);
    expect((await verified(folder)).problems).toMatchObject([{ code: 'damaged-wal' }]);
    expect(filesToldByPostgres(folder)).toEqual([expect.stringContaining('WAL parsing failed')]);
    rmSync(join(folder, 'pg_wal', segment));
    expect((await verified(folder)).problems).toMatchObject([
      { code: 'backup-incomplete', message: expect.stringContaining(segment) },
    ]);
    expect(filesToldByPostgres(folder)).toEqual([expect.stringContaining('WAL parsing failed')]);
    // where it is is all the same
    const wal = join(root, 'wal');
    mkdirSync(wal);
    writeFileSync(join(wal, segment), bytes);
    expect((await verified(folder, wal)).problems).toEqual([]);
  });

  it('without a manifest has the checksums of its pages, if it has any', async () => {
    const folder = backup('--no-manifest');
    expect(await verified(folder)).toMatchObject({
      ...{ sound: true, checksums: null, problems: [] },
      pages: expect.toSatisfy((pages: number) => pages > 100),
    });
    damage(join(folder, table));
    const { problems } = await verified(folder);
    expect(problems).toMatchObject([
      { code: 'damaged-backup', file: join(folder, table), message: expect.stringMatching(/of block \d+$/) },
    ]);
  });

  it('is alone verified where it is named', async () => {
    const [one, other] = [backup(), backup()];
    damage(join(other, table));
    const named = await examineArchive([one], { verify: true, backup: other });
    expect(archiveJson(named).backups.map((each) => each.verified?.sound ?? null)).toEqual([null, false]);
    const both = await examineArchive([one, other], { verify: true });
    expect(archiveJson(both).backups.map((each) => each.verified?.sound ?? null)).toEqual([true, false]);
  });
});
