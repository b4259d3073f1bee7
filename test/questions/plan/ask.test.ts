import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { timelineChain } from '../../../src/cluster/chain.js';
import {
  findCommit,
  planRecovery,
  readBaseBackup,
  readSegments,
  takeUsableInventory,
} from '../../../src/node/questions.js';
import type { PlannedRecovery, PlanOptions } from '../../../src/questions/plan/ask.js';
import { planJson } from '../../../src/questions/plan/json.js';
import { obstacleText } from '../../../src/questions/plan/obstacle-text.js';
import { RecoveryPlanner } from '../../../src/questions/plan/run.js';
import { planText } from '../../../src/questions/plan/text.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseLsn } from '../../../src/wal/lsn.js';
import { formatTimestampIso } from '../../../src/wal/timestamp.js';
import { folderOf } from '../../support/folder.js';
import { readTestdata } from '../../support/testdata.js';
import { parseTime } from '../../support/time.js';

const SEGMENTS = ['000000010000000000000002', '000000010000000000000003', '000000010000000000000004'];
const NEVER = parseLsn('0/7000000')!;

describe.each([15, 18])('the plan for lab/%i', (version) => {
  const folder = `testdata/lab/${version}`;
  const lines = SEGMENTS.flatMap((name) =>
    readFileSync(`${folder}/expected/${name}.txt`, 'utf8').split('\n'),
  );
  /** The commits that pg_waldump shows. */
  const commits = lines.flatMap((line) => {
    const match = /tx: +(\d+), lsn: (\S+),.* desc: COMMIT (\S+ \S+ UTC)/.exec(line);
    if (!match) return [];
    return [{ xid: Number(match[1]), lsn: match[2], time: formatTimestampIso(parseTime(match[3], UTC)!) }];
  });
  const [kept, removal] = commits;
  const restorePoint = / lsn: (\S+),.* RESTORE_POINT test_pirt/.exec(lines.join('\n'))![1];
  const label = readTestdata(`${folder}/${SEGMENTS[0]}.00000028.backup.gz`).toString();
  const lsnOf = (key: string): string => {
    const [, high, low] = new RegExp(`${key}: (\\w+)/(\\w+)`).exec(label)!;
    return `${high}/${low.padStart(8, '0')}`;
  };
  const [startLsn, endLsn] = [lsnOf('START WAL LOCATION'), lsnOf('STOP WAL LOCATION')];

  const plan = (options: Omit<PlanOptions, 'backup'> & { backup?: string }): Promise<PlannedRecovery> =>
    planRecovery([folder], { backup: `${folder}/base.tar.gz`, ...options });
  it.each([
    ['base.tar.gz', 'pg_basebackup base backup'],
    ['backup_label', 'pg_basebackup base backup'],
    [`${SEGMENTS[0]}.00000028.backup.gz`, 'pg_basebackup base backup'],
    ['', 'pg_basebackup base backup'],
    ['backup_manifest.gz', null],
  ])('from "%s" to before the DELETE is the contract’s', async (name, labelled) => {
    expect(commits).toHaveLength(2);
    const relation = / desc: DELETE .* rel (\S+) blk/.exec(lines.join('\n'))![1];
    const planned = await plan({ backup: join(folder, name), target: { kind: 'before-delete', relation } });
    const { endLsn: readTo, server, ...told } = planJson(planned);
    expect(server).toMatchObject({ pauses: true, action: 'pause', tablespaces: [] });
    expect(parseLsn(readTo!)).toBeGreaterThan(parseLsn(removal.lsn)!);
    expect(told).toEqual({
      postgres: version,
      systemIdentifier: String(planned.format.systemIdentifier),
      timelines: [1],
      startLsn,
      reachable: true,
      reason: null,
      timeline: 1,
      backup: { startLsn, endLsn, timeline: 1, label: labelled, name: null },
      consistentLsn: endLsn,
      stopsAt: {
        lsn: removal.lsn,
        position: 'before',
        record: 'COMMIT',
        xid: removal.xid,
        time: removal.time,
      },
      lastKept: kept,
      firstLost: removal,
      committedAfter: 1,
      segments: SEGMENTS,
      settings: {
        restore_command: `gunzip < ${resolve(folder)}/%f.gz > %p`,
        recovery_target_lsn: removal.lsn,
        recovery_target_inclusive: 'off',
        recovery_target_timeline: '1',
        recovery_target_action: 'pause',
      },
      tool: null,
      misnamed: [],
      partial: [],
      obstacle: null,
      otherClusters: [],
      spared: { timeline: 1, relation, name: null, commit: removal, notOn: 2, others: [] },
      problems: [],
    });
  });

  it('is the same from base.tar, and from the files in another folder', async () => {
    const files = folderOf({ 'base.tar': gunzipSync(readFileSync(`${folder}/base.tar.gz`)) });
    const target = { kind: 'before-delete', relation: '16386' } as const;
    const [there, here] = [await plan({ target }), await plan({ backup: join(files, 'base.tar'), target })];
    expect(planJson(here)).toEqual(planJson(there));
    expect(planJson(await plan({ backup: files, target }))).toEqual(planJson(there));
  });

  it('finds the DELETE in the backup’s own pg_wal, too', async () => {
    const wal = SEGMENTS.map((name): [string, Buffer] => [
      `pg_wal/${name}`,
      readTestdata(`${folder}/${name}.gz`),
    ]);
    const backup = folderOf({
      backup_label: readFileSync(`${folder}/backup_label`),
      ...Object.fromEntries(wal),
    });
    const target = { kind: 'before-delete', relation: '16386' } as const;
    const { plan: planned, problems } = await planRecovery([], { backup, target });
    expect(problems).toEqual([]);
    expect(planned.obstacle).toBeUndefined();
    expect(planned.stop?.lsn).toBe(parseLsn(removal.lsn));
  });

  it('is for each kind of target what pg_waldump’s records say', async () => {
    const time = parseTime(removal.time, UTC)!;
    const timeline = 1;
    const stop = async (target: PlanOptions['target']): Promise<[string, string, unknown]> => {
      const json = planJson(await plan({ target, timeline }));
      expect(json.reachable).toBe(true);
      return [json.stopsAt!.position, json.stopsAt!.lsn, json.lastKept?.xid];
    };
    expect(await stop({ kind: 'xid', xid: removal.xid, inclusive: true })).toEqual([
      'after',
      removal.lsn,
      removal.xid,
    ]);
    expect(await stop({ kind: 'xid', xid: removal.xid, inclusive: false })).toEqual([
      'before',
      removal.lsn,
      kept.xid,
    ]);
    expect(await stop({ kind: 'time', time: time - 1n, inclusive: true })).toEqual([
      'before',
      removal.lsn,
      kept.xid,
    ]);
    expect(await stop({ kind: 'time', time, inclusive: false })).toEqual(['before', removal.lsn, kept.xid]);
    expect(await stop({ kind: 'name', name: 'test_pirt' })).toEqual(['after', restorePoint, kept.xid]);
    expect((await stop({ kind: 'latest' }))[2]).toBe(removal.xid);
    expect(await stop({ kind: 'immediate' })).toEqual(['before', expect.any(String), undefined]);
  });

  it('goes to the newest timeline where none is asked for', async () => {
    const { plan: planned, settings } = await plan({ target: { kind: 'latest' } });
    expect(planned).toMatchObject({
      timeline: 2,
      segments: [...SEGMENTS.slice(0, 2), '000000020000000000000004'],
    });
    expect(settings).toMatchObject({ recovery_target_timeline: '2' });
    const current = await plan({ target: { kind: 'latest' }, timeline: 'current' });
    expect(current.plan).toMatchObject({ timeline: 1 });
  });

  it.each(SEGMENTS)('names %s where that is missing', async (missing) => {
    const names = readdirSync(folder).filter(
      (name) => name.startsWith('00000001') && !name.includes(missing),
    );
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
    const { plan: planned } = await planRecovery([folderOf(files)], {
      backup: `${folder}/backup_label`,
      target: { kind: 'lsn', lsn: parseLsn(removal.lsn)!, inclusive: false },
    });
    expect(planned.obstacle).toMatchObject({
      reason: 'missing-segment',
      missing: [{ firstName: missing, lastName: missing }],
    });
  });

  it('tells the last record although the memory that it was in is used again', async () => {
    const inventory = await takeUsableInventory([folder]);
    const backup = await readBaseBackup(`${folder}/backup_label`);
    const chain = timelineChain(inventory, 1);
    const planner = new RecoveryPlanner(backup, { kind: 'latest' }, chain, inventory.format);
    for await (const { segment } of readSegments(planner.wanted, inventory.format)) {
      planner.push(segment);
      segment.bytes.fill(0);
    }
    const name = chain.segments.at(-1)?.file.name;
    const last = readFileSync(`${folder}/expected/${name}.txt`, 'utf8').trim().split('\n').at(-1)!;
    const [, lsn, record] = / lsn: (\S+), .* desc: (\w+)/.exec(last)!;
    expect(planner.finish().stop).toMatchObject({ lsn: parseLsn(lsn), record, position: 'after' });
  });

  it('says what the WAL does not have', async () => {
    const { plan: planned } = await plan({
      target: { kind: 'lsn', lsn: NEVER, inclusive: true },
      timeline: 1,
    });
    expect(planned).toMatchObject({
      obstacle: { reason: 'target-not-found' },
      lastKept: { xid: removal.xid },
    });
    const other = await planRecovery([`testdata/lab/${version === 15 ? 18 : 15}`], {
      backup: `${folder}/base.tar.gz`,
      target: { kind: 'latest' },
    });
    expect(other.plan.obstacle?.reason).toBe('wrong-system');
    const timeline = await plan({ target: { kind: 'latest' }, timeline: 7 });
    expect(timeline.plan.obstacle).toMatchObject({
      reason: 'timeline-not-descended',
      detail: expect.toSatisfy(
        (detail) =>
          String(detail) === 'recovery target timeline 7 does not exist: there is no 00000007.history',
      ),
    });
  });
});

