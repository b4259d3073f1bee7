import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { recoveryChain, timelineChain } from '../../src/cluster/chain.js';
import {
  examineArchive,
  findCommit,
  findIncidents,
  findMoment,
  planRecovery,
  takeInventory,
} from '../../src/node/questions.js';
import type { ArchiveExamined } from '../../src/questions/archive/ask.js';
import { archiveJson } from '../../src/questions/archive/json.js';
import { branchOf, filesOf, folderOf, segmentsOf } from '../support/folder.js';

const FOLDER = 'testdata/two-timelines';

/**
 * An archive of two restores that both became timeline 2, made on PostgreSQL 15: by pg_waldump, the one of segments
 * 9 to B began at 0/00900138, that of D to F at 0/00D00138.
 */
function archive(history: string | undefined, without: RegExp = /^$/): Record<string, Uint8Array | string> {
  const names = readdirSync(FOLDER).filter((name) => !name.includes('history') && !without.test(name));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(FOLDER, name))]));
  return history === undefined ? files : { ...files, '00000002.history': history };
}

const LATER = gunzipSync(readFileSync(`${FOLDER}/00000002.history.gz`)).toString();
const EARLIER = '1\t0/900138\tat restore point "p2"\n';

const [NINE_TO_B, D_TO_F] = [
  ['9', 'B', '0/00900138'],
  ['D', 'F', '0/00D00138'],
].map(([first, last, switchLsn]) => ({
  timeline: 2,
  first: `00000002000000000000000${first}`,
  last: `00000002000000000000000${last}`,
  count: 3,
  switchLsn,
  parent: 1,
}));

describe.each([true, false])('segments of two timelines 2, quick %s,', (quick) => {
  const reportOf = (files: Record<string, Uint8Array | string>): Promise<ArchiveExamined> =>
    examineArchive([folderOf(files)], { quick });

  it.each([
    ['the later one', LATER, [NINE_TO_B]],
    ['the earlier one', EARLIER, [D_TO_F]],
    ['a third one', '1\t0/B00028\tx\n', [NINE_TO_B, D_TO_F]],
    ['none', undefined, [NINE_TO_B, D_TO_F]],
  ])('are told by where each began, with the history of %s', async (_, history, foreign) => {
    const report = await reportOf(archive(history));
    expect(archiveJson(report).foreign).toEqual(foreign);
    const told = report.problems.filter(({ code }) => code === 'wrong-history');
    expect(told).toHaveLength(foreign.length);
    for (const [i, { first, last, switchLsn }] of foreign.entries()) {
      expect(told[i].message).toContain(
        `segments ${first} to ${last} belong to another timeline 2, which began at ${switchLsn} on timeline 1`,
      );
    }
  });

  it('are told without the one that they began in', async () => {
    const report = await reportOf(archive(LATER, /^0000000200000000000000(?:09|0F)/));
    expect(archiveJson(report).foreign).toEqual([
      {
        ...{ timeline: 2, first: '00000002000000000000000A', last: '00000002000000000000000B' },
        ...{ count: 2, switchLsn: null, parent: null },
      },
    ]);
    expect(report.problems).toMatchObject([{ message: expect.stringContaining('began before 0/00A00000') }]);
  });

  it('are no problem where each has the history that is its own', async () => {
    for (const [history, without] of [
      [LATER, /^00000002000000000000000[9AB]/],
      [EARLIER, /^00000002000000000000000[DEF]/],
    ] as const) {
      const report = await reportOf(archive(history, without));
      expect(report.foreign).toEqual([]);
      expect(report.problems).toEqual([]);
    }
  });

  it('may be a matter of the history alone', async () => {
    const report = await reportOf(archive('1\t0/B00028\tx\n', /^00000002000000000000000[9AB]/));
    expect(archiveJson(report).foreign).toEqual([D_TO_F]);
    expect(report.problems.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/of 00000002\.history began at 0\/00B00028: find out which of the two/),
    );
  });
});

it('segments of another timeline are in no answer, and named in each', async () => {
  const folder = folderOf(archive(LATER));
  const { problems, relations } = await findCommit([folder], { relation: '16384', timeline: 2 });
  const alone = folderOf(archive(LATER, /^00000002000000000000000[9AB]/));
  expect(relations).toEqual((await findCommit([alone], { relation: '16384', timeline: 2 })).relations);
  const incidents = await findIncidents([folder], { minRows: 1 });
  const moment = await findMoment([folder], { time: 0n });
  for (const told of [problems, incidents.problems, moment.unread]) {
    expect(told).toMatchObject([{ code: 'wrong-history', file: NINE_TO_B.first }]);
  }
});

