import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMoment } from '../../../src/node/questions.js';
import type { MomentFound } from '../../../src/questions/moment/ask.js';
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
  it('is found with few reads', async () => {
    const { sources, ends } = writeWal(64);
    const last = ends[ends.length - 1].time;
    for (const time of [1000n, last / 3n, last / 2n, last - 1n, last]) {
      const counting = counted(sources);
      await findMoment(counting.sources, { time: time });
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
        fc.asyncProperty(moments, async (time) => {
          const { answers } = await findMoment(sources, { time: time });
          const { before, after } = byReading(ends, time);
          const state = before === undefined ? 'too-early' : after === undefined ? 'too-late' : 'there';
          expect(answers).toHaveLength(1);
          expect(answers[0].state).toBe(state);
          expect(answers[0].before?.lsn).toBe(before?.lsn);
          expect(answers[0].after?.lsn).toBe(after?.lsn);
          if (before) expect(answers[0].segment?.file.name).toBe(before.segment);
        }),
        { numRuns: 25 },
      );
    },
    30_000,
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
