import { describe, expect, it } from 'vitest';
import { recoverRows } from '../../../src/index.js';
import type { RowsQuestion } from '../../../src/questions/rows/ask.js';
import { UTC } from '../../../src/text/timezone.js';
import { packed, u8, u16, u32 } from '../../support/cstruct.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import {
  abort,
  commit,
  createFile,
  filler,
  insert,
  nameFile,
  pageImage,
  rel,
  remove,
  runningXacts,
  TABLE,
  update,
} from '../../support/workload.js';

const XLOG_HEAP_INIT_PAGE = 0x80;
const HEAP_XMAX_INVALID = 0x0800;

const page = (value: number): RecordInput['blocks'] => [
  {
    ...{ id: 0, rel: TABLE, blockNumber: 0 },
    data: packed(u16(1), u16(HEAP_XMAX_INVALID), u8(24), u8(0), u32(value)),
  },
];

/** The INSERT of a row of one int4, the first of them on a page that it begins. */
const row = (xid: number, value: number): RecordInput => ({
  ...insert(xid, { offset: value }),
  info: value === 1 ? XLOG_HEAP_INIT_PAGE : 0,
  blocks: page(value),
});

/** The UPDATE of a row to the value 4, in the fourth place. */
const change = (xid: number, { offset }: { offset: number }): RecordInput => ({
  ...update(xid),
  main: packed(u32(xid), u16(offset), u8(0), u8(0), u32(0), u16(4)),
  blocks: page(4),
});

/** A table of three rows, of which the second is deleted by 701; then what 700 does. */
const TABLE_OF_TWO = [
  ...[createFile(650, TABLE), row(650, 1), row(650, 2), row(650, 3), commit(650, 1n)],
  ...[remove(701, { offset: 2 }), commit(701, 2n)],
];

interface Answer {
  rows: unknown[];
  missing: number;
  isComplete: boolean;
  problems: string[];
  deletedBy: number | undefined;
  passedOver: readonly number[];
}

