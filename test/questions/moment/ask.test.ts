import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMoment, planRecovery } from '../../../src/node/questions.js';
import type { MomentFound } from '../../../src/questions/moment/ask.js';
import { momentJson } from '../../../src/questions/moment/json.js';
import type { ByteSource, OpenOptions } from '../../../src/sources/byte-source.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { UTC } from '../../../src/text/timezone.js';
import { formatLsn } from '../../../src/wal/lsn.js';
import { folderOf, segmentsOf } from '../../support/folder.js';
import { parseTime } from '../../support/time.js';
import { WalWriter } from '../../support/wal-writer.js';

const RM_XACT = 1;
const COMMIT = 0x00;

interface Ended {
  xid: number;
  lsn: bigint;
  time: bigint;
  segment: string;
}

/** WAL of so many segments with a commit now and then; none in the idle ones. */
function writeWal(count: number, idle: readonly number[] = []): { sources: ByteSource[]; ends: Ended[] } {
  const writer = new WalWriter({ version: 17 });
  const ends: Ended[] = [];
  const filler = { rmid: 0, info: 0x20, main: new Uint8Array(60_007) };
  for (let i = 0; writer.segments.length <= count; i++) {
    const segment = writer.segments.length - 1;
    const main = new Uint8Array(8);
    const time = BigInt(1000 * (i + 1));
    new DataView(main.buffer).setBigInt64(0, time, true);
    if (i > 0 && !idle.includes(segment)) {
      const { lsn } = writer.append({ rmid: RM_XACT, info: COMMIT, xid: 700 + i, main });
      const home = writer.segments[Number((lsn - writer.start) / BigInt(writer.segmentSize))];
      ends.push({ xid: 700 + i, lsn, time, segment: home.name });
    }
    writer.append(filler);
  }
  const sources = writer.segments.map(({ name, bytes }) => memorySource(name, bytes));
  return { sources, ends };
}

/** Counts how often a file is read as a whole: what is read of all is no more than the beginning. */
function counted(sources: readonly ByteSource[]): { sources: ByteSource[]; reads: () => number } {
  let reads = 0;
  return {
    reads: () => reads,
    sources: sources.map((source) => ({
      ...source,
      open(options?: OpenOptions) {
        if (options?.wanted === undefined) reads++;
        return source.open(options);
      },
    })),
  };
}

function byReading(
  ends: readonly Ended[],
  time: bigint,
): { before: Ended | undefined; after: Ended | undefined } {
  const at = ends.findIndex((end) => end.time > time);
  return at < 0 ? { before: ends.at(-1), after: undefined } : { before: ends[at - 1], after: ends[at] };
}

describe('a moment', () => {
  it('is found with few reads where that is asked for', async () => {
    const { sources, ends } = writeWal(64);
    const last = ends[ends.length - 1].time;
    for (const time of [1000n, last / 3n, last / 2n, last - 1n, last]) {
      const counting = counted(sources);
      const quick = await findMoment(counting.sources, { time, quick: true });
      expect(momentJson(quick).answers).toEqual(momentJson(await findMoment(sources, { time })).answers);
      expect(counting.reads()).toBeGreaterThan(0);
      expect(counting.reads()).toBeLessThanOrEqual(9); // log2(64), the next segment, and one to spare
    }
  });

  it.each([[[]], [[3, 4, 7]], [[0, 1, 9]], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]])(
    'is found where reading all finds it, with no commit in segments %j',
    async (idle) => {
      const { sources, ends } = writeWal(10, idle);
      const moments = fc.bigInt(0n, 400_000n);
      await fc.assert(
        fc.asyncProperty(moments, fc.boolean(), async (time, quick) => {
          const { answers } = await findMoment(sources, { time, quick });
          const { before, after } = byReading(ends, time);
          const state = before === undefined ? 'too-early' : after === undefined ? 'too-late' : 'there';
          expect(answers).toHaveLength(1);
          expect(answers[0].state).toBe(state);
          expect(answers[0].before?.lsn).toBe(before?.lsn);
          expect(answers[0].after?.lsn).toBe(after?.lsn);
          expect(answers[0].segment?.file.name).toBe(before?.segment);
          expect(answers[0].stopSegment?.file.name).toBe(after?.segment);
          expect(answers[0].behind).toBeUndefined();
        }),
        { numRuns: 25 },
      );
    },
  );

  it('is missing where a gap holds it', async () => {
    const { sources, ends } = writeWal(8);
    const name = sources[4].name;
    const [first, last] = [
      ends.find(({ segment }) => segment === name)!,
      ends.findLast(({ segment }) => segment === name)!,
    ];
    const rest = sources.filter((source) => source.name !== name);
    for (const time of [first.time, last.time]) {
      const { answers } = await findMoment(rest, { time: time });
      expect(answers[0]).toMatchObject({ state: 'missing', missing: [{ firstName: name, lastName: name }] });
    }
    const { answers } = await findMoment(rest, { time: ends[2].time });
    expect(answers[0].state).toBe('there');
  });

  it('is missing where a gap may hold it, and no transaction ended after that', async () => {
    const { sources, ends } = writeWal(8, [5, 6, 7, 8]);
    const [gap, other] = [sources[4].name, sources[6].name];
    const rest = sources.filter(({ name }) => name !== gap && name !== other);
    const last = ends.findLast(({ segment }) => segment < gap)!;
    const { answers } = await findMoment(rest, { time: last.time + 1n });
    expect(answers[0]).toMatchObject({
      state: 'missing',
      before: { xid: last.xid },
      after: undefined,
      missing: [{ firstName: gap }, { firstName: other }],
    });
  });
});

