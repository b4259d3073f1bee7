import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRelation } from '../../src/follow/relation.js';
import {
  findCommit,
  findIncidents,
  readChanges,
  readSegment,
  takeUsableInventory,
} from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import type { Change } from '../../src/questions/changes/change.js';
import { FindCommitRun } from '../../src/questions/find-commit/run.js';
import { scanSegment } from '../../src/questions/find-commit/scan.js';
import type { WalBounds } from '../../src/sources/bounds.js';
import { takeInventory } from '../../src/sources/inventory.js';
import { UTC } from '../../src/text/timezone.js';
import { MiB } from '../support/folder.js';
import { type ArchiveShape, LongArchive, SECOND } from '../support/long-archive.js';

const HOUR = 3600n * SECOND;
/** An hour is 42 of these segments. */
const SECONDS_EACH = 85;
const HOURS_OWN = 43;
/** More than that, and what lies around it. */
const MOST_OPENED = HOURS_OWN + 40;

describe('a question about an hour opens few of 10,000 segments', () => {
  const archive = (): LongArchive => new LongArchive({ segments: 10_000, secondsEach: SECONDS_EACH });
  const hours = [0, 137, 4999, 8191, 9950, 9999];

  it.each(hours)('of times, for incidents: from segment %i on', async (segment) => {
    const wal = archive();
    const since = wal.timeOf(segment);
    const { incidents, problems } = await findIncidents(wal.folder, {
      minRows: 1,
      since,
      until: since + HOUR,
    });
    expect(incidents.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    expect(wal.opened.size).toBeLessThanOrEqual(MOST_OPENED);
  });

  it.each(hours)('of LSNs, for find-commit: from segment %i on', async (segment) => {
    const wal = archive();
    const [startLsn, endLsn] = [wal.startOf(segment), wal.startOf(segment + HOURS_OWN)];
    const { relations } = await findCommit(wal.folder, { relation: '16411', startLsn, endLsn });
    expect(relations).toHaveLength(1);
    expect(wal.opened.size).toBeLessThanOrEqual(MOST_OPENED);
  });

  it.each(hours)('of times, for dump: from segment %i on', async (segment) => {
    const wal = archive();
    const since = wal.timeOf(segment);
    const within = { since, until: since + HOUR, apart: true };
    const { segments, ranges } = await takeInventory(wal.folder, NODE_READING, { within });
    expect(segments).toHaveLength(10_000);
    expect(ranges?.get(1)).toBeDefined();
    expect(wal.opened.size).toBeLessThanOrEqual(MOST_OPENED);
  });

  it('of times, for changes: the first one, since what a row was lies before', async () => {
    const wal = archive();
    const until = wal.timeOf(0) + HOUR;
    let count = 0;
    for await (const _ of readChanges(wal.folder, { until, timezone: UTC, system: true })) count++;
    expect(count).toBeGreaterThan(0);
    expect(wal.opened.size).toBeLessThanOrEqual(MOST_OPENED);
  });

  it('where a stretch of it has no transactions, and another is missing', async () => {
    const range = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => from + i);
    const shape = { segments: 10_000, secondsEach: SECONDS_EACH };
    const wal = new LongArchive({ ...shape, idle: range(4900, 300), missing: range(2000, 1000) });
    const since = wal.timeOf(4800);
    const { problems } = await findIncidents(wal.folder, { minRows: 1, since, until: since + HOUR });
    expect(problems).toEqual([]);
    expect(wal.opened.size).toBeLessThanOrEqual(MOST_OPENED);
  });
});

describe('old segments that a server keeps behind all WAL', () => {
  const wal = new LongArchive({ segments: 40, secondsEach: SECONDS_EACH, recycled: 3 });

  it.each([38, 39])('are no problem where a time is asked for that ends in segment %i', async (segment) => {
    const since = wal.timeOf(segment);
    const { problems } = await findIncidents(wal.folder, {
      minRows: 1,
      since,
      until: since + HOUR,
    });
    expect(problems).toEqual([]);
  });

  it.each([38, 39])('are no problem where LSNs are asked for that end in segment %i', async (segment) => {
    const endLsn = wal.startOf(segment) + 9000n;
    const { problems } = await findCommit(wal.folder, { relation: '16411', endLsn });
    expect(problems).toEqual([]);
  });
});

