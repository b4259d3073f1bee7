import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXid } from '../../src/cli/values.js';
import type { TimelineChoice } from '../../src/cluster/recovery-timeline.js';
import { findCommit, findMoment, planRecovery, recoverRows } from '../../src/node/questions.js';
import type { PlannedRecovery, PlanTarget } from '../../src/questions/plan/ask.js';
import { UTC } from '../../src/text/timezone.js';
import { formatLsnOf, parseLsn } from '../../src/wal/lsn.js';
import {
  baseBackup,
  type PitrLab,
  pitrLab,
  promoted,
  type Restored,
  restore,
  SMALL_SEGMENTS,
  VICTIMS,
} from '../support/pitr-lab.js';
import { Cluster, copyFiles, describeServers, runAsServer } from '../support/postgres.js';
import { parseTime } from '../support/time.js';

describeServers('plan against', (postgres) => {
  let lab: PitrLab;

  beforeAll(async () => {
    lab = await pitrLab(postgres);
  });

  afterAll(() => lab?.remove());

  const planOf = (
    backup: string,
    target: PlanTarget,
    timeline?: TimelineChoice,
    archive = lab.archive,
  ): Promise<PlannedRecovery> => planRecovery([archive], { backup, target, timeline });

  /** Plans, restores with the settings of the plan, and gives both to be compared. */
  async function tryOut(
    backup: string,
    target: PlanTarget,
    compare: (planned: PlannedRecovery, restored: Restored) => void | Promise<void>,
    options: { timeline?: TimelineChoice; archive?: string } = {},
  ): Promise<void> {
    const planned = await planOf(backup, target, options.timeline, options.archive);
    const restored = await restore(lab, backup, planned.settings);
    try {
      await compare(planned, restored);
    } finally {
      if (restored.started) restored.cluster.stop('immediate');
    }
  }

  const lsnText = (lsn: bigint | undefined): string => formatLsnOf(lsn ?? 0n, postgres.version);

  /** What the server logs when it stops where the plan says. */
  function stopMessage({ plan, target }: PlannedRecovery): string {
    const { position, lsn, event } = plan.stop!;
    switch (target.kind) {
      case 'immediate':
        return 'recovery stopping after reaching consistency';
      case 'lsn':
        return `recovery stopping ${position} WAL location (LSN) "${lsnText(lsn)}"`;
      case 'name':
        return `recovery stopping at restore point "${target.name}"`;
      default: {
        const what = event?.record.startsWith('ABORT') ? 'abort' : 'commit';
        return `recovery stopping ${position} ${what} of transaction ${plan.stop!.xid}, time `;
      }
    }
  }

  /** The server has stopped where the plan says, and the transactions kept are there while those lost are not. */
  async function expectStop(planned: PlannedRecovery, { started, cluster, log }: Restored): Promise<void> {
    const { plan } = planned;
    expect(started, log).toBe(true);
    expect(log).toContain(stopMessage(planned));
    expect(log).toContain(`consistent recovery state reached at ${lsnText(plan.consistentLsn)}`);
    expect(await cluster.query('SELECT pg_is_in_recovery()')).toEqual(['true']);
    const done = await cluster.query('SELECT xid FROM done');
    if (plan.lastKept !== undefined) expect(done).toContain(String(plan.lastKept.xid));
    if (plan.firstLost !== undefined) expect(done).not.toContain(String(plan.firstLost.xid));
    if (plan.stop?.position === 'after') {
      const [replayed] = await cluster.query('SELECT pg_last_wal_replay_lsn()');
      expect(parseLsn(replayed)).toBe(plan.stop.endLsn);
    }
  }

  async function expectReached(planned: PlannedRecovery, result: Restored): Promise<void> {
    expect(planned.plan.obstacle).toBeUndefined();
    await expectStop(planned, result);
  }

  function expectRefused(
    reason: string,
    fatal: string,
  ): (planned: PlannedRecovery, result: Restored) => void {
    return ({ plan }, { started, log }) => {
      expect(plan.obstacle?.reason).toBe(reason);
      expect(started).toBe(false);
      expect(log).toMatch(new RegExp(`(?:FATAL|PANIC): +${fatal}`));
    };
  }

  describe('stops where it says', () => {
    it('before the DELETE of a relation', async () => {
      await tryOut(
        lab.busyBackup,
        { kind: 'before-delete', relation: String(lab.victim) },
        async (planned, result) => {
          await expectReached(planned, result);
          expect(planned.plan.firstLost?.xid).toBe(lab.xids.deleted);
          expect(await result.cluster.query('SELECT count(*) FROM victim')).toEqual([String(VICTIMS)]);
          expect(planned.plan.committedAfter).toBe(3);
        },
      );
    });

    it.each([true, false])('at an xid, inclusive %s', async (inclusive) => {
      await tryOut(
        lab.busyBackup,
        { kind: 'xid', xid: lab.xids.deleted, inclusive },
        async (planned, result) => {
          await expectReached(planned, result);
          const victims = inclusive ? '0' : String(VICTIMS);
          expect(await result.cluster.query('SELECT count(*) FROM victim')).toEqual([victims]);
        },
      );
    });

    it.each([
      ['that has an epoch', (xid: number) => String(2 ** 32 + xid)],
      ['that has the highest epoch', (xid: number) => String(0xffff_ffff_0000_0000n + BigInt(xid))],
      ['in hexadecimal', (xid: number) => `0x${xid.toString(16)}`],
      ['in octal', (xid: number) => `0${xid.toString(8)}`],
    ])('at an xid %s, as the server does that is told so', async (_, write) => {
      const text = write(lab.xids.deleted);
      const xid = parseXid(text)!;
      const planned = await planOf(lab.busyBackup, { kind: 'xid', xid, inclusive: false });
      expect(planned.settings).toMatchObject({ recovery_target_xid: String(lab.xids.deleted) });
      const settings = { ...planned.settings, recovery_target_xid: text };
      const restored = await restore(lab, lab.busyBackup, settings);
      try {
        await expectReached(planned, restored);
        expect(planned.plan.stop?.xid).toBe(lab.xids.deleted);
      } finally {
        if (restored.started) restored.cluster.stop('immediate');
      }
    });

    it.each([true, false])('at the xid of an aborted transaction, inclusive %s', async (inclusive) => {
      await tryOut(
        lab.quietBackup,
        { kind: 'xid', xid: lab.xids.aborted, inclusive },
        async (planned, result) => {
          await expectReached(planned, result);
          expect(planned.plan.stop?.record).toBe('ABORT');
        },
      );
    });

    it.each([true, false])('at the xid of a prepared transaction, inclusive %s', async (inclusive) => {
      await tryOut(
        lab.busyBackup,
        { kind: 'xid', xid: lab.xids.prepared, inclusive },
        async (planned, result) => {
          await expectReached(planned, result);
          expect(planned.plan.stop?.record).toBe('COMMIT_PREPARED');
          const done = await result.cluster.query('SELECT xid FROM done WHERE xid <> 0');
          expect(done.includes(String(lab.xids.prepared))).toBe(inclusive);
        },
      );
    });

    it('where archive --at says that it does, at every moment', async () => {
      const { plan } = await planOf(lab.quietBackup, { kind: 'latest' });
      const { startLsn } = plan;
      const ends: bigint[] = [];
      let time: bigint | undefined = plan.earliestTime;
      while (time !== undefined) {
        for (const moment of [time, time + 1n, time - 1n]) {
          if (moment < plan.earliestTime!) continue;
          const { answers } = await findMoment([lab.archive], { time: moment });
          const stop = (await planOf(lab.quietBackup, { kind: 'time', time: moment, inclusive: true })).plan
            .stop;
          expect([answers[0].after?.lsn, answers[0].behind]).toEqual([stop?.lsn, undefined]);
        }
        const { answers } = await findMoment([lab.archive], { time });
        const { after } = answers[0];
        if (after !== undefined) ends.push(after.lsn);
        time = after?.time;
      }
      expect(startLsn! < ends[0]).toBe(true);
      expect(ends.length).toBe(5); // commits, one of them of a prepared transaction, and a rollback
    });

    it.each([true, false])('at the time of a commit, inclusive %s', async (inclusive) => {
      const { plan } = await planOf(lab.busyBackup, { kind: 'xid', xid: lab.xids.deleted, inclusive: true });
      const { time } = plan.stop!;
      await tryOut(lab.busyBackup, { kind: 'time', time: time!, inclusive }, async (planned, result) => {
        await expectReached(planned, result);
        const kept = planned.plan.lastKept?.xid === lab.xids.deleted;
        expect(kept).toBe(inclusive);
        const victims = inclusive ? '0' : String(VICTIMS);
        expect(await result.cluster.query('SELECT count(*) FROM victim')).toEqual([victims]);
      });
    });

    it.each([true, false])('at an LSN within a transaction, inclusive %s', async (inclusive) => {
      const { plan } = await planOf(lab.busyBackup, { kind: 'xid', xid: lab.xids.first, inclusive: true });
      const lsn = plan.stop!.lsn - 40n;
      await tryOut(lab.busyBackup, { kind: 'lsn', lsn, inclusive }, expectReached);
    });

    it('at the first of two restore points of that name', async () => {
      await tryOut(lab.quietBackup, { kind: 'name', name: 'here' }, async (planned, result) => {
        await expectReached(planned, result);
        expect(planned.plan.lastKept?.xid).toBe(lab.xids.first);
      });
    });

    it.each(['busy', 'quiet'] as const)('at once when consistent, in the %s backup', async (which) => {
      const backup = which === 'busy' ? lab.busyBackup : lab.quietBackup;
      await tryOut(backup, { kind: 'immediate' }, expectReached);
    });

    it('from the files of a standby, which are consistent where pg_control says', async () => {
      const way = await planOf(lab.busyBackup, { kind: 'xid', xid: lab.xids.first, inclusive: true });
      const standby = await restore(lab, lab.busyBackup, way.settings);
      standby.cluster.stop();
      const files = join(lab.root, 'standby');
      copyFiles(standby.cluster.data, files);
      copyFiles(join(lab.busyBackup, 'postgresql.auto.conf'), files);
      const target: PlanTarget = { kind: 'xid', xid: lab.xids.deleted, inclusive: false };
      await tryOut(files, target, async (planned, result) => {
        await expectReached(planned, result);
        expect(planned.backup.consistency.kind).toBe('min-recovery-point');
        expect(await result.cluster.query('SELECT count(*) FROM victim')).toEqual([String(VICTIMS)]);
      });
    });

    it('at the end of the WAL', async () => {
      await tryOut(lab.quietBackup, { kind: 'latest' }, async ({ plan }, { started, cluster, log }) => {
        expect(plan.obstacle).toBeUndefined();
        expect(started, log).toBe(true);
        expect(log).toContain(`redo done at ${lsnText(plan.stop?.lsn)}`);
        expect(await cluster.query('SELECT max(xid) FROM done')).toEqual([String(plan.lastKept?.xid)]);
        expect(plan.lastKept?.xid).toBe(lab.xids.last);
      });
    });
  });

  it('restores a .gz.partial that ends within the compressed data, as pg_receivewal leaves it', async () => {
    const archive = unpackedCopyOf('live');
    const target: PlanTarget = { kind: 'xid', xid: lab.xids.deleted, inclusive: true };
    const { plan } = await planOf(lab.busyBackup, target);
    const name = plan.segments.at(-1)!;
    const written = Number((plan.stop!.endLsn + 100n) % 0x100000n);
    const stored = gzipSync(readFileSync(join(archive, name)).subarray(0, written));
    for (const file of readdirSync(archive)) if (file >= name) rmSync(join(archive, file));
    writeFileSync(join(archive, `${name}.gz.partial`), stored.subarray(0, -8));
    await tryOut(
      lab.busyBackup,
      target,
      async (planned, result) => {
        await expectReached(planned, result);
        expect(planned.partial.map((file) => file.name)).toEqual([name]);
        expect(planned.unread).toEqual([]);
      },
      { archive },
    );
    rmSync(archive, { recursive: true });
  });

  describe('says why a target cannot be reached', () => {
    it('because its transaction committed during the backup', async () => {
      await tryOut(
        lab.busyBackup,
        { kind: 'xid', xid: lab.xids.duringBackup, inclusive: true },
        expectRefused(
          'target-before-consistency',
          'requested recovery stop point is before consistent recovery point',
        ),
      );
    });

    it('because its time is before the backup, where the server does not complain', async () => {
      const time = parseTime(lab.timeBefore, UTC)!;
      await tryOut(lab.quietBackup, { kind: 'time', time, inclusive: true }, async (planned, result) => {
        expect(planned.plan.obstacle?.reason).toBe('target-before-consistency');
        expect(planned.plan.stop?.xid).toBe(lab.xids.first);
        await expectStop(planned, result);
      });
    });

    it('and the earliest time that the backup allows', async () => {
      const { plan } = await planOf(lab.busyBackup, {
        kind: 'xid',
        xid: lab.xids.duringBackup,
        inclusive: true,
      });
      await tryOut(
        lab.busyBackup,
        { kind: 'time', time: plan.earliestTime!, inclusive: true },
        expectReached,
      );
      const tooEarly: PlanTarget = { kind: 'time', time: plan.earliestTime! - 1n, inclusive: true };
      const { plan: earlier } = await planOf(lab.busyBackup, tooEarly);
      expect(earlier.obstacle?.reason).toBe('target-before-consistency');
    });

    it.each([
      { kind: 'xid', xid: 4_000_000_000, inclusive: true },
      { kind: 'name', name: 'there' },
      { kind: 'lsn', lsn: 1n << 40n, inclusive: false },
      { kind: 'time', time: 1n << 55n, inclusive: true },
    ] satisfies PlanTarget[])('because there is no such $kind', async (target) => {
      await tryOut(lab.quietBackup, target, (planned, result) => {
        expectRefused('target-not-found', 'recovery ended before configured recovery target was reached')(
          planned,
          result,
        );
        expect(planned.plan.lastKept?.xid).toBe(lab.xids.last);
        expect(result.log).toContain(`redo done at`);
      });
    });

    it('because a segment is missing', async () => {
      const archive = copyOf('gap');
      const { plan } = await planOf(lab.busyBackup, { kind: 'latest' });
      const missing = plan.segments[plan.segments.length - 2];
      rmSync(join(archive, `${missing}.gz`));
      await tryOut(
        lab.busyBackup,
        { kind: 'xid', xid: lab.xids.last, inclusive: true },
        (planned, result) => {
          expectRefused('missing-segment', 'recovery ended before configured recovery target was reached')(
            planned,
            result,
          );
          expect(planned.plan.obstacle).toMatchObject({
            missing: [{ firstName: missing, lastName: missing }],
          });
        },
        { archive },
      );
    });

    it('because the first segment is missing', async () => {
      const archive = copyOf('headless');
      const { plan } = await planOf(lab.busyBackup, { kind: 'latest' });
      rmSync(join(archive, `${plan.segments[0]}.gz`));
      await tryOut(
        lab.busyBackup,
        { kind: 'latest' },
        (planned, result) => {
          expectRefused('missing-segment', 'could not locate required checkpoint record')(planned, result);
          expect(planned.plan.obstacle).toMatchObject({ missing: [{ firstName: plan.segments[0] }] });
        },
        { archive },
      );
    });

    it('because WAL is damaged', async () => {
      const archive = copyOf('damaged');
      const { plan } = await planOf(lab.busyBackup, { kind: 'xid', xid: lab.xids.deleted, inclusive: true });
      const path = join(archive, `${plan.segments[plan.segments.length - 1]}.gz`);
      const bytes = gunzipSync(readFileSync(path));
      bytes[Number(plan.stop!.lsn % BigInt(bytes.length)) + 24] ^= 0xff; // after the record's header
      writeFileSync(path, gzipSync(bytes));
      await tryOut(
        lab.busyBackup,
        { kind: 'xid', xid: lab.xids.last, inclusive: true },
        (planned, result) => {
          expectRefused('damaged-wal', 'recovery ended before configured recovery target was reached')(
            planned,
            result,
          );
          expect(planned.plan.obstacle).toMatchObject({ lsn: plan.stop!.lsn });
          expect(result.log).toContain(detailOf(planned));
        },
        { archive },
      );
    });

    describe('because the server cannot restore a segment, of which more can be read,', () => {
      it.each([
        ['is cut off', (stored: Buffer) => stored.subarray(0, Math.floor(stored.length * 0.9))],
        ['has another checksum', (stored: Buffer) => stored.fill(0xff, stored.length - 8, stored.length - 4)],
        ['has more behind it', (stored: Buffer) => Buffer.concat([stored, Buffer.from('more')])],
      ])('for it %s', async (_, damage) => {
        const archive = copyOf('unpackable');
        const target: PlanTarget = { kind: 'xid', xid: lab.xids.deleted, inclusive: true };
        const { plan } = await planOf(lab.busyBackup, target);
        const path = join(archive, `${plan.segments.at(-1)}.gz`);
        writeFileSync(path, damage(readFileSync(path)));
        await tryOut(
          lab.busyBackup,
          target,
          (planned, result) => {
            expectRefused('damaged-wal', 'recovery ended before configured recovery target was reached')(
              planned,
              result,
            );
            expect(detailOf(planned)).toContain(path);
            expect(planned.plan.walEnd).toBeLessThan(plan.stop!.lsn);
          },
          { archive },
        );
        rmSync(archive, { recursive: true });
      });

      it.each([0, 0.9, 1.1])('for it is %d times as long as it should be', async (times) => {
        const archive = unpackedCopyOf('wrong-size');
        const target: PlanTarget = { kind: 'xid', xid: lab.xids.deleted, inclusive: true };
        const { plan } = await planOf(lab.busyBackup, target);
        const name = plan.segments.at(-1)!;
        const bytes = readFileSync(join(archive, name));
        writeFileSync(join(archive, name), Buffer.concat([bytes, bytes], Math.floor(bytes.length * times)));
        await tryOut(
          lab.busyBackup,
          target,
          (planned, result) => {
            expectRefused('damaged-wal', `archive file "${name}" has wrong size`)(planned, result);
            expect(planned.plan.obstacle).toMatchObject({ wrongSize: name });
          },
          { archive },
        );
        rmSync(archive, { recursive: true });
      });
    });

    it('because the server reads ahead, where it finds a file of the wrong size', async () => {
      const archive = unpackedCopyOf('ahead');
      const target: PlanTarget = { kind: 'name', name: 'here' };
      const { plan } = await planOf(lab.quietBackup, target);
      const { segments } = (await planOf(lab.quietBackup, { kind: 'latest' })).plan;
      const next = segments[segments.indexOf(plan.segments.at(-1)!) + 1];
      truncateSync(join(archive, next), 500_000);
      const refused = postgres.version >= 15;
      await tryOut(
        lab.quietBackup,
        target,
        refused ? expectRefused('damaged-wal', `archive file "${next}" has wrong size`) : expectReached,
        { archive },
      );
    });

    it('because the WAL was written with wal_level=minimal', async () => {
      const [primary, archive] = ['minimal', 'minimal-archive'].map((name) => join(lab.root, name));
      runAsServer('mkdir', [archive]);
      const archiving = [
        'wal_level = replica',
        'archive_mode = on',
        `archive_command = 'cp %p ${archive}/%f'`,
      ];
      const cluster = Cluster.create(
        postgres,
        primary,
        [...archiving, "wal_keep_size = '64MB'"],
        SMALL_SEGMENTS,
      );
      cluster.start();
      const client = await cluster.connect();
      const backup = join(lab.root, 'minimal-backup');
      await baseBackup(cluster, client, backup, async () => {});
      await client.query(`SELECT pg_create_restore_point('before')`);
      await client.end();
      cluster.stop();
      cluster.configure(['wal_level = minimal', 'archive_mode = off', 'max_wal_senders = 0']);
      cluster.start();
      await cluster.query('CREATE TABLE t AS SELECT 1');
      cluster.stop();
      cluster.configure([...archiving, 'max_wal_senders = 4']);
      cluster.start();
      await cluster.query(`SELECT pg_create_restore_point('after')`);
      await cluster.query('SELECT pg_switch_wal()');
      cluster.stop();
      const wal = join(primary, 'pg_wal');
      await tryOut(
        backup,
        { kind: 'name', name: 'after' },
        expectRefused(
          'minimal-wal',
          'WAL was generated with "?wal_level=minimal"?, cannot continue recovering',
        ),
        { archive: wal },
      );
      const { plan } = await planOf(backup, { kind: 'name', name: 'before' }, undefined, wal);
      expect(plan.obstacle).toBeUndefined();

      const table = { backup, table: 't', database: 'postgres', timezone: UTC };
      const rows = await recoverRows([wal], {
        ...table,
        question: { kind: 'as-of', target: { kind: 'latest' } },
      });
      expect(rows.problems).toMatchObject([{ code: 'minimal-wal' }]);
      rows.close();
    });

    it('because the WAL is of another cluster', async () => {
      const archive = join(lab.root, 'foreign');
      runAsServer('mkdir', [archive]);
      const settings = ['archive_mode = on', `archive_command = 'cp %p ${archive}/%f'`];
      const other = Cluster.createForeign(postgres, join(lab.root, 'other'), settings, SMALL_SEGMENTS);
      other.start();
      for (let i = 0; i < 6; i++) {
        await other.query(`SELECT pg_create_restore_point('r')`);
        await other.query('SELECT pg_switch_wal()');
      }
      other.stop();
      const wanted = (await planOf(lab.busyBackup, { kind: 'immediate' })).plan.segments[0];
      expect(readdirSync(archive)).toContain(wanted);
      await tryOut(
        lab.busyBackup,
        { kind: 'latest' },
        (planned, result) => {
          expectRefused('wrong-system', 'could not locate required checkpoint record')(planned, result);
          expect(result.log).toContain('WAL file is from different database system');
        },
        { archive },
      );
      // beside the backup's own it is left out
      const target: PlanTarget = { kind: 'xid', xid: lab.xids.deleted, inclusive: false };
      for (const backup of [lab.busyBackup, join(lab.busyBackup, 'backup_label')]) {
        const planned = await planRecovery([archive, lab.archive], { backup, target });
        expect(planned.otherClusters).toHaveLength(1);
        const restored = await restore(lab, lab.busyBackup, planned.settings);
        await expectReached(planned, restored);
        restored.cluster.stop('immediate');
      }
    });
  });

  describe('follows timelines', () => {
    it('and not one that nothing tells of', async () => {
      const planned = await planOf(lab.quietBackup, { kind: 'latest' }, 7);
      const settings = { ...planned.settings, recovery_target_timeline: '7' };
      expectRefused('timeline-not-descended', 'recovery target timeline 7 does not exist')(
        planned,
        await restore(lab, lab.quietBackup, settings),
      );
      expect(detailOf(planned)).toContain('timeline 7 does not exist');
    });

    describe('before a DELETE', () => {
      const beforeDelete = (): PlanTarget => ({ kind: 'before-delete', relation: String(lab.victim) });
      /** Restores with the plan's settings: the rows are there, on the timeline that the plan says. */
      const expectVictims = async (planned: PlannedRecovery, result: Restored): Promise<void> => {
        await expectReached(planned, result);
        expect(await result.cluster.query('SELECT count(*) FROM victim')).toEqual([String(VICTIMS)]);
      };

      it('on the one that the server takes by default, and names the others', async () => {
        const archive = await branched('deleted-twice', 'DELETE FROM victim WHERE id <= 7');
        const found = await findCommit([archive], { relation: String(lab.victim) });
        const [first, second] = found.relations.map(({ timeline, lastDelete }) => ({
          timeline,
          commit: { xid: lastDelete?.commit.xid, lsn: lastDelete?.commit.lsn },
        }));
        expect(first).toMatchObject({ timeline: 1, commit: { xid: lab.xids.deleted } });
        await tryOut(
          lab.busyBackup,
          beforeDelete(),
          async (planned, result) => {
            expect(planned.plan.timeline).toBe(2);
            expect(planned.spared).toMatchObject({ ...second, notOn: undefined, others: [first] });
            await expectVictims(planned, result);
          },
          { archive },
        );
        await tryOut(
          lab.busyBackup,
          beforeDelete(),
          async (planned, result) => {
            expect(planned.spared).toMatchObject({ ...first, others: [second] });
            await expectVictims(planned, result);
          },
          { archive, timeline: 1 },
        );
      });

      it('on another one where the default has none, unless one is asked for', async () => {
        const archive = await branched('deleted-once', 'INSERT INTO done VALUES (-1)');
        await tryOut(
          lab.busyBackup,
          beforeDelete(),
          async (planned, result) => {
            expect(planned.spared).toMatchObject({ timeline: 1, notOn: 2, others: [] });
            await expectVictims(planned, result);
          },
          { archive },
        );
        const asked = planOf(lab.busyBackup, beforeDelete(), 2, archive);
        await expect(asked).rejects.toMatchObject({
          code: 'no-delete',
          message: expect.stringMatching(`transaction ${lab.xids.deleted} .*--timeline 1`),
        });
      });
    });

    it('to one that branched off after the backup, and not from before it', async () => {
      const archive = await branched('branched', 'INSERT INTO done VALUES (-1)');
      await tryOut(
        lab.busyBackup,
        { kind: 'latest' },
        async ({ plan }, result) => {
          expect(plan.obstacle).toBeUndefined();
          expect(plan.timeline).toBe(2);
          expect(result.started, result.log).toBe(true);
          expect(await result.cluster.query('SELECT xid FROM done WHERE xid < 0')).toEqual(['-1']);
        },
        { archive },
      );
      await tryOut(
        lab.quietBackup,
        { kind: 'latest' },
        expectRefused(
          'timeline-not-descended',
          "requested timeline 2 is not a child of this server's history",
        ),
        { archive },
      );
    });
  });

  /**
   * A copy of the archive with a timeline 2, which left timeline 1 before the DELETE there.
   * @param sql what was done on it
   */
  async function branched(name: string, sql: string): Promise<string> {
    const archive = copyOf(name);
    const from: PlanTarget = { kind: 'xid', xid: lab.xids.duringBackup + 1, inclusive: true };
    const restored = await restore(lab, lab.busyBackup, {
      ...(await planOf(lab.busyBackup, from)).settings,
      recovery_target_action: 'promote',
      wal_keep_size: '1GB',
    });
    const { cluster } = restored;
    expect(restored.started, restored.log).toBe(true);
    await promoted(cluster);
    await cluster.query(sql);
    const [own] = await cluster.query('SELECT pg_walfile_name(pg_current_wal_lsn())');
    await cluster.query('SELECT pg_switch_wal()');
    // what else there is of timeline 2 has been made for later use, and is not archived
    for (const file of [own, '00000002.history']) {
      runAsServer('sh', ['-c', `gzip < ${join(cluster.data, 'pg_wal', file)} > ${join(archive, file)}.gz`]);
    }
    cluster.stop('immediate');
    return archive;
  }

  function unpackedCopyOf(name: string): string {
    const archive = copyOf(name);
    runAsServer('sh', ['-c', 'gunzip *.gz'], archive);
    return archive;
  }

  function copyOf(name: string): string {
    const archive = join(lab.root, name);
    copyFiles(lab.archive, archive);
    return archive;
  }
});

/** What is said of the obstacle, of those that have such a detail. */
const detailOf = ({ plan: { obstacle } }: PlannedRecovery): string =>
  String(obstacle !== undefined && 'detail' in obstacle ? obstacle.detail : undefined);
