import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FindCommitPart,
  type FindCommitQuery,
  mergeParts,
  scanSegment,
} from '../../../src/questions/find-commit/scan.js';
import { FindCommitSearch, type RelationFound } from '../../../src/questions/find-commit/search.js';
import { makeSegment, openSegment, type Segment } from '../../../src/reader/segment.js';
import type { Lsn } from '../../../src/wal/lsn.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import {
  abort,
  assign,
  commit,
  confirm,
  copyRows,
  createFile,
  filler,
  IS_SPECULATIVE,
  IS_SUPER,
  insert,
  prepare,
  rel,
  remove,
  shutdownCheckpoint,
  switchSegment,
  TABLE,
  update,
} from '../../support/workload.js';

/** What happens to rows of the table, or to a transaction. */
type Step =
  | { kind: 'insert' | 'copy' | 'update' | 'delete'; xid: number }
  | { kind: 'speculative'; xid: number; confirmed: boolean; apart: RecordInput }
  | {
      kind: 'commit' | 'abort' | 'prepare' | 'commit-prepared';
      xid: number;
      subxacts: number[];
      time: bigint;
    }
  | { kind: 'drop'; xid: number; time: bigint }
  | { kind: 'restart' }
  | { kind: 'other'; record: RecordInput };

const xid = fc.integer({ min: 700, max: 706 });
const time = fc.bigInt({ min: 819_910_800_000_000n, max: 819_910_800_000_020n });
/** Short, or long enough to run over from one segment into others. */
const other = fc.oneof(
  fc.integer({ min: 0, max: 20_000 }).map(filler),
  fc.integer({ min: 500_000, max: 2_500_000 }).map(filler),
  fc.constant(switchSegment()),
  fc.constant(insert(700, { rel: rel(16400) })),
  fc.constant(createFile(700, rel(16400))),
  fc.constant(assign(700, [705])),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('insert', 'copy', 'update', 'delete'), xid }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('speculative'),
      xid,
      confirmed: fc.boolean(),
      apart: fc.integer({ min: 0, max: 1_200_000 }).map(filler),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('commit', 'abort', 'prepare', 'commit-prepared'),
      xid,
      subxacts: fc.uniqueArray(xid, { maxLength: 2 }),
      time,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop'), xid, time }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('other'), record: other }) },
);

function recordsOf(one: Step): RecordInput[] {
  switch (one.kind) {
    case 'insert':
      return [insert(one.xid)];
    case 'copy':
      return [copyRows(one.xid, [1, 2, 3])];
    case 'update':
      return [update(one.xid)];
    case 'delete':
      return [remove(one.xid)];
    case 'speculative': {
      const settled = one.confirmed ? confirm(one.xid) : remove(one.xid, { flags: IS_SUPER });
      return [insert(one.xid, { flags: IS_SPECULATIVE }), one.apart, settled];
    }
    case 'commit':
      return [commit(one.xid, one.time, { subxacts: one.subxacts })];
    case 'abort':
      return [abort(one.xid, one.time, { subxacts: one.subxacts })];
    case 'prepare':
      return [prepare(one.xid, one.time, one.subxacts)];
    case 'commit-prepared':
      return [commit(one.xid, one.time, { subxacts: one.subxacts, prepared: true })];
    case 'drop':
      return [commit(one.xid, one.time, { dropped: [TABLE] })];
    case 'restart':
      return [shutdownCheckpoint()];
    case 'other':
      return [one.record];
  }
}

/** Nothing but its end comes after a transaction is prepared. */
function possible(steps: Step[]): Step[] {
  const prepared = new Set<number>();
  return steps.filter((one) => {
    if (!('xid' in one)) return true;
    const xids = 'subxacts' in one ? [one.xid, ...one.subxacts] : [one.xid];
    const isEnd = 'subxacts' in one || one.kind === 'drop';
    const isPossible = isEnd
      ? one.kind !== 'prepare' || !xids.some((each) => prepared.has(each))
      : !prepared.has(one.xid);
    if (one.kind === 'prepare') for (const each of xids) prepared.add(each);
    else if (isEnd) for (const each of xids) prepared.delete(each);
    return isPossible;
  });
}

interface Written {
  segments: Segment[];
  /** Each step with the LSN of its first record. */
  steps: { step: Step; lsn: Lsn }[];
}

function write(steps: Step[]): Written {
  const writer = new WalWriter({ version: 17 });
  const placed = possible(steps).map((one) => {
    const [first] = recordsOf(one).map((record) => writer.append(record));
    return { step: one, lsn: first.lsn };
  });
  const [first, ...rest] = writer.segments.map(({ bytes }) => bytes);
  const open = openSegment(first);
  const size = BigInt(writer.segmentSize);
  const segments = [
    open,
    ...rest.map((bytes, i) => makeSegment(bytes, open, open.start + BigInt(i + 1) * size, 1)),
  ];
  return { segments, steps: placed };
}

const workload = fc.array(step, { minLength: 1, maxLength: 60, size: 'max' });