/** Archives with all that may be in the way. */
const arbitraryShape: fc.Arbitrary<ArchiveShape> = fc
  .record({
    segments: fc.integer({ min: 1, max: 70 }),
    long: fc.constantFrom(1, 5, 30),
    secondsEach: fc.constantFrom(3, 20, 85),
    missing: fc.array(fc.nat(69), { maxLength: 3 }),
    idle: fc.array(fc.nat(69), { maxLength: 20 }),
    switchAt: fc.option(fc.nat(69), { nil: undefined }),
    packed: fc.array(fc.nat(69), { maxLength: 20 }),
    hasPartial: fc.boolean(),
  })
  .map(({ packed, hasPartial, switchAt, idle, ...shape }) => {
    const last = shape.segments - 1;
    const isPacked = (segment: number): boolean => packed.includes(segment);
    const branch = switchAt === undefined || switchAt > last ? {} : { switchAt };
    return {
      ...shape,
      ...branch,
      idle: idle.filter((one) => one !== switchAt),
      missing: shape.missing.filter((one) => one !== last && one !== 0),
      store: (bytes, segment) => (isPacked(segment) ? gzipSync(bytes, { level: 1 }) : bytes),
      suffix: (segment) =>
        (isPacked(segment) ? '.gz' : '') + (hasPartial && segment === last ? '.partial' : ''),
    };
  });

const arbitraryBounds = fc
  .tuple(fc.nat(1000), fc.nat(1000))
  .map((both) => both.map((one) => one / 1000).sort((a, b) => a - b));

/** What is between two times that are parts of the archive's. */
function timesOf(wal: LongArchive, [from, to]: readonly number[]): { since: bigint; until: bigint } {
  const length = Number(wal.timeOf(wal.shape.segments) - wal.timeOf(0));
  const at = (part: number): bigint => wal.timeOf(0) + BigInt(Math.floor(part * length));
  return { since: at(from), until: at(to) };
}

const runs = { numRuns: 40 };

describe('a question with bounds has the answer that one without them has there', () => {
  it('incidents', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryShape, arbitraryBounds, async (shape, part) => {
        const wal = new LongArchive(shape);
        const { since, until } = timesOf(wal, part);
        const all = await findIncidents(wal.folder, { minRows: 1 });
        const bounded = await findIncidents(wal.folder, { minRows: 1, since, until });
        const wanted = all.incidents.filter(({ time }) => time >= since && time <= until);
        expect(bounded.incidents).toEqual(wanted);
        const told = new Set(all.problems.map(({ message }) => message));
        expect(bounded.problems.filter(({ message }) => !told.has(message))).toEqual([]);
        expect(bounded.segments).toBeLessThanOrEqual(all.segments);
      }),
      runs,
    );
  });

  it('changes', async () => {
    const changesOf = async (wal: LongArchive, bounds: Pick<WalBounds, 'until'>): Promise<Change[]> => {
      const found: Change[] = [];
      const options = { ...bounds, timezone: UTC, system: true };
      for await (const change of readChanges(wal.folder, options)) found.push(change);
      return found;
    };
    await fc.assert(
      fc.asyncProperty(arbitraryShape, arbitraryBounds, async (shape, part) => {
        const wal = new LongArchive(shape);
        const { until } = timesOf(wal, part);
        const all = await changesOf(wal, {});
        const bounded = await changesOf(wal, { until });
        expect(bounded).toEqual(all.filter(({ transaction }) => transaction.time <= until));
      }),
      runs,
    );
  });

  it('find-commit', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryShape, arbitraryBounds, fc.nat(MiB), async (shape, [from, to], offset) => {
        const wal = new LongArchive(shape);
        const { segments } = shape;
        const startLsn = wal.startOf(Math.floor(from * segments)) + BigInt(offset % 300);
        const endLsn = wal.startOf(Math.ceil(to * segments));
        const options = { relation: '16411', startLsn, endLsn, transactions: 'all' } as const;
        const bounded = await findCommit(wal.folder, options);
        const stock = await takeUsableInventory(wal.folder);
        const run = new FindCommitRun(stock, { ...options, relation: parseRelation(options.relation) });
        for (const task of run.tasks) {
          const { segment, problem } = await readSegment(task.segment, stock.format);
          run.add(task, scanSegment(segment, run.queryOf(task)), problem);
        }
        const known = run.finish();
        expect(bounded.relations).toEqual(known.relations);
        expect(bounded.problems).toEqual(known.problems);
        expect(bounded.segments).toBe(known.segments);
      }),
      runs,
    );
  });
});
