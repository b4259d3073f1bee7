import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  examineArchive,
  findCommit,
  findIncidents,
  findMoment,
  planRecovery,
  recoverRows,
} from '../../src/node/questions.js';
import { planJson } from '../../src/questions/plan/json.js';
import { planText } from '../../src/questions/plan/text.js';
import { encodeText } from '../../src/text/encoding.js';
import { UTC } from '../../src/text/timezone.js';
import { WalError } from '../../src/wal/error.js';
import { runCli } from '../support/cli.js';
import { cstruct, i32, packed, u8, u16, u32, u64 } from '../support/cstruct.js';
import { folderOf } from '../support/folder.js';
import { type RecordInput, WalWriter, type WrittenSegment } from '../support/wal-writer.js';
import {
  assign,
  commit,
  createFile,
  dropDatabase,
  emptyFile,
  prepare,
  rel,
  remove,
  runningXacts,
  shutdownCheckpoint,
  TABLE,
} from '../support/workload.js';

/**
 * Segments that are full of one kind of thing: what goes through all that came before for each of these takes minutes,
 * and what looks at each once a second at most. No time is asserted but that of the runner, which is the less for that.
 */
const SEGMENT_SIZE = 4 * 1024 * 1024;
vi.setConfig({ testTimeout: 120_000 });

const XID = 700;
const numbers = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

/** A row in a block of its own, which nothing else is known of. */
const rowIn = (block: number): RecordInput => ({
  ...{ rmid: 10, info: 0x80, xid: XID, main: cstruct(u16(1), u8(0)) },
  blocks: [
    {
      ...{ id: 0, rel: TABLE, blockNumber: block, willInit: true },
      data: packed(u16(1), u16(0x0800), u8(24), u8(0), i32(block)),
    },
  ],
});

const truncateTo = (blocks: number): RecordInput => ({
  ...{ rmid: 2, info: 0x20, xid: XID },
  main: packed(u32(blocks), u32(TABLE.spcOid), u32(TABLE.dbOid), u32(TABLE.relNumber), i32(7)),
});

const minimalWal: RecordInput = {
  ...{ rmid: 0, info: 0x60 },
  main: packed(i32(100), i32(8), i32(10), i32(0), i32(64), i32(0), u8(0), u8(0)),
};

const copyDatabase = (from: number): RecordInput => ({
  ...{ rmid: 4, info: 0x00, xid: XID },
  main: cstruct(u32(TABLE.dbOid), u32(TABLE.spcOid), u32(from), u32(1663)),
});

const manyRunning = (count: number): RecordInput => ({
  ...{ rmid: 8, info: 0x10 },
  main: cstruct(i32(count), i32(0), u8(0), u32(900_000), u32(1), u32(2), ...numbers(count, 1).map(u32)),
});

const XINFO_SUBXACTS = 2;
const XINFO_FILES = 4;

/** A COMMIT with more in it than a call can have arguments. @param list of numbers, three for each file */
function commitOf(xid: number, xinfo: number, list: number[]): RecordInput {
  const count = xinfo === XINFO_FILES ? list.length / 3 : list.length;
  const head = packed(u64(1n), u32(xinfo), i32(count));
  const main = new Uint8Array(head.length + 4 * list.length);
  main.set(head);
  const view = new DataView(main.buffer);
  for (const [i, value] of list.entries()) view.setUint32(head.length + 4 * i, value, true);
  return { rmid: 1, info: 0x80, xid, main };
}

const CROWDS: Record<string, () => Iterable<RecordInput>> = {
  *'blocks and truncations'() {
    for (const block of numbers(35_000)) yield rowIn(block);
    for (const block of numbers(35_000).reverse()) yield truncateTo(block);
    yield commit(XID, 1n);
  },
  *'blocks, each truncated at once'() {
    for (const block of numbers(20_000)) yield rowIn(block);
    for (let i = 0; i < 24_000; i++) yield* [rowIn(4_000_000_000), truncateTo(20_000)];
    yield commit(XID, 1n);
  },
  *'files made, and dropped by one commit'() {
    yield rowIn(0);
    for (const i of numbers(65_000)) yield createFile(XID, rel(20_000 + i));
    yield commit(XID, 1n, { dropped: numbers(65_000, 20_000).map(rel) });
  },
  *'files of old, dropped by one commit'() {
    yield rowIn(0);
    for (const i of numbers(30_000)) yield createFile(XID, rel(20_000 + i));
    yield commit(XID, 1n, { dropped: numbers(30_000, 200_000).map(rel) });
    yield commitOf(
      XID + 1,
      XINFO_FILES,
      numbers(150_000, 300_000).flatMap((file) => [1663, 16384, file]),
    );
  },
  *'files cut to nothing'() {
    yield rowIn(0);
    for (const i of numbers(40_000))
      yield* [createFile(XID, rel(20_000 + i)), emptyFile(XID, rel(20_000 + i))];
    yield commit(XID, 1n);
  },
  *'relations changed by one transaction'() {
    yield rowIn(0);
    for (const i of numbers(60_000)) yield remove(XID, { rel: { ...TABLE, dbOid: i + 1 } });
    yield commit(XID, 1n);
  },
  *'databases dropped'() {
    yield rowIn(0);
    for (const i of numbers(38_000)) yield remove(XID, { rel: { ...TABLE, dbOid: i + 1 } });
    for (const i of numbers(38_000)) yield dropDatabase(XID, i + 1);
    yield commit(XID, 1n);
  },
  *subtransactions() {
    yield rowIn(0);
    yield commitOf(XID, XINFO_SUBXACTS, numbers(500_000, 1_000));
    for (const i of numbers(10)) yield assign(XID + 1, numbers(30_000, 2_000_000 * (i + 1)));
    yield prepare(XID + 1, 1n, numbers(100_000, 2_000_000));
  },
  *'restarts while many are prepared'() {
    yield rowIn(0);
    for (const i of numbers(30_000)) yield remove(1_000 + i);
    yield prepare(XID, 1n, numbers(30_000, 1_000));
    for (let i = 0; i < 15_000; i++) yield shutdownCheckpoint();
    yield commit(XID, 1n, { prepared: true });
  },
  *'transactions that run'() {
    yield rowIn(0);
    const record = manyRunning(100_000);
    for (let i = 0; i < 10; i++) yield record;
    yield commit(XID, 1n);
  },
  *'records of who runs'() {
    yield rowIn(0);
    for (const i of numbers(70_000)) yield runningXacts(i + 1_000);
    yield commit(XID, 1n);
  },
  *'changes to minimal WAL'() {
    yield rowIn(0);
    for (let i = 0; i < 70_000; i++) yield minimalWal;
    yield commit(XID, 1n);
  },
  *'copies of databases'() {
    yield rowIn(0);
    for (const i of numbers(80_000)) yield copyDatabase(i);
    yield commit(XID, 1n);
  },
  *transactions() {
    yield rowIn(0);
    for (const i of numbers(38_000)) yield* [remove(1_000 + i), commit(1_000 + i, BigInt(i))];
    yield commit(XID, 1n);
  },
};