const QUERY: FindCommitQuery = { relation: TABLE };

function searched(parts: FindCommitPart[]): { relations: RelationFound[]; span: object | undefined } {
  const search = new FindCommitSearch(QUERY);
  for (const part of parts) search.add(part);
  const { heads: _, ...span } = search.span!;
  return { relations: search.finish(), span };
}

describe('parts of find-commit', () => {
  it('merge to the same answer in any order, at any places, and after being cloned', () => {
    const orders = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    let merged = 0;
    fc.assert(
      fc.property(workload, orders, fc.nat(), (work, order, wanted) => {
        const { segments } = write(work);
        const parts = segments.map((segment) => scanSegment(segment, QUERY));
        const left = parts.map((part) => structuredClone(part));
        for (let i = 0; left.length > 1 + (wanted % 3); i++) {
          const at = order[i % order.length] % (left.length - 1);
          left.splice(at, 2, mergeParts(left[at], left[at + 1], QUERY));
          merged++;
        }
        expect(searched(left)).toEqual(searched(parts));
        expect(searched([left.reduce((a, b) => mergeParts(a, b, QUERY))])).toEqual(searched(parts));
      }),
      { numRuns: 40 },
    );
    expect(merged).toBeGreaterThan(15);
  });

  it('answer as looking at each change by itself does', () => {
    let committed = 0;
    fc.assert(
      fc.property(workload, (work) => {
        const { segments, steps } = write(work);
        const { relations } = searched(segments.map((segment) => scanSegment(segment, QUERY)));
        const [found] = relations;
        const expected = oneByOne(steps);
        expect(found?.lastInsert?.lsn).toBe(expected.lastInsert);
        expect(found?.lastDelete?.commit.lsn).toBe(expected.lastDelete);
        expect(found?.removed?.commit.lsn).toBe(expected.removed);
        for (const what of ['inserted', 'updated', 'deleted'] as const) {
          expect(sum(found, 'committed', what)).toBe(expected.committed[what]);
          expect(sum(found, 'aborted', what)).toBe(expected.aborted[what]);
        }
        if (expected.committed.deleted > 0) committed++;
      }),
      { numRuns: 80 },
    );
    expect(committed).toBeGreaterThan(8);
  });
});

function sum(
  found: RelationFound | undefined,
  status: string,
  what: 'inserted' | 'updated' | 'deleted',
): number {
  const transactions = found?.transactions.filter((transaction) => transaction.status === status) ?? [];
  return transactions.reduce((total, { rows }) => total + rows[what], 0);
}

interface Fate {
  status: 'committed' | 'aborted' | 'open';
  lsn: Lsn;
}

/** What becomes of a change: the first thing after it that ends its transaction, found by looking at each. */
function fateOf(changeXid: number, after: Written['steps']): Fate {
  let prepared = false;
  for (const { step: one, lsn } of after) {
    if (one.kind === 'restart') {
      if (!prepared) return { status: 'aborted', lsn };
    } else if (one.kind === 'drop') {
      if (one.xid === changeXid) return { status: 'committed', lsn };
    } else if ('subxacts' in one && (one.xid === changeXid || one.subxacts.includes(changeXid))) {
      if (one.kind === 'prepare') prepared = true;
      else return { status: one.kind === 'abort' ? 'aborted' : 'committed', lsn };
    }
  }
  return { status: 'open', lsn: 0n };
}

function oneByOne(steps: Written['steps']) {
  const counts = () => ({ inserted: 0, updated: 0, deleted: 0 });
  const result = {
    committed: counts(),
    aborted: counts(),
    lastInsert: undefined as Lsn | undefined,
    lastDelete: undefined as Lsn | undefined,
    removed: undefined as Lsn | undefined,
  };
  steps.forEach(({ step: one, lsn }, i) => {
    if (one.kind === 'drop') result.removed = lsn;
    const rows = rowsOf(one);
    if (rows === undefined || !('xid' in one)) return;
    const fate = fateOf(one.xid, steps.slice(i + 1));
    if (fate.status === 'open') return;
    result[fate.status][rows.what] += rows.count;
    if (fate.status !== 'committed') return;
    if (rows.what === 'inserted' && rows.count > 0) result.lastInsert = lsn;
    if (rows.what === 'deleted' && !(result.lastDelete && result.lastDelete > fate.lsn))
      result.lastDelete = fate.lsn;
  });
  return result;
}

function rowsOf(one: Step): { what: 'inserted' | 'updated' | 'deleted'; count: number } | undefined {
  switch (one.kind) {
    case 'insert':
      return { what: 'inserted', count: 1 };
    case 'copy':
      return { what: 'inserted', count: 3 };
    case 'speculative':
      return { what: 'inserted', count: one.confirmed ? 1 : 0 };
    case 'update':
      return { what: 'updated', count: 1 };
    case 'delete':
      return { what: 'deleted', count: 1 };
    default:
      return undefined;
  }
}