it('histories of different servers are told from each other', async () => {
  const files = { ...archive(LATER), '00000003.history': `${EARLIER}2\t0/B00028\tx\n` };
  const { problems } = await takeInventory([folderOf(files)]);
  expect(problems).toMatchObject([
    { code: 'wrong-history', message: expect.stringContaining('different histories of timeline 2') },
  ]);
});

it('a parent’s segment kept for later use is not taken for the beginning of a timeline', async () => {
  const [first, second, third] = segmentsOf(3);
  const own = branchOf(first, 2, 8192 * 4, segmentsOf(1, { timeline: 2 })[0].bytes);
  const kept = { name: third.name.replace(/^00000001/, '00000002'), bytes: third.bytes };
  const folder = folderOf({ ...filesOf([first, second, own, kept]), '00000002.history': '1\t0/104100\tx\n' });
  const { foreign, unused, problems } = await takeInventory([folder]);
  expect([foreign, problems]).toEqual([[], []]);
  expect(unused).toMatchObject([{ name: kept.name, reason: 'recycled' }]);
});

describe('the segments that the server takes', () => {
  const namesOf = async (
    files: Record<string, Uint8Array | string>,
    startLsn = 0x700028n,
  ): Promise<string[]> => {
    const inventory = await takeInventory([folderOf(files)]);
    const format = inventory.format!;
    return recoveryChain({ ...inventory, format }, 2, startLsn).segments.map(
      ({ file }) => `${file.timeline}:${file.name.slice(-1)}`,
    );
  };

  it('are the newest of the history, by their names', async () => {
    expect(await namesOf(archive(LATER))).toEqual('1:7 1:8 1:9 1:A 1:B 1:C 2:D 2:E 2:F'.split(' '));
    expect(await namesOf(archive(EARLIER))).toEqual('1:7 1:8 2:9 2:A 2:B'.split(' '));
  });

  it('are the parent’s behind the switch point where the child’s first one is missing', async () => {
    const files = archive(LATER, /^00000002/);
    expect(await namesOf(files)).toEqual('1:7 1:8 1:9 1:A 1:B 1:C 1:D 1:E 1:F'.split(' '));
    const inventory = await takeInventory([folderOf(files)]);
    expect(timelineChain(inventory, 2).segments.at(-1)?.end).toBe(0xd00138n);
  });

  it('are those from the backup on, also where nothing tells which timeline of that number is the right one', async () => {
    expect(await namesOf(archive(undefined), 0xa00028n)).toEqual('2:A 2:B'.split(' '));
    expect(await namesOf(archive(undefined), 0xd00138n)).toEqual('2:D 2:E 2:F'.split(' '));
  });

  it('are none of the parent’s after one of the child’s', async () => {
    expect(await namesOf(archive(EARLIER, /^00000002000000000000000[BDEF]/))).toEqual(
      '1:7 1:8 2:9 2:A'.split(' '),
    );
    expect(await namesOf(archive(EARLIER, /^00000002000000000000000[BDEF]/), 0xb00028n)).toEqual(
      '1:B 1:C 1:D 1:E 1:F'.split(' '),
    );
  });
});

const LABEL = `START WAL LOCATION: 0/700028 (file 000000010000000000000007)
CHECKPOINT LOCATION: 0/700060
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIMELINE: 1
`;

it.each([
  ['nothing else', /^000000020000000000000009/],
  ['a gap behind it', /^(?:000000020000000000000009|00000001000000000000000B)/],
])('where the segment of the switch is missing, the plan says so: %s', async (_, without) => {
  const folder = folderOf({ ...archive(EARLIER, without), backup_label: LABEL });
  const { plan } = await planRecovery([folder], {
    backup: join(folder, 'backup_label'),
    target: { kind: 'latest' },
    timeline: 2,
  });
  expect(plan.obstacle).toMatchObject({
    reason: 'missing-segment',
    missing: [{ firstName: '000000020000000000000009' }],
    strayed: { parent: 1, switchLsn: 0x900138n },
  });
});
