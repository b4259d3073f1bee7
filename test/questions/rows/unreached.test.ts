import { describe, expect, it } from 'vitest';
import { recoverRows } from '../../../src/index.js';
import type { RowsQuestion } from '../../../src/questions/rows/ask.js';
import { UTC } from '../../../src/text/timezone.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import {
  assign,
  commit,
  createFile,
  endOfRecovery,
  insert,
  prepare,
  rel,
  remove,
  runningXacts,
  shutdownCheckpoint,
  TABLE,
} from '../../support/workload.js';

const deletedBy = (xid: number): RowsQuestion => ({ kind: 'deleted-by', xid });
const endOf = (xid: number): RowsQuestion => ({
  kind: 'as-of',
  target: { kind: 'xid', xid, inclusive: true },
});

/** What an answer about the table is refused with. @param relNumber another file */
async function refusal(
  work: RecordInput[],
  question: RowsQuestion,
  relNumber = TABLE.relNumber,
): Promise<string> {
  const writer = new WalWriter({ version: 17 });
  for (const record of work) writer.append(record);
  const table = { relation: rel(relNumber), columns: 'id int4' };
  try {
    const rows = await recoverRows(writer.segments, { ...table, question, timezone: UTC });
    rows.close();
    return '';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

const BEFORE = [runningXacts(700), insert(700), commit(700, 1n)];

describe('of a transaction without an end, it is said', () => {
  it.each([
    ['a restart', shutdownCheckpoint(), /never ended: a restart, as after a crash, cut it off before 0\//],
    ['a promotion', endOfRecovery(), /never ended: a promotion cut it off before 0\//],
  ])('that %s cut it off', async (_, cut, what) => {
    const work = [...BEFORE, remove(701), cut];
    expect(await refusal(work, deletedBy(701))).toMatch(/^not-committed: /);
    expect(await refusal(work, deletedBy(701))).toMatch(what);
    // there is no moment after its end
    expect(await refusal(work, endOf(701))).toMatch(/^target-not-reached: /);
    expect(await refusal(work, endOf(701))).toMatch(what);
  });

  it('that it was prepared, also past a restart', async () => {
    const work = [...BEFORE, remove(701), prepare(701, 2n), shutdownCheckpoint()];
    expect(await refusal(work, deletedBy(701))).toMatch(
      /^target-not-reached: transaction 701 was prepared at 0\/.* neither COMMIT PREPARED nor ROLLBACK PREPARED/,
    );
  });

  it('that it still ran', async () => {
    expect(await refusal([...BEFORE, remove(701)], deletedBy(701))).toMatch(
      /^target-not-reached: transaction 701 still ran where the WAL given ends: it began at 0\//,
    );
  });

  it('whose part it is', async () => {
    const what =
      /^target-not-reached: transaction 702 is a subtransaction of 701 and .* ask --deleted-by 701$/;
    const sub = { ...remove(702), toplevelXid: 701 };
    expect(await refusal([...BEFORE, sub], deletedBy(702))).toMatch(what);
    expect(await refusal([...BEFORE, assign(701, [702])], deletedBy(702))).toMatch(what);
    expect(
      await refusal([...BEFORE, remove(702), commit(701, 2n, { subxacts: [702] })], deletedBy(702)),
    ).toMatch(what);
  });

  it.each([
    [690, /^target-not-reached: .* is older than it/],
    [701, /^nothing-deleted: transaction 701 wrote nothing/],
    [710, /^target-not-reached: .* the next transaction to begin is 705: it ran later, or never/],
  ])('that %i is not there', async (xid, what) => {
    expect(await refusal([...BEFORE, runningXacts(705)], deletedBy(xid))).toMatch(what);
  });
});

it('says what it knows of a relation whose rows are not in the WAL', async () => {
  const dropped = commit(701, 2n, { dropped: [rel(20_000)] });
  const last: RowsQuestion = { kind: 'deleted-by', xid: 'last' };
  expect(await refusal([...BEFORE, dropped], last, 20_000)).toMatch(
    /^no-backup: .* transaction 701 dropped it at 0\/.*base backup of before that/,
  );
  const truncated = [createFile(701, rel(20_001)), dropped];
  expect(await refusal([...BEFORE, ...truncated], last, 20_000)).toMatch(/truncated it at 0\//);
  expect(await refusal(BEFORE, last, 20_000)).toMatch(/^unknown-table: /);
});
