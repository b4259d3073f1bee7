import { expect, it } from 'vitest';
import { PORTABLE } from '../../../src/questions/platform.js';
import { recoverRows } from '../../../src/questions/rows/ask.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { UTC } from '../../../src/text/timezone.js';
import { CountedPages } from '../../support/counted-pages.js';
import { cstruct, i32, packed, u8, u16 } from '../../support/cstruct.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import { commit, TABLE } from '../../support/workload.js';

const XID = 700;
const ROWS = 5000;
const ROWS_IN_BLOCK = 100;

/** Row `i` of a table of one column, which holds its number. */
const row = (i: number): RecordInput => {
  const offset = 1 + (i % ROWS_IN_BLOCK);
  return {
    ...{ rmid: 10, info: offset === 1 ? 0x80 : 0x00, xid: XID, main: cstruct(u16(offset), u8(0)) },
    blocks: [
      {
        ...{ id: 0, rel: TABLE, blockNumber: Math.floor(i / ROWS_IN_BLOCK), willInit: offset === 1 },
        data: packed(u16(1), u16(0x0800), u8(24), u8(0), i32(i)),
      },
    ],
  };
};

async function openRows() {
  const writer = new WalWriter({ version: 17 });
  for (let i = 0; i < ROWS; i++) writer.append(row(i));
  writer.append(commit(XID, 1n));
  const pages = new CountedPages();
  const rows = await recoverRows(
    writer.segments.map(({ name, bytes }) => ({ name, bytes })),
    {
      question: { kind: 'as-of', target: { kind: 'latest' } },
      ...{ relation: TABLE, columns: 'a int4', timezone: UTC },
    },
    { ...PORTABLE, newPages: () => pages },
  );
  return { rows, pages };
}

it.each(['table', 'csv', 'copy', 'json'] as const)(
  'a first row is there while others are still made: %s',
  async (format) => {
    const { rows, pages } = await openRows();
    const before = pages.reads;
    const lines = formatRows(rows, format, false);
    // a table and CSV begin with the names of columns
    for (let i = 0; i < 3; i++) lines.next();
    expect(rows.count).toBeLessThan(ROWS / 2);
    expect(pages.reads - before).toBeLessThan(ROWS / ROWS_IN_BLOCK / 2);
    expect([...lines].join('')).toContain(String(ROWS - 1));
    rows.close();
  },
);

it('who stops early frees everything', async () => {
  const sync = await openRows();
  for (const { tid } of sync.rows) if (tid.offset === 7) break;
  expect(sync.pages.isClosed).toBe(true);
  const later = await openRows();
  for await (const { tid } of later.rows) if (tid.offset === 7) break;
  expect(later.pages.isClosed).toBe(true);
  expect(() => [...later.rows]).toThrow('closed');
  expect(() => [...later.rows.missing]).not.toThrow();
});

it('all rows may be gone through again', async () => {
  const { rows, pages } = await openRows();
  expect([...rows].length).toBe(ROWS);
  expect([...rows].length).toBe(ROWS);
  expect(pages.isClosed).toBe(false);
  rows.close();
  expect(pages.isClosed).toBe(true);
});