/** Of which single records tell of much. What prints records keeps nothing of those before. */
const LONG_RECORDS = [
  'files made, and dropped by one commit',
  'files of old, dropped by one commit',
  'subtransactions',
  'transactions that run',
];

const PRINTED: Record<string, (segment: WrittenSegment) => Promise<unknown>> = {
  dump: (segment) => dump(segment, []),
  'dump as JSON': (segment) => dump(segment, ['--json']),
  'dump, in numbers': (segment) => dump(segment, ['--stats=record']),
};

const QUESTIONS: Record<string, (segment: WrittenSegment) => Promise<unknown>> = {
  'find-commit': async (segment) => {
    const { relations } = await findCommit(input(segment), { relation: String(TABLE.relNumber) });
    return relations.length > 0;
  },
  incidents: async (segment) => (await findIncidents(input(segment), { minRows: 1 })).timelines.length === 1,
  archive: async (segment) => (await examineArchive(input(segment))).timelines.length === 1,
  moment: async (segment) => (await findMoment(input(segment), { time: 2n })).answers.length === 1,
  plan: (segment) => planFor(segment, { kind: 'latest' }),
  'plan for a time': (segment) => planFor(segment, { kind: 'time', time: 2n, inclusive: true }),
  'plan before a delete': (segment) =>
    planFor(segment, { kind: 'before-delete', relation: String(TABLE.relNumber) }),
  'rows as of now': (segment) => rowsOf(segment, { kind: 'as-of', target: { kind: 'latest' } }),
  'every row': (segment) => rowsOf(segment, { kind: 'history' }),
  'deleted rows': (segment) => rowsOf(segment, { kind: 'deleted-by', xid: 'last' }),
};

const input = ({ name, bytes }: WrittenSegment) => ({ name, bytes });

/** What is said in its place is no longer than a page, however much there is. */
const isAnswer = (error: unknown): boolean => error instanceof WalError && error.message.length < 2000;

/** As if a backup had been taken at the beginning of the segment. */
const LABEL = `START WAL LOCATION: 0/1000028 (file 000000010000000000000001)
CHECKPOINT LOCATION: 0/1000028
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-22 10:13:51 UTC
LABEL: x
START TIMELINE: 1
`;

async function planFor(
  segment: WrittenSegment,
  target: Parameters<typeof planRecovery>[1]['target'],
): Promise<boolean> {
  const backup = { name: 'backup_label', bytes: encodeText(LABEL) };
  try {
    const planned = await planRecovery(input(segment), { backup, target });
    return planText(planned, UTC).length > 0 && planJson(planned) !== undefined;
  } catch (error) {
    return isAnswer(error);
  }
}

async function dump({ name, bytes }: WrittenSegment, options: readonly string[]): Promise<boolean> {
  const { stdout } = await runCli(['dump', ...options, join(folderOf({ [name]: bytes }), name)]);
  return stdout.length > 0;
}

async function rowsOf(
  segment: WrittenSegment,
  question: Parameters<typeof recoverRows>[1]['question'],
): Promise<boolean> {
  const { spcOid, dbOid, relNumber } = TABLE;
  try {
    const rows = await recoverRows(input(segment), {
      ...{ question, timezone: UTC, columns: 'a int4', relation: { spcOid, dbOid, relNumber } },
    });
    for (const _ of rows);
    rows.close();
    return true;
  } catch (error) {
    return isAnswer(error);
  }
}

describe.each(Object.keys(CROWDS))('a segment full of %s', (crowd) => {
  let segment: WrittenSegment;
  beforeAll(() => {
    const writer = new WalWriter({ version: 17, segmentSize: SEGMENT_SIZE });
    for (const record of CROWDS[crowd]()) writer.append(record);
    expect(writer.segments).toHaveLength(1);
    [segment] = writer.segments;
  });

  const asked = { ...QUESTIONS, ...(LONG_RECORDS.includes(crowd) ? PRINTED : {}) };

  it.each(Object.entries(asked))('has an answer: %s', async (_, question) => {
    expect(await question(segment)).toBe(true);
  });
});