describe('a folder with WAL of several clusters', () => {
  const [own, other] = ['testdata/lab/17', 'testdata/lab/18'];
  const target = { kind: 'before-delete', relation: '16386' } as const;

  it.each([
    [other, `${other}/base.tar.gz`, 'pg_control'],
    [own, `${own}/backup_manifest.gz`, 'the manifest'],
    // at equal LSNs
    [own, `${own}/backup_label`, 'the time of its checkpoint'],
    [other, `${other}/backup_label`, 'the time of its checkpoint'],
    [other, `${other}/${SEGMENTS[0]}.00000028.backup.gz`, 'the time of its checkpoint'],
  ])('has for %s the WAL of the cluster of %s, by %s', async (folder, backup) => {
    const [, foreign] = folder === own ? [own, other] : [other, own];
    const planned = await planRecovery([own, other], { backup, target });
    const { otherClusters, ...json } = planJson(planned);
    const { otherClusters: none, ...alone } = planJson(await planRecovery([folder], { backup, target }));
    expect(json).toEqual(alone);
    expect(none).toEqual([]);
    const { format, segments } = await takeUsableInventory([foreign]);
    expect(otherClusters).toEqual([
      { systemIdentifier: String(format.systemIdentifier), segments: segments.length },
    ]);
    expect(planText(planned, UTC)).toContain(`system identifier ${format.systemIdentifier}`);
    const { systemIdentifier } = await findCommit([own, other], {
      relation: '16386',
      backup: `${other}/base.tar.gz`,
    });
    expect(systemIdentifier).toBe((await takeUsableInventory([other])).format.systemIdentifier);
  });

  it('is refused where nothing tells which is the backup’s', async () => {
    const labs = ['testdata/lab/15', 'testdata/lab/16'];
    const asked = planRecovery(labs, { backup: 'testdata/lab/15/backup_manifest.gz', target });
    await expect(asked).rejects.toMatchObject({ code: 'foreign-cluster' });
  });
});

