import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examineArchive } from '../../src/node/questions.js';
import type { ArchiveExamined } from '../../src/questions/archive/ask.js';
import { runCli } from '../support/cli.js';
import { archived, archivingTo, baseBackup, SMALL_SEGMENTS, switchSegment } from '../support/pitr-lab.js';
import { Cluster, copyFiles, describeServers, makeFolders, serverFolder } from '../support/postgres.js';

describeServers('an archive after its retention, of', (postgres) => {
  const root = serverFolder();
  /** Three backups, with WAL between them and after the last. */
  const whole = join(root, 'whole');
  /** The segments that each backup needs. */
  let needs: string[][];

  beforeAll(async () => {
    makeFolders(whole);
    const primary = Cluster.create(postgres, join(root, 'primary'), archivingTo(whole), SMALL_SEGMENTS);
    primary.start();
    const client = await primary.connect();
    await client.query('CREATE TABLE t (i int)');
    for (const backup of ['a', 'b', 'c']) {
      await baseBackup(primary, client, join(root, backup), async () => {
        await client.query('INSERT INTO t SELECT generate_series(1, 10)');
      });
      for (let i = 0; i < 3; i++) {
        await client.query('INSERT INTO t SELECT generate_series(1, 10)');
        await switchSegment(client);
      }
    }
    await client.query('INSERT INTO t VALUES (0)');
    await archived(client);
    await client.end();
    primary.stop();
    needs = readdirSync(whole)
      .filter((name) => /\.backup/.test(name))
      .map((name) => {
        const text = gunzipSync(readFileSync(join(whole, name))).toString();
        const [start, stop] = [...text.matchAll(/\(file (\w{24})\)/g)].map(([, segment]) => segment);
        return segmentsOf(whole).filter((segment) => start <= segment && segment <= stop);
      });
    expect(needs).toHaveLength(3);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const segmentsOf = (folder: string): string[] =>
    readdirSync(folder).flatMap((name) => /^(\w{24})(?:-\w+)?\.gz$/.exec(name)?.[1] ?? []);

  /** A copy of the archive without these segments. */
  function without(name: string, isGone: (segment: string) => boolean): string {
    const folder = join(root, name);
    copyFiles(whole, folder);
    for (const segment of segmentsOf(folder)) if (isGone(segment)) rmSync(join(folder, `${segment}.gz`));
    return folder;
  }

  const isBetween = (segment: string, a: number, b: number): boolean =>
    needs[a].at(-1)! < segment && segment < needs[b][0];
  const told = ({ timelines: [{ missing, expired }], problems }: ArchiveExamined): unknown => ({
    missing: missing.map(({ firstName, lastName }) => [firstName, lastName]),
    expired: expired.map(({ firstName, lastName }) => [firstName, lastName]),
    codes: problems.map(({ code }) => code),
  });

  it.each([true, false])('has gaps that are no problem where it is known of, quick %s', async (quick) => {
    const folder = without(`two-${quick}`, (name) => isBetween(name, 0, 1) || isBetween(name, 1, 2));
    const gone = segmentsOf(whole).filter((name) => isBetween(name, 0, 1) || isBetween(name, 1, 2));
    const gaps = [gone.filter((name) => name < needs[1][0]), gone.filter((name) => name > needs[1][0])].map(
      (names) => [names[0], names.at(-1)],
    );
    expect(told(await examineArchive([folder], { quick, retention: true }))).toEqual({
      missing: [],
      expired: gaps,
      codes: [],
    });
    const unknown = await examineArchive([folder], { quick });
    expect(told(unknown)).toEqual({
      missing: gaps,
      expired: [],
      codes: ['missing-segments', 'missing-segments'],
    });
    for (const { message } of unknown.problems) expect(message).toContain('use --retention');

    expect((await runCli(['archive', folder])).code).toBe(3);
    const { code, stdout } = await runCli(['archive', '--retention', folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(`expired: ${gaps[0][0]}`);
    expect(stdout).toContain('Nothing is missing, nothing is damaged.');
  });

  it('is known of in a repository of pgBackRest', async () => {
    const folder = without('pgbackrest', (name) => isBetween(name, 0, 1));
    for (const name of segmentsOf(folder)) {
      const wal = gunzipSync(readFileSync(join(folder, `${name}.gz`)));
      const sum = createHash('sha1').update(wal).digest('hex');
      renameSync(join(folder, `${name}.gz`), join(folder, `${name}-${sum}.gz`));
    }
    expect(told(await examineArchive([folder]))).toMatchObject({ missing: [], codes: [] });
  });

  it('asks nothing of a backup that went with its WAL, but for its .backup file', async () => {
    const folder = without('one', (name) => needs[0].at(-1)! < name && name < needs[2][0]);
    const report = await examineArchive([folder], { retention: true });
    expect(told(report)).toMatchObject({ missing: [], codes: [] });
    expect(report.backups.map(({ state }) => state)).toEqual(['complete', 'expired', 'complete']);
  });

  it('has lost WAL where the gap is another one', async () => {
    const between = segmentsOf(whole).filter((name) => isBetween(name, 0, 1));
    for (const [i, gone] of [between.slice(1), between.slice(0, -1), [...between, needs[1][0]]].entries()) {
      const folder = without(`lost-${i}`, (name) => gone.includes(name));
      const { problems, timelines } = await examineArchive([folder], { retention: true });
      expect(problems[0].code).toBe('missing-segments');
      expect(timelines[0].expired).toEqual([]);
    }
  });
});