async function ask(work: RecordInput[], xid: number | 'last', relNumber = 16386): Promise<Answer | string> {
  const writer = new WalWriter({ version: 17 });
  for (const record of work) writer.append(record);
  const question: RowsQuestion = { kind: 'deleted-by', xid };
  const table = { relation: { relNumber }, columns: 'id int4' };
  try {
    const found = await recoverRows(writer.segments, { ...table, question, timezone: UTC });
    try {
      const rows = [...found].map(({ values: [value] }) => Number(value.text));
      const { missing, isComplete, problems, deletedBy, passedOver } = found;
      return {
        rows,
        missing: missing.length,
        isComplete,
        problems: problems.map(({ code }) => code),
        deletedBy,
        passedOver,
      };
    } finally {
      found.close();
    }
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const NEW = rel(20_000);
const end = commit(700, 3n, { dropped: [TABLE] });
const removed = { rows: [1, 3], missing: 0, isComplete: true, problems: [], deletedBy: 700, passedOver: [] };

it.each([
  ['DROP', [end]],
  ['TRUNCATE', [createFile(700, NEW), end]],
  [
    'TRUNCATE of a table and DROP of another',
    [createFile(700, NEW), commit(700, 3n, { dropped: [rel(19_000), TABLE] })],
  ],
])('gives the rows that a %s took, without a backup', async (_, work) => {
  expect(await ask([...TABLE_OF_TWO, ...work], 700)).toEqual(removed);
  expect(await ask([...TABLE_OF_TWO, ...work], 'last')).toEqual(removed);
});

it('gives none for a rewrite, which is not the last that took rows either', async () => {
  const rewrite = [createFile(700, NEW), nameFile(700, NEW, 'pg_temp_16386'), end];
  const none = { rows: [], missing: 0, isComplete: true, problems: [], deletedBy: 700, passedOver: [] };
  expect(await ask([...TABLE_OF_TWO, ...rewrite], 700)).toEqual(none);
  expect(await ask([...TABLE_OF_TWO, ...rewrite], 'last')).toMatchObject({ rows: [2], deletedBy: 701 });
});

it('gives all rows there were, and says so, where the WAL does not tell what became of them', async () => {
  // 700 may have begun before the WAL
  const unknown = [runningXacts(710), ...TABLE_OF_TWO, end];
  const all = { ...removed, problems: ['unknown-removal'] };
  expect(await ask(unknown, 700)).toEqual(all);
  expect(await ask(unknown, 'last')).toMatchObject({ rows: [2], deletedBy: 701, problems: [] });
  const withoutDelete = unknown.filter((_, i) => i !== 6 && i !== 7);
  expect(await ask(withoutDelete, 'last')).toEqual({ ...all, rows: [1, 2, 3] });
});

describe('what the transaction itself did before it removed the table', () => {
  // without RUNNING_XACTS nothing but its COMMIT tells what became of it
  const truncate = (dropped = commit(700, 3n, { dropped: [TABLE] })) => [createFile(700, NEW), dropped];
  const withSubxacts = commit(700, 3n, { dropped: [TABLE], subxacts: [702, 703] });
  const ROW_3 = { offset: 3 };

  it.each([
    ['DELETE + DROP', [remove(700, ROW_3), end]],
    ['DELETE of all + DROP', [remove(700, { offset: 1 }), remove(700, ROW_3), end]],
    ['DELETE + TRUNCATE', [remove(700, ROW_3), ...truncate()]],
    ['INSERT + TRUNCATE', [row(700, 4), ...truncate()]],
    ['UPDATE + TRUNCATE', [change(700, ROW_3), ...truncate()]],
    ['DELETE + DROP in subtransactions', [remove(702, ROW_3), withSubxacts]],
    [
      'DELETE + INSERT + TRUNCATE in subtransactions',
      [remove(702, ROW_3), row(703, 4), ...truncate(withSubxacts)],
    ],
    ['UPDATE + TRUNCATE in subtransactions', [change(703, ROW_3), ...truncate(withSubxacts)]],
    ['DELETE that was rolled back + DROP', [remove(704, ROW_3), abort(704, 2n), end]],
  ])('does not change which rows it took: %s', async (_, work) => {
    expect(await ask([...TABLE_OF_TWO, ...work], 700)).toEqual(removed);
    expect(await ask([...TABLE_OF_TWO, ...work], 'last')).toEqual(removed);
  });
});

describe('the last that took rows', () => {
  const [FIRST, THIRD] = [{ offset: 1 }, { offset: 3 }];
  const emptied = [...TABLE_OF_TWO, remove(705, FIRST), remove(705, THIRD), commit(705, 3n)];
  const deleted = { ...removed, deletedBy: 705, passedOver: [700] };

  it.each([
    ['DROP', [end]],
    ['TRUNCATE', [createFile(700, NEW), end]],
  ])('are not a %s that found no row', async (_, work) => {
    expect(await ask([...emptied, ...work], 'last')).toEqual(deleted);
    expect(await ask([...emptied, ...work], 700)).toEqual({ ...removed, rows: [] });
  });

  it('are not those that took what they had inserted', async () => {
    const own = [row(706, 4), remove(706, { offset: 4 }), commit(706, 4n)];
    const last = { ...removed, rows: [], deletedBy: 706 };
    expect(await ask([...emptied, ...own], 'last')).toEqual(last);
    expect(await ask([...emptied, ...own, end], 'last')).toEqual({ ...last, deletedBy: 700 });
  });

  it('are not known for certain where a TRUNCATE after it may have taken rows that the WAL does not touch', async () => {
    const late = [filler(100), ...emptied.slice(1), createFile(700, NEW), end];
    expect(await ask(late, 'last')).toEqual({ ...deleted, isComplete: false });
  });
});

it('says that rows may be lacking that the WAL does not touch', async () => {
  const late = [filler(100), ...TABLE_OF_TWO.slice(1), end];
  expect(await ask(late, 700)).toMatchObject({ rows: [1, 3], isComplete: false });
});

it('takes no index for a table', async () => {
  const index = rel(17_000);
  const work = [pageImage(700, index, true), commit(700, 3n, { dropped: [index] })];
  expect(await ask([...TABLE_OF_TWO, ...work], 'last', 17_000)).toBe('unknown-table');
});