describe('of a base backup whose manifest is whole', () => {
  const lab = 'testdata/lab/15';
  const whole = {
    backup_label: readFileSync(`${lab}/backup_label`),
    'backup_manifest.gz': readFileSync(`${lab}/backup_manifest.gz`),
    'global/pg_control': readFileSync(`${lab}/pg_control`),
  };
  // neither changes what the file says
  const [label, control] = [Buffer.from(whole.backup_label), Buffer.from(whole['global/pg_control'])];
  label.write('X', label.indexOf('pg_basebackup'));
  control[control.length - 1] = 1;
  const other = 'has another checksum than its backup_manifest says';

  it.for([
    ['', {}, []],
    ['', { backup_label: label }, [`backup_label ${other}`]],
    ['backup_label', { backup_label: label }, [`backup_label ${other}`]],
    ['', { 'global/pg_control': control }, [`global/pg_control ${other}`]],
    ['', { backup_label: Buffer.concat([label, label]) }, ['backup_label has 450 bytes, and by its']],
    ['', { 'backup_manifest.gz': whole['backup_manifest.gz'].subarray(0, 900) }, ['backup_manifest.gz']],
  ] as const)('given as "%s", %o are compared with it', async ([name, changed, expected]) => {
    const folder = folderOf({ ...whole, ...changed });
    const planned = await planRecovery([lab], {
      backup: name === '' ? folder : join(folder, name),
      target: { kind: 'latest' },
    });
    expect(planned.unread.map(({ message }) => message)).toEqual(
      expected.map((text) => expect.stringContaining(text)),
    );
  });
});

