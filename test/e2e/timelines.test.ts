import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineArchive, findCommit, planRecovery, recoverRows } from '../../src/node/questions.js';
import type { PlannedRecovery } from '../../src/questions/plan/ask.js';
import { UTC } from '../../src/text/timezone.js';
import { parseLsn } from '../../src/wal/lsn.js';
import {
  archived,
  archivingTo,
  baseBackup,
  promoted,
  restore,
  startArchiving,
  switchSegment,
} from '../support/pitr-lab.js';
import { column, copyFiles, describeServers, makeFolders, serverFolder } from '../support/postgres.js';

describeServers('two restores that became the same timeline,', (postgres) => {
  const root = serverFolder();
  const archive = join(root, 'archive');
  const backup = join(root, 'backup');
  /** What each of the two archived: the one left timeline 1 early, the other one later. */
  const early = join(root, 'early');
  const late = join(root, 'late');
  let relation: string;

  beforeAll(async () => {
    const { primary, client } = await startArchiving(postgres, root);
    await client.query('CREATE TABLE t (who text)');
    relation = (await column(client, "SELECT pg_relation_filenode('t')"))[0];
    await baseBackup(primary, client, backup, async () => {});
    await write(client, 'primary', 12, true);
    await archived(client);
    await client.end();
    primary.stop();
    await becomeTwo(early, 'p2', 6);
    await becomeTwo(late, 'p6', 3);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function write(client: pg.Client, who: string, segments: number, named: boolean): Promise<void> {
    for (let i = 0; i < segments; i++) {
      // of other lengths on each server, so that records lie at other places
      await client.query(`INSERT INTO t VALUES (repeat('${who}', ${i + 1}))`);
      if (named) await client.query(`SELECT pg_create_restore_point('p${i}')`);
      await switchSegment(client);
    }
  }

  async function becomeTwo(to: string, point: string, segments: number): Promise<void> {
    makeFolders(to);
    const settings = {
      restore_command: `gunzip < ${archive}/%f.gz > %p`,
      recovery_target_name: point,
      recovery_target_timeline: '1',
      recovery_target_action: 'promote',
    };
    const { cluster } = await restore({ postgres, root }, backup, settings);
    await promoted(cluster);
    const history = readFileSync(join(cluster.data, 'pg_wal/00000002.history'));
    writeFileSync(join(to, '00000002.history.gz'), gzipSync(history));
    cluster.stop();
    cluster.configure(["restore_command = ''", "recovery_target_name = ''", ...archivingTo(to)]);
    cluster.start();
    const client = await cluster.connect();
    await write(client, point, segments, false);
    await archived(client);
    await client.end();
    cluster.stop();
  }

  /** An archive into which these have been copied, each over what is there. */
  function archiveOf(name: string, ...folders: string[]): string {
    const folder = join(root, name);
    copyFiles(archive, folder);
    for (const one of folders) {
      for (const file of readdirSync(one)) writeFileSync(join(folder, file), readFileSync(join(one, file)));
    }
    return folder;
  }

  function switchOf(folder: string): bigint {
    const text = gunzipSync(readFileSync(join(folder, '00000002.history.gz'))).toString();
    return parseLsn(/^1\t(\S+)/m.exec(text)![1])!;
  }

  const segmentsIn = (folder: string): string[] =>
    readdirSync(folder)
      .filter((name) => /^00000002[0-9A-F]{16}\.gz$/.test(name))
      .map((name) => name.slice(0, 24))
      .sort();

  /** Restores as planned: where the server took its WAL to end, or undefined where it did not start. */
  async function serverEnd(planned: PlannedRecovery): Promise<{ end?: bigint; log: string }> {
    const { cluster, started, log } = await restore({ postgres, root }, backup, planned.settings);
    if (!started) return { log };
    await promoted(cluster);
    const history = readFileSync(join(cluster.data, 'pg_wal/00000003.history'), 'utf8');
    const lines = history.trim().split('\n');
    cluster.stop('immediate');
    return { end: parseLsn(lines[lines.length - 1].split('\t')[1])!, log };
  }

  describe.each([
    ['the later one over the earlier one', [early, late], late, early],
    ['the earlier one over the later one', [late, early], early, late],
  ])('%s', (name, folders, own, other) => {
    let mixed: string;
    const foreign = (): string[] => {
      const owns = segmentsIn(own);
      return segmentsIn(other).filter((segment) => !owns.includes(segment));
    };

    beforeAll(() => {
      mixed = archiveOf(name.replaceAll(' ', '-'), ...folders);
    });

    it.each([true, false])('are told apart, quick %s', async (quick) => {
      const report = await examineArchive([mixed], { quick });
      const names = foreign();
      expect(names.length).toBeGreaterThan(0);
      if (own === early) {
        // all first pages fit the history: that the last one does not go on with the others is in its records
        expect(report.foreign).toEqual(
          quick
            ? []
            : [
                {
                  ...{ timeline: 2, firstName: names[0], lastName: names[names.length - 1] },
                  ...{ count: names.length, switchLsn: undefined, parent: undefined },
                },
              ],
        );
        expect(report.problems.map(({ code }) => code)).toEqual(quick ? [] : ['wrong-history']);
        return;
      }
      expect(report.foreign).toEqual([
        {
          timeline: 2,
          firstName: names[0],
          lastName: names[names.length - 1],
          count: names.length,
          switchLsn: switchOf(other),
          parent: 1,
        },
      ]);
      expect(report.problems.map(({ code }) => code)).toEqual(['wrong-history']);
    });

    it('plan ends where the server does, and says which segments are not of it', async () => {
      const planned = await planRecovery([mixed], { backup, target: { kind: 'latest' }, timeline: 2 });
      expect(planned.unread).toMatchObject([{ code: 'wrong-history' }]);
      const { end, log } = await serverEnd(planned);
      expect(planned.plan.walEnd, log).toBe(end);
    });

    it('find-commit finds what the history tells of', async () => {
      const found = await findCommit([mixed], { relation, timeline: 2 });
      expect(found.problems).toMatchObject([{ code: 'wrong-history' }]);
      const alone = await findCommit([archive, own], { relation, timeline: 2 });
      expect(alone.problems).toEqual([]);
      expect(found.relations).toEqual(alone.relations);
    });
  });

  it('are named once each where no history file tells which is the right one', async () => {
    const folder = archiveOf('no-history', early, late);
    rmSync(join(folder, '00000002.history.gz'));
    const { problems } = await findCommit([folder], { relation });
    const named = problems.filter(({ code }) => code === 'wrong-history').map(({ file }) => file);
    expect(named.length).toBeGreaterThan(1);
    expect(named).toEqual([...new Set(named)]);
  });

  it('the server stays on the parent where the segment of the switch is missing', async () => {
    const folder = archiveOf('strayed');
    writeFileSync(join(folder, '00000002.history.gz'), readFileSync(join(early, '00000002.history.gz')));
    const planned = await planRecovery([folder], { backup, target: { kind: 'latest' }, timeline: 2 });
    expect(planned.plan.obstacle).toMatchObject({
      reason: 'missing-segment',
      missing: [{ firstName: segmentsIn(early)[0] }],
      strayed: { parent: 1, switchLsn: switchOf(early) },
    });
    const { end, log } = await serverEnd(planned);
    expect(planned.plan.walEnd, log).toBe(end);
  });

  it.each([
    ['empty', '', 'could not locate required checkpoint record'],
    ['comments alone', '# nothing\n', 'could not locate required checkpoint record'],
    ['a byte order mark', '\ufeff1\t0/3000000\tx\n', 'syntax error in history file'],
    ['garbage', 'garbage\n', 'syntax error in history file'],
    ['itself as parent', '2\t0/3000000\tx\n', 'invalid data in history file'],
    ['a later timeline', '3\t0/3000000\tx\n', 'invalid data in history file'],
  ])('a history file with %s is refused as by the server', async (name, content, fatal) => {
    const folder = archiveOf(name.replaceAll(' ', '-'), early);
    rmSync(join(folder, '00000002.history.gz'));
    writeFileSync(join(folder, '00000002.history'), content);
    const planned = await planRecovery([folder], { backup, target: { kind: 'latest' }, timeline: 2 });
    expect(planned.plan.obstacle).toMatchObject({ reason: 'timeline-not-descended', fatal });
    const settings = {
      ...planned.settings,
      recovery_target_timeline: '2',
      restore_command: `test -f ${folder}/%f && cp ${folder}/%f %p || gunzip < ${folder}/%f.gz > %p`,
    };
    const { started, log } = await restore({ postgres, root }, backup, settings);
    expect(started).toBe(false);
    expect(log).toMatch(new RegExp(`(?:FATAL|PANIC): +${fatal}`));
    for (const { problems } of [
      await examineArchive([folder]),
      await examineArchive([folder], { quick: true }),
      await findCommit([folder], { relation }),
    ]) {
      expect(problems.map(({ code }) => code)).toEqual(['bad-history']);
    }
    expect(planned.unread.map(({ code }) => code)).toEqual(['bad-history']);
    const rows = recoverRows([folder], {
      ...{ backup, relation: { relNumber: Number(relation) }, timeline: 2, timezone: UTC },
      question: { kind: 'as-of', target: { kind: 'latest' } },
    });
    await expect(rows).rejects.toMatchObject({ code: 'bad-history' });
  });
});
