import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  examineArchive,
  findCommit,
  findIncidents,
  planRecovery,
  recoverRows,
  takeInventory,
} from '../../src/node/questions.js';
import { obstacleText } from '../../src/questions/plan/obstacle-text.js';
import { UTC } from '../../src/text/timezone.js';
import type { WalError } from '../../src/wal/error.js';
import { formatLsn, type Lsn, parseLsn } from '../../src/wal/lsn.js';
import {
  archived,
  archivingTo,
  baseBackup,
  restore,
  SMALL_SEGMENTS,
  switchSegment,
} from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  describeServers,
  makeFolders,
  type Postgres,
  runAsServer,
  serverFolder,
} from '../support/postgres.js';

/** An archive of a server on which pg_resetwal was run, with a backup from before and one from after that. */
interface ResetLab {
  root: string;
  archive: string;
  before: string;
  after: string;
  relation: string;
  /** Where the server was when it was stopped. */
  stoppedAt: Lsn;
  /** The segment that pg_resetwal made. */
  made: string;
}

type Stop = 'crash' | 'clean' | 'crash, and all archived';

async function makeLab(postgres: Postgres, stop: Stop, options: string[]): Promise<ResetLab> {
  const root = serverFolder();
  const archive = join(root, 'archive');
  makeFolders(archive);
  const primary = Cluster.create(postgres, join(root, 'primary'), archivingTo(archive), SMALL_SEGMENTS);
  const wal = join(primary.data, 'pg_wal');
  const segments = (): string[] => readdirSync(wal).filter((name) => /^[0-9A-F]{24}$/.test(name));
  const [before, after] = [join(root, 'before'), join(root, 'after')];

  primary.start();
  let client = await primary.connect();
  await client.query('CREATE TABLE t (i int)');
  const [relation] = await column(client, "SELECT pg_relation_filenode('t')");
  await baseBackup(primary, client, before, async () => {});
  await client.query('INSERT INTO t SELECT generate_series(1, 100)');
  await archived(client);
  await client.query('CHECKPOINT; INSERT INTO t SELECT generate_series(101, 110)');
  const [stoppedAt, current] = (
    await column(client, "SELECT pg_current_wal_lsn() || ' ' || pg_walfile_name(pg_current_wal_lsn())")
  )[0].split(' ');
  await client.end();
  primary.stop(stop === 'clean' ? 'fast' : 'immediate');
  if (stop === 'crash, and all archived') {
    copyFileSync(join(wal, current), join(archive, current));
    for (const name of segments()) if (name > current) rmSync(join(wal, name));
  }
  runAsServer(join(postgres.bin, 'pg_resetwal'), ['-f', ...options, primary.data]);
  const [made] = segments();

  primary.start();
  client = await primary.connect();
  await client.query('INSERT INTO t VALUES (1000); DELETE FROM t WHERE i = 1000');
  await switchSegment(client);
  await baseBackup(primary, client, after, async () => {});
  await client.query('INSERT INTO t VALUES (2000)');
  await archived(client);
  await client.end();
  primary.stop();
  return { root, archive, before, after, relation, stoppedAt: parseLsn(stoppedAt)!, made };
}

const codes = (problems: WalError[]): string[] => problems.map(({ code }) => code);

function tests(postgres: Postgres, stop: Stop, options: string[] = []): void {
  let lab: ResetLab;

  beforeAll(async () => {
    lab = await makeLab(postgres, stop, options);
  });

  afterAll(() => {
    if (lab) rmSync(lab.root, { recursive: true, force: true });
  });

  /** What every command says of it, once. */
  function expectReset(problems: WalError[]): void {
    expect(codes(problems)).toEqual(['wal-reset']);
    expect(problems[0].message).toContain(`pg_resetwal made ${lab.made}: `);
    expect(problems[0].lsn! % 0x100000n).toBe(0x28n);
  }

  it('is told by archive, and no segment is missed', async () => {
    for (const quick of [false, true]) {
      const { problems, timelines } = await examineArchive([lab.archive], { quick });
      expectReset(problems);
      expect(timelines[0].missing).toEqual([]);
    }
  });

  it('is told by find-commit and incidents, which read what comes before and after', async () => {
    const { problems, relations } = await findCommit([lab.archive], { relation: lab.relation });
    expectReset(problems);
    const { lastInsert, lastDelete } = relations[0];
    for (const change of [lastInsert, lastDelete]) expect(change!.lsn).toBeGreaterThan(problems[0].lsn!);
    expectReset((await findIncidents([lab.archive], { minRows: 1 })).problems);
  });

  it('is where a backup from before it cannot be recovered to', async () => {
    const planned = await planRecovery([lab.archive], { backup: lab.before, target: { kind: 'latest' } });
    expect(planned.plan.obstacle).toMatchObject({ reason: 'wal-reset' });
    const { server, advice } = obstacleText(planned, String)!;
    expect(advice).toContain('take a backup that was made after pg_resetwal');
    // the server does what is said of it
    const end = /opens at (\S+) on a new timeline/.exec(server)![1];
    const { started, log, cluster } = await restore(
      { postgres, root: lab.root },
      lab.before,
      planned.settings,
    );
    expect(started, log).toBe(true);
    cluster.stop('immediate');
    // the record that it replayed last ends where that is
    const redone = parseLsn(/redo done at (\S+)/.exec(log)![1])!;
    const { walEnd } = planned.plan;
    expect([end, redone < walEnd!]).toEqual([formatLsn(walEnd!), true]);
    if (stop !== 'crash') expect(walEnd! >= lab.stoppedAt).toBe(true);
  });

  it('is in the way of rows from a backup from before it', async () => {
    const rows = recoverRows([lab.archive], {
      backup: lab.before,
      relation: { relNumber: Number(lab.relation) },
      question: { kind: 'as-of', target: { kind: 'latest' } },
      timezone: UTC,
    });
    await expect(rows).rejects.toMatchObject({ code: 'wal-reset' });
  });

  it('is in nobody’s way from a backup from after it', async () => {
    const planned = await planRecovery([lab.archive], { backup: lab.after, target: { kind: 'latest' } });
    expect(planned.plan.obstacle).toBeUndefined();
    const { started, cluster } = await restore({ postgres, root: lab.root }, lab.after, planned.settings);
    expect(started).toBe(true);
    cluster.stop('immediate');
  });
}

describeServers('pg_resetwal of', (postgres) => {
  if (!existsSync(join(postgres.bin, 'pg_resetwal'))) {
    it.skip('there is no pg_resetwal with this server');
    return;
  }
  it('did not make the first segment of all, which initdb writes', async () => {
    const root = serverFolder();
    const { data } = Cluster.create(postgres, join(root, 'new'), []);
    const { segments } = await takeInventory([join(data, 'pg_wal')]);
    expect(segments).toMatchObject([{ name: '000000010000000000000001' }]);
    expect(segments[0].reset).toBeUndefined();
    rmSync(root, { recursive: true });
  });

  describe('after a crash', () => tests(postgres, 'crash'));
  describe('after a crash, with all WAL archived', () => tests(postgres, 'crash, and all archived'));
  describe('after a clean end, with numbers passed over', () =>
    tests(postgres, 'clean', ['-l', '000000010000000000000040', '-x', '5000']));
});