describe('where the clock was set back', () => {
  /** WAL in which transactions ended at these times, with the ends of them. */
  function walOf(times: readonly number[]): { sources: ByteSource[]; ends: { xid: number; lsn: bigint }[] } {
    const writer = new WalWriter({ version: 17 });
    const ends = times.map((time, i) => {
      const main = new Uint8Array(8);
      new DataView(main.buffer).setBigInt64(0, BigInt(time), true);
      const { lsn } = writer.append({ rmid: RM_XACT, info: COMMIT, xid: 700 + i, main });
      for (let k = 0; k < 20; k++) writer.append({ rmid: 0, info: 0x20, main: new Uint8Array(60_007) });
      return { xid: 700 + i, lsn };
    });
    return { sources: writer.segments.map(({ name, bytes }) => memorySource(name, bytes)), ends };
  }

  const backupAt = (lsn: bigint): ByteSource =>
    memorySource(
      'backup_label',
      new TextEncoder().encode(
        `START WAL LOCATION: ${formatLsn(lsn)} (file 000000010000000000000001)\nCHECKPOINT LOCATION: ${formatLsn(lsn)}\nBACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: 2026-03-08 00:10:00 UTC\nLABEL: x\nSTART TIMELINE: 1\n`,
      ),
    );

  it('recovery stops before the first later one, and loses those behind it', async () => {
    // the server's truth: it stops before transaction 728 at 0/00B02110
    const { answers, unread } = await findMoment(['testdata/clock'], {
      time: parseTime('2026-03-08 02:00:02 UTC', UTC)!,
    });
    expect(unread).toEqual([]);
    expect(answers).toMatchObject([
      {
        state: 'there',
        before: { xid: 727, lsn: 0xa000a8n },
        after: { xid: 728, lsn: 0xb02110n },
        segment: { file: { name: '00000001000000000000000A' } },
        stopSegment: { file: { name: '00000001000000000000000B' } },
        behind: { count: 5, first: { xid: 731 }, last: { xid: 735, lsn: 0x12000a8n } },
      },
    ]);
  });

  it('plan stops at the same place', async () => {
    const time = parseTime('2026-03-08 02:00:02 UTC', UTC)!;
    const { plan } = await planRecovery(['testdata/clock'], {
      backup: 'testdata/clock/backup_label',
      target: { kind: 'time', time, inclusive: true },
    });
    expect([plan.stop?.position, plan.stop?.lsn]).toEqual(['before', 0xb02110n]);
  });

  it.each([
    // times, and for the moment 50 the ones around it and how many are lost behind it
    [
      [10, 60, 40, 70],
      [10, 60, 1],
    ],
    [
      [10, 60, 40],
      [10, 60, 1],
    ],
    [
      [90, 10, 20, 60, 30, 40, 70, 50],
      [20, 60, 3],
    ],
    [
      [10, 20, 30],
      [30, undefined, 0],
    ],
    [
      [10, 50, 51, 52],
      [50, 51, 0],
    ],
  ])('at %j', async (times, [before, after, lost]) => {
    const { sources, ends } = walOf(times);
    const [answer] = (await findMoment(sources, { time: 50n })).answers;
    const lsnOf = (time: number | undefined): bigint | undefined =>
      time === undefined ? undefined : ends[times.indexOf(time)].lsn;
    expect([answer.before?.lsn, answer.after?.lsn]).toEqual([lsnOf(before), lsnOf(after)]);
    expect(answer.behind?.count ?? 0).toBe(lost);
  });

  it('it is the place that a base backup here leads to', async () => {
    const times = [10, 60, 20, 30, 70];
    const { sources, ends } = walOf(times);
    const at = async (...backups: number[]): Promise<(number | undefined)[]> => {
      const all = [...sources, ...backups.map((i) => backupAt(ends[i].lsn))];
      const [{ before, after }] = (await findMoment(all, { time: 50n })).answers;
      return [before, after].map((end) => end && Number(end.time));
    };
    expect(await at()).toEqual([10, 60]);
    expect(await at(0)).toEqual([10, 60]);
    expect(await at(2)).toEqual([30, 70]);
    expect(await at(4)).toEqual([30, 70]);
  });
});