describe('a base backup', () => {
  const tarGz = 'testdata/lab/18/base.tar.gz';

  it.for([
    ['zst', 'zstd'],
    ['lz4', 'lz4'],
    ['xz', 'xz'],
    ['bz2', 'bzip2'],
  ])('is the same out of base.tar.%s', async ([ending, program], { skip }) => {
    const tar = gunzipSync(readFileSync(tarGz));
    const packed = spawnSync(program, ['-1', '-c'], { input: tar, maxBuffer: tar.length });
    skip(packed.error !== undefined, `${program} is not installed`);
    const name = `base.tar.${ending}`;
    const backup = await readBaseBackup(join(folderOf({ [name]: packed.stdout }), name));
    expect(backup.systemIdentifier).toBeDefined();
    expect(backup).toEqual(await readBaseBackup(tarGz));
  });

  it('is told from what is none', async () => {
    const codeOf = (path: string): Promise<string> => readBaseBackup(path).then(String, ({ code }) => code);
    expect(await codeOf('testdata/nowhere')).toBe('unreadable');
    expect(await codeOf('testdata/lab/18/catalog.txt')).toBe('not-a-backup');
    expect(await codeOf('testdata/lab/18/000000010000000000000002.gz')).toBe('not-a-backup');
    expect(await codeOf(folderOf({ x: '' }))).toBe('not-a-backup');
    expect(await codeOf(join(folderOf({ empty: '' }), 'empty'))).toBe('not-a-backup');
    const cutOff = readFileSync(tarGz).subarray(0, 100_000);
    expect(await codeOf(join(folderOf({ 'base.tar.gz': cutOff }), 'base.tar.gz'))).toBe('damaged-backup');
  });
});

describe('an obstacle in words', () => {
  it.each([
    [11, /does not complain: it opens at 0\/.* on a new timeline/],
    [12, /does not complain: it opens at 0\/.* on a new timeline/],
    [13, /FATAL "recovery ended before configured recovery target was reached"/],
  ])('of a target that is not found tells what %i does', async (version, server) => {
    const planned = await planRecovery(['testdata/lab/15'], {
      backup: 'testdata/lab/15/backup_label',
      target: { kind: 'xid', xid: 4_000_000_000, inclusive: true },
    });
    const format = { ...planned.format, version };
    const text = obstacleText({ ...planned, format }, formatTimestampIso);
    expect(text?.server).toMatch(server);
    expect(text?.problem).toMatch(/the last commit there is: transaction \d+ at 2026-11-22T/);
  });
});