describe('a moment of lab/17', () => {
  const folder = 'testdata/lab/17';
  /** The ends of transactions that pg_waldump shows. */
  const ends = ['000000010000000000000003', '000000010000000000000004'].flatMap((segment) =>
    readFileSync(`${folder}/expected/${segment}.txt`, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /tx: +(\d+), lsn: (\S+),.* COMMIT (\S+ \S+ UTC)/.exec(line);
        return match
          ? [{ segment, xid: Number(match[1]), lsn: match[2], time: parseTime(match[3], UTC)! }]
          : [];
      }),
  );
  const [insert, removal] = ends;

  function told({ answers }: MomentFound): object[] {
    return answers.map(({ timelines, state, segment, before, after }) => ({
      timelines,
      state,
      segment: segment?.file.name,
      ends: [before, after].map((end) => end && `${end.xid} ${formatLsn(end.lsn)}`),
    }));
  }

  it('between two commits is there', async () => {
    expect(ends).toHaveLength(2);
    expect(told(await findMoment([folder], { time: removal.time - 1n }))).toEqual([
      {
        timelines: [1],
        state: 'there',
        segment: insert.segment,
        ends: [`${insert.xid} ${insert.lsn}`, `${removal.xid} ${removal.lsn}`],
      },
      {
        timelines: [2],
        state: 'too-late',
        segment: insert.segment,
        ends: [`${insert.xid} ${insert.lsn}`, undefined],
      },
    ]);
  });

  it('before all commits and after all is not', async () => {
    expect(told(await findMoment([folder], { time: insert.time - 1n }))).toEqual([
      {
        timelines: [1, 2],
        state: 'too-early',
        segment: undefined,
        ends: [undefined, `${insert.xid} ${insert.lsn}`],
      },
    ]);
    const [late] = (await findMoment([folder], { time: removal.time })).answers;
    expect(late).toMatchObject({ state: 'too-late', segment: { file: { name: removal.segment } } });
  });
});

it('refuses what is no archive, or of two clusters', async () => {
  await expect(findMoment([folderOf({ x: '' })], { time: 0n })).rejects.toMatchObject({ code: 'no-wal' });
  const [a] = segmentsOf(1);
  const [b] = segmentsOf(1, { systemIdentifier: 2n });
  const folder = folderOf({ [a.name]: a.bytes, [`b/${b.name}`]: b.bytes });
  await expect(findMoment([folder], { time: 0n })).rejects.toMatchObject({ code: 'foreign-cluster' });
  rmSync(join(folder, 'b'), { recursive: true });
  expect((await findMoment([folder], { time: 0n })).answers).toMatchObject([{ state: 'too-early' }]);
});

it.each([false, true])('names a file that holds no WAL where WAL is missing, quick %s', async (quick) => {
  const [a, b, c] = segmentsOf(3);
  const folder = folderOf({ [a.name]: a.bytes, [b.name]: new Uint8Array(b.bytes.length), [c.name]: c.bytes });
  const { unread } = await findMoment([folder], { time: 0n, quick });
  expect(unread.map(({ code }) => code)).toContain('unused-segment');
});
